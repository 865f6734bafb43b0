@testable import SocketTransport
import Testing

/// RFC 8446 §4.1.2 and §5.1, RFC 7301 §3.1: what a client says first, and what is made of it.
struct ClientHelloTests {
  @Test func `a client that offers h2 may go on`() {
    #expect(verdict(on: record(hello(offering: ["h2"]))) == .proceed)
    #expect(verdict(on: record(hello(offering: ["http/1.1", "h2"]))) == .proceed)
  }

  @Test(arguments: [["http/1.1"], ["h3", "h2c"], ["H2"], ["h"], ["h22"]])
  func `a client that offers other protocols is refused`(offer: [String]) {
    #expect(verdict(on: record(hello(offering: offer))) == .refuse(.noApplicationProtocol))
  }

  @Test func `a client that offers no protocol is refused`() {
    #expect(
      verdict(on: record(hello(extensions: extensionBytes(10, [0, 2, 0, 29])))) == .refuse(.noApplicationProtocol))
    #expect(verdict(on: record(hello(extensions: []))) == .refuse(.noApplicationProtocol))
  }

  @Test func `a ClientHello without extensions offers nothing`() {
    #expect(verdict(on: record(handshake(start))) == .refuse(.noApplicationProtocol))
  }

  @Test func `byte by byte the verdict is the same, and comes with the last byte`() {
    let bytes = record(hello(offering: ["h2"]))
    var reader = ClientHelloReader(bytesMax: 16 * 1024)
    for byte in bytes.dropLast() { #expect(reader.read([byte]) == .needsMore) }
    #expect(reader.read(bytes.suffix(1)) == .proceed)
  }

  @Test(arguments: [1, 2, 3, 100])
  func `a ClientHello may come in many records`(size: Int) {
    let message = hello(offering: ["h2"])
    let pieces = stride(from: 0, to: message.count, by: size).map { Array(message[$0...].prefix(size)) }
    #expect(verdict(on: pieces.flatMap { record($0) }) == .proceed)
  }

  @Test func `what follows the ClientHello is not looked at`() {
    #expect(verdict(on: record(hello(offering: ["h2"])) + [1, 2, 3]) == .proceed)
  }

  @Test func `a ClientHello of the limit passes and one of a byte more does not`() {
    let bytes = record(hello(offering: ["h2"]))
    #expect(verdict(on: bytes, bytesMax: bytes.count) == .proceed)
    #expect(verdict(on: bytes, bytesMax: bytes.count - 1) == .refuse(.illegalParameter))
  }

  @Test func `a ClientHello that says it is too long is refused at once`() {
    var reader = ClientHelloReader(bytesMax: 16 * 1024)
    #expect(reader.read([22, 3, 1, 0x40, 0, 1, 0, 0x40, 1]) == .refuse(.illegalParameter))
  }

  @Test func `bytes that are not of TLS are told by the first`() {
    for first in UInt8.min...UInt8.max where first != 22 {
      #expect(verdict(on: [first]) == .notTLS)
    }
    #expect(verdict(on: Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)) == .notTLS)
    #expect(verdict(on: [22, 2]) == .notTLS)
  }

  @Test func `records of other kinds, empty ones and long ones are refused`() {
    let half = record(Array(hello(offering: ["h2"]).prefix(10)))
    #expect(verdict(on: half + [21]) == .refuse(.unexpectedMessage))
    #expect(verdict(on: half + [22, 3, 1, 0, 0]) == .refuse(.unexpectedMessage))
    #expect(verdict(on: [22, 3, 1, 0x40, 1]) == .refuse(.recordOverflow))
    #expect(verdict(on: [22, 3, 1, 0x40, 0]) == .needsMore)
    #expect(verdict(on: record([2, 0, 0, 0])) == .refuse(.unexpectedMessage))
  }

  @Test func `a malformed offer is refused`() {
    let malformed: [[UInt8]] = [
      [], [0], [0, 0], [0, 1, 0], [0, 3, 2, 104], [0, 3, 3, 104, 50], [0, 3, 2, 104, 50, 0],
    ]
    for body in malformed {
      #expect(verdict(on: record(hello(extensions: extensionBytes(16, body)))) == .refuse(.decodeError), "\(body)")
    }
    let twice = extensionBytes(16, offer(["h2"])) + extensionBytes(16, offer(["h2"]))
    #expect(verdict(on: record(hello(extensions: twice))) == .refuse(.illegalParameter))
  }

  @Test func `cut anywhere inside, it is malformed`() {
    let body = Array(hello(offering: ["h2"]).dropFirst(4))
    for length in 0..<body.count {
      let expected: ClientHelloReader.Verdict =
        length == start.count ? .refuse(.noApplicationProtocol) : .refuse(.decodeError)
      #expect(verdict(on: record(handshake(Array(body.prefix(length))))) == expected, "\(length) bytes")
    }
  }

  @Test func `any change leads to a verdict, whole and byte by byte alike`() {
    var chance = SplitMix(state: 62)
    let original = record(hello(offering: ["http/1.1", "h2"]))
    for _ in 0..<20_000 {
      var bytes = original
      for _ in 0...Int.random(in: 0..<4, using: &chance) {
        switch Int.random(in: 0..<4, using: &chance) {
        case 0: bytes[Int.random(in: bytes.indices, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
        case 1:
          bytes.insert(UInt8.random(in: 0...255, using: &chance), at: Int.random(in: bytes.indices, using: &chance))
        case 2: bytes.remove(at: Int.random(in: bytes.indices, using: &chance))
        default: bytes[Int.random(in: bytes.indices, using: &chance)] ^= 1 << UInt8.random(in: 0..<8, using: &chance)
        }
      }
      var reader = ClientHelloReader(bytesMax: 16 * 1024)
      var piecewise = ClientHelloReader.Verdict.needsMore
      for byte in bytes {
        piecewise = reader.read([byte])
        if piecewise != .needsMore { break }
      }
      #expect(piecewise == verdict(on: bytes))
    }
  }

  private func verdict(on bytes: [UInt8], bytesMax: Int = 16 * 1024) -> ClientHelloReader.Verdict {
    var reader = ClientHelloReader(bytesMax: bytesMax)
    return reader.read(bytes)
  }

  /// Version, random, session id, one cipher suite, one compression method.
  private let start: [UInt8] = [3, 3] + [UInt8](repeating: 7, count: 32) + [2, 1, 2] + [0, 2, 0x13, 1] + [1, 0]

  private func hello(offering names: [String]) -> [UInt8] {
    hello(
      extensions: extensionBytes(10, [0, 2, 0, 29]) + extensionBytes(16, offer(names)) + extensionBytes(43, [2, 3, 4]))
  }

  private func hello(extensions: [UInt8]) -> [UInt8] {
    handshake(start + counted(extensions))
  }

  private func offer(_ names: [String]) -> [UInt8] {
    counted(names.flatMap { [UInt8($0.utf8.count)] + $0.utf8 })
  }

  private func extensionBytes(_ type: UInt8, _ body: [UInt8]) -> [UInt8] {
    [0, type] + counted(body)
  }

  private func handshake(_ body: [UInt8]) -> [UInt8] {
    [1, 0] + counted(body)
  }

  private func record(_ body: [UInt8]) -> [UInt8] {
    [22, 3, 1] + counted(body)
  }

  private func counted(_ body: [UInt8]) -> [UInt8] {
    [UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
  }
}

/// Chance that is the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
