import CSQLite3
import PlenaryStore
import PlenaryStoreSQLite
import PlenaryTestKit
import Testing
import Transparency

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

  @Test(arguments: StoreCheck.feed, [0, 7])
  func `those who follow the changes are told the same by the store as from memory`(
    _ check: StoreCheck, _ changesInMemory: Int
  ) async throws {
    var configuration = configuration(.memory)
    configuration.feedChangesMax = changesInMemory
    try await withStore(configuration) { try await check.run(on: $0) }
  }

  // A store of such limits looks at more than it must, which is what that one check forbids.
  @Test(arguments: StoreCheck.all.filter { $0.description != "a selection that finds few looks at these alone" })
  func `a list is the same whichever way is given up first`(_ check: StoreCheck) async throws {
    for (gathered, rejected) in [(0, 1), (2, 5)] {
      var configuration = configuration(.memory)
      configuration.listEffort.gatheredFirst = gathered
      configuration.listEffort.rejectedFirst = rejected
      configuration.listEffort.rejectedPages = gathered
      configuration.listEffort.valuesMax = 5
      configuration.listEffort.gatheredMax = 4
      configuration.listEffort.gatheredByKeyMax = 4
      try await withStore(configuration) { try await check.run(on: $0) }
    }
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

/// Why requests were made, as the audit keeps it.
@Suite struct AuditReasonTests {
  @Test func `a reason stands in the audit, and the chain covers it`() async throws {
    try await withScratchDirectory { directory in
      let key = Key(stored: "a")
      try await withStore(configuration(.directory(directory))) { store in
        for reason in ["", "nobody asked for it"] {
          _ = try await store.commit(
            WriteRequest(
              actor: "clients/a", reason: reason,
              mutations: [
                .put(key, Content(body: [1], marking: Marking(label: 1), entries: [])),
                .put(Key(stored: "b"), Content(body: [2], marking: Marking(label: 1), entries: [])),
              ]))
        }
        _ = try await store.commit(WriteRequest(actor: "clients/a", mutations: [.purge(key)]))
      }
      // It stands in the last row of its request, and stays when a record is purged.
      let rows = try rows(of: "\(directory)/plenary.db")
      #expect(rows.map(\.reason) == [nil, nil, nil, "nobody asked for it", nil])
      var chain = AuditLink.origin
      for row in rows {
        #expect(row.hash(after: chain) == row.stored, "\(row.link.revision)")
        var forged = row.link
        forged.reason = "another"
        #expect(forged.hash(after: chain) != row.stored)
        chain = row.stored
      }
    }
  }

  private struct Row {
    let link: AuditLink
    let stored: [UInt8]
    var reason: String? { link.reason }
    func hash(after previous: [UInt8]) -> [UInt8] { link.hash(after: previous) }
  }

  private func rows(of path: String) throws -> [Row] {
    var handle: OpaquePointer?
    try #require(unsafe sqlite3_open(path, &handle) == SQLITE_OK)
    defer { unsafe sqlite3_close(handle) }
    var statement: OpaquePointer?
    let sql = """
      SELECT rev, txn, ts, (SELECT name FROM actor WHERE id = audit.actor), op, k, idem, req_hash, body_sha, reason, hash
      FROM audit ORDER BY rev
      """
    try #require(unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK)
    defer { unsafe sqlite3_finalize(statement) }
    func text(_ column: Int32) -> String? {
      unsafe sqlite3_column_text(statement, column).map { unsafe String(cString: $0) }
    }
    func blob(_ column: Int32) -> [UInt8]? {
      guard let bytes = unsafe sqlite3_column_blob(statement, column) else { return nil }
      return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }
    func number(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(statement, column) }
    var rows: [Row] = []
    while unsafe sqlite3_step(statement) == SQLITE_ROW {
      let link = AuditLink(
        revision: UInt64(number(0)), transaction: UInt64(number(1)), time: number(2), actor: text(3) ?? "",
        state: UInt8(number(4)), key: text(5) ?? "", requestID: blob(6), requestHash: blob(7), bodyDigest: blob(8),
        reason: text(9))
      rows.append(Row(link: link, stored: blob(10) ?? []))
    }
    return rows
  }
}
