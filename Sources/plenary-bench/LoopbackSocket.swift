internal import Glibc

/// Sockets on 127.0.0.1.
// SAFETY: addresses are local values, lent to the system for one call each; the string of `strerror` is copied before
// this thread calls it again.
enum LoopbackSocket {
  /// A TCP socket; who asks for it closes it.
  static func make() throws -> CInt {
    let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure() }
    return descriptor
  }

  /// Lends the address of a port to a call of the system.
  static func withAddress(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
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

  /// Why the last call of the system failed.
  static func failure() -> Failure {
    Failure("no socket on 127.0.0.1: \(unsafe String(cString: strerror(errno)))")
  }
}
