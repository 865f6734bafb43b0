/// Texts in the form of RFC 7468: bytes in base 64 between two lines that say what they are.
enum PEMText {
  /// The bytes between the lines of this label, in order; nil if one of them is not ended, or is not in base 64. Other lines
  /// are passed over.
  static func blocks(_ label: String, in bytes: [UInt8]) -> [[UInt8]]? {
    let (begin, end) = (Array("-----BEGIN \(label)-----".utf8), Array("-----END \(label)-----".utf8))
    var blocks: [[UInt8]] = []
    var text: [UInt8]?
    for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      if line.elementsEqual(begin) {
        guard text == nil else { return nil }
        text = []
      } else if line.elementsEqual(end) {
        guard let whole = text.take(), let block = decoded(whole) else { return nil }
        blocks.append(block)
      } else {
        text?.append(contentsOf: line)
      }
    }
    return text == nil ? blocks : nil
  }

  /// RFC 4648 §4, with padding, and with no bits that say nothing.
  private static func decoded(_ text: [UInt8]) -> [UInt8]? {
    guard !text.isEmpty, text.count.isMultiple(of: 4) else { return nil }
    let digits = text.prefix { $0 != UInt8(ascii: "=") }
    let padding = text.count - digits.count
    guard padding <= 2, text.suffix(padding).allSatisfy({ $0 == UInt8(ascii: "=") }) else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var (bits, width) = (0, 0)
    for digit in digits {
      guard let value = value(digit) else { return nil }
      (bits, width) = (bits << 6 | value, width + 6)
      guard width >= 8 else { continue }
      width -= 8
      bytes.append(UInt8(bits >> width))
      bits &= 1 << width - 1
    }
    return bits == 0 ? bytes : nil
  }

  private static func value(_ digit: UInt8) -> Int? {
    switch digit {
    case 0x41...0x5A: Int(digit) - 0x41
    case 0x61...0x7A: Int(digit) - 0x61 + 26
    case 0x30...0x39: Int(digit) - 0x30 + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
