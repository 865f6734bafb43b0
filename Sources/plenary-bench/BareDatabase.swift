internal import CSQLite3

/// A database by SQLite's own calls.
// SAFETY: `handle` is made by `sqlite3_open_v2` and freed once, in `deinit`; statements keep their database alive.
@safe final class BareDatabase {
  fileprivate let handle: OpaquePointer

  init(_ path: String) throws {
    var handle: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
    let code = unsafe sqlite3_open_v2(path, &handle, flags, nil)
    guard code == SQLITE_OK, let handle = unsafe handle else {
      unsafe sqlite3_close_v2(handle)
      throw Failure("SQLite cannot open \(path)")
    }
    unsafe self.handle = unsafe handle
  }

  deinit {
    unsafe sqlite3_close_v2(handle)
  }

  func execute(_ sql: String) throws {
    try check(unsafe sqlite3_exec(handle, sql, nil, nil, nil))
  }

  func prepare(_ sql: String) throws -> BareStatement {
    try BareStatement(sql, on: self)
  }

  /// The integer that SQL returns first.
  func integer(_ sql: String) throws -> Int64 {
    let statement = try prepare(sql)
    guard try statement.step() else { throw Failure("there is no row: \(sql)") }
    defer { statement.reset() }
    return statement.integer(0)
  }

  /// Moves the log into the database if it has grown by so many pages.
  func checkpoint(from pages: Int) throws {
    guard logPages - (logPages < pagesAtCheckpoint ? 0 : pagesAtCheckpoint) >= pages else { return }
    pagesAtCheckpoint = logPages
    try check(unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil))
  }

  private var pagesAtCheckpoint = 0
  private var counted: Int32 = 0

  /// The pages of the log after the last commit.
  private var logPages: Int { Int(counted) }

  /// Has SQLite tell the pages of the log after each commit.
  func countLogPages() {
    // SAFETY: SQLite calls back only within calls on `handle`, which `self` makes and closes before it ends.
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        guard let context = unsafe context else { return SQLITE_OK }
        unsafe Unmanaged<BareDatabase>.fromOpaque(context).takeUnretainedValue().counted = pages
        return SQLITE_OK
      }, context)
  }

  func check(_ code: Int32) throws {
    guard code == SQLITE_OK else { throw Failure("SQLite: \(unsafe String(cString: sqlite3_errmsg(handle)))") }
  }
}

/// A compiled statement.
// SAFETY: `handle` is made by `sqlite3_prepare_v3` and freed once, in `deinit`, before the database that `self` retains.
// SQLite copies what is bound before the call returns, and a column is copied before the next step.
@safe final class BareStatement {
  private let database: BareDatabase
  private let handle: OpaquePointer
  private var boundCount: Int32 = 0

  /// The documented value that has SQLite copy what it is given.
  private static var copying: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

  init(_ sql: String, on database: BareDatabase) throws {
    var handle: OpaquePointer?
    try database.check(
      unsafe sqlite3_prepare_v3(database.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil))
    guard let handle = unsafe handle else { throw Failure("no statement in: \(sql)") }
    self.database = database
    unsafe self.handle = unsafe handle
  }

  deinit {
    unsafe sqlite3_finalize(handle)
  }

  func bind(_ value: Int64) -> BareStatement {
    boundCount += 1
    unsafe sqlite3_bind_int64(handle, boundCount, value)
    return self
  }

  func bind(_ text: String) -> BareStatement {
    boundCount += 1
    unsafe sqlite3_bind_text(handle, boundCount, text, Int32(text.utf8.count), Self.copying)
    return self
  }

  func bind(_ bytes: [UInt8]) -> BareStatement {
    boundCount += 1
    unsafe sqlite3_bind_blob(handle, boundCount, bytes, Int32(bytes.count), Self.copying)
    return self
  }

  /// Runs a statement that returns no rows.
  func run() throws {
    _ = try step()
    reset()
  }

  /// Goes to the next row; false after the last.
  func step() throws -> Bool {
    let code = unsafe sqlite3_step(handle)
    guard code == SQLITE_ROW || code == SQLITE_DONE else {
      try database.check(code)
      return false
    }
    return code == SQLITE_ROW
  }

  func reset() {
    // It repeats the error of the last step, which has been thrown.
    _ = unsafe sqlite3_reset(handle)
    boundCount = 0
  }

  func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

  func blob(_ column: Int32) -> [UInt8] {
    guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }
}
