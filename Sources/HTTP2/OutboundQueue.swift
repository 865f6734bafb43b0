/// The payloads of one stream that wait to become DATA frames. The first one needs no memory of its own.
struct OutboundQueue {
  // Invariant: `first` is nil only when the queue is empty; `rest` holds what follows it, from `head` on.
  private var first: HTTP2Payload?
  private var rest: [HTTP2Payload] = []
  private var head = 0

  /// Bytes waiting.
  private(set) var bytes = 0

  /// Bytes that were taken out so far; that this stands still while `bytes` waits is how a stalled reader is known.
  private(set) var bytesTaken = 0

  mutating func append(_ payload: HTTP2Payload) {
    guard payload.count > 0 else { return }
    bytes += payload.count
    if first == nil {
      first = payload
    } else {
      rest.append(payload)
    }
  }

  /// Moves as many bytes as fit into `destination`; returns how many.
  // SAFETY: writes at most `destination.count` bytes to memory the caller lends.
  mutating func move(into destination: UnsafeMutableRawBufferPointer) -> Int {
    var written = 0
    while written < destination.count, bytes > 0 {
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: destination[written...])
      let moved = unsafe first?.move(into: room) ?? 0
      written += moved
      bytes -= moved
      bytesTaken += moved
      if first?.count == 0 { advance() }
    }
    return written
  }

  private mutating func advance() {
    guard head < rest.count else {
      first = nil
      return
    }
    first = rest[head]
    head += 1
    // Compact rarely, so that each payload is moved at most twice.
    if head == rest.count {
      rest.removeAll(keepingCapacity: false)
      head = 0
    } else if head >= 32 && head * 2 >= rest.count {
      rest.removeFirst(head)
      head = 0
    }
  }
}
