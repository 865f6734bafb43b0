internal import PlenaryStore

/// One reader's view of the database at one moment, for as long as its reads take.
final class ReadTransaction {
  let statements: ReadStatements
  let published: Published
  let effort: SQLiteStore.Configuration.ListEffort

  /// The last revision that the view shows.
  let head: Revision

  /// The history up to here may be gone.
  let compacted: Revision

  /// Every name that the view's rows use.
  let names: Names

  /// Begins a transaction. Whoever makes it calls `end`.
  init(
    _ statements: ReadStatements, _ published: Published, _ effort: SQLiteStore.Configuration.ListEffort
  ) throws(Fault) {
    try statements.begin.run()
    self.statements = statements
    self.published = published
    self.effort = effort
    let meta = statements.meta
    defer { meta.reset() }
    // The first read fixes the view; names are taken after it, so that none is missing.
    guard try meta.step() else { throw .refusal(.corrupt(reason: "the store has lost its meta row")) }
    head = Revision(UInt64(meta.integer(0)))
    compacted = Revision(UInt64(meta.integer(1)))
    names = published.names
    published.wait(for: head)
  }

  func end() throws(Fault) {
    try statements.end.run()
  }

  // MARK: Records by key

  /// The records with these keys, now or at a revision.
  func get(_ keys: [Key], as viewer: Viewer, at revision: Revision?) throws(Fault) -> Snapshot {
    let past = try past(revision)
    let records = try keys.map { key throws(Fault) -> StoredRecord? in
      if let past { return try version(of: key, as: viewer, at: past)?.record }
      guard let record = try current(key, as: viewer)?.record else { return nil }
      published.cache.fill(record, currentAt: head)
      return record
    }
    return Snapshot(revision: past ?? head, records: records)
  }

  /// A revision to read at that is not simply now; nil for now.
  func past(_ revision: Revision?) throws(Fault) -> Revision? {
    guard let revision, revision != head else { return nil }
    guard revision < head else { throw .refusal(.revisionInFuture(head: head)) }
    guard revision >= compacted else { throw .refusal(.revisionCompacted(oldest: compacted)) }
    return revision
  }

  /// The current version of a record that the viewer sees.
  func current(_ key: Key, as viewer: Viewer, withEntries: Bool = false) throws(Fault) -> VersionRow? {
    let row = statements.current
    defer { row.reset() }
    guard try row.bind(key.name).step(), names.viewer(viewer, sees: UInt32(row.integer(3))) else { return nil }
    let version = try VersionRow(row, names: names, withEntries: withEntries)
    return version.isErased ? nil : version
  }

  /// The version that was current at a revision, of a record that the viewer sees and saw.
  func version(
    of key: Key, as viewer: Viewer, at revision: Revision, withEntries: Bool = false
  ) throws(Fault) -> VersionRow? {
    guard let number = try revisionNumber(of: key, as: viewer, at: revision) else { return nil }
    let row = statements.version
    defer { row.reset() }
    guard try row.bind(number).step(), names.viewer(viewer, sees: UInt32(row.integer(3))) else { return nil }
    let version = try VersionRow(row, names: names, withEntries: withEntries)
    return version.isErased ? nil : version
  }

  /// The number of the version that was current at a revision, of a record whose present marking the viewer sees.
  func revisionNumber(of key: Key, as viewer: Viewer, at revision: Revision) throws(Fault) -> Int64? {
    let head = statements.head
    defer { head.reset() }
    guard try head.bind(key.name).step(), names.viewer(viewer, sees: UInt32(head.integer(1))) else { return nil }
    var number = head.integer(0)
    while number > Int64(revision.number) {
      let previous = statements.previous
      defer { previous.reset() }
      guard try previous.bind(number).step() else { return nil }
      number = previous.integer(0)
    }
    return number == 0 ? nil : number
  }

  // MARK: Changes

  /// What changed after a revision, in whole transactions, up to a number of changes.
  func changes(after revision: Revision, as viewer: Viewer, limit: Int) throws(Fault) -> ChangeBatch {
    guard revision <= head else { throw .refusal(.revisionInFuture(head: head)) }
    guard revision >= compacted else { throw .refusal(.revisionCompacted(oldest: compacted)) }
    let row = statements.changes
    defer { row.reset() }
    row.bind(Int64(revision.number))
    var changes: [Change] = []
    var through = revision
    let (nowColumn, transactionColumn) = (VersionRow.columnCount, VersionRow.columnCount + 1)
    var isAtEnd = false
    while true {
      guard try row.step() else {
        isAtEnd = true
        break
      }
      let transaction = Revision(UInt64(row.integer(transactionColumn)))
      // At the first change of a transaction, decide on all of it.
      if transaction > through {
        guard through == revision || transaction.number - revision.number <= UInt64(limit) else { break }
        through = transaction
      }
      let seesNow = names.viewer(viewer, sees: UInt32(row.integer(nowColumn)))
      if let change = try change(row, transaction, seesNow: seesNow, as: viewer) { changes.append(change) }
    }
    // A restore moves the head on without a change.
    return ChangeBatch(changes: changes, through: isAtEnd ? head : through)
  }

  /// A change as the viewer sees it; nil if it saw the record neither before nor after.
  private func change(
    _ row: SQLiteStatement, _ transaction: Revision, seesNow: Bool, as viewer: Viewer
  ) throws(Fault) -> Change? {
    let (stateColumn, aclColumn) = (VersionRow.columnCount + 2, VersionRow.columnCount + 3)
    let existed = !row.isNull(stateColumn) && row.integer(stateColumn) != Int64(RecordState.purged.rawValue)
    let wasVisible = existed && names.viewer(viewer, sees: UInt32(row.integer(aclColumn)))
    let isVisible = seesNow && names.viewer(viewer, sees: UInt32(row.integer(3)))
    guard wasVisible || isVisible else { return nil }
    let version = try VersionRow(row, names: names)
    return Change(
      revision: version.record.revision, transaction: transaction, key: version.record.key,
      record: isVisible && !version.isErased ? version.record : nil, wasVisible: wasVisible,
      erases: row.integer(VersionRow.columnCount + 4) & Int64(RecordState.erasing) != 0)
  }

  // MARK: Request ids

  /// The requests with an id that the audit holds from a time on, up to a number of them, oldest first.
  func requestIDs(since time: Int64, countMax: Int) throws(Fault) -> [IdempotencyWindow.Entry] {
    let row = statements.auditTail
    defer { row.reset() }
    var entries: [IdempotencyWindow.Entry] = []
    while entries.count < countMax, try row.step(), row.integer(1) >= time {
      guard !row.isNull(2) else { continue }
      entries.append(
        IdempotencyWindow.Entry(
          digest: IdempotencyWindow.Digest(stored: row.blob(2)), revision: UInt64(row.integer(0)),
          time: row.integer(1)))
    }
    return entries.reversed()
  }
}
