internal import ProtobufRuntime

/// The text form of tokens: base64url without padding (RFC 4648 §5).
package enum TokenText {
  /// The characters for the bytes.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    let text = [UInt8](capacity: (bytes.count * 8 + 5) / 6) { output in
      var (bits, bitCount): (UInt64, Int) = (0, 0)
      for byte in bytes {
        bits |= UInt64(byte) << UInt64(56 - bitCount)
        bitCount += 8
        if bitCount == 48 {
          output.append(characters(bits), byteCount: 8)
          (bits, bitCount) = (0, 0)
        }
      }
      output.append(characters(bits), byteCount: (bitCount + 5) / 6)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The eight characters for the first 48 bits of a word, the first one in the first byte.
  static func characters(_ bits: UInt64) -> UInt64 {
    // Six bits to each byte, the first in the highest: halves, then quarters, then bytes.
    var digits = bits >> 16
    digits = (digits & 0xFFFF_FF00_0000) << 8 | digits & 0x00FF_FFFF
    digits = (digits & 0x00FF_F000_00FF_F000) << 4 | digits & 0x0000_0FFF_0000_0FFF
    digits = (digits & 0x0FC0_0FC0_0FC0_0FC0) << 2 | digits & 0x003F_003F_003F_003F
    // A character is its digit and 65 (A to Z), 71 (a to z from 26), -4 (0 to 9 from 52), -17 (hyphen) or 32 (underscore):
    // where a range begins, the difference to the one before is added.
    var characters = digits &+ Self.ones &* 65
    characters &+= Self.ones(inBytesOf: digits, from: 26) &* 6
    characters &-= Self.ones(inBytesOf: digits, from: 52) &* 75
    characters &-= Self.ones(inBytesOf: digits, from: 62) &* 13
    characters &+= Self.ones(inBytesOf: digits, from: 63) &* 49
    return characters.byteSwapped
  }

  /// A one in each byte.
  private static let ones: UInt64 = 0x0101_0101_0101_0101

  /// A one in each byte that is not below a digit, of bytes below 64.
  private static func ones(inBytesOf digits: UInt64, from digit: UInt64) -> UInt64 {
    (digits &+ ones &* (128 - digit)) >> 7 & ones
  }

  /// The bytes that the text stands for; nil unless `encode` would give this very text.
  package static func decode(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var bitCount: UInt32 = 0
    for character in text.utf8 {
      guard let value = value(of: character) else { return nil }
      bits = bits << 6 | UInt32(value)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
    }
    return encode(bytes) == text ? bytes : nil
  }

  private static func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "-"): 62
    case UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
