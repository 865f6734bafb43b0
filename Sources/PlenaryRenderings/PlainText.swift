/// What is done to texts of records before they stand in a rendering, so that none of them breaks out of its place.
enum PlainText {
  /// The text without what no rendering shows: control characters, and the controls that turn the direction of whatever
  /// comes after them. A line break stays one, however it is written.
  static func cleaned(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { isDropped($0) || isBreak($0) }) else { return text }
    var cleaned = String.UnicodeScalarView()
    var wasReturn = false
    for scalar in text.unicodeScalars {
      if isBreak(scalar) {
        // A line feed after a carriage return is the same break.
        if !(wasReturn && scalar == "\n") { cleaned.append("\n") }
      } else if scalar == "\t" {
        cleaned.append(" ")
      } else if !isDropped(scalar) {
        cleaned.append(scalar)
      }
      wasReturn = scalar == "\r"
    }
    return String(cleaned)
  }

  /// The paragraphs of a text: its lines that are not empty.
  static func paragraphs(_ text: String) -> [String] {
    cleaned(text).split(separator: "\n").map { trimmed(String($0)) }.filter { !$0.isEmpty }
  }

  /// The text in one line.
  static func line(_ text: String) -> String {
    cleaned(text).split(separator: "\n").map { trimmed(String($0)) }.filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The text in one line of at most so many characters, with an ellipsis where it is cut.
  static func clipped(_ text: String, to count: Int) -> String {
    let line = line(text)
    return line.count <= count ? line : trimmed(String(line.prefix(count - 1))) + "…"
  }

  private static func trimmed(_ text: String) -> String {
    var rest = text[...]
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }

  private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    ["\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar)
  }

  private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09: true
    case 0x00...0x1F, 0x7F...0x9F: true
    // What turns directions and does not end with the text.
    case 0x202A...0x202E, 0x2066...0x2069: true
    // What XML 1.0 does not have, and what marks no character.
    case 0xFFFE, 0xFFFF, 0xFEFF, 0xFFF9...0xFFFB: true
    case 0xE0000...0xE007F: true
    default: false
    }
  }
}

/// Text for XML and HTML: in content and in quoted attributes alike.
enum Markup {
  /// The text with everything escaped that has a meaning there.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count + 16)
    for scalar in PlainText.cleaned(text).unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// An address that may be followed: an absolute one of http or https; nil for anything else.
  static func link(_ url: String) -> String? {
    let lower = url.lowercased()
    guard lower.hasPrefix("https://") || lower.hasPrefix("http://"), PlainText.cleaned(url) == url,
      !url.contains(where: \.isWhitespace)
    else { return nil }
    return url
  }
}
