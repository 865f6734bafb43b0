import PlenaryStore
import PlenaryStoreSQLite
import Testing

/// How long a store remembers which requests were done, by a clock that stands still unless a test moves it.
@Suite struct RequestWindowTests {
  private static let day: Int64 = 24 * 3_600 * 1_000_000

  private let clock = Counter(1_800_000_000_000_000)

  @Test func `a request is remembered for a day, and no longer`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(still(directory)) { store in
        try await check("a", repeats: false, in: store)
        move(by: Self.day)
        try await check("a", repeats: true, in: store)
        move(by: 1)
        try await check("a", repeats: false, in: store)
        // Done anew, it is remembered anew.
        move(by: Self.day)
        try await check("a", repeats: true, in: store)
      }
    }
  }

  @Test func `a request is remembered for a day by a store that is opened again`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(still(directory)) { try await check("a", repeats: false, in: $0) }
      move(by: Self.day)
      try await withStore(still(directory)) { try await check("a", repeats: true, in: $0) }
      move(by: 1)
      try await withStore(still(directory)) { try await check("a", repeats: false, in: $0) }
    }
  }

  @Test func `of more requests than are remembered the last ones are`() async throws {
    try await withScratchDirectory { directory in
      var few = still(directory)
      few.idempotencyCountMax = 3
      try await withStore(few) { store in
        for id in ["a", "b", "c"] { try await check(id, repeats: false, in: store) }
        try await check("a", repeats: true, in: store)
        try await check("d", repeats: false, in: store)
        try await check("b", repeats: true, in: store)
        try await check("a", repeats: false, in: store)
      }
      try await withStore(few) { store in
        for id in ["c", "d", "a"] { try await check(id, repeats: true, in: store) }
        try await check("b", repeats: false, in: store)
      }
    }
  }

  @Test func `two million requests are remembered unless a store is told otherwise`() {
    let configuration = configuration(.memory)
    #expect(configuration.idempotencyCountMax == 2_000_000)
    #expect(configuration.idempotencyMicrosecondsMax == Self.day)
  }

  private func check(_ id: String, repeats isRepeat: Bool, in store: SQLiteStore) async throws {
    let result = try await repeats(id, in: store)
    #expect(result == isRepeat, "\(id)")
  }

  private func still(_ directory: String) -> SQLiteStore.Configuration {
    var configuration = configuration(.directory(directory))
    let clock = clock
    configuration.now = { CommitTime(microseconds: clock.advance(by: 0)) }
    return configuration
  }

  private func move(by microseconds: Int64) { _ = clock.advance(by: microseconds) }

  /// Whether a request with an id is one that was done before; if not, it is done now.
  private func repeats(_ id: String, in store: SQLiteStore) async throws -> Bool {
    let content = Content(body: [1], marking: Marking(label: 1), entries: [])
    let name = Idempotency(client: "clients/a", method: "Create", requestID: id, requestHash: [1])
    let request = WriteRequest(
      actor: "clients/a", idempotency: name, mutations: [.put(Key(stored: id), content)])
    return try await store.commit(request).isReplay
  }
}
