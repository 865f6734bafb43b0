internal import CSQLite3
internal import PlenaryStore

/// The file of a search index as its one writer knows it: opened, or begun anew, and then written to.
///
/// Invariants:
/// - What a transaction adds to the words stands in `doc` too, with the revision or the place that it reaches in `meta`.
/// - A record's `label` is the number of its row among the words. Labels rise with the places of the records.
// SENDABLE: touched by the thread of its index alone.
final class SearchFile: @unchecked Sendable {
  /// Rises with every change of what the tables mean.
  private static let format: Int64 = 5

  /// Says that the file is a search index: `PlFt`.
  private static let applicationID = 0x506C_4674

  private static let pageCacheBytes = 32 << 20

  /// From how many parts of one size on a step of merging merges them. With more, FTS5 takes a merging that goes on for
  /// done when as many small parts have come meanwhile as it is of, and leaves it there.
  private static let mergedPartCountMin = 2

  /// What FTS5 collects in memory before it writes, while records are loaded: fewer parts have to be merged then.
  private static let collectedBytes = 16 << 20

  let path: String
  private let identity: StoreIdentity
  private let fileLayer: String?
  private(set) var tables: SearchTables?

  init(path: String, identity: StoreIdentity, fileLayer: String?) {
    self.path = path
    self.identity = identity
    self.fileLayer = fileLayer
  }

  /// Opens the index if there is one of this store, else begins one.
  func open() throws(Fault) {
    guard tables == nil else { return }
    if DurableFile.exists(path) {
      do throws(Fault) {
        if let connection = try existing() {
          tables = try SearchTables(connection)
          return
        }
      } catch {
        guard error.isDamage || error.isOfTables else { throw error }
      }
    }
    try begin()
  }

  /// Removes the index, and begins one without a record.
  func begin() throws(Fault) {
    tables = nil
    for suffix in ["", "-journal", "-wal", "-shm"] { DurableFile.remove(path + suffix) }
    let connection = try connect()
    try connection.execute("BEGIN IMMEDIATE")
    try connection.execute("PRAGMA application_id = \(Self.applicationID)")
    try connection.execute(
      """
      CREATE TABLE meta(id INTEGER PRIMARY KEY CHECK(id = 1), format INTEGER NOT NULL, store_id BLOB NOT NULL,
        epoch INTEGER NOT NULL, base INTEGER, rev INTEGER, whole INTEGER, place_group INTEGER, place_key TEXT,
        loaded INTEGER NOT NULL, upkeep INTEGER NOT NULL, written INTEGER NOT NULL, documents INTEGER NOT NULL,
        mergings INTEGER NOT NULL);
      CREATE TABLE doc(label INTEGER PRIMARY KEY, grp INTEGER NOT NULL, k TEXT NOT NULL, titles TEXT NOT NULL,
        texts TEXT NOT NULL);
      CREATE UNIQUE INDEX doc_place ON doc(grp, k);
      CREATE VIRTUAL TABLE words USING fts5(titles, texts, content='', columnsize=0, tokenize='ascii',
        prefix='2 3 4 5');
      INSERT INTO words(words, rank) VALUES('hashsize', \(Self.collectedBytes));
      INSERT INTO words(words, rank) VALUES('usermerge', \(Self.mergedPartCountMin));
      """)
    try connection.prepare("INSERT INTO meta VALUES(1, ?, ?, ?, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0)")
      .bind(Self.format).bind(identity.id).bind(Int64(identity.epoch)).run()
    try connection.execute("COMMIT")
    tables = try SearchTables(connection)
  }

  /// Closes the file.
  func close() {
    tables = nil
  }

  /// A connection that reads, for another thread.
  func reader() throws(Fault) -> SQLiteConnection {
    let connection = try SQLiteConnection(scratch: path, fileLayer: fileLayer)
    try connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, instance)")
    try connection.execute("PRAGMA query_only = ON")
    try connection.execute("PRAGMA cache_size = \(-Self.pageCacheBytes / 1024)")
    return connection
  }

  /// The file that is there; nil if it is that of another store, of an epoch of before or of another format.
  private func existing() throws(Fault) -> SQLiteConnection? {
    let connection = try connect()
    guard try connection.integer("PRAGMA application_id") == Int64(Self.applicationID) else { return nil }
    let meta = try connection.prepare("SELECT format, store_id, epoch FROM meta")
    guard try meta.step() else { return nil }
    defer { meta.reset() }
    let isOurs = meta.integer(0) == Self.format && meta.blob(1) == identity.id
    return isOurs && meta.integer(2) == Int64(identity.epoch) ? connection : nil
  }

  private func connect() throws(Fault) -> SQLiteConnection {
    let connection = try SQLiteConnection(scratch: path, fileLayer: fileLayer)
    try connection.execute("PRAGMA journal_mode = WAL")
    // What a power cut takes away is fed again; in this mode it takes whole transactions from the end and no others.
    try connection.execute("PRAGMA synchronous = NORMAL")
    // What is deleted is overwritten.
    try connection.execute("PRAGMA secure_delete = ON")
    try connection.execute("PRAGMA cache_size = \(-Self.pageCacheBytes / 1024)")
    return connection
  }
}

extension Fault {
  /// Whether the file is not what it was written as, so that only a new one helps.
  var isDamage: Bool {
    if case .corrupt = storeError { true } else { false }
  }

  /// Whether the tables are not those that are expected.
  fileprivate var isOfTables: Bool {
    if case .sqlite(SQLITE_ERROR, _) = self { true } else { false }
  }
}
