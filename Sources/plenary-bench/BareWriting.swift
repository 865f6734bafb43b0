internal import CSQLite3

/// The statements of the store's writer, run by themselves: what SQLite takes for the same work.
final class BareWriting {
  private let database: BareDatabase
  private let begin: BareStatement
  private let commit: BareStatement
  private let savepoint: BareStatement
  private let release: BareStatement
  private let standing: BareStatement
  private let insertVersion: BareStatement
  private let insertAudit: BareStatement
  private let setHead: BareStatement
  private let takeEntry: BareStatement
  private let openEntry: BareStatement
  private let closeEntry: BareStatement
  private let setMeta: BareStatement
  private var versions: [Int32]
  private var revision: Int64

  /// The pages of the log from which on it is moved into the database between two transactions, as in the store when
  /// nobody waits.
  private static let logPagesWhenIdle = 1000

  private static let salt = [UInt8](repeating: 7, count: 16)
  private static let digest = [UInt8](repeating: 7, count: 32)

  /// Opens a copy of a store's database.
  init(_ path: String, count: Int) throws {
    database = try BareDatabase(path)
    database.countLogPages()
    for pragma in [
      "journal_mode = WAL", "synchronous = FULL", "secure_delete = OFF", "foreign_keys = OFF", "mmap_size = 0",
      "cache_size = -65536", "wal_autocheckpoint = 0",
    ] { try database.execute("PRAGMA \(pragma)") }
    begin = try database.prepare("BEGIN IMMEDIATE")
    commit = try database.prepare("COMMIT")
    savepoint = try database.prepare("SAVEPOINT request")
    release = try database.prepare("RELEASE request")
    standing = try database.prepare(
      """
      SELECT v.rev, v.op, v.acl, v.born, v.made, v.maker, v.gone, v.entries
      FROM head h CROSS JOIN ver v ON v.rev = h.rev WHERE h.k = ?
      """)
    insertVersion = try database.prepare(
      """
      INSERT INTO ver(rev, txn, ts, k, prev, op, acl, actor, born, made, maker, gone, entries, salt, body)
      VALUES(?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, NULL, ?, ?, ?)
      """)
    insertAudit = try database.prepare(
      """
      INSERT INTO audit(rev, txn, ts, actor, op, k, idem, req_hash, body_sha, hash)
      VALUES(?, ?, ?, ?, 1, ?, NULL, NULL, ?, ?)
      """)
    setHead = try database.prepare(
      """
      INSERT INTO head(k, rev, op, acl) VALUES(?, ?, 1, ?)
      ON CONFLICT(k) DO UPDATE SET rev = excluded.rev, op = excluded.op, acl = excluded.acl
      """)
    takeEntry = try database.prepare(
      "DELETE FROM idx WHERE f = ? AND acl = ? AND op = 1 AND v = ? AND k = ? RETURNING born")
    openEntry = try database.prepare("INSERT INTO idx(f, acl, op, v, k, born) VALUES(?, ?, 1, ?, ?, ?)")
    closeEntry = try database.prepare(
      "INSERT INTO idx_past(f, acl, op, v, k, born, died) VALUES(?, ?, 1, ?, ?, ?, ?)")
    setMeta = try database.prepare("UPDATE meta SET rev = ?, chain = ?")
    revision = try database.integer("SELECT rev FROM meta")
    versions = Array(repeating: 0, count: count)
  }

  /// Writes groups, a transaction each.
  func write(_ groups: [[Int]]) throws {
    for group in groups {
      try begin.run()
      for number in group {
        try savepoint.run()
        try write(number)
        try release.run()
      }
      try setMeta.bind(revision).bind(Self.digest).run()
      try commit.run()
      try database.checkpoint(from: Self.logPagesWhenIdle)
    }
  }

  private func write(_ number: Int) throws {
    let old = versions[number]
    versions[number] = old + 1
    revision += 1
    let name = StoreWriting.name(number)
    guard try standing.bind(name).step() else { throw Failure("\(name) is not there") }
    let (previous, acl, born) = (standing.integer(0), standing.integer(2), standing.integer(3))
    let (made, maker, entries) = (standing.integer(4), standing.integer(5), standing.blob(7))
    standing.reset()
    let now = made + revision
    try insertVersion.bind(revision).bind(revision).bind(now).bind(name).bind(previous).bind(acl).bind(maker).bind(born)
      .bind(made).bind(maker).bind(entries).bind(Self.salt).bind(StoreWriting.body(number, old + 1)).run()
    try insertAudit.bind(revision).bind(revision).bind(now).bind(maker).bind(name).bind(Self.digest).bind(Self.digest)
      .run()
    try setHead.bind(name).bind(revision).bind(acl).run()
    // Of the entries only that of the notation changes.
    let (before, after) = (StoreWriting.entries(number, old)[2], StoreWriting.entries(number, old + 1)[2])
    guard try takeEntry.bind(Int64(before.field)).bind(acl).bind(before.value).bind(name).step() else {
      throw Failure("\(name) has no entry")
    }
    let entryBorn = takeEntry.integer(0)
    _ = try takeEntry.step()
    takeEntry.reset()
    try closeEntry.bind(Int64(before.field)).bind(acl).bind(before.value).bind(name).bind(entryBorn).bind(revision)
      .run()
    try openEntry.bind(Int64(after.field)).bind(acl).bind(after.value).bind(name).bind(revision).run()
  }

  /// Checks that two databases have come to hold as much, so that it was the same work.
  static func check(_ bare: String, against stored: String) throws {
    let (left, right) = (try BareDatabase(bare), try BareDatabase(stored))
    for table in ["ver", "audit", "head", "idx", "idx_past"] {
      let counts = try [left, right].map { try $0.integer("SELECT count(*) FROM \(table)") }
      guard counts[0] == counts[1] else {
        throw Failure("the bare loop has \(counts[0]) rows in \(table), and the store \(counts[1])")
      }
    }
    let bytes = try [left, right].map { try $0.integer("SELECT sum(length(body) + length(entries)) FROM ver") }
    guard abs(bytes[0] - bytes[1]) * 100 < bytes[1] else { throw Failure("the two have not written as much") }
  }
}
