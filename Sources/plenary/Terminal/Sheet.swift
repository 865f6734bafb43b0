/// Labels at the left and what they stand for at the right, in lines that fit the terminal.
struct Sheet {
  /// A label with one or more things that it stands for, each in lines of its own.
  struct Entry {
    var label: String
    var emphasis = StyledText.Emphasis.plain
    var depth = 0
    var texts: [StyledText] = []
  }

  private(set) var entries: [Entry] = []

  private static let indentation = 2
  private static let gap = 2
  /// A longer label has its line for itself.
  private static let labelWidthMax = 22
  /// Even on a very narrow terminal a text has this much.
  private static let textWidthMin = 20

  /// Adds an entry.
  mutating func add(_ label: String, depth: Int = 0, _ texts: [StyledText]) {
    entries.append(Entry(label: label, depth: depth, texts: texts))
  }

  /// Adds an entry with one text; nothing if that is empty.
  mutating func add(_ label: String, depth: Int = 0, _ text: String, _ emphasis: StyledText.Emphasis = .plain) {
    if !text.isEmpty { add(label, depth: depth, [StyledText(text, emphasis)]) }
  }

  /// Adds a line that stands out, with what it is about.
  mutating func addHead(_ label: String, _ text: StyledText) {
    entries.append(Entry(label: label, emphasis: .bold, texts: [text]))
  }

  /// Adds an empty line.
  mutating func addSpace() {
    entries.append(Entry(label: ""))
  }

  /// The lines, all of the sheet's entries with their texts below each other.
  func lines(width: Int?, style: TextStyle) -> [String] {
    let labels = entries.map { DisplayWidth.of($0.label) + $0.depth * Self.indentation }
    let column = (labels.filter { $0 <= Self.labelWidthMax }.max() ?? 0) + Self.gap
    let textWidth = width.map { max(Self.textWidthMin, $0 - column) }
    return entries.flatMap { entry in
      let indent = String(repeating: " ", count: entry.depth * Self.indentation)
      let label = indent + entry.label
      let shown = indent + (entry.emphasis == .bold ? style.bold(entry.label) : entry.label)
      let texts = entry.texts.filter { !$0.isEmpty }.flatMap { $0.lines(width: textWidth, style: style) }
      guard let first = texts.first else { return [shown] }
      let space = String(repeating: " ", count: column)
      let rest = texts.dropFirst().map { space + $0 }
      let padding = column - DisplayWidth.of(label)
      if padding < Self.gap { return [shown, space + first] + rest }
      return [shown + String(repeating: " ", count: padding) + first] + rest
    }
  }
}
