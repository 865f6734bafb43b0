internal import PlenaryStore

/// Erasing what a record held, while the record stays.
///
/// The versions before hold what the record holds now, and no salt: the digest of what they held says nothing to anybody
/// then. So reads of the past need to know nothing of it.
extension Writer {
  /// The mark of a database that may have what was erased between its rows.
  static let uncleaned: Int64 = 1

  /// Puts what a version that was just written holds in the place of what the versions before it held, from a revision
  /// back to the first of the record.
  func redactVersions(from last: UInt64, as version: NextVersion) throws(Fault) {
    guard let body = version.body else { return }
    try beginCleaning()
    let row = try connection.prepare("SELECT prev, body IS NULL FROM ver WHERE rev = ?")
    let redact = try connection.prepare("UPDATE ver SET salt = NULL, body = ? WHERE rev = ?")
    var revision = Int64(last)
    while revision != 0 {
      defer { row.reset() }
      // What is before a purge was another record, and is erased.
      guard try row.bind(revision).step(), row.integer(1) == 0 else { break }
      let previous = row.integer(0)
      row.reset()
      try redact.bind(body).bind(revision).run()
      revision = previous
    }
    let entries = version.entries
    try Reindexing(connection, Indexing(form: []) { _, _ in entries }).reindex(version.key.name, Int64(state.revision))
  }

  /// Notes that there is something to clean: it lasts with the transaction, so that a crash does not forget it.
  func beginCleaning() throws(Fault) {
    try connection.execute("PRAGMA user_version = \(Self.uncleaned)")
    mayNeedCleaning = true
  }

  /// Notes what was erased in the list of it, writes the whole database anew, and leaves the log to be emptied; if
  /// something was erased.
  ///
  /// What is deleted is overwritten. But when a page was full before, its rows were copied to others, and nobody has
  /// overwritten what they were copied from; only what is copied row by row is free of that.
  func clean() throws(Fault) {
    guard mayNeedCleaning else { return }
    // What fails is done after the next erasure, or when the store is opened next, and not after each write until then.
    mayNeedCleaning = false
    guard try connection.integer("PRAGMA user_version") == Self.uncleaned else { return }
    if let erasuresPath { try ErasureList.update(erasuresPath, from: connection) }
    try connection.execute("VACUUM")
    mustTruncateLog = true
    isCleaned = true
  }

  /// Notes that nothing is left of what was erased, once the log is empty too.
  func noteClean() throws(Fault) {
    guard isCleaned else { return }
    isCleaned = false
    try connection.execute("PRAGMA user_version = 0")
  }
}
