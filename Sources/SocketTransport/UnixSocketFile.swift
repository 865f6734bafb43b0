internal import Glibc

/// The file through which others reach a Unix socket.
// SAFETY: addresses and status buffers are local values, lent to the system for one call each; descriptors are closed
// here or handed to the caller.
struct UnixSocketFile: Sendable {
  /// Read and write for the owner alone.
  package static let ownerOnly: UInt32 = 0o600

  let path: String

  /// Makes a socket bound to the path, whose file has the given permissions before anyone can connect.
  ///
  /// A file that a dead process left behind is replaced; one that somebody listens on, or that is not a socket, is not.
  func bind(mode: UInt32) throws(TransportError) -> CInt {
    try removeStale()
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure(errno) }
    // Nobody can connect before `listen`, so there is no moment in which the permissions are too wide.
    guard unsafe withAddress({ unsafe Glibc.bind(descriptor, $0, $1) }) == 0, unsafe chmod(path, mode_t(mode)) == 0
    else {
      let number = errno
      close(descriptor)
      throw failure(number)
    }
    return descriptor
  }

  /// Removes the file. That it is gone already is fine, and nothing can be done about any other failure.
  func remove() {
    unsafe unlink(path)
  }

  private func removeStale() throws(TransportError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw TransportError(.addressInUse, "\(path) exists and is not a socket")
    }
    let probe = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { throw failure(errno) }
    defer { close(probe) }
    guard unsafe withAddress({ unsafe connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED else {
      throw failure(EADDRINUSE)
    }
    unsafe unlink(path)
  }

  private func failure(_ number: CInt) -> TransportError {
    TransportError(listeningOn: .unix(path: path), errorNumber: number)
  }

  private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
      precondition(path.utf8.count < room.count, "a socket path that does not fit")
      unsafe room.copyBytes(from: path.utf8)
    }
    return unsafe withUnsafePointer(to: address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
