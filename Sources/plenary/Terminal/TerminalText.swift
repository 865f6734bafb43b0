/// Texts of the registry made fit for a terminal and for a width.
enum TerminalText {
  /// A text without what would steer the terminal: others wrote it, and it must not move the cursor or hide a line.
  ///
  /// Line breaks and tabs become spaces, other control characters U+FFFD.
  static func oneLine(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n", "\r", "\t": scalars.append(" ")
      case _ where isControl(scalar): scalars.append("\u{FFFD}")
      default: scalars.append(scalar)
      }
    }
    return String(scalars)
  }

  /// A text cut to a number of cells, with an ellipsis where something is left out.
  static func shortened(_ text: String, to cells: Int) -> String {
    guard DisplayWidth.of(text) > cells else { return text }
    var kept = ""
    var width = 0
    for character in text {
      width += DisplayWidth.of(character)
      guard width < cells else { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// A text padded with spaces to a number of cells.
  static func padded(_ text: String, to cells: Int, alignment: Table.Alignment = .left) -> String {
    let space = String(repeating: " ", count: max(0, cells - DisplayWidth.of(text)))
    return alignment == .left ? text + space : space + text
  }

  /// A text within isolates if it holds anything that runs from right to left (Unicode Standard Annex #9).
  ///
  /// Isolates that it brings itself are left out, so that none of them ends ours or outlives it.
  static func isolated(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isRightToLeft) else { return text }
    let scalars = text.unicodeScalars.filter { !(0x2066...0x2069).contains($0.value) }
    return "\u{2068}\(String(String.UnicodeScalarView(scalars)))\u{2069}"
  }

  /// The blocks of the scripts that run from right to left, and the characters that turn text around.
  private static let rightToLeft: [ClosedRange<UInt32>] = [
    0x0590...0x08FF, 0x200F...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFB1D...0xFDFF, 0xFE70...0xFEFF,
    0x10800...0x10FFF, 0x1E800...0x1EFFF,
  ]

  private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x0590 && rightToLeft.contains { $0.contains(scalar.value) }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control
  }
}
