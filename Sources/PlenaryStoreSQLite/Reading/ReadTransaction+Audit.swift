internal import PlenaryStore

/// The statements that read the rows of the audit.
struct AuditStatements {
  /// The rows between two revisions, both included, up and down.
  let up: SQLiteStatement
  let down: SQLiteStatement

  /// The marking of a version.
  let marking: SQLiteStatement

  init(_ connection: SQLiteConnection) throws(Fault) {
    // What is said of a request stands in its last row, which is not always told to whoever is told of another one.
    let rows = """
      SELECT u.rev, u.txn, u.ts, u.actor, u.op, u.k, t.idem, u.body_sha, t.reason, u.hash
      FROM audit u LEFT JOIN audit t ON t.rev = u.txn
      WHERE u.rev >= ? AND u.rev <= ? ORDER BY u.rev
      """
    up = try connection.prepare(rows)
    down = try connection.prepare(rows + " DESC")
    marking = try connection.prepare("SELECT acl FROM ver WHERE rev = ?")
  }
}

extension ReadTransaction {
  /// A page of the rows of the audit.
  func auditRows(_ question: AuditQuestion) throws(Fault) -> AuditPage {
    guard question.through <= head else { throw .refusal(.revisionInFuture(head: head)) }
    var actor: Int64?
    if let name = question.actor {
      guard let number = names.actors.number(of: name) else { return AuditPage(rows: [], next: nil) }
      actor = Int64(number)
    }
    let (first, last) = try range(of: question)
    guard first <= last else { return AuditPage(rows: [], next: nil) }
    let row = question.isOldestFirst ? statements.audit.up : statements.audit.down
    defer { row.reset() }
    row.bind(first).bind(last)
    var rows: [AuditRow] = []
    var (lookedAt, reached) = (0, question.place)
    while try row.step() {
      guard lookedAt < question.lookedAtMax else { return AuditPage(rows: rows, next: reached, isWhole: false) }
      let isActors = actor.map { $0 == row.integer(3) } ?? true
      if isActors {
        let found = auditRow(row)
        if question.isWanted(found), try viewer(question.viewer, sees: found) {
          // The next page begins with it, so that there is one only if it has something.
          guard rows.count < question.limit else { return AuditPage(rows: rows, next: reached) }
          rows.append(found)
        }
      }
      lookedAt += 1
      reached = Revision(UInt64(row.integer(0)))
    }
    return AuditPage(rows: rows, next: nil)
  }

  /// The first and the last revision that the page can show.
  private func range(of question: AuditQuestion) throws(Fault) -> (first: Int64, last: Int64) {
    var first: Int64 = 1
    var last = Int64(question.through.number)
    if let start = question.start { first = Int64(try lastRevision(before: start).number) + 1 }
    if let end = question.end { last = min(last, Int64(try lastRevision(before: end).number)) }
    if let place = question.place {
      if question.isOldestFirst {
        first = max(first, Int64(place.number) + 1)
      } else {
        last = min(last, Int64(place.number) - 1)
      }
    }
    return (first, last)
  }

  private func lastRevision(before time: CommitTime) throws(Fault) -> Revision {
    try lastRevision(at: CommitTime(microseconds: time.microseconds == .min ? .min : time.microseconds - 1))
  }

  private func auditRow(_ row: SQLiteStatement) -> AuditRow {
    func blob(_ column: Int32) -> [UInt8]? { row.isNull(column) ? nil : row.blob(column) }
    return AuditRow(
      revision: Revision(UInt64(row.integer(0))), transaction: Revision(UInt64(row.integer(1))),
      time: CommitTime(microseconds: row.integer(2)), actor: names.actors[UInt32(row.integer(3))],
      state: UInt8(truncatingIfNeeded: row.integer(4)), key: row.text(5), requestID: blob(6), bodyDigest: blob(7),
      reason: row.isNull(8) ? nil : row.text(8), chain: row.blob(9))
  }

  /// Whether the viewer sees the record now and saw it as the row tells of it.
  private func viewer(_ viewer: Viewer, sees row: AuditRow) throws(Fault) -> Bool {
    if viewer.seesEverything || row.isRestore { return true }
    let head = statements.head
    defer { head.reset() }
    guard try head.bind(row.key).step(), names.viewer(viewer, sees: UInt32(head.integer(1))) else { return false }
    let marking = statements.audit.marking
    defer { marking.reset() }
    guard try marking.bind(Int64(row.revision.number)).step() else { return false }
    return names.viewer(viewer, sees: UInt32(marking.integer(0)))
  }
}
