internal import Glibc
internal import PlenaryStore

/// The directories of stores in memory: SQLite's own `:memory:` has no write-ahead log, so such a store is one on a
/// file system in memory that ends with the store.
// SAFETY: paths are lent for the length of one call. A directory stream is closed where it is opened, and what `readdir`
// and `getenv` return is copied at once; nobody changes the environment while a store opens.
enum MemoryDirectories {
  /// What the directories' names begin with; their locks' names are theirs with the suffix.
  static let prefix = "plenary-memory-"
  static let lockSuffix = ".lock"

  /// Where they are: memory if the system offers it, else where temporary files go.
  static var parent: String {
    if unsafe access("/dev/shm", R_OK | W_OK | X_OK) == 0 { return "/dev/shm" }
    if let directory = unsafe getenv("TMPDIR") { return unsafe String(cString: directory) }
    return "/tmp"
  }

  /// The path of a directory that nobody has: the file of its lock is made here, under a name that is free.
  ///
  /// The name is the system's choice and not the store's, whose chance may be foreseen or the same as another's.
  static func newPath(in parent: String) throws(StoreError) -> String {
    var name = Array("\(parent)/\(prefix)XXXXXX\(lockSuffix)".utf8CString)
    let fd = unsafe mkstemps(&name, CInt(lockSuffix.utf8.count))
    guard fd >= 0 else {
      let reason = "cannot make a store in memory in \(parent): \(FileLock.words(for: errno))"
      throw .unavailable(reason: reason, outcomeUnknown: false)
    }
    close(fd)
    let path = String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    return String(path.dropLast(lockSuffix.count))
  }

  /// Removes the directories whose process has ended without removing them.
  static func sweep(_ parent: String) {
    for name in names(in: parent) where name.hasPrefix(prefix) && name.hasSuffix(lockSuffix) {
      let lockPath = "\(parent)/\(name)"
      // Held, or another user's: not ours to remove.
      guard case .taken(let lock) = FileLock.take(lockPath) else { continue }
      remove(String(lockPath.dropLast(lockSuffix.count)))
      lock.removeFile()
      lock.release()
    }
  }

  /// Removes a directory and the files in it.
  static func remove(_ path: String) {
    for name in names(in: path) { unsafe unlink("\(path)/\(name)") }
    unsafe rmdir(path)
  }

  static func names(in path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}
