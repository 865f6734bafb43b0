/// Bytes to send as DATA: an optional short prefix and a body that is kept, not copied, until its frames are cut.
package struct HTTP2Payload: Sendable {
  /// The prefix in the topmost `prefixCount` bytes.
  private var prefix: UInt64
  private var prefixCount: Int
  private let body: [UInt8]
  private var bodyOffset: Int

  /// A body alone.
  package init(_ body: [UInt8]) {
    prefix = 0
    prefixCount = 0
    self.body = body
    bodyOffset = 0
  }

  /// A body behind the low `prefixCount` (at most 8) bytes of `prefix`, written in network byte order.
  package init(prefix: UInt64, prefixCount: Int, body: [UInt8]) {
    precondition((1...8).contains(prefixCount), "a payload's prefix has one to eight bytes")
    self.prefix = prefix << UInt64((8 - prefixCount) * 8)
    self.prefixCount = prefixCount
    self.body = body
    bodyOffset = 0
  }

  /// Bytes not yet taken.
  package var count: Int { prefixCount + body.count - bodyOffset }

  /// Moves as many bytes as fit into `destination`; returns how many.
  // SAFETY: writes at most `destination.count` bytes to memory the caller lends, and reads within the body's bounds.
  mutating func move(into destination: UnsafeMutableRawBufferPointer) -> Int {
    var written = 0
    while prefixCount > 0 && written < destination.count {
      unsafe destination[written] = UInt8(truncatingIfNeeded: prefix >> 56)
      prefix <<= 8
      prefixCount -= 1
      written += 1
    }
    let taken = min(body.count - bodyOffset, destination.count - written)
    guard taken > 0 else { return written }
    unsafe body.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(rebasing: destination[written..<(written + taken)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[bodyOffset..<(bodyOffset + taken)]))
    }
    bodyOffset += taken
    return written + taken
  }
}
