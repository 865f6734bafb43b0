internal import PlenaryStore
internal import Transparency

/// The beginning of an epoch, with a row of the audit that says why there are no revisions before it.
struct Epoch {
  /// Its number.
  let number: UInt32

  /// Who begins it, in the audit.
  let actor: String

  /// Why, in the audit.
  let reason: String

  /// Has a store begin the epoch, in the transaction that is open. The store belongs to nobody else from then on.
  func begin(on connection: SQLiteConnection, now: CommitTime) throws(Fault) -> Meta {
    let before = try Meta(connection)
    let revision = before.revision + SQLiteStore.restoreGap
    let last = try connection.integer("SELECT ts FROM audit ORDER BY rev DESC LIMIT 1") ?? 0
    try connection.prepare(
      "INSERT INTO actor(id, name) SELECT (SELECT count(*) FROM actor) + 1, ?1 "
        + "WHERE NOT EXISTS (SELECT 1 FROM actor WHERE name = ?1)"
    ).bind(actor).run()
    let number = try connection.integer("SELECT id FROM actor WHERE name = '\(actor)'") ?? 0
    let link = AuditLink(
      revision: revision, transaction: revision, time: max(now.microseconds, last + 1), actor: actor,
      state: AuditLink.restored, key: "", requestID: nil, requestHash: nil, bodyDigest: nil, reason: reason)
    let hash = link.hash(after: before.chain)
    try connection.prepare("INSERT INTO audit VALUES(?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?, ?)")
      .bind(Int64(revision)).bind(Int64(revision)).bind(link.time).bind(number).bind(Int64(link.state)).bind(link.key)
      .bind(hash).bind(link.reason).run()
    try connection.prepare("UPDATE meta SET epoch = ?, rev = ?, chain = ?")
      .bind(Int64(self.number)).bind(Int64(revision)).bind(hash).run()
    try connection.execute("DELETE FROM replica")
    return try Meta(connection)
  }

  /// The epoch that a copy begins when it is promoted.
  static func promotion(of replica: Replica, at meta: Meta) -> Epoch {
    let number = meta.identity.epoch + 1
    return Epoch(
      number: number, actor: "plenaryd promote",
      reason: "promoted at revision \(meta.revision) of \(replica.leader); epoch \(number) begins")
  }
}
