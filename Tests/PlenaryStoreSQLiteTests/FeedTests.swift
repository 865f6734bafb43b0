import PlenaryStore
import PlenaryStoreSQLite
import Testing

/// The changes that are kept in memory.
@Suite struct FeedTests {
  private static let marking = Marking(label: 1)

  private func put(_ name: String, _ size: Int = 10) -> Mutation {
    .put(Key(stored: name), Content(body: Array(repeating: 7, count: size), marking: Self.marking, entries: []))
  }

  private func question(after revision: UInt64, lookedAt: Int = 10_000) -> FeedQuestion {
    FeedQuestion(
      after: Revision(revision), viewer: .everything,
      selection: FeedSelection(queries: [Query(conditions: [])], includesBefore: true) { _ in 0 },
      limit: FeedLimit(changes: 10_000, bytes: 1 << 30, lookedAt: lookedAt))
  }

  private func write(_ store: SQLiteStore, _ mutations: [Mutation]) async throws {
    _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: mutations))
  }

  /// The first revision after which all that follows is in memory.
  private func first(_ store: SQLiteStore, head: UInt64) -> UInt64 {
    (0...head).first { store.feedInMemory(question(after: $0)) != nil } ?? head
  }

  @Test func `as many changes are in memory as are allowed`() async throws {
    for limit in [0, 1, 10] {
      var configuration = configuration(.memory)
      configuration.feedChangesMax = limit
      try await withStore(configuration) { store in
        for number in 1...25 {
          try await write(store, [put("r/\(number % 4)")])
          let kept = min(number, limit)
          #expect(first(store, head: UInt64(number)) == UInt64(number - kept))
        }
        let memory = try #require(store.feedInMemory(question(after: 25 - UInt64(limit))))
        #expect(memory.changes.count == limit && memory.isLast)
        #expect(try await store.feed(question(after: 0)).changes.count == 25)
      }
    }
  }

  @Test func `changes in memory take no more bytes than are allowed`() async throws {
    var configuration = configuration(.memory)
    configuration.feedBytesMax = 100_000
    try await withStore(configuration) { store in
      for number in 1...20 { try await write(store, [put("r/\(number)", 10_000)]) }
      // Each takes its body, as much for what readers are given of it, and a little.
      #expect(first(store, head: 20) == 16)
      // What is larger than all of it leaves nothing behind.
      try await write(store, [put("large", 60_000)])
      #expect(first(store, head: 21) == 21)
      try await write(store, [put("small", 10)])
      #expect(first(store, head: 22) == 21)
    }
  }

  @Test func `a request that replaces more than fits is followed all the same`() async throws {
    var configuration = configuration(.memory)
    configuration.feedBytesMax = 100_000
    try await withStore(configuration) { store in
      let all = (0..<40).map { put("r/\($0)", 10_000) }
      try await write(store, all)
      try await write(store, all)
      let part = try await store.feed(question(after: 40))
      #expect(part.changes.count == 40 && part.changes.allSatisfy { $0.kind == .updated && $0.before != nil })
      #expect(part.isLast && part.isAtEndOfRequest)
    }
  }

  @Test func `what a refused request would have changed is not told`() async throws {
    try await withStore(configuration(.memory)) { store in
      let refused = WriteRequest(
        actor: "clients/a", preconditions: [.exists(Key(stored: "nobody"))], mutations: [put("no")])
      let done = WriteRequest(actor: "clients/a", mutations: [put("yes")])
      _ = await store.commit([done, refused, done])
      let part = try #require(store.feedInMemory(question(after: 0)))
      #expect(part.changes.map(\.key.name) == ["yes", "yes"])
      #expect(part.changes.map(\.kind) == [.created, .updated])
    }
  }

  @Test func `who falls behind a compaction is told so`() async throws {
    var configuration = configuration(.memory)
    configuration.feedChangesMax = 2
    try await withStore(configuration) { store in
      for _ in 0..<6 { try await write(store, [put("a")]) }
      var step = CompactionStep(removedCount: 0, through: .zero)
      repeat { step = try await store.compact(to: Revision(3), after: step.through) } while step.through.number < 3
      let refusal = await #expect(throws: StoreError.self) { _ = try await store.feed(question(after: 2)) }
      #expect(refusal == .revisionCompacted(oldest: Revision(3)))
      let part = try await store.feed(question(after: 3))
      #expect(
        part.changes.map(\.kind) == [.updated, .updated, .updated] && part.changes.allSatisfy { $0.before != nil })
    }
  }

  @Test func `a store that is opened again tells of what was before`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { try await write($0, [put("a"), put("b")]) }
      try await withStore(configuration(.directory(directory))) { store in
        #expect(store.feedInMemory(question(after: 0)) == nil)
        #expect(store.feedInMemory(question(after: 2))?.isLast == true)
        try await write(store, [put("a")])
        #expect(store.feedInMemory(question(after: 2))?.changes.map(\.kind) == [.updated])
        #expect(try await store.feed(question(after: 0)).changes.map(\.kind) == [.created, .created, .updated])
      }
    }
  }

  @Test func `a store that is opened again tells once of what has gone out of sight`() async throws {
    let (open, closed) = (Self.marking, Marking(label: 5))
    func mark(_ marking: Marking, _ byte: UInt8) -> Mutation {
      .put(Key(stored: "a"), Content(body: [byte], marking: marking, entries: []))
    }
    func told(_ store: SQLiteStore, after revision: UInt64) async throws -> [FeedChange.Kind] {
      try await store.feed(
        FeedQuestion(
          after: Revision(revision), viewer: Viewer { $0 == open }, selection: question(after: 0).selection,
          limit: question(after: 0).limit)
      ).changes.map(\.kind)
    }
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        for byte in 1...3 { try await write(store, [mark(open, UInt8(byte))]) }
        for byte in 4...6 { try await write(store, [mark(closed, UInt8(byte))]) }
        for revision in 0..<UInt64(4) { #expect(try await told(store, after: revision) == [.removed]) }
        #expect(try await told(store, after: 4) == [])
      }
      try await withStore(configuration(.directory(directory))) { store in
        try await write(store, [mark(closed, 7)])
        #expect(store.feedInMemory(question(after: 0)) == nil)
        for revision in 0..<UInt64(4) { #expect(try await told(store, after: revision) == [.removed]) }
        for revision in 4..<UInt64(8) { #expect(try await told(store, after: revision) == []) }
        try await write(store, [mark(open, 8)])
        #expect(try await told(store, after: 1) == [.updated, .updated, .removed, .created])
      }
    }
  }
}
