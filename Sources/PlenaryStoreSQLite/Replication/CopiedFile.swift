internal import Glibc
internal import PlenaryStore

/// The database of a copy that has no name any more: its room on the disk is free as soon as it is let go, however that
/// comes about.
// SAFETY: the descriptor is opened once and closed once, in `deinit`; buffers are lent for the length of one call.
final class CopiedFile: StoreCopy {
  let manifest: BackupManifest
  private let fd: Int32

  /// Takes over a copy that was made in a directory; the directory can be removed then.
  init(_ path: String, _ manifest: BackupManifest) throws(Fault) {
    fd = unsafe open("\(path)/\(Backup.databaseName)", O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { throw DurableFile.failure("open", path, errno) }
    self.manifest = manifest
  }

  deinit {
    close(fd)
  }

  func bytes(at place: Int64, count: Int) throws(StoreError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let read = unsafe buffer.withUnsafeMutableBytes { buffer in
        unsafe pread(fd, buffer.baseAddress?.advanced(by: done), count - done, off_t(place) + off_t(done))
      }
      if read < 0, errno == EINTR { continue }
      guard read >= 0 else { throw DurableFile.failure("read", "the copy", errno).storeError }
      guard read > 0 else { break }
      done += read
    }
    buffer.removeLast(count - done)
    return buffer
  }
}
