import PlenaryStore
import Synchronization

extension StoreCheck {
  static let lists: [StoreCheck] = orders + pages

  private static func ranked(_ names: String...) -> [Mutation] {
    names.enumerated().map { StoreTrial.put($1, [StoreTrial.rank(Int64($0))]) }
  }

  private static let byRank = Query(
    conditions: [StoreTrial.members], order: .field(StoreTrial.Field.rank))

  private static let orders: [StoreCheck] = [
    StoreCheck("keys are in the order of their bytes, capitals first") { trial in
      let names = ["B", "a", "a-b", "a/1", "a/10", "a/2", "a0", "b"]
      _ = try await trial.store.commit(
        WriteRequest(actor: "a", mutations: names.reversed().map { StoreTrial.put($0) }))
      var query = Query(conditions: [StoreTrial.members])
      try expect(await trial.names(query), names, "the list")
      query.direction = .descending
      try expect(await trial.names(query), names.reversed(), "the list backwards")
      query.scope = try require(KeyPrefix("a/"), "prefix")
      try expect(await trial.names(query), ["a/2", "a/10", "a/1"], "the scope backwards")
    },
    StoreCheck("text is in the order of its characters' numbers, in every letter case and script") { trial in
      let texts = ["", "A", "Z", "a", "a\u{0}", "a\u{0}b", "ab", "z", "é", "ж", "中", "\u{FFFD}", "😀"]
      for (index, text) in texts.enumerated().reversed() {
        try await trial.write(
          StoreTrial.put("r/\(index)", text, [IndexEntry(StoreTrial.Field.title, .string(text))]))
      }
      var query = Query(conditions: [], order: .field(StoreTrial.Field.title))
      try expect(await trial.list(query).map(\.text), texts, "the list")
      query.direction = .descending
      try expect(await trial.list(query).map(\.text), texts.reversed(), "the list backwards")
      for text in texts {
        let same = Query(conditions: [Query.Condition(StoreTrial.Field.title, .equals(.string(text)))])
        try expect(await trial.list(same).map(\.text), [text], "the list of one text")
      }
    },
    StoreCheck("records of one rank follow by key, in both directions") { trial in
      for (name, rank) in [("c", 1), ("a", 1), ("b", 1), ("d", 0)] {
        try await trial.write(StoreTrial.put(name, [StoreTrial.rank(Int64(rank))]))
      }
      var query = byRank
      try expect(await trial.names(query, pageSize: 1), ["d", "a", "b", "c"], "the list")
      query.direction = .descending
      try expect(await trial.names(query, pageSize: 1), ["c", "b", "a", "d"], "the list backwards")
    },
    StoreCheck("ranges end where they say") { trial in
      for rank in -2...2 { try await trial.write(StoreTrial.put("\(rank + 2)", [StoreTrial.rank(Int64(rank))])) }
      try await trial.write(StoreTrial.put("u", [IndexEntry(StoreTrial.Field.rank, .unset)]))
      let ranges: [(IndexRange, [String])] = [
        (.below(.integer(0)), ["u", "0", "1"]), (.through(.integer(0)), ["u", "0", "1", "2"]),
        (.from(.integer(0)), ["2", "3", "4"]), (.above(.integer(0)), ["3", "4"]), (.equal(to: .integer(0)), ["2"]),
        (.from(.integer(-1)).intersection(.below(.integer(1))), ["1", "2"]), (.all, ["u", "0", "1", "2", "3", "4"]),
      ]
      for (range, names) in ranges {
        let condition = Query.Condition(StoreTrial.Field.rank, .within(range))
        let query = Query(conditions: [condition], order: .field(StoreTrial.Field.rank))
        try expect(await trial.names(query), names, "the list")
        let byKey = Query(conditions: [StoreTrial.members, condition])
        try expect(await trial.names(byKey), names.sorted(), "the list by key")
      }
    },
    StoreCheck("composite values order by their parts, and are found by the first") { trial in
      let places: [(String, Int64)] = [("a", 2), ("a", 10), ("a\u{0}", 0), ("ab", 1), ("b", -1)]
      for (index, place) in places.enumerated().reversed() {
        let value = IndexValue.composite(.string(place.0), .integer(place.1))
        try await trial.write(StoreTrial.put("\(index)", [IndexEntry(StoreTrial.Field.title, value)]))
      }
      let order = Query.Order.field(StoreTrial.Field.title)
      try expect(await trial.names(Query(conditions: [], order: order)), ["0", "1", "2", "3", "4"], "the list")
      let first = Query.Condition(StoreTrial.Field.title, .within(.equal(to: .string("a"))))
      try expect(await trial.names(Query(conditions: [first], order: order)), ["0", "1"], "the list of one part")
    },
  ]

  private static let pages: [StoreCheck] = [
    StoreCheck("a page ends at its number of records, and says when it is the last") { trial in
      _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: ranked("a", "b", "c", "d")))
      for query in [byRank, Query(conditions: [StoreTrial.members])] {
        for pageSize in 1...5 {
          try expect(await trial.names(query, pageSize: pageSize), ["a", "b", "c", "d"], "the pages of \(pageSize)")
        }
        let page = try await trial.store.list(
          query, as: .everything, after: nil, limit: PageLimit(records: 4), at: nil)
        try expect(page.next, nil, "what follows a page that holds all")
      }
      let nothing = Query(conditions: [Query.Condition(StoreTrial.Field.tag, .equals(.string("none")))])
      try expect(await trial.names(nothing), [], "a list without records")
    },
    StoreCheck("a page ends at its number of bytes, but holds one record") { trial in
      for name in ["a", "b", "c"] { try await trial.write(StoreTrial.put(name, String(repeating: name, count: 100))) }
      let query = Query(conditions: [StoreTrial.members])
      for (bytes, count) in [(1, 1), (100, 1), (199, 1), (200, 2), (299, 2), (300, 3)] {
        let limit = PageLimit(records: 10, bytes: bytes)
        let page = try await trial.store.list(query, as: .everything, after: nil, limit: limit, at: nil)
        try expect(page.records.count, count, "the records in \(bytes) bytes")
        try expect(page.next?.key.name, count == 3 ? nil : page.records.last?.key.name, "what follows")
      }
    },
    StoreCheck("pages stay full behind a condition that no index answers") { trial in
      var mutations: [Mutation] = []
      for index in 100..<200 {
        mutations.append(StoreTrial.put("r/\(index)", "\(index)", [StoreTrial.rank(Int64(index % 3))]))
      }
      _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: mutations))
      var query = Query(conditions: [StoreTrial.members]) { $0.text.hasSuffix("7") }
      try expect(await trial.names(query, pageSize: 3).count, 10, "the list by key")
      query.order = .field(StoreTrial.Field.rank)
      try expect(await trial.names(query, pageSize: 3).count, 10, "the list by rank")
      let limit = PageLimit(records: 3, rejected: 20)
      query.order = .key
      let page = try await trial.store.list(query, as: .everything, after: nil, limit: limit, at: nil)
      try expect(page.records.map(\.text), ["107", "117"], "the page that has rejected enough")
      let next = try await trial.store.list(
        query, as: .everything, after: page.next, limit: PageLimit(records: 3), at: page.revision)
      try expect(next.records.map(\.text), ["127", "137", "147"], "the page after it")
    },
    StoreCheck("a selection that finds few looks at these alone") { trial in
      let count = 2000
      let mutations = (0..<count).map { index in
        StoreTrial.put(
          "r/\(index)", [StoreTrial.rank(Int64(index)), StoreTrial.tag("t\(index % 200)"), StoreTrial.tag("all")])
      }
      _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: mutations))
      let looked = Mutex(0)
      var query = Query(conditions: [StoreTrial.members]) { _ in
        looked.withLock { $0 += 1 }
        return true
      }
      let range = IndexRange.from(.integer(500)).intersection(.below(.integer(520)))
      let few = Query.Condition(StoreTrial.Field.rank, .within(range))
      func tag(_ name: String) -> Query.Condition { Query.Condition(StoreTrial.Field.tag, .equals(.string(name))) }
      for (conditions, unions) in [
        ([few], []), ([], [[tag("t7"), tag("t8")]]), ([few], [[tag("all"), tag("t1")]]), ([tag("all")], [[few, few]]),
      ] {
        query.conditions = [StoreTrial.members] + conditions
        query.unions = unions
        looked.withLock { $0 = 0 }
        try expect(await trial.names(query).count, 20, "the number of records")
        try expect(looked.withLock { $0 }, 20, "the number of records looked at")
      }
    },
    StoreCheck("a list that nobody waits for ends while it looks at records") { trial in
      let mutations = (0..<1000).map { StoreTrial.put("r/\($0)", [StoreTrial.rank(Int64($0))]) }
      _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: mutations))
      let looked = Mutex(0)
      var query = Query(conditions: [StoreTrial.members]) { _ in
        looked.withLock { $0 += 1 }
        return false
      }
      for order in [Query.Order.key, .field(StoreTrial.Field.rank)] {
        query.order = order
        query.isGivenUp = { true }
        looked.withLock { $0 = 0 }
        let refused: StoreError?
        do throws(StoreError) {
          _ = try await trial.store.list(query, as: .everything, after: nil, limit: PageLimit(records: 10), at: nil)
          refused = nil
        } catch {
          refused = error
        }
        guard case .unavailable? = refused else { throw StoreCheckFailure(description: "the list went on to its end") }
        try expect(looked.withLock { $0 } < 500, "hundreds of records were looked at")
        query.isGivenUp = { false }
        try expect(await trial.names(query).isEmpty, "the list that is waited for")
      }
    },
    StoreCheck("a union finds each record once, in every order, whether few or many are in it") { trial in
      let count = 12_000
      let mutations = (0..<count).map { index in
        StoreTrial.put(
          "n/\(100_000 + index)",
          [
            StoreTrial.rank(Int64(index * 7919 % count)), StoreTrial.tag(index % 2 == 0 ? "even" : "odd"),
            StoreTrial.tag(index % 100 == 0 ? "hundred" : "other"),
          ])
      }
      for start in stride(from: 0, to: count, by: 1000) {
        _ = try await trial.store.commit(
          WriteRequest(actor: "a", mutations: Array(mutations[start..<min(start + 1000, count)])))
      }
      func tag(_ name: String) -> Query.Condition { Query.Condition(StoreTrial.Field.tag, .equals(.string(name))) }
      let low = Query.Condition(StoreTrial.Field.rank, .within(.below(.integer(30))))
      func rank(_ index: Int) -> Int { index * 7919 % count }
      let cases: [([[Query.Condition]], (Int) -> Bool)] = [
        ([[tag("hundred"), low]], { $0 % 100 == 0 || rank($0) < 30 }),
        ([[tag("even"), tag("odd")]], { _ in true }), ([[tag("even"), tag("hundred")]], { $0 % 2 == 0 }),
        ([[tag("even"), tag("odd")], [tag("hundred"), low]], { $0 % 100 == 0 || rank($0) < 30 }),
        ([[tag("odd"), tag("hundred")], [low, tag("none")]], { ($0 % 2 == 1 || $0 % 100 == 0) && rank($0) < 30 }),
      ]
      for (unions, holds) in cases {
        let wanted = (0..<count).filter(holds)
        for order in [Query.Order.key, .field(StoreTrial.Field.rank)] {
          for direction in [Query.Direction.ascending, .descending] {
            var query = Query(conditions: [StoreTrial.members], order: order, direction: direction)
            query.unions = unions
            let sorted = order == .key ? wanted : wanted.sorted { rank($0) < rank($1) }
            let expected = (direction == .ascending ? sorted : sorted.reversed()).map { "n/\(100_000 + $0)" }
            try expect(await trial.names(query, pageSize: 900) == expected, "the list is another one")
          }
        }
      }
    },
    StoreCheck("a long list by one field and of one value of another is in order") { trial in
      // More than are gathered and sorted, and fewer.
      for count in [1500, 300] {
        let mutations = (0..<count).map { index in
          StoreTrial.put(
            "n\(count)/\(index)", [StoreTrial.rank(Int64(index * 7919 % count)), StoreTrial.tag("n\(count)")])
        }
        _ = try await trial.store.commit(WriteRequest(actor: "a", mutations: mutations))
        let condition = Query.Condition(StoreTrial.Field.tag, .equals(.string("n\(count)")))
        for direction in [Query.Direction.ascending, .descending] {
          let query = Query(conditions: [condition], order: .field(StoreTrial.Field.rank), direction: direction)
          let expected = (0..<count).sorted { $0 * 7919 % count < $1 * 7919 % count }.map { "n\(count)/\($0)" }
          let found = try await trial.names(query, pageSize: 450)
          try expect(found == (direction == .ascending ? expected : expected.reversed()), "the order is broken")
        }
      }
    },
    StoreCheck("pages of one revision show each record once, whatever is written meanwhile") { trial in
      let mutations = (0..<200).map { StoreTrial.put("r/\($0)", "0", [StoreTrial.rank(Int64($0))]) }
      let start = try await trial.store.commit(WriteRequest(actor: "a", mutations: mutations)).revision
      async let writing: [Void] = concurrently(2) { writer in
        for index in stride(from: writer, to: 200, by: 2) {
          let key = StoreTrial.key("r/\(index)")
          switch index % 3 {
          case 0: try await trial.write(.softDelete(key))
          case 1: try await trial.write(StoreTrial.put(key.name, "1", [StoreTrial.rank(-1)]))
          default: try await trial.write(.purge(key), StoreTrial.put("r/new\(index)"))
          }
        }
      }
      for round in 0..<10 {
        if round == 5 { _ = try await writing }
        for query in [byRank, Query(conditions: [StoreTrial.members])] {
          let records = try await trial.list(query, pageSize: 7, at: start)
          try expect(Set(records.map(\.key)).count, records.count, "the records shown once")
          try expect(records.allSatisfy { $0.text == "0" && $0.state == .live }, "a record is newer than the list")
          // A third of them are purged, and only those may be missing.
          try expect(records.count >= 133, "a record is missing")
        }
      }
    },
  ]
}
