/// Texts of characters that formats stumble over, the same in every run.
struct RandomText: Sequence, IteratorProtocol {
  private var state: UInt64
  private var left: Int

  /// The characters that mean something to one format or another, or that some cannot hold, and some of every length.
  static let characters: [Unicode.Scalar] = [
    "\u{0}", "\u{1}", "\t", "\n", "\u{B}", "\r", "\u{1F}", " ", "!", "\"", "#", "%", "&", "'", "+", ",", "-", "@", ";",
    ":",
    "<", "=", ">", "[", "]", "\\", "^", "`", "{", "|", "}", "\u{7F}", "\u{85}", "\u{A0}", "a", "n", "é", "ß", "ا", "ل",
    "م",
    "\u{200B}", "\u{200E}", "\u{200F}", "\u{202E}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFD}", "\u{FFFE}",
    "\u{FFFF}",
    "技", "한", "\u{1F30D}", "\u{10FFFF}", "=", "\u{FF1D}",
  ]

  /// So many texts.
  init(count: Int) {
    state = 0x9E37_79B9_7F4A_7C15
    left = count
  }

  mutating func next() -> String? {
    guard left > 0 else { return nil }
    left -= 1
    var text = String.UnicodeScalarView()
    for _ in 0..<(number() % 90) { text.append(Self.characters[number() % Self.characters.count]) }
    return String(text)
  }

  private mutating func number() -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state >> 33)
  }
}
