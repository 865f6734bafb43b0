/// The statements of a reader, compiled once. They go around together, so they are counted together.
final class ReadStatements {
  let begin: SQLiteStatement
  let end: SQLiteStatement
  let meta: SQLiteStatement
  let current: SQLiteStatement
  let head: SQLiteStatement
  let previous: SQLiteStatement
  let version: SQLiteStatement
  let changes: SQLiteStatement
  let feed: SQLiteStatement
  let feedToLend: SQLiteStatement

  /// What a version says of who may know of it.
  let standing: SQLiteStatement

  let auditTail: SQLiteStatement

  /// The rows of the audit with their versions, for a copy; and the hash of one row.
  let log: SQLiteStatement
  let chain: SQLiteStatement

  let history: HistoryStatements
  let tree: TreeStatements
  let audit: AuditStatements

  /// The markings of the entries of a field, now or at any time: one step each, whatever the number of entries.
  let markings: SQLiteStatement
  let pastMarkings: SQLiteStatement

  /// Whether a field of one marking and state has a value for a key.
  let entry: SQLiteStatement

  /// How many entries a field of one marking and state has between two places, up to a number of them.
  let entryCount: SQLiteStatement

  /// The first value of a field that records of one marking and state have, or had, in a range.
  let firstValue: SQLiteStatement
  let pastFirstValue: SQLiteStatement

  private let entriesUp: SQLiteStatement
  private let entriesDown: SQLiteStatement
  private let pastEntriesUp: SQLiteStatement
  private let pastEntriesDown: SQLiteStatement

  init(_ connection: SQLiteConnection) throws(Fault) {
    begin = try connection.prepare("BEGIN")
    end = try connection.prepare("COMMIT")
    meta = try connection.prepare("SELECT rev, compacted FROM meta")
    current = try connection.prepare(
      "SELECT \(VersionRow.columns), h.acl FROM head h CROSS JOIN ver v ON v.rev = h.rev WHERE h.k = ?")
    head = try connection.prepare("SELECT rev, acl FROM head WHERE k = ?")
    previous = try connection.prepare("SELECT prev FROM ver WHERE rev = ?")
    version = try connection.prepare("SELECT \(VersionRow.columns) FROM ver v WHERE v.rev = ?")
    changes = try connection.prepare(
      """
      SELECT \(VersionRow.columns), h.acl, v.txn, p.op, p.acl, u.op
      FROM ver v CROSS JOIN head h ON h.k = v.k LEFT JOIN ver p ON p.rev = v.prev LEFT JOIN audit u ON u.rev = v.rev
      WHERE v.rev > ? ORDER BY v.rev
      """)
    // Whoever follows the changes reads all of them, so nothing is looked up that the row itself tells.
    feed = try connection.prepare(Self.feed(VersionRow.columns))
    feedToLend = try connection.prepare(Self.feed(VersionRow.lentColumns))
    standing = try connection.prepare("SELECT op, acl, body IS NULL FROM ver WHERE rev = ?")
    auditTail = try connection.prepare("SELECT rev, ts, idem FROM audit ORDER BY rev DESC")
    log = try connection.prepare(
      """
      SELECT u.rev, u.txn, u.ts, u.actor, u.op, u.k, u.idem, u.req_hash, u.body_sha, u.reason, u.hash,
        v.prev, v.acl, v.salt, v.body, v.entries
      FROM audit u LEFT JOIN ver v ON v.rev = u.rev WHERE u.rev > ? ORDER BY u.rev
      """)
    chain = try connection.prepare("SELECT hash FROM audit WHERE rev = ?")
    history = try HistoryStatements(connection)
    tree = try TreeStatements(connection)
    audit = try AuditStatements(connection)

    markings = try connection.prepare(
      "WITH RECURSIVE \(MarkingsOfField.table("m", in: "idx")) SELECT acl FROM m WHERE acl IS NOT NULL")
    pastMarkings = try connection.prepare(
      """
      WITH RECURSIVE \(MarkingsOfField.table("m", in: "idx")), \(MarkingsOfField.table("p", in: "idx_past"))
      SELECT acl FROM m WHERE acl IS NOT NULL UNION SELECT acl FROM p WHERE acl IS NOT NULL ORDER BY acl
      """)

    entry = try connection.prepare("SELECT 1 FROM idx WHERE f = ? AND acl = ? AND op = ? AND v = ? AND k = ?")

    entryCount = try connection.prepare(
      """
      SELECT count(*) FROM (
        SELECT 1 FROM idx WHERE f = ? AND acl = ? AND op = ? AND (v, k) >= (?, ?) AND (v, k) < (?, ?) LIMIT ?)
      """)

    let inRange = "f = ?1 AND acl = ?2 AND op = ?3 AND v >= ?4 AND v < ?5"
    firstValue = try connection.prepare("SELECT min(v) FROM idx WHERE \(inRange)")
    pastFirstValue = try connection.prepare(
      """
      SELECT min(v) FROM (
        SELECT min(v) AS v FROM idx WHERE \(inRange) UNION ALL SELECT min(v) AS v FROM idx_past WHERE \(inRange))
      """)

    let up = "(v, k) >= (?4, ?5) AND v < ?6"
    let down = "(v, k) < (?4, ?5) AND v >= ?6"
    entriesUp = try connection.prepare(Self.entries(place: up, order: "ASC"))
    entriesDown = try connection.prepare(Self.entries(place: down, order: "DESC"))
    pastEntriesUp = try connection.prepare(Self.pastEntries(place: up, order: "ASC"))
    pastEntriesDown = try connection.prepare(Self.pastEntries(place: down, order: "DESC"))
  }

  private static func feed(_ columns: String) -> String {
    "SELECT \(columns), v.txn, v.prev FROM ver v WHERE v.rev > ? AND v.rev <= ? ORDER BY v.rev"
  }

  /// Reads index entries (value, key) of one field, marking and state from a place on, up or down; `past` takes the
  /// revision to read at as a last parameter.
  func entries(_ direction: IndexRun.Direction, past: Bool) -> SQLiteStatement {
    switch (direction, past) {
    case (.up, false): entriesUp
    case (.down, false): entriesDown
    case (.up, true): pastEntriesUp
    case (.down, true): pastEntriesDown
    }
  }

  private static func entries(place: String, order: String) -> String {
    """
    SELECT v, k FROM idx WHERE f = ?1 AND acl = ?2 AND op = ?3 AND \(place)
    ORDER BY v \(order), k \(order) LIMIT ?7
    """
  }

  /// Both halves come in order from their tables, and SQLite merges them.
  private static func pastEntries(place: String, order: String) -> String {
    """
    SELECT v, k FROM idx WHERE f = ?1 AND acl = ?2 AND op = ?3 AND \(place) AND born <= ?8
    UNION ALL
    SELECT v, k FROM idx_past WHERE f = ?1 AND acl = ?2 AND op = ?3 AND \(place) AND born <= ?8 AND died > ?8
    ORDER BY v \(order), k \(order) LIMIT ?7
    """
  }
}

/// The markings that the entries of a field have, as a table of a recursive query: it jumps from one marking to the next,
/// so that its cost follows their number and not that of the entries.
enum MarkingsOfField {
  /// The definition of the table, in which the field is parameter 1; its last row is null.
  static func table(_ name: String, in index: String) -> String {
    """
    \(name)(acl) AS (
      SELECT (SELECT min(acl) FROM \(index) WHERE f = ?1)
      UNION ALL
      SELECT (SELECT min(acl) FROM \(index) WHERE f = ?1 AND acl > \(name).acl) FROM \(name) WHERE acl IS NOT NULL
    )
    """
  }
}
