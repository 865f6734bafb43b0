internal import PlenaryStore
internal import Transparency

extension ReadTransaction {
  /// The hash of the audit's chain up to a revision; nil if there is no such row.
  func chain(at revision: Revision) throws(Fault) -> [UInt8]? {
    if revision == .zero { return AuditLink.origin }
    let row = statements.chain
    defer { row.reset() }
    return try row.bind(Int64(revision.number)).step() ? row.blob(0) : nil
  }

  /// The changes after a revision as they were committed.
  func log(after revision: Revision, limit: LogLimit) throws(Fault) -> [LogEntry] {
    guard revision <= head else { throw .refusal(.revisionInFuture(head: head)) }
    let row = statements.log
    defer { row.reset() }
    row.bind(Int64(revision.number))
    var entries: [LogEntry] = []
    var byteCount = 0
    while entries.count < limit.entries, byteCount < limit.bytes, try row.step() {
      let entry = logEntry(row)
      // Only a purge can do without its version, as nothing but its row of the audit is in it.
      guard entry.version != nil || entry.state == RecordState.purged.rawValue else {
        throw .refusal(.revisionCompacted(oldest: compacted))
      }
      byteCount += entry.byteCount
      entries.append(entry)
    }
    return entries
  }

  private func logEntry(_ row: SQLiteStatement) -> LogEntry {
    func blob(_ column: Int32) -> [UInt8]? { row.isNull(column) ? nil : row.blob(column) }
    var version: LogEntry.Version?
    if !row.isNull(11) {
      let content =
        row.isNull(14)
        ? nil : LogEntry.Version.Content(salt: blob(13) ?? [], body: row.blob(14), entries: row.blob(15))
      version = LogEntry.Version(
        // A copy confines by itself what is to be confined, once it comes to the change by which it is.
        previous: Revision(UInt64(row.integer(11))), marking: names.markings[UInt32(row.integer(12))].unconfined,
        content: content)
    }
    return LogEntry(
      revision: Revision(UInt64(row.integer(0))), transaction: Revision(UInt64(row.integer(1))),
      time: CommitTime(microseconds: row.integer(2)), actor: names.actors[UInt32(row.integer(3))],
      state: UInt8(truncatingIfNeeded: row.integer(4)), key: row.text(5), requestID: blob(6), requestHash: blob(7),
      bodyDigest: blob(8), reason: row.isNull(9) ? nil : row.text(9), chain: row.blob(10), version: version)
  }
}
