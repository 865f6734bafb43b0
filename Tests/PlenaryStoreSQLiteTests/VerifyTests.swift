import CSQLite3
import PlenaryStore
import PlenaryStoreSQLite
import Testing

@Suite struct VerifyTests {
  @Test(arguments: VerifyDepth.allCases)
  func `a store that nobody damaged is sound, open and closed`(_ depth: VerifyDepth) async throws {
    try await withScratchDirectory { directory in
      let (open, head) = try await withStore(configuration(.directory(directory))) { store in
        try await fill(store)
        return (try await store.verify(depth, watch: .nobody), try await store.head())
      }
      #expect(open.findings == [])
      #expect(open.revision == head)
      #expect(open.auditRowCount == Int(head.number))
      #expect(open.versionCount == (depth == .full ? Int(head.number) : 0))
      let closed = try SQLiteStore.verify(directory: directory, depth, now: later, watch: .nobody)
      #expect(closed.findings == [])
      #expect(closed.revision == head)
    }
  }

  @Test func `an empty store is sound`() async throws {
    try await withStore(configuration(.memory)) { store in
      let report = try await store.verify(.full, watch: .nobody)
      #expect(report.isSound && report.revision == .zero)
    }
  }

  /// Every column of the audit and of the versions, but for those that are nil in the row that is damaged.
  static let columns: [(table: String, column: String)] =
    ["txn", "ts", "actor", "op", "k", "idem", "req_hash", "body_sha", "hash", "reason"].map { ("audit", $0) }
    + ["txn", "ts", "k", "prev", "op", "acl", "actor", "born", "made", "maker", "gone", "entries", "salt", "body"]
    .map { ("ver", $0) }

  @Test(arguments: columns)
  func `a value that differs by a bit is reported with its revision`(
    _ place: (table: String, column: String)
  ) async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { try await fill($0) }
      let file = DatabaseFile(in: directory)
      let (table, column) = place
      // In the middle of the history: not the first row that has a value there, and not the last.
      let revision = try #require(
        try file.text("SELECT rev FROM \(table) WHERE \(column) IS NOT NULL AND rev > 8 ORDER BY rev LIMIT 1"))
      try file.execute(
        """
        UPDATE \(table) SET \(column) = CASE typeof(\(column))
          WHEN 'integer' THEN \(column) + 1
          WHEN 'text' THEN \(column) || 'x'
          ELSE CAST(substr(\(column), 1, length(\(column)) - 1)
            || CASE substr(\(column), -1) WHEN x'07' THEN x'08' ELSE x'07' END AS BLOB) END
        WHERE rev = \(revision)
        """)
      let report = try SQLiteStore.verify(directory: directory, .full, now: later, watch: .nobody)
      #expect(report.firstBadRevision?.description == revision, "\(report.findings)")
      let quick = try SQLiteStore.verify(directory: directory, .quick, now: later, watch: .nobody)
      #expect(quick.isSound == (table == "ver"), "\(quick.findings)")
    }
  }

  static let losses: [(sql: String, revision: UInt64?)] = [
    ("DELETE FROM audit WHERE rev = 9", 9),
    ("DELETE FROM audit WHERE rev = (SELECT rev FROM meta)", nil),
    ("DELETE FROM ver WHERE rev = 10", 10),
    ("UPDATE ver SET rev = 1000 WHERE rev = 11", 11),
    ("UPDATE head SET rev = rev - 1 WHERE k = 'a/2'", nil),
    ("UPDATE head SET acl = acl + 1 WHERE k = 'a/2'", nil),
    ("DELETE FROM head WHERE k = 'a/2'", nil),
    ("DELETE FROM idx WHERE rowid IN (SELECT 1) OR (k = 'a/2' AND f = 2)", nil),
    ("UPDATE idx SET v = x'01' WHERE k = 'a/2' AND f = 3", nil),
    ("INSERT INTO idx VALUES(9, 1, 1, x'01', 'a/2', 1)", nil),
    ("DELETE FROM idx_past WHERE k = 'a/1' AND f = 2", nil),
    ("INSERT INTO idx_past VALUES(9, 1, 1, x'01', 'a/2', 1, 2)", nil),
    ("UPDATE meta SET chain = zeroblob(32)", nil),
    ("UPDATE meta SET rev = rev + 1", nil),
    ("UPDATE actor SET name = 'clients/b'", 1),
  ]

  @Test(arguments: losses)
  func `what is missing or does not agree is found`(_ loss: (sql: String, revision: UInt64?)) async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { try await fill($0) }
      try DatabaseFile(in: directory).execute(loss.sql.replacing("rowid IN (SELECT 1) OR ", with: ""))
      let report = try SQLiteStore.verify(directory: directory, .full, now: later, watch: .nobody)
      #expect(!report.isSound)
      #expect(report.findings.count <= VerifyReport.findingCountMax)
      if let revision = loss.revision { #expect(report.firstBadRevision == Revision(revision), "\(report.findings)") }
    }
  }

  @Test func `a report has a limited number of findings`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { try await fill($0, rounds: 10) }
      try DatabaseFile(in: directory).execute("UPDATE ver SET body = x'00' WHERE body IS NOT NULL")
      let report = try SQLiteStore.verify(directory: directory, .full, now: later, watch: .nobody)
      #expect(report.findings.count == VerifyReport.findingCountMax)
    }
  }

  @Test func `verifying is given up when nobody waits for it`() async throws {
    try await withStore(configuration(.memory)) { store in
      try await fill(store)
      let watch = UpkeepWatch(isGivenUp: { true }, report: { _ in })
      let error = await #expect(throws: StoreError.self) { _ = try await store.verify(.full, watch: watch) }
      guard case .unavailable? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(try await store.verify(.full, watch: .nobody).isSound)
    }
  }
}
