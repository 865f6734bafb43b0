import PlenaryStore

extension StoreCheck {
  static let compaction: [StoreCheck] = [
    StoreCheck("compaction keeps what stood at its revision and later, and refuses what was before") { trial in
      var numbers = SeededNumbers(seed: 7)
      var model = StoreModel()
      var oldest = Revision.zero
      for round in 1...5 {
        try await trial.fill(&model, to: UInt64(round) * 80, &numbers)
        oldest = Revision(UInt64.random(in: oldest.number...model.head.number, using: &numbers))
        let expected = try await trial.store.removableVersionCount(to: oldest)
        try expect(await trial.compact(to: oldest), expected, "the number of versions removed")
        try expect(await trial.store.removableVersionCount(to: oldest), 0, "what is left to remove")
        try expect(await trial.store.oldestRevision(), oldest, "the oldest revision")
        for revision in [oldest, Revision((oldest.number + model.head.number) / 2), model.head] {
          for viewer in [Viewer.everything, StoreTrial.outsider] { try await compare(trial, model, viewer, revision) }
        }
        try await compareKept(trial, model, oldest)
      }
    },
    StoreCheck("nothing is read below the revision that was compacted to") { trial in
      for text in ["1", "2", "3", "4"] { try await trial.write(StoreTrial.put("a", text)) }
      try expect(await trial.compact(to: Revision(3)), 2, "the versions that were replaced")
      let error = StoreError.revisionCompacted(oldest: Revision(3))
      let query = Query(conditions: [StoreTrial.members])
      try await expect(error) { () async throws(StoreError) in _ = try await trial.text("a", at: Revision(2)) }
      try await expect(error) { () async throws(StoreError) in
        _ = try await trial.store.list(
          query, as: .everything, after: nil, limit: PageLimit(records: 1), at: Revision(2))
      }
      try await expect(error) { () async throws(StoreError) in
        _ = try await trial.store.changes(after: Revision(2), as: .everything, limit: 1)
      }
      try await expect(error) { () async throws(StoreError) in
        _ = try await trial.store.revision(for: .revision(Revision(2)))
      }
      try await expect(error) { () async throws(StoreError) in
        _ = try await trial.store.differences(
          from: Revision(2), to: Revision(4), as: .everything, after: nil, limit: PageLimit(records: 1)
        ) { _ in true }
      }
      try await expect(.revisionInFuture(head: Revision(4))) { () async throws(StoreError) in
        _ = try await trial.store.compact(to: Revision(5), after: .zero)
      }
      try expect(await trial.text("a", at: Revision(3)), "3", "the record at the oldest revision")
      try expect(await trial.store.changes(after: Revision(3), as: .everything, limit: 9).changes.count, 1, "changes")
    },
    StoreCheck("a purge goes with what it removed, and its name can be used as before") { trial in
      let key = StoreTrial.key("a")
      try await trial.write(StoreTrial.put("a", "1"))
      try await trial.write(.softDelete(key))
      try await trial.write(.purge(key))
      try expect(await trial.store.removableVersionCount(to: Revision(3)), 3, "what would be removed")
      try expect(await trial.compact(to: Revision(3)), 3, "what was removed")
      try expect(await trial.text("a"), nil, "the purged record")
      // A write that rests on a look at the records before the purge still hears of it.
      let prefix = try require(KeyPrefix("a"), "prefix")
      let finding = try await trial.finding(
        StoreTrial.put("b"), against: .prefixUnchangedSince(prefix, Revision(2)))
      try expect(finding, .changed(key, Revision(3)), "what stands against the write")
      try await trial.write(StoreTrial.put("a", "2"), if: [.absent(key)])
      try expect(await trial.text("a"), "2", "the new record")
      try expect(await trial.text("a", at: Revision(3)), nil, "the new record before it was there")
    },
    StoreCheck("a step is small, and a compaction goes on from wherever it was given up") { trial in
      let count = CompactionStep.removedCountMax + 10
      for round in 1...2 {
        let mutations = (0..<count).map { StoreTrial.put("r\($0)", "\(round)") }
        _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: mutations))
      }
      let head = try await trial.head()
      let step = try await trial.store.compact(to: head, after: .zero)
      try expect(
        (1...CompactionStep.removedCountMax).contains(step.removedCount), "\(step.removedCount) versions in a step")
      try expect(step.through < head, "a step removes everything")
      // Whoever starts anew finishes what was left.
      try expect(await trial.compact(to: head), count - step.removedCount, "the rest")
      try expect(await trial.text("r0"), "2", "a record")
    },
    StoreCheck("records are written and read while history is compacted") { trial in
      for round in 1...400 { try await trial.write(StoreTrial.put("a\(round % 7)", "\(round)")) }
      let head = try await trial.head()
      async let writing: [Void] = concurrently(2) { writer in
        for round in 1...100 { try await trial.write(StoreTrial.put("w\(writer)", "\(round)")) }
      }
      try expect(await trial.compact(to: head), 393, "the versions removed")
      _ = try await writing
      for record in 0..<7 { try expect(await trial.text("a\(record)") != nil, "a record is lost") }
      try expect(await trial.text("w0"), "100", "what was written meanwhile")
    },
  ]

  /// Compares the versions that are left with those that should be.
  private static func compareKept(_ trial: StoreTrial, _ model: StoreModel, _ oldest: Revision) async throws {
    for name in model.histories.keys {
      let all = model.revisions(of: name, as: .everything, through: model.head)
      let kept = all.filter { $0 > oldest.number } + all.filter { $0 <= oldest.number }.prefix(1)
      try expect(
        await trial.revisions(of: name, as: .everything, from: nil, pageSize: 2), kept, "versions of \(name)")
      // The oldest one is still found by its own revision.
      guard let last = kept.last else { continue }
      let found = try await trial.revisions(of: name, as: .everything, from: Revision(last), pageSize: 1)
      try expect(found, [last], "the oldest version of \(name)")
    }
  }
}

extension StoreTrial {
  /// Compacts to a revision, step by step, and tells how many versions that has removed.
  func compact(to revision: Revision) async throws(StoreError) -> Int {
    var count = 0
    var place = Revision.zero
    repeat {
      let step = try await store.compact(to: revision, after: place)
      count += step.removedCount
      place = step.through
    } while place < revision
    return count
  }
}
