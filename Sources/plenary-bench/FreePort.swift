internal import Glibc

/// A port for a server that cannot choose one by itself.
// SAFETY: addresses are local values, lent to the system for one call each; sockets are closed here.
enum FreePort {
  /// A port of the loopback interface that nobody listened on a moment ago.
  static func find() throws -> UInt16 {
    let descriptor = try LoopbackSocket.make()
    defer { close(descriptor) }
    guard unsafe LoopbackSocket.withAddress(port: 0, { unsafe bind(descriptor, $0, $1) }) == 0 else {
      throw LoopbackSocket.failure()
    }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &size)
      }
    }
    guard result == 0 else { throw LoopbackSocket.failure() }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Whether somebody listens on a port of the loopback interface.
  static func isTaken(_ port: UInt16) throws -> Bool {
    let descriptor = try LoopbackSocket.make()
    defer { close(descriptor) }
    return unsafe LoopbackSocket.withAddress(port: port) { unsafe connect(descriptor, $0, $1) } == 0
  }
}
