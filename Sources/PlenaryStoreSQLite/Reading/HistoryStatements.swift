/// The statements of a reader for the past, compiled once.
struct HistoryStatements {
  /// The last revision of the request that a revision belongs to.
  let transactionOf: SQLiteStatement

  /// The last revision at or below a number that is a change, and its time.
  let changeAtOrBelow: SQLiteStatement

  /// A version, with what led to it.
  let version: SQLiteStatement

  /// The changes in a run of revisions, and the keys that they are of.
  let changesBetween: SQLiteStatement

  /// How many versions were replaced up to a revision, of those that are kept.
  let replacedCount: SQLiteStatement

  /// The purges up to a revision that are kept.
  let purges: SQLiteStatement

  /// Who has an entry, and who has had it, each with its marking then and now.
  let holders: SQLiteStatement
  let pastHolders: SQLiteStatement

  init(_ connection: SQLiteConnection) throws(Fault) {
    transactionOf = try connection.prepare("SELECT txn FROM audit WHERE rev = ?")
    changeAtOrBelow = try connection.prepare("SELECT rev, ts FROM audit WHERE rev <= ? ORDER BY rev DESC LIMIT 1")
    version = try connection.prepare(
      """
      SELECT \(VersionRow.columns), v.prev, p.op, a.reason, u.op
      FROM ver v LEFT JOIN ver p ON p.rev = v.prev LEFT JOIN audit a ON a.rev = v.txn LEFT JOIN audit u ON u.rev = v.rev
      WHERE v.rev = ?
      """)
    changesBetween = try connection.prepare("SELECT rev, k FROM ver WHERE rev > ? AND rev <= ? ORDER BY rev")
    replacedCount = try connection.prepare(
      "SELECT count(*) FROM ver v CROSS JOIN ver p ON p.rev = v.prev WHERE v.rev <= ?")
    purges = try connection.prepare("SELECT rev, k FROM ver WHERE op = 3 AND rev <= ?")
    holders = try connection.prepare(Self.holders(in: "idx", end: "NULL"))
    pastHolders = try connection.prepare(Self.holders(in: "idx_past", end: "i.died"))
  }

  /// The entries of one value lie apart by marking, so each marking is looked into; the order of the join is forced.
  private static func holders(in index: String, end: String) -> String {
    """
    WITH RECURSIVE \(MarkingsOfField.table("m", in: index))
    SELECT i.k, i.born, \(end), i.acl, h.acl FROM m
      CROSS JOIN \(index) i ON i.f = ?1 AND i.acl = m.acl AND i.op IN (1, 2) AND i.v = ?2 CROSS JOIN head h ON h.k = i.k
    ORDER BY i.k, i.born LIMIT ?3
    """
  }
}
