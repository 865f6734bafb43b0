import CZlib
import GRPCRuntime
import Testing

/// Messages by gzip: what comes out, and what is refused before it costs memory.
@Suite struct MessageCompressorTests {
  /// "hello hello hello hello hello" by Python's gzip.
  private static let hello: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 192, 78, 2, 0, 246, 210, 83, 56, 29, 0, 0, 0,
  ]
  private static let helloText = Array("hello hello hello hello hello".utf8)

  private func inflate(_ bytes: [UInt8], limit: Int = 100) -> Result<[UInt8], GRPCStatus> {
    let compressor = MessageCompressor(inflatedBytesMax: limit, compressedBytesMin: 0)
    return Result { () throws(GRPCStatus) in
      try compressor.contents(of: ReceivedMessage(bytes, isCompressed: true))
    }
  }

  private func code(_ bytes: [UInt8], limit: Int = 100) -> GRPCStatus.Code? {
    guard case .failure(let status) = inflate(bytes, limit: limit) else { return nil }
    return status.code
  }

  @Test func `a message another program compressed is inflated`() throws {
    #expect(try inflate(Self.hello).get() == Self.helloText)
  }

  @Test func `a message that is not flagged is left alone, whatever it looks like`() throws {
    #expect(try MessageCompressor.forTests.contents(of: ReceivedMessage(Self.hello)) == Self.hello)
  }

  @Test func `the limit itself passes and one byte more is refused`() throws {
    #expect(try inflate(Self.hello, limit: 29).get() == Self.helloText)
    #expect(code(Self.hello, limit: 28) == .resourceExhausted)
    #expect(code(Self.hello, limit: 0) == .resourceExhausted)
  }

  @Test(arguments: 0..<hello.count)
  func `a byte that was changed is noticed wherever something depends on it`(index: Int) throws {
    var bytes = Self.hello
    bytes[index] ^= 0xFF
    // RFC 1952 §2.3: the time, the hints about the compressor and the operating system carry nothing.
    if (4...9).contains(index) {
      #expect(try inflate(bytes).get() == Self.helloText)
    } else {
      #expect(code(bytes, limit: 1 << 20) == .internal)
    }
  }

  @Test(arguments: 0..<hello.count)
  func `a message that stops early is refused`(count: Int) {
    #expect(code(Array(Self.hello[..<count])) == .internal)
  }

  @Test(arguments: [[0], [1, 2, 3, 4], hello])
  func `bytes behind the end are refused, a second gzip too`(extra: [UInt8]) {
    #expect(code(Self.hello + extra) == .internal)
  }

  @Test func `another format is refused`() {
    #expect(code([0x78, 0x9C] + [UInt8](repeating: 0, count: 30)) == .internal)
    #expect(code([UInt8](repeating: 0, count: 30)) == .internal)
  }

  @Test func `a length that is claimed too low is damage, or too long if it is that as well`() {
    var bytes = MessageCompressor.forTests.compressed(EncodedMessage([UInt8](repeating: 7, count: 100_000))).first
    bytes[bytes.count - 4..<bytes.count] = [1, 0, 0, 0]
    #expect(code(bytes, limit: 100_000) == .internal)
    #expect(code(bytes, limit: 99_999) == .resourceExhausted)
  }

  @Test func `a length that is claimed too high is damage and takes no memory`() {
    var bytes = Self.hello
    bytes[bytes.count - 4..<bytes.count] = [0xFF, 0xFF, 0xFF, 0xFF]
    #expect(code(bytes, limit: .max) == .internal)
  }

  @Test(arguments: [100, 4 << 20]) func `a gibibyte of zeros stops at the limit`(limit: Int) {
    let bomb = Bomb.gibibyte
    #expect(bomb.count < 2 << 20)
    #expect(code(bomb, limit: limit) == .resourceExhausted)
  }

  @Test func `such a bomb is read to its end where that is allowed`() {
    // It shows that the bomb is one: everything in it is right except its checksum, which comes after all of it.
    #expect(code(Bomb.zeros(mebibytes: 8), limit: 8 << 20) == .internal)
    #expect(code(Bomb.zeros(mebibytes: 8), limit: (8 << 20) - 1) == .resourceExhausted)
  }

  @Test func `a message behind one that failed is inflated like any other`() throws {
    let compressor = MessageCompressor(inflatedBytesMax: 29, compressedBytesMin: 0)
    for bad in [Array(Self.hello[..<25]), Self.hello + [0], Bomb.gibibyte] {
      #expect(throws: GRPCStatus.self) { try compressor.contents(of: ReceivedMessage(bad, isCompressed: true)) }
      #expect(try compressor.contents(of: ReceivedMessage(Self.hello, isCompressed: true)) == Self.helloText)
    }
  }

  @Test(arguments: [30, 1000, 65_536, 1_000_000])
  func `what is compressed is shorter and inflates to what it was, in segments too`(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 16) }
    var message = EncodedMessage(Array(bytes[..<7]))
    message.append([])
    message.append(Array(bytes[7...]))
    let compressed = MessageCompressor.forTests.compressed(message)
    #expect(compressed.isCompressed)
    #expect(compressed.count < count)
    #expect(try inflate(compressed.first, limit: count).get() == bytes)
  }

  @Test func `what would not become shorter goes as it is`() {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    for message in [EncodedMessage(bytes), EncodedMessage([]), EncodedMessage([1]), EncodedMessage([1, 1, 1])] {
      #expect(MessageCompressor.forTests.compressed(message) == message)
    }
  }

  @Test func `what is short, or must not be compressed, goes as it is`() {
    let compressor = MessageCompressor(inflatedBytesMax: 0, compressedBytesMin: 1000)
    let short = EncodedMessage([UInt8](repeating: 0, count: 999))
    var long = EncodedMessage([UInt8](repeating: 0, count: 1000))
    #expect(!compressor.compressed(short).isCompressed)
    #expect(compressor.compressed(long).isCompressed)
    #expect(compressor.compressed(compressor.compressed(long)) == compressor.compressed(long))
    long.isCompressible = false
    #expect(!compressor.compressed(long).isCompressed)
  }

  @Test func `many threads compress and inflate at the same time`() async throws {
    let compressor = MessageCompressor.forTests
    try await withThrowingTaskGroup { group in
      for task in 0..<8 {
        group.addTask {
          for count in 100..<400 {
            let bytes = [UInt8](repeating: UInt8(task), count: count * 10)
            let compressed = compressor.compressed(EncodedMessage(bytes))
            let inflated = try compressor.contents(of: ReceivedMessage(compressed.first, isCompressed: true))
            #expect(inflated == bytes)
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

/// A gzip that is small and inflates to very many zeros; its checksum is wrong, which only its end would tell.
enum Bomb {
  static let gibibyte = zeros(mebibytes: 1024)

  static func zeros(mebibytes: Int) -> [UInt8] {
    // Zeros, a mebibyte at a time: each block ends at a byte and refers to nothing before it, so it can be repeated.
    let header: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 0, 255]
    let block = mebibyteBlock()
    let lastBlock: [UInt8] = [3, 0]
    let checksum: [UInt8] = [0, 0, 0, 0]
    let length = (0..<4).map { UInt8(truncatingIfNeeded: (mebibytes << 20) >> ($0 * 8)) }
    return header + (0..<mebibytes).flatMap { _ in block } + lastBlock + checksum + length
  }

  private static func mebibyteBlock() -> [UInt8] {
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    return unsafe withUnsafeTemporaryAllocation(of: z_stream.self, capacity: 1) { streams in
      unsafe streams.initialize(repeating: z_stream())
      let stream = streams.baseAddress
      precondition(unsafe czlib_gzip_deflate_init(stream, 9) == Z_OK)
      defer { unsafe _ = deflateEnd(stream) }
      return unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { output, count in
        unsafe zeros.withUnsafeBufferPointer { input in
          unsafe streams[0].next_in = input.baseAddress
          unsafe streams[0].avail_in = UInt32(input.count)
          unsafe streams[0].next_out = output.baseAddress
          unsafe streams[0].avail_out = UInt32(output.count)
          precondition(unsafe deflate(stream, Z_FULL_FLUSH) == Z_OK)
          unsafe precondition(streams[0].avail_in == 0)
        }
        count = unsafe output.count - Int(streams[0].avail_out)
      }
      // Without gzip's header.
      .suffix(from: 10).map { $0 }
    }
  }
}
