import PlenaryStore
import PlenaryStoreSQLite
import Testing

private func text(_ key: Span<UInt8>) -> String { String(decoding: key.indices.map { key[$0] }, as: UTF8.self) }

/// Which changes are lent to who tells of them, as they stand in the database.
@Suite struct LentChangeTests {
  /// Tells how many changes were lent, and how many given.
  private struct Counts: FeedTeller {
    var takesLent: Bool
    private var lentCount = 0

    init(takesLent: Bool) {
      self.takesLent = takesLent
    }

    mutating func take(_ change: LentChange, key: Span<UInt8>, body: Span<UInt8>?) { lentCount += 1 }
    mutating func told(of part: FeedPart) -> [Int] { [lentCount, part.changes.count] }
  }

  /// Tells which query each change is of, and of those that were given that they were.
  private struct Queries: FeedTeller {
    var takesLent: Bool
    private var queries: [String] = []

    init(takesLent: Bool) {
      self.takesLent = takesLent
    }

    mutating func take(_ change: LentChange, key: Span<UInt8>, body: Span<UInt8>?) {
      queries.append("\(text(key)) \(change.queryIndex)")
    }

    mutating func told(of part: FeedPart) -> [String] {
      queries + part.changes.map { "\($0.key.name) \($0.queryIndex) given" }
    }
  }

  private func question(
    includesBefore: Bool = false, lookedAt: Int = 100, predicate: (@Sendable (StoredRecord) -> Bool)? = nil
  ) -> FeedQuestion {
    let query = predicate.map { Query(conditions: [], predicate: $0) } ?? Query(conditions: [])
    return FeedQuestion(
      after: .zero, viewer: .everything,
      selection: FeedSelection(queries: [query], includesBefore: includesBefore) { _ in 0 },
      limit: FeedLimit(changes: 100, bytes: 1 << 20, lookedAt: lookedAt))
  }

  /// Runs a body on a store with five changes in a directory, the last of which stay in memory if they are kept.
  private func run(
    keepsChanges: Bool = false, _ body: (SQLiteStore, _ directory: String) async throws -> Void
  ) async throws {
    try await withScratchDirectory { directory in
      var configuration = configuration(.directory(directory))
      if !keepsChanges { configuration.feedChangesMax = 0 }
      try await withStore(configuration) { store in
        for number in 1...5 {
          let content = Content(body: [UInt8(number)], marking: Marking(label: 1), entries: [])
          _ = try await store.commit(
            WriteRequest(actor: "clients/a", mutations: [.put(Key(stored: "r/\(number)"), content)]))
        }
        try await body(store, directory)
      }
    }
  }

  private func counts(_ store: SQLiteStore, _ question: FeedQuestion, takesLent: Bool = true) async throws -> [Int] {
    try await store.feed(question, to: Counts(takesLent: takesLent))
  }

  @Test func `changes are lent out of the database to who takes them and needs no more`() async throws {
    try await run { store, _ in
      let lent = try await counts(store, question())
      let given = try await counts(store, question(), takesLent: false)
      let withBefore = try await counts(store, question(includesBefore: true))
      let selected = try await counts(store, question { $0.body[0] > 3 })
      // What is gone on with has to be looked at once more.
      let begun = try await counts(store, question(lookedAt: 3))
      #expect([lent, given, withBefore, selected, begun] == [[5, 0], [0, 5], [0, 5], [0, 2], [0, 3]])
    }
    try await run(keepsChanges: true) { store, _ in
      let fromMemory = try await counts(store, question())
      #expect(fromMemory == [0, 5])
    }
  }

  @Test func `what is lent is of the query of its own key, whatever came before it`() async throws {
    let keys = [
      "a/1", "a/2", "b/1", "a/2/b/1", "a/2/b/2", "a/3", "a/1/b/1", "aa/1", "a/4", "c/1", "c/2", "b/2", "a/2/c/1", "a/5",
    ]
    var configuration = configuration(.memory)
    configuration.feedChangesMax = 0
    try await withStore(configuration) { store in
      let content = Content(body: [1], marking: Marking(label: 1), entries: [])
      let mutations = keys.map { Mutation.put(Key(stored: $0), content) }
      _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: mutations))
      let selection = FeedSelection(
        queries: [Query(conditions: []), Query(conditions: []), Query(conditions: [])], includesBefore: false
      ) { key in
        let collections = text(key).split(separator: "/").enumerated().filter { $0.offset.isMultiple(of: 2) }
        return ["a", "b", "ab"].firstIndex(of: collections.map(\.element).joined())
      }
      let question = FeedQuestion(
        after: .zero, viewer: .everything, selection: selection,
        limit: FeedLimit(changes: 100, bytes: 1 << 20, lookedAt: 100))
      let lent = try await store.feed(question, to: Queries(takesLent: true))
      let given = try await store.feed(question, to: Queries(takesLent: false))
      #expect(lent.map { $0 + " given" } == given)
      #expect(
        lent == [
          "a/1 0", "a/2 0", "b/1 1", "a/2/b/1 2", "a/2/b/2 2", "a/3 0", "a/1/b/1 2", "a/4 0", "b/2 1", "a/5 0",
        ])
    }
  }

  @Test func `a key that is no text is not lent`() async throws {
    try await run { store, directory in
      try DatabaseFile(in: directory).execute("UPDATE ver SET k = CAST(x'722FFF' AS TEXT) WHERE rev = 3")
      let error = await #expect(throws: StoreError.self) { _ = try await counts(store, question()) }
      guard case .corrupt(let reason)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(reason == "revision 3 has a name that is none")
    }
  }
}
