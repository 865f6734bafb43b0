import CSQLite3
import Foundation
import PlenaryStore
import PlenaryStoreSQLite
import Testing

/// The database of a store that nobody has open, as SQLite sees it: tests look into it, and damage it.
struct DatabaseFile {
  let path: String

  init(in directory: String, named name: String = "plenary.db") {
    path = "\(directory)/\(name)"
  }

  /// Runs SQL.
  func execute(_ sql: String) throws {
    unsafe try open { handle in
      let code = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
      let words = unsafe String(cString: sqlite3_errmsg(handle))
      try #require(code == SQLITE_OK, "\(sql): \(words)")
    }
  }

  /// The first column of the first row; nil if there is none.
  func text(_ sql: String) throws -> String? {
    unsafe try open { handle in
      var statement: OpaquePointer?
      try #require(unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK)
      defer { unsafe sqlite3_finalize(statement) }
      guard unsafe sqlite3_step(statement) == SQLITE_ROW, let text = unsafe sqlite3_column_text(statement, 0) else {
        return nil
      }
      return unsafe String(cString: text)
    }
  }

  /// Every row, its columns as text.
  func rows(_ sql: String) throws -> [[String]] {
    unsafe try open { handle in
      var statement: OpaquePointer?
      try #require(unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, "\(sql)")
      defer { unsafe sqlite3_finalize(statement) }
      var rows: [[String]] = []
      while unsafe sqlite3_step(statement) == SQLITE_ROW {
        rows.append(
          unsafe (0..<sqlite3_column_count(statement)).map { column in
            guard let text = unsafe sqlite3_column_text(statement, column) else { return "NULL" }
            return unsafe String(cString: text)
          })
      }
      return rows
    }
  }

  /// All that a table holds, in the order of its first columns.
  func dump(_ table: String) throws -> String {
    unsafe try open { handle in
      var statement: OpaquePointer?
      let columns = try #require(
        try text("SELECT min(5, count(*)) FROM pragma_table_info('\(table)')").flatMap { Int($0) })
      let order = (1...columns).map(String.init).joined(separator: ", ")
      let sql = "SELECT * FROM \(table) ORDER BY \(order)"
      try #require(unsafe sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK)
      defer { unsafe sqlite3_finalize(statement) }
      var lines: [String] = []
      while unsafe sqlite3_step(statement) == SQLITE_ROW {
        let values = (0..<(unsafe sqlite3_column_count(statement))).map { column in
          let count = Int(unsafe sqlite3_column_bytes(statement, column))
          guard count > 0, let bytes = unsafe sqlite3_column_blob(statement, column) else { return "" }
          return unsafe Data(bytes: bytes, count: count).base64EncodedString()
        }
        lines.append(values.joined(separator: " "))
      }
      return lines.joined(separator: "\n")
    }
  }

  private func open<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
    var handle: OpaquePointer?
    try #require(unsafe sqlite3_open(path, &handle) == SQLITE_OK)
    defer { unsafe sqlite3_close(handle) }
    return unsafe try body(try #require(handle))
  }
}

/// Writes records in many states: live, changed, deleted, brought back, purged, born again.
func fill(_ store: any Store, rounds: Int = 3, below prefix: String = "") async throws {
  func write(_ mutations: Mutation..., reason: String = "") async throws {
    _ = try await store.commit(
      WriteRequest(
        actor: "clients/a", reason: reason,
        idempotency: Idempotency(
          client: "clients/a", method: "m", requestID: "\(prefix)\(try await store.head())", requestHash: [7]),
        mutations: mutations))
  }
  for round in 0..<rounds {
    let (a, b) = ("\(prefix)a/\(round)", "\(prefix)b/\(round)")
    try await write(put(a, "first"), put(b, "other", label: 5))
    try await write(put(a, "second"), reason: "a better text")
    try await write(put(b, "third", label: 1))
    try await write(.softDelete(Key(stored: a)))
    if round.isMultiple(of: 2) { try await write(.undelete(Key(stored: a))) }
    try await write(.purge(Key(stored: b)), reason: "nobody may keep it")
    try await write(put(b, "born again"))
    try await write(put(a, "last"))
  }
}

/// A put of a record with entries that change with its text.
func put(_ name: String, _ text: String, label: Int32 = 1) -> Mutation {
  .put(
    Key(stored: name),
    Content(
      body: Array(text.utf8), marking: Marking(label: label, originator: "organizations/a"),
      entries: [
        IndexEntry(IndexField(1), .unset), IndexEntry(IndexField(2), .string(String(text.prefix(100)))),
        IndexEntry(IndexField(3), .integer(Int64(text.utf8.count))),
      ]))
}

/// The time of what tests do beside a store.
let later = CommitTime(microseconds: 1_900_000_000_000_000)
