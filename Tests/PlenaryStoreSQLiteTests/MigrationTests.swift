import Foundation
import PlenaryStore
import PlenaryStoreSQLite
import Testing
import Transparency

/// Stores of older programs, made by the SQL that those programs had.
@Suite struct MigrationTests {
  @Test func `a store of schema 1 is opened with its records, its history and its chain`() async throws {
    try await withScratchDirectory { directory in
      try makeFirstStore(in: directory)
      #expect(try SQLiteStore.condition(ofDirectory: directory) == .ready(schema: 1))
      try await withStore(configuration(.directory(directory))) { store in
        let now = try await store.get([Key(stored: "a")], as: .everything, at: nil)
        #expect(now.revision == Revision(2))
        #expect(now.records[0]?.body == Array("second".utf8))
        #expect(now.records[0]?.creator == "clients/old")
        let before = try await store.get([Key(stored: "a")], as: .everything, at: Revision(1))
        #expect(before.records[0]?.body == Array("first".utf8))
        _ = try await store.commit(
          WriteRequest(actor: "clients/new", reason: "the new column", mutations: [put("a", "third")]))
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.isSound, "\(report.findings)")
        #expect(report.auditRowCount == 3)
      }
      #expect(try SQLiteStore.condition(ofDirectory: directory) == .ready(schema: 7))
    }
  }

  @Test func `a backup of schema 1 is restored in the schema of today`() async throws {
    try await withScratchDirectory { directory in
      try makeFirstStore(in: directory)
      let before = try Data(contentsOf: URL(filePath: "\(directory)/plenary.db"))
      try await withStore(configuration(.directory(directory))) { store in
        _ = try await store.backUp(to: "\(directory)/backup", watch: .nobody)
      }
      let after = try Data(contentsOf: URL(filePath: "\(directory)/plenary.db"))
      #expect(before != after)
      let restored = try SQLiteStore.restore(
        backup: "\(directory)/backup", to: "\(directory)/other", isReplacing: false, now: later, watch: .nobody)
      #expect(restored.manifest.revision == Revision(2))
      #expect(try SQLiteStore.verify(directory: "\(directory)/other", .full, now: later, watch: .nobody).isSound)
    }
  }

  @Test func `a store that needs a newer program is refused and stays as it is`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { try await fill($0) }
      let file = DatabaseFile(in: directory)
      try file.execute("UPDATE meta SET schema = 9, min_reader = 9")
      let refusal = StoreError.newerSchema(found: 9, supported: 7)
      #expect(throws: refusal) { _ = try SQLiteStore(configuration(.directory(directory))) }
      #expect(throws: refusal) {
        _ = try SQLiteStore.verify(directory: directory, .full, now: later, watch: .nobody)
      }
      #expect(throws: refusal) {
        _ = try SQLiteStore.backUp(directory: directory, to: "\(directory)/b", now: later, watch: .nobody)
      }
      #expect(try file.text("SELECT schema FROM meta") == "9")
      // A newer schema that older programs may still work with is none in the way.
      try file.execute("UPDATE meta SET min_reader = 4")
      try await withStore(configuration(.directory(directory))) { store in
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.isSound)
      }
      #expect(try file.text("SELECT schema FROM meta") == "9")
    }
  }

  /// A store as the first program left it: two versions of one record.
  private func makeFirstStore(in directory: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/PlenaryStoreSQLite/Migrations")
    let file = DatabaseFile(in: directory)
    try file.execute("PRAGMA journal_mode = WAL")
    try file.execute(try String(contentsOf: folder.appending(path: "001_initial.sql"), encoding: .utf8))
    try file.execute("PRAGMA application_id = \(0x506C_656E)")
    var chain = AuditLink.origin
    let salt = [UInt8](repeating: 3, count: 16)
    for (revision, text) in [(UInt64(1), "first"), (2, "second")] {
      let body = Array(text.utf8)
      let link = AuditLink(
        revision: revision, transaction: revision, time: Int64(revision * 10), actor: "clients/old", state: 1, key: "a",
        requestID: nil, requestHash: nil, bodyDigest: AuditLink.bodyDigest(salt: salt, body: body), reason: nil)
      chain = link.hash(after: chain)
      try file.execute(
        """
        INSERT INTO audit VALUES(\(revision), \(revision), \(revision * 10), 1, 1, 'a', NULL, NULL,
          x'\(hex(link.bodyDigest ?? []))', x'\(hex(chain))');
        INSERT INTO ver VALUES(\(revision), \(revision), \(revision * 10), 'a', \(revision - 1), 1, 1, 1, 1, 10, 1,
          NULL, x'0100', x'\(hex(salt))', x'\(hex(body))');
        """)
    }
    try file.execute(
      """
      INSERT INTO actor VALUES(1, 'clients/old');
      INSERT INTO acl VALUES(1, 1, 'organizations/a', x'');
      INSERT INTO head VALUES('a', 2, 1, 1);
      INSERT INTO idx VALUES(1, 1, 1, x'', 'a', 1);
      INSERT INTO meta VALUES(1, x'\(hex([UInt8](repeating: 9, count: 16)))', 1, 2, 0, x'\(hex(chain))', 1, 1);
      """)
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 / 16, radix: 16) + String($0 % 16, radix: 16) }.joined()
  }
}
