import PlenaryStore

extension StoreCheck {
  static let preconditions: [StoreCheck] = keyPreconditions + entryPreconditions + quotas + races

  private static let keyPreconditions: [StoreCheck] = [
    StoreCheck("absent: no record, live or soft-deleted, has the key") { trial in
      let key = StoreTrial.key("a")
      try expect(await trial.finding(StoreTrial.put("a"), against: .absent(key)), nil)
      try expect(await trial.finding(StoreTrial.put("a"), against: .absent(key)), .present(key, .live))
      try await trial.write(.softDelete(key))
      try expect(await trial.finding(StoreTrial.put("a"), against: .absent(key)), .present(key, .softDeleted))
      try await trial.write(.purge(key))
      try expect(await trial.finding(StoreTrial.put("a"), against: .absent(key)), nil)
    },
    StoreCheck("revision: the record has not changed since") { trial in
      let key = StoreTrial.key("a")
      let missing = Precondition.revision(key, Revision(1))
      try expect(await trial.finding(against: missing), .otherRevision(key, nil))
      let first = try await trial.write(StoreTrial.put("a"))
      try expect(await trial.finding(StoreTrial.put("a"), against: .revision(key, first.revision)), nil)
      let second = try require(await trial.record("a")?.revision, "revision")
      try expect(
        await trial.finding(StoreTrial.put("a"), against: .revision(key, first.revision)),
        .otherRevision(key, second))
      try await trial.write(.purge(key))
      try expect(await trial.finding(against: .revision(key, second)), .otherRevision(key, nil))
    },
    StoreCheck("exists: the record is live when the request is done") { trial in
      let (a, b) = (StoreTrial.key("a"), StoreTrial.key("b"))
      try expect(await trial.finding(StoreTrial.put("b"), against: .exists(a)), .missing(a))
      try expect(await trial.finding(StoreTrial.put("b"), StoreTrial.put("a"), against: .exists(a)), nil)
      try expect(await trial.finding(.softDelete(a), StoreTrial.put("b"), against: .exists(a)), .deleted(a))
      try await trial.write(.softDelete(a))
      try expect(await trial.finding(StoreTrial.put("b"), against: .exists(a)), .deleted(a))
      try expect(await trial.finding(.undelete(a), against: .exists(a), .exists(b)), nil)
      try await trial.write(.purge(a))
      try expect(await trial.finding(StoreTrial.put("b"), against: .exists(a)), .missing(a))
    },
    StoreCheck("prefixUnchangedSince: nothing under the prefix has changed since") { trial in
      let prefix = try require(KeyPrefix("a/"), "prefix")
      try await trial.write(StoreTrial.put("a/1"), StoreTrial.put("b/1"))
      let start = try await trial.head()
      try await trial.write(StoreTrial.put("a"), StoreTrial.put("a0"), StoreTrial.put("b/1"))
      try expect(await trial.finding(against: .prefixUnchangedSince(prefix, start)), nil)
      let change = try await trial.write(.softDelete(StoreTrial.key("a/1")))
      try expect(
        await trial.finding(against: .prefixUnchangedSince(prefix, start)),
        .changed(StoreTrial.key("a/1"), change.revision))
      try expect(await trial.finding(against: .prefixUnchangedSince(prefix, change.revision)), nil)
      try expect(
        await trial.finding(against: .prefixUnchangedSince(.all, .zero)),
        .changed(StoreTrial.key("a/1"), Revision(1)))
    },
  ]

  private static let entryPreconditions: [StoreCheck] = [
    StoreCheck("unique: one live record has the entry, whatever its marking") { trial in
      let tag = StoreTrial.tag("s/1")
      let (a, b) = (StoreTrial.key("a"), StoreTrial.key("b"))
      try expect(await trial.finding(StoreTrial.put("a", [tag]), against: .unique(tag)), nil)
      try expect(await trial.finding(StoreTrial.put("a", "2", [tag]), against: .unique(tag)), nil)
      try expect(
        await trial.finding(StoreTrial.put("b", marking: StoreTrial.closed, [tag]), against: .unique(tag)),
        .taken(tag, by: [a, b]))
      try expect(await trial.record("b") == nil, "the refused record is there")
      try await trial.write(.softDelete(a))
      try expect(await trial.finding(StoreTrial.put("b", [tag]), against: .unique(tag)), nil)
      try expect(await trial.finding(.undelete(a), against: .unique(tag)), .taken(tag, by: [a, b]))
    },
    StoreCheck("unique: a request may exchange values, and may not take one twice") { trial in
      let (x, y) = (StoreTrial.tag("x"), StoreTrial.tag("y"))
      try await trial.write(StoreTrial.put("a", [x]), StoreTrial.put("b", [y]))
      try expect(
        await trial.finding(
          StoreTrial.put("a", [y]), StoreTrial.put("b", [x]), against: .unique(x), .unique(y)), nil)
      let z = StoreTrial.tag("z")
      try expect(
        await trial.finding(StoreTrial.put("c", [z]), StoreTrial.put("d", [z]), against: .unique(z)),
        .taken(z, by: [StoreTrial.key("c"), StoreTrial.key("d")]))
    },
    StoreCheck("noReferrer: no live record refers to the key by these fields") { trial in
      let owner = StoreTrial.key("owner")
      let condition = Precondition.noReferrer(owner, through: [StoreTrial.Field.owner])
      try await trial.write(StoreTrial.put("owner"), StoreTrial.put("owner/child"))
      try expect(await trial.finding(.softDelete(owner), .undelete(owner), against: condition), nil)
      try await trial.write(StoreTrial.put("r", marking: StoreTrial.closed, [StoreTrial.owner("owner")]))
      let referred = Conflict.Finding.referred(owner, by: [StoreTrial.key("r")], count: 1)
      try expect(await trial.finding(.softDelete(owner), against: condition), referred)
      let others = Precondition.noReferrer(owner, through: [StoreTrial.Field.tag])
      try expect(await trial.finding(.softDelete(owner), .undelete(owner), against: others), nil)
      try expect(
        await trial.finding(.softDelete(owner), .softDelete(StoreTrial.key("r")), against: condition), nil)
      try await trial.write(.undelete(owner))
      try expect(await trial.finding(.softDelete(owner), against: condition), nil)
    },
    StoreCheck("noReferrer: names twenty referrers and counts all") { trial in
      let owner = StoreTrial.key("owner")
      let records = (0..<25).map { StoreTrial.put("r/\($0)", [StoreTrial.owner("owner")]) }
      let request = WriteRequest(actor: "a", mutations: [StoreTrial.put("owner")] + records)
      _ = try await trial.store.commit(request)
      let finding = try await trial.finding(
        .softDelete(owner), against: .noReferrer(owner, through: [StoreTrial.Field.owner]))
      guard case .referred(owner, let sample, 25) = finding else {
        throw StoreCheckFailure(description: "the finding is \(String(describing: finding))")
      }
      try expect(Set(sample).count, Conflict.referrerSampleMax, "the referrers named")
    },
  ]

  private static let quotas: [StoreCheck] = [
    StoreCheck("quota: an originator has at most so many records, deleted ones counted") { trial in
      let (own, other) = (Marking(label: 1, originator: "o/1"), Marking(label: 2, originator: "o/2"))
      let two = Precondition.quota(originator: "o/1", max: 2)
      let third = Conflict.Finding.tooMany(originator: "o/1", count: 3)
      try await trial.write(StoreTrial.put("a", marking: own), StoreTrial.put("x", marking: other))
      try expect(await trial.finding(StoreTrial.put("b", marking: own), against: two), nil)
      try expect(await trial.finding(StoreTrial.put("c", marking: own), against: two), third)
      // What was refused is not counted, and what is there already not twice.
      try expect(await trial.finding(StoreTrial.put("b", "2", marking: own), against: two), nil)
      try expect(await trial.finding(.softDelete(StoreTrial.key("a")), against: two), nil)
      try expect(await trial.finding(StoreTrial.put("x", marking: own), against: two), third)
      try expect(
        await trial.finding(.purge(StoreTrial.key("a")), StoreTrial.put("x", marking: own), against: two), nil)
      try expect(await trial.finding(StoreTrial.put("a", marking: own), against: two), third)
      try expect(await trial.finding(StoreTrial.put("b", marking: other), against: two), nil)
      try expect(await trial.finding(against: .quota(originator: "o/1", max: 0)), .tooMany(originator: "o/1", count: 1))
      try expect(await trial.finding(against: .quota(originator: "o/3", max: 0)), nil)
    },
    StoreCheck("of many that take the last of a quota at once, one does") { trial in
      let own = Marking(label: 1, originator: "o/1")
      let findings = try await concurrently(20) { writer in
        try await trial.finding(
          StoreTrial.put("r/\(writer)", marking: own), against: .quota(originator: "o/1", max: 1))
      }
      try expect(findings.count { $0 == nil }, 1, "the writers that succeeded")
      try expect(findings.count { $0 == .tooMany(originator: "o/1", count: 2) }, 19, "the writers that were told")
    },
  ]

  private static let races: [StoreCheck] = [
    StoreCheck("of many that create one key at once, one does") { trial in
      let key = StoreTrial.key("a")
      let findings = try await concurrently(20) { writer in
        try await trial.finding(StoreTrial.put("a", "\(writer)"), against: .absent(key))
      }
      try expect(findings.count { $0 == nil }, 1, "the writers that succeeded")
      try expect(findings.count { $0 == .present(key, .live) }, 19, "the writers that were told")
    },
    StoreCheck("of many that take one value at once, one does") { trial in
      let tag = StoreTrial.tag("symbol")
      let findings = try await concurrently(20) { writer in
        try await trial.finding(StoreTrial.put("r/\(writer)", [tag]), against: .unique(tag))
      }
      try expect(findings.count { $0 == nil }, 1, "the writers that succeeded")
      let query = Query(conditions: [Query.Condition(tag.field, .equals(tag.value))])
      try expect(await trial.names(query).count, 1, "the records with the value")
    },
    StoreCheck("counting up by revision loses no count") { trial in
      let key = StoreTrial.key("counter")
      try await trial.write(StoreTrial.put("counter", "0"))
      _ = try await concurrently(8) { _ in
        var done = 0
        while done < 10 {
          let found = try require(await trial.store.get(key, as: .everything).record, "counter")
          let next = String((Int(found.text) ?? 0) + 1)
          let finding = try await trial.finding(
            StoreTrial.put("counter", next), against: .revision(key, found.revision))
          if finding == nil { done += 1 }
        }
      }
      try expect(await trial.text("counter"), "80", "the count")
    },
    StoreCheck("a reference is never left to what is deleted at the same time") { trial in
      for round in 0..<20 {
        let owner = StoreTrial.key("owner/\(round)")
        try await trial.write(StoreTrial.put(owner.name))
        let findings = try await concurrently(2) { side in
          side == 0
            ? try await trial.finding(
              .softDelete(owner), against: .noReferrer(owner, through: [StoreTrial.Field.owner]))
            : try await trial.finding(
              StoreTrial.put("r/\(round)", [StoreTrial.owner(owner.name)]), against: .exists(owner))
        }
        try expect(findings.count { $0 == nil }, 1, "the writers that succeeded")
      }
    },
  ]
}
