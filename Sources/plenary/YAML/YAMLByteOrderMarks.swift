internal import Yams

/// Tells which texts of a YAML file begin with U+FEFF: Foundation, by which the parser makes them, takes that for the mark
/// of an encoding and leaves it out. It can only stand there escaped.
///
/// It is asked in the order of the file, and goes on where it was: a line may be as long as the file.
struct YAMLByteOrderMarks {
  private let bytes: [UInt8]
  /// Where each line begins; empty if there is no such escape in the file.
  private let lineStarts: [Int]
  /// The place of the text that was asked about last.
  private var reached = (line: 0, column: 1, offset: 0)

  private static let quote = UInt8(ascii: "\"")
  /// YAML 1.2.2 §5.7, in lower case.
  private static let escapes = ["\\ufeff", "\\u0000feff"].map { Array($0.utf8) }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    let begins = bytes.indices.contains { bytes[$0] == Self.quote && Self.isEscape(bytes[($0 + 1)...]) }
    lineStarts = begins ? Self.lineStarts(bytes) : []
  }

  /// Whether a text begins with U+FEFF in the file.
  mutating func isLost(from scalar: Node.Scalar) -> Bool {
    guard scalar.style == .doubleQuoted, let mark = scalar.mark, lineStarts.indices.contains(mark.line - 1) else {
      return false
    }
    if reached.line != mark.line || reached.column > mark.column {
      reached = (mark.line, 1, lineStarts[mark.line - 1])
    }
    var rest = bytes[reached.offset...]
    for _ in reached.column..<max(reached.column, mark.column) {
      rest = rest.dropFirst().drop { $0 & 0xC0 == 0x80 }
    }
    reached = (mark.line, max(1, mark.column), rest.startIndex)
    // A tag may stand before the text.
    guard let start = rest.firstIndex(of: Self.quote) else { return false }
    return Self.isEscape(bytes[(start + 1)...])
  }

  private static func isEscape(_ bytes: ArraySlice<UInt8>) -> Bool {
    escapes.contains { escape in
      bytes.count >= escape.count && zip(bytes, escape).allSatisfy { $0 == $1 || $0 | 0x20 == $1 }
    }
  }

  /// YAML 1.1 §4.1.4: these break lines for the parser.
  private static func lineStarts(_ bytes: [UInt8]) -> [Int] {
    var starts = [0]
    for index in bytes.indices {
      switch bytes[index] {
      case 0x0A: starts.append(index + 1)
      case 0x0D where index + 1 == bytes.count || bytes[index + 1] != 0x0A: starts.append(index + 1)
      case 0x85 where index > 0 && bytes[index - 1] == 0xC2: starts.append(index + 1)
      case 0xA8, 0xA9:
        if index > 1, bytes[index - 1] == 0x80, bytes[index - 2] == 0xE2 { starts.append(index + 1) }
      default: break
      }
    }
    return starts
  }
}
