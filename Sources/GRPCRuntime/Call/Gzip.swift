internal import CZlib
internal import Synchronization

/// gzip by zlib, one message at a time. Safe to use from any thread.
///
/// zlib's state takes 40 kB to inflate and 270 kB to deflate, so it is not made for each call: what one message has used
/// is kept for the next one. There is as much of it as messages were ever worked on at the same moment, which is at most
/// one for each thread, and none until the first message.
package final class Gzip: Sendable {
  /// Why bytes could not be inflated.
  package enum Failure: Error {
    /// They are not gzip, were changed, or stop too early.
    case damaged
    /// Something stands behind their end.
    case trailingBytes
    /// They inflate to more than was allowed.
    case tooLong
    /// zlib got no memory for its state.
    case outOfMemory
  }

  private let inflaters = Mutex<[ZlibStream]>([])
  private let deflaters = Mutex<[ZlibStream]>([])

  /// Makes one that holds no memory yet.
  package init() {}

  /// The inflated bytes, at most `bytesMax` of them.
  ///
  /// Throws why there are none. It never holds more than `bytesMax` bytes and a small buffer.
  package func inflate(_ bytes: [UInt8], bytesMax: Int) throws(Failure) -> [UInt8] {
    guard let stream = inflaters.withLock({ $0.popLast() }) ?? ZlibStream(.inflate) else {
      throw .outOfMemory
    }
    defer { inflaters.withLock { $0.append(stream) } }
    return try stream.inflate(bytes, bytesMax: bytesMax)
  }

  /// The message's bytes compressed, or nil when that does not make them shorter.
  package func deflate(_ message: EncodedMessage) -> [UInt8]? {
    guard let stream = deflaters.withLock({ $0.popLast() }) ?? ZlibStream(.deflate) else { return nil }
    defer { deflaters.withLock { $0.append(stream) } }
    return stream.deflate(message)
  }
}

/// One `z_stream`, used for one message after the other.
// SENDABLE: it is either in a list of `Gzip` or in the hands of the one function that took it out, never in both.
// SAFETY: `stream` is made in `init` and released in `deinit`; zlib reads `next_in` and writes `next_out` only inside of
// the functions that lend them, which clear both before they return, and within the lengths set beside them.
@safe private final class ZlibStream: @unchecked Sendable {
  enum Direction {
    case inflate, deflate
  }

  /// zlib's fastest level: an event loop serves others as soon as it is done, and better ones gain little on messages.
  private static let level: Int32 = 1

  /// The shortest gzip there is: a header of ten bytes, an empty block of two, a trailer of eight.
  private static let gzipBytesMin = 20

  /// deflate makes at most 1032 bytes of one.
  private static let expansionMax = 1032

  private static let scratchBytes = 16 * 1024

  private let direction: Direction
  /// zlib's state points back at it, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>

  /// Fails when there is no memory.
  init?(_ direction: Direction) {
    self.direction = direction
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let code =
      switch direction {
      case .inflate: unsafe czlib_gzip_inflate_init(stream)
      case .deflate: unsafe czlib_gzip_deflate_init(stream, Self.level)
      }
    // A failure of `init` runs `deinit`, and zlib's end functions accept a stream without a state.
    guard code == Z_OK else { return nil }
  }

  deinit {
    switch direction {
    case .inflate: unsafe _ = inflateEnd(stream)
    case .deflate: unsafe _ = deflateEnd(stream)
    }
    unsafe stream.deallocate()
  }

  // MARK: Inflating

  func inflate(_ bytes: [UInt8], bytesMax: Int) throws(Gzip.Failure) -> [UInt8] {
    guard bytes.count >= Self.gzipBytesMin else { throw .damaged }
    // One byte more than the bytes claim and than is allowed: if it is written, one of the two was wrong.
    let capacity = min(Self.claimedLength(bytes), bytesMax, bytes.count * Self.expansionMax, Int(UInt32.max) - 1) + 1
    var outcome = Result<Void, Gzip.Failure>.success(())
    let output = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
      outcome = unsafe bytes.withUnsafeBufferPointer { input in
        unsafe inflate(input, into: buffer, &count, bytesMax: bytesMax)
      }
    }
    try outcome.get()
    return output
  }

  /// RFC 1952 §2.3.1: ISIZE, the last four bytes, is the length of the original input modulo 2^32.
  private static func claimedLength(_ bytes: [UInt8]) -> Int {
    bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private func inflate(
    _ input: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int,
    bytesMax: Int
  ) -> Result<Void, Gzip.Failure> {
    unsafe stream.pointee.next_in = input.baseAddress
    unsafe stream.pointee.avail_in = UInt32(input.count)
    defer { unsafe clear(inflateReset) }
    let code = unsafe step(CZlib.inflate, Z_FINISH, into: output, &count)
    if count > bytesMax { return .failure(.tooLong) }
    switch code {
    case Z_STREAM_END: return unsafe stream.pointee.avail_in == 0 ? .success(()) : .failure(.trailingBytes)
    case Z_MEM_ERROR: return .failure(.outOfMemory)
    // The claim was too low, so the bytes are damaged, but they may also be longer than is allowed.
    case Z_BUF_ERROR where unsafe stream.pointee.avail_out == 0:
      return .failure(hasMore(than: bytesMax - count) ? .tooLong : .damaged)
    default: return .failure(.damaged)
    }
  }

  /// Whether more than `count` bytes follow; they are thrown away.
  private func hasMore(than count: Int) -> Bool {
    var total = 0
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.scratchBytes) { scratch in
      while total <= count {
        var written = 0
        let code = unsafe step(CZlib.inflate, Z_NO_FLUSH, into: scratch, &written)
        total += written
        guard code == Z_OK else { return total > count }
      }
      return true
    }
  }

  // MARK: Deflating

  func deflate(_ message: EncodedMessage) -> [UInt8]? {
    // What is not shorter is of no use, so there is no room for it.
    let capacity = min(message.count - 1, Int(UInt32.max))
    guard capacity > 0 else { return nil }
    defer { unsafe clear(deflateReset) }
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { output in
      unsafe stream.pointee.next_out = output.baseAddress
      unsafe stream.pointee.avail_out = UInt32(capacity)
      var written = 0
      for segment in [message.first] + message.rest {
        guard deflate(segment, Z_NO_FLUSH) == Z_OK, unsafe stream.pointee.avail_in == 0 else { return nil }
      }
      guard deflate([], Z_FINISH) == Z_STREAM_END else { return nil }
      written = unsafe capacity - Int(stream.pointee.avail_out)
      // A copy of its own length: the message may wait for its peer, and is counted by what it holds.
      return unsafe [UInt8](output[..<written])
    }
  }

  private func deflate(_ segment: [UInt8], _ flush: Int32) -> Int32 {
    guard segment.count <= Int(UInt32.max) else { return Z_BUF_ERROR }
    // zlib calls a step without input and without output an error.
    guard !segment.isEmpty || flush == Z_FINISH else { return Z_OK }
    return unsafe segment.withUnsafeBufferPointer { input in
      unsafe stream.pointee.next_in = input.baseAddress
      unsafe stream.pointee.avail_in = UInt32(input.count)
      return unsafe CZlib.deflate(stream, flush)
    }
  }

  // MARK: Both

  private func step(
    _ function: (z_streamp?, Int32) -> Int32, _ flush: Int32, into output: UnsafeMutableBufferPointer<UInt8>,
    _ count: inout Int
  ) -> Int32 {
    unsafe stream.pointee.next_out = output.baseAddress
    unsafe stream.pointee.avail_out = UInt32(output.count)
    let code = unsafe function(stream, flush)
    count = unsafe output.count - Int(stream.pointee.avail_out)
    return code
  }

  /// Forgets the message and what was lent for it.
  private func clear(_ reset: (z_streamp?) -> Int32) {
    unsafe stream.pointee.next_in = nil
    unsafe stream.pointee.avail_in = 0
    unsafe stream.pointee.next_out = nil
    unsafe stream.pointee.avail_out = 0
    let code = unsafe reset(stream)
    precondition(code == Z_OK, "zlib cannot be reset: \(code)")
  }
}
