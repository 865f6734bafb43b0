import PlenaryStore

extension StoreCheck {
  static let viewers: [StoreCheck] = [
    StoreCheck("a record out of sight answers like one that is not there") { trial in
      try await trial.write(StoreTrial.put("open"), StoreTrial.put("closed", marking: StoreTrial.closed))
      for _ in 0..<2 {
        // The second time, both are in memory.
        try expect(await trial.record("open", as: StoreTrial.outsider) != nil, "the open record is not seen")
        try expect(await trial.record("closed", as: StoreTrial.outsider) == nil, "the closed record is seen")
        try expect(await trial.record("closed") != nil, "the closed record is not there")
        let cached = trial.store.cached(StoreTrial.key("closed"), as: StoreTrial.outsider)
        try expect(cached == nil, "the closed record is seen in memory")
      }
    },
    StoreCheck("pages are as full for who sees little as for who sees all") { trial in
      var mutations: [Mutation] = []
      for index in 0..<60 {
        let name = "r/" + (index < 10 ? "0" : "") + String(index)
        let marking = index % 6 == 0 ? StoreTrial.open : StoreTrial.closed
        mutations.append(StoreTrial.put(name, marking: marking, [StoreTrial.rank(Int64(index % 7))]))
      }
      _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: mutations))
      for order in [Query.Order.key, .field(StoreTrial.Field.rank)] {
        let query = Query(conditions: [StoreTrial.members], order: order)
        let first = try await trial.store.list(
          query, as: StoreTrial.outsider, after: nil, limit: PageLimit(records: 5), at: nil)
        try expect(first.records.count, 5, "the first page")
        let second = try await trial.store.list(
          query, as: StoreTrial.outsider, after: first.next, limit: PageLimit(records: 5), at: first.revision)
        try expect(second.records.count, 5, "the second page")
        try expect(second.next, nil, "what follows the second page")
        try expect(await trial.names(query, pageSize: 7).count, 60, "all that there is")
      }
    },
    StoreCheck("lists and uniqueness are right among many markings, now and before") { trial in
      let markings = (0..<150).map { Marking(label: 3, originator: "organizations/o\($0)") }
      var mutations: [Mutation] = []
      for (index, marking) in markings.enumerated() {
        mutations.append(StoreTrial.put("m/\(1000 + index)", marking: marking, [StoreTrial.rank(Int64(index))]))
      }
      _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: mutations))
      let before = try await trial.head()
      try await trial.write(StoreTrial.put("m/1149", marking: StoreTrial.open, [StoreTrial.rank(0)]))
      let query = Query(conditions: [StoreTrial.members], order: .field(StoreTrial.Field.rank))
      let all = (0..<150).map { "m/\(1000 + $0)" }
      try expect(await trial.names(query, pageSize: 40, at: before), all, "the list of before")
      let expected = ["m/1000", "m/1149"] + all[1..<149]
      try expect(await trial.names(query, pageSize: 40), expected, "the list of now")
      try expect(await trial.names(query, as: StoreTrial.outsider), ["m/1149"], "what an outsider sees")
      let finding = try await trial.finding(StoreTrial.put("n"), against: .unique(StoreTrial.rank(0)))
      guard case .taken(_, let holders)? = finding else {
        throw StoreCheckFailure(description: "an entry of two records is unique")
      }
      try expect(Set(holders.map(\.name)), ["m/1000", "m/1149"], "who has the entry")
    },
    StoreCheck("a version of before is seen by who saw it then and sees it now") { trial in
      let first = try await trial.write(StoreTrial.put("a", "1"))
      let second = try await trial.write(StoreTrial.put("a", "2", marking: StoreTrial.closed))
      let query = Query(conditions: [StoreTrial.members])
      let outsider = StoreTrial.outsider
      try expect(await trial.text("a", as: outsider, at: first.revision), nil, "the version closed since")
      try expect(await trial.names(query, as: outsider, at: first.revision), [], "the list closed since")
      let third = try await trial.write(StoreTrial.put("a", "3"))
      try expect(await trial.text("a", as: outsider, at: first.revision), "1", "the version open then and now")
      try expect(await trial.text("a", as: outsider, at: second.revision), nil, "the version closed then")
      try expect(await trial.names(query, as: outsider, at: second.revision), [], "the list closed then")
      try expect(await trial.names(query, as: outsider, at: third.revision), ["a"], "the list")
    },
    StoreCheck("a change is told to who sees the record before or after it") { trial in
      try await trial.write(StoreTrial.put("hidden", marking: StoreTrial.closed))
      try await trial.write(StoreTrial.put("a", "1"))
      try await trial.write(StoreTrial.put("a", "2", marking: StoreTrial.closed))
      try await trial.write(StoreTrial.put("b", "3", marking: StoreTrial.closed))
      try await trial.write(StoreTrial.put("b", "4"))
      let batch = try await trial.store.changes(after: .zero, as: StoreTrial.outsider, limit: 100)
      try expect(batch.through, Revision(5), "the revision reached")
      try expect(batch.changes.map(\.revision.number), [3, 5], "the changes told")
      try expect(batch.changes.map { $0.record?.text }, [nil, "4"], "what is seen of them")
      try expect(batch.changes.map(\.wasVisible), [true, false], "what was seen before")
    },
  ]
}
