/// Base64 (RFC 4648): in `-bin` metadata without padding, in ProtoJSON with it.
package enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The bytes as text.
  package static func encode(_ bytes: [UInt8], padded: Bool) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var pending: UInt32 = 0
    var pendingBits = 0
    for byte in bytes {
      pending = pending << 8 | UInt32(byte)
      pendingBits += 8
      while pendingBits >= 6 {
        pendingBits -= 6
        text.append(alphabet[Int(pending >> UInt32(pendingBits) & 0x3F)])
      }
    }
    if pendingBits > 0 {
      text.append(alphabet[Int(pending << UInt32(6 - pendingBits) & 0x3F)])
    }
    if padded {
      while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes that a text stands for, padded or not; nil when it is not Base64.
  /// - Parameter allowsURLAlphabet: whether `-` and `_` are read like `+` and `/`.
  package static func decode(_ text: some Collection<UInt8>, allowsURLAlphabet: Bool = false) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count * 3 / 4)
    var pending: UInt32 = 0
    var pendingBits = 0
    var digitCount = 0
    var paddingCount = 0
    for character in text {
      if character == UInt8(ascii: "=") {
        paddingCount += 1
        continue
      }
      guard paddingCount == 0, let digit = digitValue(character, allowsURLAlphabet) else { return nil }
      digitCount += 1
      pending = pending << 6 | UInt32(digit)
      pendingBits += 6
      if pendingBits >= 8 {
        pendingBits -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(pendingBits)))
      }
    }
    // One digit left over holds no whole byte; padding, if there is any, must fill the last group.
    if digitCount % 4 == 1 { return nil }
    if paddingCount > 0, paddingCount > 2 || (digitCount + paddingCount) % 4 != 0 { return nil }
    return bytes
  }

  private static func digitValue(_ character: UInt8, _ allowsURLAlphabet: Bool) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    case UInt8(ascii: "-") where allowsURLAlphabet: 62
    case UInt8(ascii: "_") where allowsURLAlphabet: 63
    default: nil
    }
  }
}
