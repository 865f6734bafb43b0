/// SipHash-2-4 with a result of 128 bits (Aumasson and Bernstein, 2012): a pseudorandom function for short inputs.
///
/// Whoever does not know the key can neither predict a result nor find an input to one. It is some twenty times
/// cheaper than HMAC, and every record that is read takes three results.
package struct SipHash: Sendable {
  /// The length of a key, in bytes.
  package static let keyByteCount = 16

  private let key: (UInt64, UInt64)

  /// The function with a key of 16 bytes.
  package init(key: [UInt8]) {
    precondition(key.count == Self.keyByteCount, "a SipHash key has 16 bytes")
    self.key = (Self.word(key[0..<8]), Self.word(key[8..<16]))
  }

  /// The result for the bytes; the first half is the first in memory order.
  package func hash(_ bytes: some RandomAccessCollection<UInt8>) -> (UInt64, UInt64) {
    var state = State(key)
    var rest = bytes[...]
    while rest.count >= 8 {
      state.absorb(Self.word(rest.prefix(8)))
      rest = rest.dropFirst(8)
    }
    state.absorb(Self.word(rest) | UInt64(truncatingIfNeeded: bytes.count) << 56)
    return state.finish()
  }

  /// The result for the 16 bytes of two little-endian numbers, without an array in between. Whoever needs the first half
  /// alone does not pay for the second.
  @inline(__always)
  package func hash(_ first: UInt64, _ second: UInt64) -> (UInt64, UInt64) {
    var state = State(key)
    state.absorb(first)
    state.absorb(second)
    state.absorb(16 << 56)
    return state.finish()
  }

  /// Up to eight bytes as a little-endian number.
  private static func word(_ bytes: some Collection<UInt8>) -> UInt64 {
    var word: UInt64 = 0
    var shift: UInt64 = 0
    for byte in bytes {
      word |= UInt64(byte) << shift
      shift += 8
    }
    return word
  }

  private struct State {
    var v0: UInt64
    var v1: UInt64
    var v2: UInt64
    var v3: UInt64

    @inline(__always)
    init(_ key: (UInt64, UInt64)) {
      v0 = key.0 ^ 0x736f_6d65_7073_6575
      v1 = key.1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
      v2 = key.0 ^ 0x6c79_6765_6e65_7261
      v3 = key.1 ^ 0x7465_6462_7974_6573
    }

    @inline(__always)
    mutating func absorb(_ word: UInt64) {
      v3 ^= word
      round()
      round()
      v0 ^= word
    }

    @inline(__always)
    mutating func finish() -> (UInt64, UInt64) {
      v2 ^= 0xee
      fourRounds()
      let first = v0 ^ v1 ^ v2 ^ v3
      v1 ^= 0xdd
      fourRounds()
      return (first, v0 ^ v1 ^ v2 ^ v3)
    }

    @inline(__always)
    private mutating func fourRounds() {
      round()
      round()
      round()
      round()
    }

    @inline(__always)
    private mutating func round() {
      v0 &+= v1
      v1 = v1.rotated(by: 13) ^ v0
      v0 = v0.rotated(by: 32)
      v2 &+= v3
      v3 = v3.rotated(by: 16) ^ v2
      v0 &+= v3
      v3 = v3.rotated(by: 21) ^ v0
      v2 &+= v1
      v1 = v1.rotated(by: 17) ^ v2
      v2 = v2.rotated(by: 32)
    }
  }
}

extension UInt64 {
  /// The number with its bits moved to the left, those that fall off coming in again on the right.
  @inline(__always)
  fileprivate func rotated(by count: UInt64) -> UInt64 { self << count | self >> (64 - count) }

  /// The bytes, least significant first.
  var littleEndianBytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: self >> UInt64($0 * 8)) }
  }

  /// Reads the first eight bytes, least significant first; fewer count as zero.
  init(littleEndian bytes: some Sequence<UInt8>) {
    self = bytes.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64($1.offset * 8) }
  }
}
