internal import Crypto
internal import Glibc
internal import PlenaryStore

/// Files that are whole and on the disk, or not there.
// SAFETY: paths and buffers are lent for the length of one call, with their own counts.
enum DurableFile {
  private static let chunkBytes = 1 << 20

  /// Whether something stands at a path.
  static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// Makes a directory that only its owner can look into, and those above it, and makes their names last.
  static func makeDirectories(_ path: String) throws(Fault) {
    var made = path.hasPrefix("/") ? "" : "."
    var code: Int32 = 0
    for part in path.split(separator: "/") {
      made += "/" + part
      // The directories above mostly exist, and may refuse to be made in many ways; what counts is the last one.
      code = unsafe mkdir(made, 0o700) == 0 ? 0 : errno
      if code == 0 { try sync(parent(of: made)) }
    }
    guard code == 0 || code == EEXIST else { throw failure("make the directory", path, code) }
  }

  /// Removes files of a directory and, if nothing else is in it, the directory.
  static func removeDirectory(_ path: String, with names: [String]) {
    for name in names { unsafe unlink("\(path)/\(name)") }
    unsafe rmdir(path)
  }

  /// Removes a file, if it is there.
  static func remove(_ path: String) {
    unsafe unlink(path)
  }

  /// Gives what stands at a path another name, in place of what had it, and makes that last.
  static func move(_ path: String, to target: String) throws(Fault) {
    guard unsafe rename(path, target) == 0 else { throw failure("rename", path, errno) }
    try sync(parent(of: target))
  }

  /// Makes the contents of a file, or the names in a directory, last.
  static func sync(_ path: String) throws(Fault) {
    let fd = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { throw failure("open", path, errno) }
    defer { close(fd) }
    guard fsync(fd) == 0 else { throw failure("sync", path, errno) }
  }

  /// Writes a file anew, and makes it last.
  static func write(_ bytes: [UInt8], to path: String) throws(Fault) {
    let fd = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard fd >= 0 else { throw failure("open", path, errno) }
    defer { close(fd) }
    try append(bytes[...], to: fd, path)
    guard fsync(fd) == 0 else { throw failure("sync", path, errno) }
  }

  /// Writes a file anew, piece by piece, and makes it last.
  static func write(
    to path: String, _ body: (_ append: ([UInt8]) throws(Fault) -> Void) throws(Fault) -> Void
  ) throws(Fault) {
    let fd = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard fd >= 0 else { throw failure("open", path, errno) }
    defer { close(fd) }
    try body { bytes throws(Fault) in try append(bytes[...], to: fd, path) }
    guard fsync(fd) == 0 else { throw failure("sync", path, errno) }
  }

  /// The bytes of a small file.
  static func read(_ path: String, byteCountMax: Int = 1 << 16) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    _ = try scan(path, watch: .nobody) { chunk throws(Fault) in
      bytes += chunk
      guard bytes.count <= byteCountMax else { throw .refusal(.corrupt(reason: "\(path) is too long")) }
    }
    return bytes
  }

  /// The length and the SHA-256 of a file; if a path is given, a copy is made there that lasts.
  static func digest(
    _ path: String, copyingTo target: String? = nil, watch: UpkeepWatch
  ) throws(Fault) -> (byteCount: Int64, sha256: [UInt8]) {
    var output: Int32 = -1
    if let target {
      output = unsafe open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      guard output >= 0 else { throw failure("open", target, errno) }
    }
    defer { if output >= 0 { close(output) } }
    var hash = SHA256()
    let count = try scan(path, watch: watch) { chunk throws(Fault) in
      unsafe chunk.withUnsafeBytes { buffer in unsafe hash.update(bufferPointer: buffer) }
      if let target { try append(chunk, to: output, target) }
    }
    if let target, fsync(output) != 0 { throw failure("sync", target, errno) }
    return (count, Array(hash.finalize()))
  }

  /// Reads a file from its first byte to its last.
  @discardableResult
  static func scan(
    _ path: String, watch: UpkeepWatch, _ body: (ArraySlice<UInt8>) throws(Fault) -> Void
  ) throws(Fault) -> Int64 {
    let fd = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { throw failure("open", path, errno) }
    defer { close(fd) }
    var status = stat()
    let total = unsafe fstat(fd, &status) == 0 ? Int64(status.st_size) : 0
    var done: Int64 = 0
    var buffer = [UInt8](repeating: 0, count: chunkBytes)
    while true {
      if watch.isGivenUp() { throw .givenUp }
      let count = unsafe Glibc.read(fd, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw failure("read", path, errno) }
      guard count > 0 else { return done }
      try body(buffer[..<count])
      done += Int64(count)
      watch.report(UpkeepProgress(.hashing, done: done, of: total))
    }
  }

  /// Writes bytes where a file ends.
  static func append(_ bytes: ArraySlice<UInt8>, to fd: Int32, _ path: String) throws(Fault) {
    var rest = bytes
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { buffer in unsafe Glibc.write(fd, buffer.baseAddress, buffer.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("write", path, errno) }
      rest = rest.dropFirst(count)
    }
  }

  private static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Why something could not be done to a file.
  static func failure(_ verb: String, _ path: String, _ code: Int32) -> Fault {
    if code == ENOSPC || code == EDQUOT { return .refusal(.full) }
    return .refusal(
      .unavailable(reason: "cannot \(verb) \(path): \(FileLock.words(for: code))", outcomeUnknown: false))
  }
}

extension Fault {
  /// Nobody wants the result any longer, or the store is closed.
  static let givenUp = Fault.refusal(.unavailable(reason: "it was given up before it was done", outcomeUnknown: false))
}
