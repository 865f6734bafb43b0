internal import PlenaryStore

/// Gives the records of a store the index entries of another declaration, and confines what is to be confined by it, before
/// anybody reads them.
///
/// Some records at a time, with all their versions, are a transaction that says how far it has come. Between two of them
/// each record has either the entries that it had or those that it is to have, in its versions and in the index alike;
/// whoever opens the store next goes on from there.
struct Reindexing {
  /// A record as it is, and as it is to be.
  private struct Record {
    var old = RecordHistory(versions: [])
    var new = RecordHistory(versions: [])

    /// The changes of it that confine what was before them.
    var confinements: [Confinement] = []
  }

  /// What is looked at of a version once the one before it is known.
  private struct Later {
    let transaction: Int64
    let acl: Int64
    let body: [UInt8]
  }

  /// The records of a transaction.
  private static let batchCount = 500

  /// The pages in the log from which on they are moved into the database.
  private static let logPagesMax = 8_000

  private let connection: SQLiteConnection
  private let indexing: Indexing
  private let heads: SQLiteStatement
  private let version: SQLiteStatement
  private let setEntries: SQLiteStatement
  private let rows: IndexRows
  private let originator: SQLiteStatement
  private let setDone: SQLiteStatement

  /// For the connection that writes, which no other is beside yet.
  init(_ connection: SQLiteConnection, _ indexing: Indexing) throws(Fault) {
    self.connection = connection
    self.indexing = indexing
    heads = try connection.prepare("SELECT k, rev FROM head WHERE k > ? ORDER BY k LIMIT \(Self.batchCount)")
    version = try connection.prepare("SELECT prev, op, acl, entries, body, txn FROM ver WHERE rev = ?")
    setEntries = try connection.prepare("UPDATE ver SET entries = ? WHERE rev = ?")
    rows = try IndexRows(connection)
    originator = try connection.prepare("SELECT originator FROM acl WHERE id = ?")
    setDone = try connection.prepare("UPDATE meta SET index_form = NULL, index_goal = ?, index_done = ?")
  }

  /// Does what is left to do, and tells now and then how many records it has looked at.
  func run(progress: (_ count: Int, _ total: Int) -> Void) throws(Fault) {
    let meta = try connection.prepare("SELECT index_form, index_goal, index_done FROM meta")
    guard try meta.step() else { throw .refusal(.corrupt(reason: "the store has lost its meta row")) }
    if !meta.isNull(0), meta.blob(0) == indexing.form { return }
    var done = !meta.isNull(1) && meta.blob(1) == indexing.form ? meta.text(2) : ""
    meta.reset()
    let total = Int(try connection.integer("SELECT count(*) FROM head") ?? 0)
    var count = 0
    let confiner = try indexing.confining.map { confining throws(Fault) in try Confiner(connection, confining) }
    while true {
      try connection.execute("BEGIN IMMEDIATE")
      let batch = try records(after: done)
      for (key, revision) in batch {
        for confinement in try reindex(key, revision) { _ = try confiner?.confine(confinement) }
      }
      guard batch.count == Self.batchCount, let last = batch.last else { break }
      done = last.key
      try setDone.bind(indexing.form).bind(done).run()
      try connection.execute("COMMIT")
      if connection.logPages > Self.logPagesMax { _ = try connection.checkpoint(truncating: false) }
      count += batch.count
      if count * 10 / total != (count - batch.count) * 10 / total { progress(count, total) }
    }
    try connection.prepare("UPDATE meta SET index_form = ?, index_goal = NULL, index_done = NULL")
      .bind(indexing.form).run()
    try connection.execute("COMMIT")
    if count < total { progress(total, total) }
  }

  private func records(after key: String) throws(Fault) -> [(key: String, revision: Int64)] {
    defer { heads.reset() }
    heads.bind(key)
    var found: [(String, Int64)] = []
    while try heads.step() { found.append((heads.text(0), heads.integer(1))) }
    return found
  }

  // MARK: One record

  /// Gives the versions of a record their entries. Returns which of its changes confine what was before them.
  @discardableResult
  func reindex(_ key: String, _ head: Int64) throws(Fault) -> [Confinement] {
    let record = try record(key, head)
    let pairs = zip(record.old.versions, record.new.versions)
    guard pairs.contains(where: { $0.entries != $1.entries }) else { return record.confinements }
    try rows.replace(record.old.rows, by: record.new.rows, of: key)
    for (old, new) in pairs where old.entries != new.entries {
      try setEntries.bind(new.entries.map(EntryCoding.encode)).bind(new.revision).run()
    }
    return record.confinements
  }

  /// The versions of a record, as far back as they are kept.
  private func record(_ key: String, _ head: Int64) throws(Fault) -> Record {
    var record = Record()
    var revision = head
    var later: Later?
    while revision != 0 {
      defer { version.reset() }
      guard try version.bind(revision).step() else { break }
      let body = version.isNull(4) ? nil : version.blob(4)
      let old = version.isNull(3) ? nil : try EntryCoding.decode(version.blob(3))
      let declared = old.flatMap { _ in indexing.entries(Key(stored: key), body ?? []) }
      let new = declared.map { Array(Set($0)).sorted() } ?? old
      var found = RecordHistory.Version(
        revision: revision, transaction: version.integer(5), state: version.integer(1), acl: version.integer(2),
        entries: old)
      record.old.versions.append(found)
      found.entries = new
      record.new.versions.append(found)
      if let later, let body, indexing.confining?.confines(Key(stored: key), body, later.body) ?? false {
        let keeper = try keeper(later.acl)
        record.confinements.append(Confinement(key: key, through: later.transaction, keeper: keeper))
      }
      later = body.map { Later(transaction: found.transaction, acl: found.acl, body: $0) }
      revision = version.integer(0)
    }
    // Of a history that is not kept it is not known what it was before.
    if revision != 0, let later, indexing.confining?.confines(Key(stored: key), [], later.body) ?? false {
      let keeper = try keeper(later.acl)
      record.confinements.append(Confinement(key: key, through: later.transaction, keeper: keeper))
    }
    record.old.versions.reverse()
    record.new.versions.reverse()
    record.confinements.reverse()
    return record
  }

  private func keeper(_ acl: Int64) throws(Fault) -> String {
    defer { originator.reset() }
    return try originator.bind(acl).step() ? originator.text(0) : ""
  }
}
