internal import Glibc

/// A port for a server that cannot choose one by itself.
// SAFETY: addresses are local values, lent to the system for one call each; sockets are closed here; the string of
// `strerror` is copied before this thread calls it again.
enum FreePort {
  /// A port of the loopback interface that nobody listened on a moment ago.
  static func find() throws -> UInt16 {
    let descriptor = try makeSocket()
    defer { close(descriptor) }
    guard unsafe withAddress(port: 0, { unsafe bind(descriptor, $0, $1) }) == 0 else { throw failure() }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &size)
      }
    }
    guard result == 0 else { throw failure() }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Whether somebody listens on a port of the loopback interface.
  static func isTaken(_ port: UInt16) throws -> Bool {
    let descriptor = try makeSocket()
    defer { close(descriptor) }
    return unsafe withAddress(port: port) { unsafe connect(descriptor, $0, $1) } == 0
  }

  private static func makeSocket() throws -> CInt {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure() }
    return descriptor
  }

  private static func withAddress(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func failure() -> Failure {
    Failure("no socket on 127.0.0.1: \(unsafe String(cString: strerror(errno)))")
  }
}
