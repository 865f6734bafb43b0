import PlenaryStore

extension StoreCheck {
  static let past: [StoreCheck] = [
    StoreCheck("a state is read by any revision of its request, and by the times from its commit on") { trial in
      let first = try await trial.write(StoreTrial.put("a", "1"), StoreTrial.put("b", "1"))
      let second = try await trial.write(StoreTrial.put("a", "2"))
      try expect(await trial.store.revision(for: .revision(.zero)), .zero, "the empty store")
      try expect(await trial.store.revision(for: .revision(Revision(1))), Revision(2), "the end of the first request")
      try expect(await trial.store.revision(for: .revision(Revision(3))), Revision(3), "the last revision")
      let times =
        [(-1, 0), (0, 2)].map { (first.commitTime.microseconds + $0.0, UInt64($0.1)) }
        + [(-1, 2), (0, 3), (1, 3)].map { (second.commitTime.microseconds + $0.0, UInt64($0.1)) }
      for (time, revision) in times {
        let found = try await trial.store.revision(for: .time(CommitTime(microseconds: time)))
        try expect(found, Revision(revision), "the revision at \(time - first.commitTime.microseconds)")
      }
      try await expect(.revisionInFuture(head: Revision(3))) { () async throws(StoreError) in
        _ = try await trial.store.revision(for: .revision(Revision(4)))
      }
    },
    StoreCheck("a time shows the same whoever writes meanwhile") { trial in
      async let writing: [Void] = concurrently(2) { writer in
        for round in 1...60 { try await trial.write(StoreTrial.put("\(writer)", "\(round)")) }
      }
      for _ in 0..<60 {
        let time = try await trial.write(StoreTrial.put("clock")).commitTime
        let first = try await trial.store.revision(for: .time(time))
        try await trial.write(StoreTrial.put("clock"))
        try expect(await trial.store.revision(for: .time(time)), first, "the revision at a time, asked again")
      }
      _ = try await writing
    },
    StoreCheck("versions tell what was done, by whom and why, the newest first") { trial in
      let key = StoreTrial.key("a")
      let requests: [(Mutation, String)] = [
        (StoreTrial.put("a", "1"), ""), (StoreTrial.put("a", "2"), "better"), (.softDelete(key), "unwanted"),
        (StoreTrial.put("a", "3"), ""), (.undelete(key), ""),
      ]
      for (index, (mutation, reason)) in requests.enumerated() {
        let request = WriteRequest(actor: "clients/\(index)", reason: reason, mutations: [mutation])
        _ = try await trial.store.commit(request)
      }
      let page = try await trial.store.versions(of: key, as: .everything, from: nil, limit: PageLimit(records: 10))
      try expect(page.versions.map(\.kind), [.undeleted, .updated, .deleted, .updated, .created], "what was done")
      try expect(page.versions.map(\.reason), ["", "", "unwanted", "better", ""], "the reasons")
      try expect(page.versions.map(\.record.actor), (0..<5).reversed().map { "clients/\($0)" }, "who did it")
      try expect(page.versions.map(\.isNewest), [true, false, false, false, false], "the newest")
      _ = try await trial.write(.softDelete(key))
      _ = try await trial.write(.purge(key))
      let purged = try await trial.store.versions(of: key, as: .everything, from: nil, limit: PageLimit(records: 10))
      try expect(purged.versions.count, 0, "versions of a purged record")
      try await trial.write(StoreTrial.put("a", "4"))
      let again = try await trial.store.versions(of: key, as: .everything, from: nil, limit: PageLimit(records: 10))
      try expect(again.versions.map(\.kind), [.created], "versions of a record with a name that was used before")
    },
    StoreCheck("versions and differences agree with a model") { trial in
      var numbers = SeededNumbers(seed: 5)
      var model = StoreModel()
      try await trial.fill(&model, to: 250, &numbers)
      for viewer in [Viewer.everything, StoreTrial.outsider] {
        for name in model.histories.keys {
          let revision = Revision(UInt64.random(in: 0...model.head.number, using: &numbers))
          try expect(
            await trial.revisions(of: name, as: viewer, from: revision, pageSize: 3),
            model.revisions(of: name, as: viewer, through: revision), "versions of \(name) from \(revision)")
        }
        for _ in 0..<20 {
          let ends = (0..<2).map { _ in UInt64.random(in: 0...model.head.number, using: &numbers) }.sorted()
          try await compareDifferences(trial, model, viewer, Revision(ends[0]), Revision(ends[1]))
        }
      }
    },
    StoreCheck("what was seen at many times is told as by one read of each, also after a compaction") { trial in
      var numbers = SeededNumbers(seed: 11)
      var model = StoreModel()
      try await trial.fill(&model, to: 250, &numbers)
      let question = AuditQuestion(viewer: .everything, through: model.head, limit: 1000, lookedAtMax: 1000)
      let times = try await trial.store.auditRows(question).rows.map(\.time.microseconds)
      var moments: [RecordMoment] = []
      for name in model.histories.keys.sorted() + ["none"] {
        for time in times.prefix(400) where Int.random(in: 0..<4, using: &numbers) == 0 {
          let shift = Int64.random(in: -1...1, using: &numbers)
          moments.append(RecordMoment(StoreTrial.key(name), at: CommitTime(microseconds: time + shift)))
        }
      }
      moments.shuffle(using: &numbers)
      for oldest in [Revision.zero, Revision(120)] {
        if oldest != .zero { _ = try await trial.compact(to: oldest) }
        for viewer in [Viewer.everything, StoreTrial.outsider] {
          let seen = try await trial.store.saw(moments, as: viewer)
          try expect(seen.count, moments.count, "the number of answers")
          for (moment, isSeen) in zip(moments, seen) {
            try expect(isSeen, await trial.sees(moment, as: viewer), "\(moment) from \(oldest) on")
          }
        }
      }
      try expect(await trial.store.saw([], as: .everything), [], "answers to no question")
    },
    StoreCheck("differences look only at the keys that are wanted") { trial in
      try await trial.write(StoreTrial.put("a/1"), StoreTrial.put("b/1"))
      let page = try await trial.store.differences(
        from: .zero, to: Revision(2), as: .everything, after: nil, limit: PageLimit(records: 10)
      ) { $0.name.hasPrefix("b/") }
      try expect(page.differences.map(\.key.name), ["b/1"], "what differs")
      try expect(page.next, nil, "the next page")
    },
  ]

  private static func compareDifferences(
    _ trial: StoreTrial, _ model: StoreModel, _ viewer: Viewer, _ first: Revision, _ last: Revision
  ) async throws {
    var found: [String: (UInt64?, UInt64?)] = [:]
    var place: Revision?
    repeat {
      let page = try await trial.store.differences(
        from: first, to: last, as: viewer, after: place, limit: PageLimit(records: 4)
      ) { _ in true }
      for difference in page.differences {
        try expect(found[difference.key.name] == nil, "\(difference.key) differs twice")
        found[difference.key.name] = (difference.before?.revision.number, difference.after?.revision.number)
      }
      place = page.next
    } while place != nil
    for name in model.histories.keys {
      let before = model.version(name, as: viewer, at: first)
      let after = model.version(name, as: viewer, at: last)
      let isSame =
        before?.state == after?.state && before?.content.body == after?.content.body
        && before?.content.marking == after?.content.marking
      let wanted = isSame ? nil : (before?.revision.number, after?.revision.number)
      let difference = found.removeValue(forKey: name)
      try expect(difference?.0 == wanted?.0 && difference?.1 == wanted?.1, "\(name) between \(first) and \(last)")
    }
    try expect(found.count, 0, "differences of records that there are not")
  }
}

extension StoreTrial {
  /// Makes random changes in the store and in its model, until both have come so far.
  func fill(_ model: inout StoreModel, to revision: UInt64, _ numbers: inout SeededNumbers) async throws {
    while model.head.number < revision {
      let mutation = StoreModel.anyMutation(&numbers)
      let isAccepted = model.apply(mutation)
      let result = await store.commit([WriteRequest(actor: "a", mutations: [mutation])])[0]
      try expect((result.receipt != nil) == isAccepted, "the store and the model differ on \(mutation)")
    }
  }

  /// Whether the viewer sees a record as it stood at a time.
  fileprivate func sees(_ moment: RecordMoment, as viewer: Viewer) async throws -> Bool {
    do throws(StoreError) {
      let revision = try await store.revision(for: .time(moment.time))
      return try await store.get([moment.key], as: viewer, at: revision).records[0] != nil
    } catch .revisionCompacted {
      return false
    }
  }

  /// The revisions of a record's versions, the newest first, read in pages.
  func revisions(of name: String, as viewer: Viewer, from revision: Revision?, pageSize: Int) async throws -> [UInt64] {
    var revisions: [UInt64] = []
    var next = revision
    repeat {
      let page = try await store.versions(
        of: Self.key(name), as: viewer, from: next, limit: PageLimit(records: pageSize))
      revisions += page.versions.map(\.record.revision.number)
      next = page.next
    } while next != nil
    return revisions
  }
}

extension StoreModel {
  /// The revisions of a record's versions up to one, the newest first; none if the viewer does not see the record.
  func revisions(of name: String, as viewer: Viewer, through revision: Revision) -> [UInt64] {
    guard let history = histories[name], let now = history.last, viewer.sees(now.content.marking) else { return [] }
    return history.filter { $0.revision <= revision && viewer.sees($0.content.marking) }.map(\.revision.number)
      .reversed()
  }
}
