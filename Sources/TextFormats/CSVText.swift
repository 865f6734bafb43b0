/// Lines of comma-separated values, RFC 4180, in UTF-8 and without a byte order mark.
package enum CSVText {
  /// What stands in one cell.
  package enum Cell: Sendable, Equatable {
    /// A text. One that a spreadsheet would take for a formula has an apostrophe before it, and so has one that begins
    /// with an apostrophe: whoever reads takes one away at the beginning of a cell.
    case text(String)
    /// A number, a date or a word of ours, which is written as it is.
    case plain(String)
  }

  /// A line, with its end.
  package static func line(_ cells: [Cell]) -> [UInt8] {
    var line: [UInt8] = []
    for (index, cell) in cells.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      switch cell {
      case .text(let text): append(guarded(text), to: &line)
      case .plain(let text): append(text, to: &line)
      }
    }
    return line + [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
  }

  /// A text that no spreadsheet takes for a formula.
  package static func guarded(_ text: String) -> String {
    guard let first = text.unicodeScalars.first, formulaStarts.contains(first) else { return text }
    return "'" + text
  }

  /// What a text was before it was guarded.
  package static func unguarded(_ text: String) -> String {
    text.unicodeScalars.first == "'" ? String(String.UnicodeScalarView(text.unicodeScalars.dropFirst())) : text
  }

  /// What formulas begin with in one spreadsheet or another, the wide forms and what some pass over at the beginning
  /// included; and the apostrophe.
  private static let formulaStarts: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "|", "%", "\t", "\r", "\n", " ", "\u{A0}", "\u{FEFF}", "\u{200B}", "\u{200E}", "\u{200F}",
    "\u{0}",
    "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "'",
  ]

  private static func append(_ text: String, to line: inout [UInt8]) {
    let bytes = text.utf8
    guard bytes.contains(where: { quoted.contains($0) }) || bytes.first == space || bytes.last == space else {
      line += bytes
      return
    }
    line.append(quote)
    for byte in bytes {
      if byte == quote { line.append(quote) }
      line.append(byte)
    }
    line.append(quote)
  }

  private static let quote = UInt8(ascii: "\"")
  private static let space = UInt8(ascii: " ")
  private static let quoted: Set<UInt8> = [quote, UInt8(ascii: ","), UInt8(ascii: "\r"), UInt8(ascii: "\n")]
}
