internal import Glibc
internal import PlenaryStore

/// A file that keeps some of the disk free. When the disk is full it is given up, so that what frees space has room;
/// until there is room for it again, nothing is added to the store. An empty file says so to the next process.
// SAFETY: paths and buffers are lent for the length of one call.
struct Ballast {
  /// What has become of it.
  private(set) var state = StoreHealth.Ballast.absent

  private let directory: String
  private let byteCount: Int64

  private var path: String { directory + "/ballast" }

  /// The ballast of a store in a directory. What a process has left there that ended abruptly is taken over: a file that
  /// keeps its room, or one that was given up.
  init(directory: String, byteCount: Int64) {
    self.directory = directory
    self.byteCount = byteCount
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return }
    let allocatedBytes = Int64(status.st_blocks) * 512
    if byteCount > 0, status.st_size == 0 {
      state = .spent
    } else if byteCount > 0, status.st_size >= byteCount, allocatedBytes >= byteCount {
      state = .held
    } else {
      unsafe unlink(path)
    }
  }

  /// Makes the file, if the disk has room for as much again besides.
  mutating func hold() {
    guard state != .held, byteCount > 0, let free = Self.freeBytes(directory), free >= 2 * byteCount else { return }
    let fd = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard fd >= 0 else { return }
    defer { close(fd) }
    if posix_fallocate(fd, 0, off_t(byteCount)) == 0 {
      state = .held
    } else if state == .spent {
      ftruncate(fd, 0)
    } else {
      // A file system that cannot set space aside has no ballast, and the store works without.
      unsafe unlink(path)
    }
  }

  /// Gives the file up, as the disk is full.
  mutating func spend() {
    guard state == .held else { return }
    unsafe truncate(path, 0)
    state = .spent
  }

  /// Removes the file, which is of no use to a store that is closed, unless it says that the ballast was given up.
  mutating func remove() {
    guard state == .held else { return }
    unsafe unlink(path)
    state = .absent
  }

  /// The bytes that are free on the disk of a directory.
  static func freeBytes(_ directory: String) -> Int64? {
    var status = statvfs()
    guard unsafe statvfs(directory, &status) == 0 else { return nil }
    return Int64(status.f_bavail) * Int64(status.f_frsize)
  }
}
