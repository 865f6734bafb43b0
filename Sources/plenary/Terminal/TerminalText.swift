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

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .control
  }
}
