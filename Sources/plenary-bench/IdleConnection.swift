internal import Glibc

/// An HTTP/2 connection on which nothing is asked; it is closed with its object.
// SAFETY: buffers are local arrays, lent to the system for one call each.
final class IdleConnection {
  private let descriptor: CInt

  /// RFC 9113 §4.1: length, type, flags and stream; none of these frames is of a stream.
  private enum Frame {
    static let headerBytes = 9
    static let settings: UInt8 = 4
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let ack: UInt8 = 1

    static func bytes(type: UInt8, flags: UInt8 = 0, payload: [UInt8] = []) -> [UInt8] {
      [0, 0, UInt8(payload.count), type, flags, 0, 0, 0, 0] + payload
    }
  }

  /// Connects and returns once both sides have acknowledged the other's settings (RFC 9113 §3.4, §6.5).
  init(port: UInt16) throws {
    descriptor = try LoopbackSocket.make()
    // Whoever does not answer shall not hold the benchmark for ever.
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size) == 0,
      unsafe LoopbackSocket.withAddress(port: port, { unsafe connect(descriptor, $0, $1) }) == 0
    else { throw LoopbackSocket.failure() }
    try send(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Frame.bytes(type: Frame.settings))
    var isOurAcknowledged = false
    var isTheirsSeen = false
    while !isOurAcknowledged || !isTheirsSeen {
      let (type, flags) = try receiveFrame()
      guard type == Frame.settings else { continue }
      if flags & Frame.ack != 0 { isOurAcknowledged = true } else { isTheirsSeen = true }
    }
    // Once the PING is answered, the acknowledgement before it has been read. Both go at once: the second of two small
    // writes would wait for the peer's delayed acknowledgement.
    let ping = Frame.bytes(type: Frame.ping, payload: [UInt8](repeating: 0x69, count: 8))
    try send(Frame.bytes(type: Frame.settings, flags: Frame.ack) + ping)
    while try receiveFrame() != (Frame.ping, Frame.ack) {}
  }

  deinit { close(descriptor) }

  private func send(_ bytes: [UInt8]) throws {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
    }
    guard count == bytes.count else { throw LoopbackSocket.failure() }
  }

  /// The type and flags of the next frame.
  private func receiveFrame() throws -> (type: UInt8, flags: UInt8) {
    let header = try receive(Frame.headerBytes)
    let length = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
    if length > 0 { _ = try receive(length) }
    guard header[3] != Frame.goAway else { throw Failure("the server refused an idle connection") }
    return (header[3], header[4])
  }

  private func receive(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let received = unsafe bytes.withUnsafeMutableBytes {
      unsafe recv(descriptor, $0.baseAddress, count, CInt(MSG_WAITALL))
    }
    guard received >= 0 else { throw LoopbackSocket.failure() }
    guard received == count else { throw Failure("the server closed an idle connection") }
    return bytes
  }
}
