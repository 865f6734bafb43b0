/// The statements of the writer, compiled once.
struct WriteStatements {
  let begin: SQLiteStatement
  let commit: SQLiteStatement
  let rollback: SQLiteStatement
  let savepoint: SQLiteStatement
  let release: SQLiteStatement
  let rollbackToSavepoint: SQLiteStatement

  let standing: SQLiteStatement
  let insertVersion: SQLiteStatement
  let insertAudit: SQLiteStatement
  let insertNode: SQLiteStatement
  let setHead: SQLiteStatement
  let setMeta: SQLiteStatement
  let openEntry: SQLiteStatement
  let takeEntry: SQLiteStatement
  let closeEntry: SQLiteStatement
  let insertMarking: SQLiteStatement
  let insertActor: SQLiteStatement

  let recordCounts: SQLiteStatement
  let changeUnderPrefix: SQLiteStatement
  let liveWithEntry: SQLiteStatement
  let liveWithEntryCount: SQLiteStatement

  let auditOf: SQLiteStatement
  let auditOfRequest: SQLiteStatement

  let versionEntries: SQLiteStatement
  let eraseVersion: SQLiteStatement
  let erasePastEntry: SQLiteStatement

  let setCompacted: SQLiteStatement
  let replacements: SQLiteStatement
  let removeVersion: SQLiteStatement
  let removeHead: SQLiteStatement
  let removePastEntry: SQLiteStatement

  init(_ connection: SQLiteConnection) throws(Fault) {
    begin = try connection.prepare("BEGIN IMMEDIATE")
    commit = try connection.prepare("COMMIT")
    rollback = try connection.prepare("ROLLBACK")
    savepoint = try connection.prepare("SAVEPOINT request")
    release = try connection.prepare("RELEASE request")
    rollbackToSavepoint = try connection.prepare("ROLLBACK TO request")

    standing = try connection.prepare(
      """
      SELECT v.rev, v.op, v.acl, v.born, v.made, v.maker, v.gone, v.entries, v.ts, v.actor, v.body
      FROM head h CROSS JOIN ver v ON v.rev = h.rev WHERE h.k = ?
      """)
    insertVersion = try connection.prepare(
      """
      INSERT INTO ver(rev, txn, ts, k, prev, op, acl, actor, born, made, maker, gone, entries, salt, body)
      VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    insertAudit = try connection.prepare("INSERT INTO audit VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    insertNode = try connection.prepare(AuditTree.insertion)
    setHead = try connection.prepare(
      """
      INSERT INTO head(k, rev, op, acl) VALUES(?, ?, ?, ?)
      ON CONFLICT(k) DO UPDATE SET rev = excluded.rev, op = excluded.op, acl = excluded.acl
      """)
    setMeta = try connection.prepare("UPDATE meta SET rev = ?, chain = ?")
    openEntry = try connection.prepare("INSERT INTO idx(f, acl, op, v, k, born) VALUES(?, ?, ?, ?, ?, ?)")
    takeEntry = try connection.prepare(
      "DELETE FROM idx WHERE f = ? AND acl = ? AND op = ? AND v = ? AND k = ? RETURNING born")
    closeEntry = try connection.prepare("INSERT INTO idx_past VALUES(?, ?, ?, ?, ?, ?, ?)")
    insertMarking = try connection.prepare(
      "INSERT INTO acl(id, label, originator, detail, keeper) VALUES(?, ?, ?, ?, ?)")
    insertActor = try connection.prepare("INSERT INTO actor(id, name) VALUES(?, ?)")

    recordCounts = try connection.prepare("SELECT acl, count(*) FROM head WHERE op <> 3 GROUP BY acl")
    // The audit, because a purge can be compacted away between a look at the records and the write that rests on it.
    changeUnderPrefix = try connection.prepare(
      "SELECT rev, k FROM audit WHERE rev > ? AND k >= ? AND k < ? ORDER BY rev LIMIT 1")
    // The entries of one value lie apart by marking, so each marking is looked into; the order of the join is forced.
    let markings = "WITH RECURSIVE \(MarkingsOfField.table("m", in: "idx"))"
    let ofValue = "FROM m CROSS JOIN idx i ON i.f = ?1 AND i.acl = m.acl AND i.op = 1 AND i.v = ?2"
    liveWithEntry = try connection.prepare("\(markings) SELECT i.k \(ofValue) LIMIT ?3")
    liveWithEntryCount = try connection.prepare("\(markings) SELECT count(*) \(ofValue)")

    auditOf = try connection.prepare("SELECT ts, req_hash FROM audit WHERE rev = ?")
    auditOfRequest = try connection.prepare("SELECT rev, txn, k FROM audit WHERE rev <= ? ORDER BY rev DESC")

    versionEntries = try connection.prepare("SELECT prev, op, acl, entries FROM ver WHERE rev = ?")
    eraseVersion = try connection.prepare("UPDATE ver SET entries = NULL, salt = NULL, body = NULL WHERE rev = ?")
    erasePastEntry = try connection.prepare(
      "DELETE FROM idx_past WHERE f = ? AND acl = ? AND op = ? AND v = ? AND k = ?")

    setCompacted = try connection.prepare("UPDATE meta SET compacted = max(compacted, ?)")
    replacements = try connection.prepare(
      """
      SELECT v.rev, v.k, v.op, p.rev, p.acl, p.op, p.entries FROM ver v LEFT JOIN ver p ON p.rev = v.prev
      WHERE v.rev > ? AND v.rev <= ? AND (p.rev IS NOT NULL OR v.op = 3) ORDER BY v.rev LIMIT ?
      """)
    removeVersion = try connection.prepare("DELETE FROM ver WHERE rev = ?")
    removeHead = try connection.prepare("DELETE FROM head WHERE k = ? AND rev = ?")
    removePastEntry = try connection.prepare(
      "DELETE FROM idx_past WHERE f = ? AND acl = ? AND op = ? AND v = ? AND k = ? AND died <= ?")
  }
}
