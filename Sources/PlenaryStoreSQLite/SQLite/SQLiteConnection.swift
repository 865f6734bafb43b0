internal import CSQLite3
internal import PlenaryStore

/// One connection to the database. It belongs to one thread at a time, and SQLite takes no lock for it.
// SAFETY: `handle` is made by `sqlite3_open_v2` and freed once, in `deinit`; statements keep their connection alive. Text
// is lent for the length of one call, and SQLite's words are copied at once.
@safe final class SQLiteConnection {
  /// What the connection is for.
  enum Role {
    case writer
    case reader

    /// A file that is no store in use: a copy that is being made or looked at.
    case scratch
  }

  let handle: OpaquePointer

  /// The pages in the write-ahead log after the last commit on this connection.
  private(set) var logPages = 0

  /// Whether what runs is to stop; asked by SQLite every so often.
  private var isGivenUp: (() -> Bool)?

  /// Opens the database, creating it for the writer, and sets how this connection works.
  init(path: String, role: Role, pageCacheBytes: Int, fileLayer: String?) throws(Fault) {
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (role == .reader ? 0 : SQLITE_OPEN_CREATE)
    var handle: OpaquePointer?
    let code = unsafe sqlite3_open_v2(path, &handle, flags, fileLayer)
    guard code == SQLITE_OK, let handle = unsafe handle else {
      let message = unsafe String(cString: sqlite3_errstr(code))
      // A failed open can still return a handle, to be closed.
      unsafe sqlite3_close_v2(handle)
      throw .sqlite(code: code, message: "\(path): \(message)")
    }
    unsafe self.handle = unsafe handle
    unsafe sqlite3_extended_result_codes(handle, 1)
    guard role != .scratch else { return }
    try configure(role, pageCacheBytes: pageCacheBytes)
  }

  /// A connection to a file that is no store in use, or to none (`:memory:`).
  convenience init(scratch path: String, fileLayer: String? = nil) throws(Fault) {
    try self.init(path: path, role: .scratch, pageCacheBytes: 0, fileLayer: fileLayer)
  }

  deinit {
    unsafe sqlite3_close_v2(handle)
  }

  /// Whether a transaction is open: after an error SQLite may have rolled it back already.
  var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

  /// The rows that the last statement changed.
  var changedRows: Int { Int(unsafe sqlite3_changes64(handle)) }

  /// Runs SQL that returns nothing of interest.
  func execute(_ sql: String) throws(Fault) {
    try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil))
  }

  /// Compiles SQL, to be run many times.
  func prepare(_ sql: String) throws(Fault) -> SQLiteStatement {
    try SQLiteStatement(sql, on: self)
  }

  /// The integer that a statement without parameters returns first, or nil if it returns no row.
  func integer(_ sql: String) throws(Fault) -> Int64? {
    let statement = try prepare(sql)
    return try statement.step() ? statement.integer(0) : nil
  }

  /// Moves pages from the write-ahead log into the database, and returns what the log held and how much of it is
  /// moved; nil if other connections did not let it. Emptying the log can wait some seconds for them.
  func checkpoint(truncating: Bool, waiting: Bool = false) throws(Fault) -> (logPages: Int, movedPages: Int)? {
    if waiting { unsafe sqlite3_busy_timeout(handle, 5000) }
    defer { if waiting { unsafe sqlite3_busy_timeout(handle, 0) } }
    var pages: Int32 = 0
    var moved: Int32 = 0
    let mode = truncating ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
    let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, mode, &pages, &moved)
    if code & 0xFF == SQLITE_BUSY { return nil }
    try check(code)
    if truncating { logPages = 0 }
    return (Int(pages), Int(moved))
  }

  /// Has long statements stop with `SQLITE_INTERRUPT` once the question is answered with yes.
  func interrupt(when isGivenUp: @escaping () -> Bool) {
    self.isGivenUp = isGivenUp
    // SAFETY: SQLite calls back only within calls on `handle`, which `self` makes and closes before it ends.
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe sqlite3_progress_handler(
      handle, Self.instructionsBetweenQuestions,
      { context in
        guard let context = unsafe context else { return 0 }
        let connection = unsafe Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue()
        return connection.isGivenUp?() ?? false ? 1 : 0
      }, context)
  }

  /// Copies every page of this connection's database over that of another, so many at a time; between them `step` is
  /// told how many are left of how many. The caller holds a read transaction here: without one, each commit of a writer
  /// would make the copy begin again.
  func copyPages(to target: SQLiteConnection, step: (_ left: Int, _ total: Int) throws(Fault) -> Void) throws(Fault) {
    guard let backup = unsafe sqlite3_backup_init(target.handle, "main", handle, "main") else {
      return try target.check(unsafe sqlite3_errcode(target.handle))
    }
    var fault: Fault?
    var code = SQLITE_OK
    repeat {
      code = unsafe sqlite3_backup_step(backup, Self.pagesBetweenQuestions)
      do throws(Fault) {
        try step(Int(unsafe sqlite3_backup_remaining(backup)), Int(unsafe sqlite3_backup_pagecount(backup)))
      } catch {
        fault = error
      }
    } while code == SQLITE_OK && fault == nil
    // It repeats the error of the last step, if there was one, and frees the backup in any case.
    let finish = unsafe sqlite3_backup_finish(backup)
    if let fault { throw fault }
    try target.check(finish)
  }

  /// The bytes of the database as it is now, what stands in the write-ahead log included.
  func image() throws(Fault) -> [UInt8] {
    var byteCount: sqlite3_int64 = 0
    // SAFETY: SQLite gives memory of so many bytes, which is copied and then freed, once.
    guard let bytes = unsafe sqlite3_serialize(handle, "main", &byteCount, 0) else {
      throw .refusal(.unavailable(reason: "SQLite has no memory for a copy of the store", outcomeUnknown: false))
    }
    defer { unsafe sqlite3_free(bytes) }
    return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(byteCount)))
  }

  private static let instructionsBetweenQuestions: Int32 = 100_000
  private static let pagesBetweenQuestions: Int32 = 256

  /// Throws what SQLite says of the last call, unless that went well.
  func check(_ code: Int32) throws(Fault) {
    guard code == SQLITE_OK else { throw .sqlite(code: code, message: unsafe String(cString: sqlite3_errmsg(handle))) }
  }

  private func configure(_ role: Role, pageCacheBytes: Int) throws(Fault) {
    unsafe sqlite3_busy_timeout(handle, 5000)
    // What follows writes into the file, which may be another program's.
    _ = try Schema.hasTables(self)
    try execute("PRAGMA page_size = 4096")
    try execute("PRAGMA journal_mode = WAL")
    try execute("PRAGMA synchronous = FULL")
    try execute("PRAGMA secure_delete = OFF")
    try execute("PRAGMA foreign_keys = OFF")
    // A memory map would turn an unreadable block into SIGBUS, and a page cache of the same size is faster.
    try execute("PRAGMA mmap_size = 0")
    try execute("PRAGMA cache_size = \(-pageCacheBytes / 1024)")
    try execute("PRAGMA wal_autocheckpoint = 0")
    // A promise of durability rests on these, so it is the database that is asked, not the code above.
    guard try integer("PRAGMA synchronous") == 2, try text("PRAGMA journal_mode") == "wal" else {
      throw .refusal(.unavailable(reason: "SQLite does not keep synchronous=FULL in WAL mode", outcomeUnknown: false))
    }
    switch role {
    case .reader, .scratch:
      try execute("PRAGMA query_only = ON")
    case .writer:
      // Nobody else writes, and a checkpoint must not wait for readers.
      unsafe sqlite3_busy_timeout(handle, 0)
      countLogPages()
    }
  }

  /// The text that a statement without parameters returns first, or nil if it returns no row.
  func text(_ sql: String) throws(Fault) -> String? {
    let statement = try prepare(sql)
    return try statement.step() ? statement.text(0) : nil
  }

  /// Has SQLite tell the length of the log after each commit, in place of checkpointing by itself.
  private func countLogPages() {
    // SAFETY: SQLite calls back only within calls on `handle`, which `self` makes and closes before it ends.
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        guard let context = unsafe context else { return SQLITE_OK }
        unsafe Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue().logPages = Int(pages)
        return SQLITE_OK
      }, context)
  }
}
