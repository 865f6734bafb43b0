import CSQLite3
import PlenaryStore
import PlenaryStoreSQLite
import PlenaryTestKit
import Testing

@Suite struct SQLiteStoreTests {
  @Test(arguments: StoreCheck.all)
  func `a store in a file keeps its promise`(_ check: StoreCheck) async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { try await check.run(on: $0) }
    }
  }

  @Test(arguments: StoreCheck.all)
  func `a store in memory keeps its promise`(_ check: StoreCheck) async throws {
    try await withStore(configuration(.memory)) { try await check.run(on: $0) }
  }

  @Test func `a batch that fails when request ids have just been forgotten is answered`() async throws {
    try await withScratchDirectory { directory in
      let clock = Counter(0)
      var configuration = configuration(.directory(directory))
      configuration.now = { CommitTime(microseconds: clock.advance(by: 1)) }
      try await withStore(configuration) { store in
        func write(_ name: String) async throws {
          let id = Idempotency(client: "clients/a", method: "Create", requestID: name, requestHash: [1])
          _ = try await store.commit(
            WriteRequest(
              actor: "clients/a", idempotency: id,
              mutations: [.put(Key(stored: name), Content(body: [1], marking: Marking(label: 1), entries: []))]))
        }
        for name in ["a", "b", "c"] { try await write(name) }
        _ = clock.advance(by: configuration.idempotencyMicrosecondsMax + 1)
        try damage("\(directory)/plenary.db", "ALTER TABLE head RENAME TO lost")
        let error = await #expect(throws: StoreError.self) { try await write("d") }
        guard case .unavailable? = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
    }
  }

  /// Changes the database of an open store behind its back.
  private func damage(_ path: String, _ sql: String) throws {
    var handle: OpaquePointer?
    try #require(unsafe sqlite3_open(path, &handle) == SQLITE_OK)
    defer { unsafe sqlite3_close(handle) }
    try #require(unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
  }
}
