/// A text whose parts are emphasized differently, broken into lines before emphasis is written.
struct StyledText: Equatable {
  /// How a part stands out.
  enum Emphasis {
    case plain, bold, faint
  }

  /// A part of the text.
  struct Part: Equatable {
    let text: String
    let emphasis: Emphasis
    /// Whether it begins a line rather than be broken, if it fits into one.
    let staysWhole: Bool
    /// The spaces before it, unless it begins a line.
    let gap: Int
  }

  private(set) var parts: [Part] = []
  /// Stands before the text and, as spaces, before each further line of it: a bullet, or nothing.
  let lead: String

  static let bullet = "• "

  init(_ text: String = "", _ emphasis: Emphasis = .plain, lead: String = "") {
    self.lead = lead
    add(text, emphasis)
  }

  /// Whether there is nothing to show.
  var isEmpty: Bool { parts.isEmpty }

  /// Adds a part; nothing for an empty text.
  mutating func add(_ text: String, _ emphasis: Emphasis = .plain, staysWhole: Bool = false, gap: Int = 1) {
    guard !text.isEmpty else { return }
    parts.append(
      Part(text: TerminalText.oneLine(text), emphasis: emphasis, staysWhole: staysWhole, gap: gap))
  }

  /// Adds what stands behind a text and is less important: in a line of its own if there is too little room.
  mutating func addAside(_ text: String) {
    add(text, .faint, staysWhole: true, gap: 2)
  }

  /// The lines, each of at most the given cells as far as words allow.
  func lines(width: Int?, style: TextStyle) -> [String] {
    let leadWidth = DisplayWidth.of(lead)
    let room = width.map { $0 - leadWidth }
    var lines = [Line()]
    for part in parts {
      var gap = part.gap
      if part.staysWhole { lines.begin(DisplayWidth.of(part.text), gap, room: room, onlyIfItHelps: true) }
      for word in part.text.split(separator: " ") {
        lines.begin(DisplayWidth.of(word), gap, room: room)
        lines[lines.count - 1].add(word, part.emphasis, gap: gap)
        gap = 1
      }
    }
    let space = String(repeating: " ", count: leadWidth)
    return lines.enumerated().map { ($0 == 0 ? lead : space) + $1.text(style) }
  }

  /// A line that is being filled with words.
  fileprivate struct Line {
    private(set) var width = 0
    private var runs: [(text: String, emphasis: Emphasis, gap: Int)] = []

    mutating func add(_ word: Substring, _ emphasis: Emphasis, gap: Int) {
      let gap = runs.isEmpty ? 0 : gap
      width += gap + DisplayWidth.of(word)
      if let last = runs.last, last.emphasis == emphasis {
        runs[runs.count - 1].text += String(repeating: " ", count: gap) + word
      } else {
        runs.append((String(word), emphasis, gap))
      }
    }

    func text(_ style: TextStyle) -> String {
      runs.map { run in
        let apart = style.isolated(run.text)
        let text =
          switch run.emphasis {
          case .plain: apart
          case .bold: style.bold(apart)
          case .faint: style.faint(apart)
          }
        return String(repeating: " ", count: run.gap) + text
      }.joined()
    }
  }
}

extension [StyledText.Line] {
  /// Begins a further line if what comes next has no room in this one.
  ///
  /// - Parameter onlyIfItHelps: Whether to stay in this one if there is no room in a whole line either.
  fileprivate mutating func begin(_ width: Int, _ gap: Int, room: Int?, onlyIfItHelps: Bool = false) {
    guard let room, let used = last?.width, used > 0, used + gap + width > room else { return }
    if !onlyIfItHelps || width <= room { append(StyledText.Line()) }
  }
}
