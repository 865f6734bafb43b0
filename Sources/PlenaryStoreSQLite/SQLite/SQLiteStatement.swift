internal import CSQLite3
internal import PlenaryStore

/// A compiled statement, kept and run again and again on its connection's thread.
///
/// Parameters are bound in order: `try statement.bind(key).bind(revision).run()`. Rows are read between `step()` and
/// `reset()`; what a column returns is a copy, but for bytes that `withBytes` lends.
// SAFETY: `handle` is made by `sqlite3_prepare_v3` and freed once, in `deinit`, before the connection that `self` retains.
// SQLite copies what is bound before the call returns; what a column points to holds for as many bytes as SQLite says
// until the next step, and is copied at once or lent to a body that takes no step.
@safe final class SQLiteStatement {
  private let connection: SQLiteConnection

  private let handle: OpaquePointer

  /// How many parameters are bound for the next run.
  private var boundCount: Int32 = 0

  /// The first error of binding, thrown when the statement runs.
  private var bindingCode = SQLITE_OK

  /// The documented value that has SQLite copy what it is given.
  private static var copying: sqlite3_destructor_type { unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

  init(_ sql: String, on connection: SQLiteConnection) throws(Fault) {
    var handle: OpaquePointer?
    try connection.check(
      unsafe sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil))
    guard let handle = unsafe handle else {
      throw .sqlite(code: SQLITE_MISUSE, message: "no statement in: \(sql)")
    }
    self.connection = connection
    unsafe self.handle = unsafe handle
  }

  deinit {
    unsafe sqlite3_finalize(handle)
  }

  // MARK: Parameters

  @discardableResult
  func bind(_ value: Int64) -> SQLiteStatement {
    note(unsafe sqlite3_bind_int64(handle, nextParameter(), value))
  }

  @discardableResult
  func bind(_ value: Int64?) -> SQLiteStatement {
    guard let value else { return note(unsafe sqlite3_bind_null(handle, nextParameter())) }
    return bind(value)
  }

  @discardableResult
  func bind(_ text: String) -> SQLiteStatement {
    note(unsafe sqlite3_bind_text(handle, nextParameter(), text, Int32(text.utf8.count), Self.copying))
  }

  @discardableResult
  func bind(text: Span<UInt8>) -> SQLiteStatement {
    unsafe text.withUnsafeBufferPointer { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
        unsafe note(
          sqlite3_bind_text(
            handle, nextParameter(), characters.baseAddress, Int32(characters.count), Self.copying))
      }
    }
  }

  @discardableResult
  func bind(_ text: String?) -> SQLiteStatement {
    guard let text else { return note(unsafe sqlite3_bind_null(handle, nextParameter())) }
    return bind(text)
  }

  @discardableResult
  func bind(_ blob: [UInt8]?) -> SQLiteStatement {
    guard let blob else { return note(unsafe sqlite3_bind_null(handle, nextParameter())) }
    // A blob without bytes has no address, which SQLite would take for NULL.
    guard !blob.isEmpty else { return note(unsafe sqlite3_bind_zeroblob(handle, nextParameter(), 0)) }
    return note(unsafe sqlite3_bind_blob(handle, nextParameter(), blob, Int32(blob.count), Self.copying))
  }

  // MARK: Running

  /// Runs a statement that returns no rows.
  func run() throws(Fault) {
    defer { reset() }
    _ = try step()
  }

  /// Goes to the next row; false after the last.
  func step() throws(Fault) -> Bool {
    try connection.check(bindingCode)
    let code = unsafe sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let message = unsafe String(cString: sqlite3_errmsg(connection.handle))
      reset()
      throw .sqlite(code: code, message: message)
    }
  }

  /// Ends reading, so that the statement can be bound and run again.
  func reset() {
    // It repeats the error of the last step, which has been thrown.
    _ = unsafe sqlite3_reset(handle)
    boundCount = 0
    bindingCode = SQLITE_OK
  }

  // MARK: Columns

  func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

  func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_NULL }

  func text(_ column: Int32) -> String {
    // As bytes, since SQLite would first make a copy of the text with a zero behind it.
    guard let start = unsafe sqlite3_column_blob(handle, column) else { return "" }
    let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    return unsafe String(decoding: bytes, as: UTF8.self)
  }

  func blob(_ column: Int32) -> [UInt8] {
    guard let start = unsafe sqlite3_column_blob(handle, column) else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  /// Lends the bytes of a blob or a text, those of text in UTF-8; none of NULL. Until the body returns, the statement is
  /// neither stepped nor reset, and the column not read in another form.
  func withBytes<Result, Failure: Error>(
    _ column: Int32, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = unsafe sqlite3_column_blob(handle, column)
    let buffer = unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    return try unsafe body(buffer.bindMemory(to: UInt8.self).span)
  }

  // MARK: Binding in order

  private func nextParameter() -> Int32 {
    boundCount += 1
    return boundCount
  }

  private func note(_ code: Int32) -> SQLiteStatement {
    if bindingCode == SQLITE_OK { bindingCode = code }
    return self
  }
}
