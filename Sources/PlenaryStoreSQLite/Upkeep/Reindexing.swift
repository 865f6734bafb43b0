internal import PlenaryStore

/// Gives the records of a store the index entries of another declaration, before anybody reads them.
///
/// Some records at a time, with all their versions, are a transaction that says how far it has come. Between two of them
/// each record has either the entries that it had or those that it is to have, in its versions and in the index alike;
/// whoever opens the store next goes on from there.
struct Reindexing {
  /// A version of a record, and its entries; nil if it has none, because it was erased or is a purge.
  private struct Version {
    let revision: Int64
    let acl: Int64
    let state: Int64
    let old: [IndexEntry]?
    let new: [IndexEntry]?
  }

  /// A place in the index.
  private struct Place: Hashable {
    let entry: IndexEntry
    let acl: Int64
    let state: Int64
  }

  /// A row of the index.
  private struct Row: Hashable {
    let place: Place
    let born: Int64
    /// Nil if it holds now.
    let died: Int64?
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
  private let remove: SQLiteStatement
  private let removePast: SQLiteStatement
  private let insert: SQLiteStatement
  private let insertPast: SQLiteStatement
  private let setDone: SQLiteStatement

  /// For the connection that writes, which no other is beside yet.
  init(_ connection: SQLiteConnection, _ indexing: Indexing) throws(Fault) {
    self.connection = connection
    self.indexing = indexing
    heads = try connection.prepare("SELECT k, rev FROM head WHERE k > ? ORDER BY k LIMIT \(Self.batchCount)")
    version = try connection.prepare("SELECT prev, op, acl, entries, body FROM ver WHERE rev = ?")
    setEntries = try connection.prepare("UPDATE ver SET entries = ? WHERE rev = ?")
    let place = "f = ? AND acl = ? AND op = ? AND v = ? AND k = ?"
    remove = try connection.prepare("DELETE FROM idx WHERE \(place)")
    removePast = try connection.prepare("DELETE FROM idx_past WHERE \(place) AND died = ?")
    insert = try connection.prepare("INSERT INTO idx(f, acl, op, v, k, born) VALUES(?, ?, ?, ?, ?, ?)")
    insertPast = try connection.prepare("INSERT INTO idx_past VALUES(?, ?, ?, ?, ?, ?, ?)")
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
    while true {
      try connection.execute("BEGIN IMMEDIATE")
      let batch = try records(after: done)
      for (key, revision) in batch { try reindex(key, revision) }
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

  /// Gives the versions of a record their entries.
  func reindex(_ key: String, _ head: Int64) throws(Fault) {
    let history = try history(of: key, from: head)
    guard history.contains(where: { $0.old != $0.new }) else { return }
    let (old, new) = (Self.rows(history, \.old), Self.rows(history, \.new))
    for row in old.subtracting(new) {
      if let died = row.died {
        try bind(row.place, key, to: removePast).bind(died).run()
      } else {
        try bind(row.place, key, to: remove).run()
      }
    }
    for row in new.subtracting(old) {
      if let died = row.died {
        try bind(row.place, key, to: insertPast).bind(row.born).bind(died).run()
      } else {
        try bind(row.place, key, to: insert).bind(row.born).run()
      }
    }
    for version in history where version.old != version.new {
      try setEntries.bind(version.new.map(EntryCoding.encode)).bind(version.revision).run()
    }
  }

  /// The versions of a record, the first one first, as far back as they are kept.
  private func history(of key: String, from head: Int64) throws(Fault) -> [Version] {
    var history: [Version] = []
    var revision = head
    while revision != 0 {
      defer { version.reset() }
      guard try version.bind(revision).step() else { break }
      let old = version.isNull(3) ? nil : try EntryCoding.decode(version.blob(3))
      let declared = old.flatMap { _ in indexing.entries(Key(stored: key), version.blob(4)) }
      let new = declared.map { Array(Set($0)).sorted() } ?? old
      history.append(
        Version(revision: revision, acl: version.integer(2), state: version.integer(1), old: old, new: new))
      revision = version.integer(0)
    }
    return history.reversed()
  }

  /// The rows that a history leaves in the index. A purge takes all that is before it with it.
  private static func rows(_ history: [Version], _ entries: (Version) -> [IndexEntry]?) -> Set<Row> {
    var past: Set<Row> = []
    var open: [Place: Int64] = [:]
    for version in history {
      guard let entries = entries(version) else {
        (past, open) = ([], [:])
        continue
      }
      let places = Set(entries.map { Place(entry: $0, acl: version.acl, state: version.state) })
      for (place, born) in open where !places.contains(place) {
        past.insert(Row(place: place, born: born, died: version.revision))
        open[place] = nil
      }
      for place in places where open[place] == nil { open[place] = version.revision }
    }
    return past.union(open.map { Row(place: $0.key, born: $0.value, died: nil) })
  }

  private func bind(_ place: Place, _ key: String, to statement: SQLiteStatement) -> SQLiteStatement {
    statement.bind(Int64(place.entry.field.id)).bind(place.acl).bind(place.state).bind(place.entry.value.bytes)
      .bind(key)
  }
}
