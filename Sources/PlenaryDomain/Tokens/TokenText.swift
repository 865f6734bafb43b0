/// The text form of tokens: base64url without padding (RFC 4648 §5).
package enum TokenText {
  /// The characters for the bytes.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    text.append(addingCapacity: (bytes.count * 8 + 5) / 6) { output in
      var encoder = Encoder()
      for byte in bytes { encoder.append(byte, to: &output) }
      encoder.finish(&output)
    }
    return String(decoding: text, as: UTF8.self)
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

  /// Turns bytes into characters of six bits each, in room that is large enough.
  struct Encoder {
    private var bits: UInt32 = 0
    private var bitCount: UInt32 = 0

    mutating func append(_ byte: UInt8, to text: inout OutputSpan<UInt8>) {
      bits = bits << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        text.append(TokenText.character(for: UInt8(truncatingIfNeeded: bits >> bitCount) & 0x3F))
      }
    }

    /// The first bytes of a number, least significant first.
    mutating func append(_ word: UInt64, byteCount: UInt64, to text: inout OutputSpan<UInt8>) {
      for place in 0..<byteCount { append(UInt8(truncatingIfNeeded: word >> (8 * place)), to: &text) }
    }

    mutating func finish(_ text: inout OutputSpan<UInt8>) {
      guard bitCount > 0 else { return }
      text.append(TokenText.character(for: UInt8(truncatingIfNeeded: bits << (6 - bitCount)) & 0x3F))
    }
  }

  /// The character for six bits. The bits of a token are as good as random, so branches on them would cost more than all
  /// else: the shifts give all ones where the value lies behind a run of the alphabet, and the steps lead from run to run.
  private static func character(for value: UInt8) -> UInt8 {
    let value = Int16(value)
    let fromCapitals = (25 - value) >> 8 & 6
    let fromSmall = (51 - value) >> 8 & 75
    let fromDigits = (61 - value) >> 8 & 13
    let fromHyphen = (62 - value) >> 8 & 49
    return UInt8(truncatingIfNeeded: 65 + value + fromCapitals - fromSmall - fromDigits + fromHyphen)
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
