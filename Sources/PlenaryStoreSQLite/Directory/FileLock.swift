internal import Glibc

/// An advisory lock on a file, held until it is released or the process ends, however it ends.
// SAFETY: paths and buffers are lent for the length of one call, with their own counts; `strerror`'s text is copied at
// once.
struct FileLock: Sendable {
  /// What came of trying to take a lock.
  enum Attempt {
    case taken(FileLock)

    /// Somebody holds it; the process that said so in the file, if it could be read.
    case held(processID: Int32?)

    /// The file cannot be opened or locked, for this reason.
    case failed(String)
  }

  private let path: String
  private let fd: Int32

  /// Takes the lock without waiting, and writes this process's number into the file.
  static func take(_ path: String) -> Attempt {
    while true {
      let fd = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
      guard fd >= 0 else { return .failed("cannot open \(path): \(words(for: errno))") }
      guard flock(fd, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        defer { close(fd) }
        return code == EWOULDBLOCK ? .held(processID: holder(fd)) : .failed("cannot lock \(path): \(words(for: code))")
      }
      // Whoever held the lock may have removed the file before giving it up; a lock on a removed file keeps nobody out.
      guard isStill(fd, at: path) else {
        close(fd)
        continue
      }
      let lock = FileLock(path: path, fd: fd)
      lock.writeProcessID()
      return .taken(lock)
    }
  }

  /// Removes the file, while the lock is still held.
  func removeFile() {
    unsafe unlink(path)
  }

  /// Gives the lock up. Called once.
  func release() {
    close(fd)
  }

  /// The system's words for an error number.
  static func words(for code: Int32) -> String {
    unsafe String(cString: strerror(code))
  }

  private func writeProcessID() {
    let text = Array("\(getpid())\n".utf8)
    // It is there for the message that a second process gives; the lock does not depend on it.
    _ = ftruncate(fd, 0)
    _ = unsafe pwrite(fd, text, text.count, 0)
  }

  private static func holder(_ fd: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = unsafe pread(fd, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: bytes[..<count].prefix { $0 != 0x0A }, as: UTF8.self))
  }

  private static func isStill(_ fd: Int32, at path: String) -> Bool {
    var opened = stat()
    var named = stat()
    guard unsafe fstat(fd, &opened) == 0, unsafe stat(path, &named) == 0 else { return false }
    return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
  }
}
