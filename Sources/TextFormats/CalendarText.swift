/// The content lines of iCalendar, RFC 5545 §3.1, in UTF-8.
package enum CalendarText {
  /// The most octets of a line, its end not counted.
  package static let lineByteCountMax = 75

  /// A line with its end, folded: parts of at most 75 octets, each but the first behind a space. No part ends within a
  /// character.
  ///
  /// - Parameters:
  ///   - parameters: Names and values; a value is escaped as RFC 6868 has it, and quoted where it must be.
  ///   - value: The value as it stands in the file; texts go through `text`.
  package static func line(_ name: String, _ parameters: [(String, String)] = [], _ value: String) -> [UInt8] {
    let head = name + parameters.map { ";\($0)=\(parameter($1))" }.joined()
    return folded("\(head):\(value)")
  }

  /// A value of the type TEXT, §3.3.11. A line break, however it is written, becomes `\n`; other control characters, which a
  /// calendar cannot hold, become U+FFFD.
  package static func text(_ text: String) -> String {
    var escaped = ""
    for scalar in scalars(of: text) {
      switch scalar {
      case "\\": escaped += "\\\\"
      case ";": escaped += "\\;"
      case ",": escaped += "\\,"
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func parameter(_ value: String) -> String {
    var escaped = ""
    var needsQuotes = false
    for scalar in scalars(of: value) {
      switch scalar {
      case "^": escaped += "^^"
      case "\n": escaped += "^n"
      case "\"": escaped += "^'"
      default:
        escaped.unicodeScalars.append(scalar)
        needsQuotes = needsQuotes || [",", ";", ":"].contains(scalar)
      }
    }
    return needsQuotes ? "\"\(escaped)\"" : escaped
  }

  /// The characters with each line break as a line feed, and without control characters other than that and the tab.
  private static func scalars(of text: String) -> [Unicode.Scalar] {
    var scalars: [Unicode.Scalar] = []
    var follows = false
    for scalar in text.unicodeScalars {
      defer { follows = scalar == "\r" }
      switch scalar {
      case "\n" where follows: continue
      case "\r", "\n": scalars.append("\n")
      case "\t": scalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}": scalars.append("\u{FFFD}")
      default: scalars.append(scalar)
      }
    }
    return scalars
  }

  private static func folded(_ line: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var count = 0
    for scalar in line.unicodeScalars {
      let width = UTF8.width(scalar)
      if count + width > lineByteCountMax {
        bytes += "\r\n ".utf8
        count = 1
      }
      bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      count += width
    }
    return bytes + Array("\r\n".utf8)
  }
}
