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
    var characters: UInt64 = 0
    for place in 0..<8 as Range<UInt64> {
      characters |= UInt64(alphabet[Int(truncatingIfNeeded: bits >> (58 - 6 * place) & 0x3F)]) << (8 * place)
    }
    return characters
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

  /// A to Z, a to z, 0 to 9, hyphen and underscore. Written out, so that it stands in the program as it is.
  private static let alphabet: InlineArray<64, UInt8> = [
    65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90,
    97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120,
    121, 122, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 45, 95,
  ]

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
