internal import CSQLite3
internal import PlenaryStore

/// Why an operation on the database stopped: the request was refused, or SQLite failed.
enum Fault: Error {
  /// The request cannot be done; the database is well.
  case refusal(StoreError)

  /// SQLite's extended result code, and its words.
  case sqlite(code: Int32, message: String)

  /// What the caller of a read is told.
  var storeError: StoreError {
    switch self {
    case .refusal(let error): error
    case .sqlite(let code, let message): Self.storeError(code: code, message: message, outcomeUnknown: false)
    }
  }

  /// What is told to whoever opens the store.
  var openingError: StoreError {
    // The log's index, a file that is made anew, found no room. While the store is open that ends it like any error of
    // the disk, as the commit before it may have reached the log.
    if case .sqlite(Self.noRoomForLogIndex, _) = self { return .full }
    return storeError
  }

  /// `SQLITE_IOERR_SHMSIZE`, which Swift does not import.
  private static let noRoomForLogIndex = SQLITE_IOERR | (19 << 8)

  /// What callers are told of an error of SQLite.
  static func storeError(code: Int32, message: String, outcomeUnknown: Bool) -> StoreError {
    switch code & 0xFF {
    case SQLITE_FULL: .full
    case SQLITE_READONLY: .readOnly
    case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt(reason: "SQLite error \(code): \(message)")
    default: .unavailable(reason: "SQLite error \(code): \(message)", outcomeUnknown: outcomeUnknown)
    }
  }

  /// Whether a writer that met this code can go on once the transaction is rolled back.
  ///
  /// After a failed fsync nobody knows which pages reached the disk, and asking again would succeed without writing
  /// them; other errors of the disk deserve no more trust.
  static func isFatalToWriter(_ code: Int32) -> Bool {
    switch code & 0xFF {
    case SQLITE_FULL, SQLITE_NOMEM, SQLITE_BUSY, SQLITE_INTERRUPT, SQLITE_TOOBIG: false
    default: true
    }
  }
}
