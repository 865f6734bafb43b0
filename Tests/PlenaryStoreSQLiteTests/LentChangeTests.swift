import PlenaryStore
import PlenaryStoreSQLite
import Testing

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
