/// How many cells of a terminal a text takes.
enum DisplayWidth {
  /// The cells that a text takes: two for the wide characters of East Asia and for emoji, none for combining marks.
  static func of(_ text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + of($1) }
  }

  /// The cells that one character takes.
  static func of(_ character: Character) -> Int {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return 0 }
    if first.isASCII { return 1 }
    // An emoji is two cells however many scalars are joined into it.
    if first.properties.isEmojiPresentation || scalars.contains(emojiSelector) { return 2 }
    return scalars.reduce(0) { $0 + of($1) }
  }

  private static let emojiSelector: Unicode.Scalar = "\u{FE0F}"

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: 0
    // The vowels and final consonants of a Hangul syllable are drawn into the cells of its first consonant.
    case .otherLetter where (0x1160...0x11FF).contains(scalar.value): 0
    default: isWide(scalar) ? 2 : 1
    }
  }

  /// Unicode Standard Annex #11: the ranges of East_Asian_Width W and F, gaps within a block filled.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF,
    0x20000...0x3FFFD,
  ]

  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    wide.contains { $0.contains(scalar.value) }
  }
}
