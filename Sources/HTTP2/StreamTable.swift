/// What the session knows of one open stream.
struct StreamState {
  /// The stream's number, or zero while the place is free.
  var number: Int32 = 0
  var slot: Int32 = 0
  var delegate: (any HTTP2StreamDelegate)?
  var outbound = OutboundQueue()
  var trailers: HTTP2HeaderList?
  /// Bytes given to the delegate and not yet consumed by it.
  var unconsumedBytes = 0
  var flags: Flags = []

  struct Flags: OptionSet {
    let rawValue: UInt16
    /// The final headers were submitted (server: response, client: request).
    static let headersSubmitted = Flags(rawValue: 1 << 0)
    /// nghttp2 was given the queue to read.
    static let dataSubmitted = Flags(rawValue: 1 << 8)
    /// The layer above will queue nothing more.
    static let sendEnded = Flags(rawValue: 1 << 1)
    /// nghttp2 waits to be told that there is something to read.
    static let deferred = Flags(rawValue: 1 << 2)
    /// More than the low-water mark is queued: the delegate wants to hear when it is not.
    static let aboveLow = Flags(rawValue: 1 << 3)
    /// The final response headers have come (client).
    static let headersReceived = Flags(rawValue: 1 << 4)
    /// The peer sent RST_STREAM.
    static let resetByPeer = Flags(rawValue: 1 << 5)
    /// We sent RST_STREAM, or nghttp2 did for us.
    static let resetByUs = Flags(rawValue: 1 << 6)
    /// It sends in turns with others.
    static let shares = Flags(rawValue: 1 << 9)
    /// The header list went past the limit, and the refusal was answered.
    static let headersTooLong = Flags(rawValue: 1 << 7)
  }
}

/// The states of all open streams, in blocks of raw memory that never move, so that nghttp2 can hold pointers to them.
// SAFETY: blocks live as long as the table, and all their places are initialized (invariants below). The session, which
// owns the table, uses a pointer only until it closes that stream.
@safe
struct StreamTable: ~Copyable {
  // Invariants
  // - Every place of every block is initialized, from allocation to `deinit`.
  // - A place is in `free` exactly while its `number` is zero.
  private static let blockCount = 16
  private var blocks: [UnsafeMutablePointer<StreamState>] = unsafe []
  private var free: [Int32] = []
  private(set) var openCount = 0

  deinit {
    // Not a `for` loop: swift-format joins `for unsafe block` into one word.
    unsafe blocks.forEach { block in
      unsafe block.deinitialize(count: Self.blockCount)
      unsafe block.deallocate()
    }
  }

  /// Takes a place for a new stream.
  mutating func open(_ number: Int32) -> UnsafeMutablePointer<StreamState> {
    if free.isEmpty { addBlock() }
    let slot = free.removeLast()
    let state = unsafe pointer(slot)
    unsafe state.pointee.number = number
    openCount += 1
    return unsafe state
  }

  private mutating func addBlock() {
    let base = unsafe Int32(blocks.count * Self.blockCount)
    let block = UnsafeMutablePointer<StreamState>.allocate(capacity: Self.blockCount)
    for index in 0..<Self.blockCount {
      unsafe (block + index).initialize(to: StreamState(slot: base + Int32(index)))
    }
    unsafe blocks.append(block)
    free.append(contentsOf: (base..<(base + Int32(Self.blockCount))).reversed())
  }

  /// Gives the place back and forgets everything in it.
  mutating func close(_ state: UnsafeMutablePointer<StreamState>) {
    let slot = unsafe state.pointee.slot
    unsafe state.pointee = StreamState(slot: slot)
    free.append(slot)
    openCount -= 1
  }

  /// The state of a stream that is open; nil for one that is not any more, or never was here.
  func find(_ stream: HTTP2StreamID) -> UnsafeMutablePointer<StreamState>? {
    guard stream.slot >= 0, unsafe Int(stream.slot) < blocks.count * Self.blockCount else { return nil }
    let state = unsafe pointer(stream.slot)
    return unsafe state.pointee.number == stream.number && stream.number != 0 ? state : nil
  }

  /// The state of the open stream with this number. Looks at all of them: for rare events only.
  func search(_ number: Int32) -> UnsafeMutablePointer<StreamState>? {
    for slot in slots {
      let state = unsafe pointer(slot)
      if unsafe state.pointee.number == number { return unsafe state }
    }
    return nil
  }

  /// All places, of open streams and free ones.
  var slots: Range<Int32> { unsafe 0..<Int32(blocks.count * Self.blockCount) }

  /// The state of the open stream in a place of `slots`.
  func open(at slot: Int32) -> UnsafeMutablePointer<StreamState>? {
    let state = unsafe pointer(slot)
    return unsafe state.pointee.number != 0 ? state : nil
  }

  /// Any open stream, to close them all one after another.
  func first() -> UnsafeMutablePointer<StreamState>? {
    for slot in slots {
      if let state = unsafe open(at: slot) { return unsafe state }
    }
    return nil
  }

  private func pointer(_ slot: Int32) -> UnsafeMutablePointer<StreamState> {
    let (block, index) = Int(slot).quotientAndRemainder(dividingBy: Self.blockCount)
    return unsafe blocks[block] + index
  }
}
