/// Writes an outline as CommonMark with tables.
///
/// Invariant: no text can become markup, since whatever could is escaped, and no text has a line break of its own.
struct MarkdownWriter {
  typealias Phrase = Outline.Phrase

  private let outline: Outline

  init(_ outline: Outline) {
    self.outline = outline
  }

  /// The document.
  func text() -> String {
    var lines: [String] = []
    let label = outline.label.isEmpty ? [] : ["**\(Self.escaped(outline.label))**", ""]
    lines += label + ["# \(line(outline.title))", ""]
    if !outline.series.isEmpty { lines += [line(outline.series), ""] }
    for section in outline.sections { lines += self.lines(section, level: 2) }
    lines += ["---", "", "## \(Self.escaped(outline.words("document.about")))", ""]
    lines += outline.imprint.map(self.line) + [""] + label
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(_ section: Outline.Section, level: Int) -> [String] {
    let number = section.number.map { [$0] } ?? []
    let separator = section.number == nil ? "" : ". "
    let head = Self.escaped(number.map(\.text).joined()) + separator + line(section.title)
    return ["\(String(repeating: "#", count: min(level, 6))) \(head)", ""]
      + section.blocks.flatMap(lines) + section.sections.flatMap { lines($0, level: level + 1) }
  }

  private func lines(_ block: Outline.Block) -> [String] {
    switch block {
    case .paragraph(let phrases): return [line(phrases), ""]
    case .notice(let phrases): return ["> \(line(phrases))", ""]
    case .list(let items): return items.map { "- \(line($0))" } + [""]
    case .facts(let facts): return facts.map(line) + [""]
    case .table(let table): return lines(table)
    // What figures show stands in the text or in a table too.
    case .timeline, .partners: return []
    }
  }

  private func line(_ fact: Outline.Fact) -> String {
    "- **\(Self.escaped(fact.label.text)):** " + fact.values.map(line).joined(separator: "; ")
  }

  private func lines(_ table: Outline.Table) -> [String] {
    func row(_ cells: [[Phrase]]) -> String { "| " + cells.map(line).joined(separator: " | ") + " |" }
    let rule = "|" + String(repeating: " --- |", count: table.columns.count)
    let caption = table.caption.text.isEmpty ? [] : ["**\(Self.escaped(table.caption.text))**", ""]
    return caption + [row(table.columns), rule] + table.rows.map(row) + [""]
  }

  /// Phrases in one line.
  private func line(_ phrases: [Phrase]) -> String {
    var line = ""
    for phrase in phrases {
      let text = Self.escaped(phrase.text)
      guard !text.isEmpty else { continue }
      if Self.needsSpace(line, PlainText.line(phrase.text)) { line += " " }
      let isAddress = !phrase.link.isEmpty && !phrase.link.hasPrefix("#")
      line += isAddress ? "[\(text)](<\(Self.address(phrase.link))>)" : text
    }
    return line
  }

  /// Whether a phrase is set apart from the line before it: not what only separates, and not within brackets.
  static func needsSpace(_ line: String, _ next: String) -> Bool {
    guard let last = line.last, let first = next.first else { return false }
    return !last.isWhitespace && last != "(" && !first.isWhitespace && !",;:)،؛".contains(first)
  }

  /// An address within angle brackets.
  private static func address(_ url: String) -> String {
    url.unicodeScalars.reduce(into: "") { text, scalar in
      if ["<", ">", "\\", "|", "`"].contains(scalar) {
        text += "%" + String(scalar.value, radix: 16, uppercase: true)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  /// Text in which nothing has a meaning: what has one anywhere is escaped, and at the beginning what has one there.
  static func escaped(_ text: String) -> String {
    let line = PlainText.line(text)
    var escaped = ""
    for scalar in line.unicodeScalars {
      if special.contains(scalar) { escaped += "\\" }
      escaped.unicodeScalars.append(scalar)
    }
    let digits = escaped.prefix { $0.isASCII && $0.isNumber }
    let next = escaped.dropFirst(digits.count).first
    if digits.isEmpty, let next, "-+:=".contains(next) { return "\\" + escaped }
    if !digits.isEmpty, let next, ".)".contains(next) { return digits + "\\" + escaped.dropFirst(digits.count) }
    return escaped
  }

  private static let special: Set<Unicode.Scalar> = [
    "\\", "`", "*", "_", "[", "]", "<", ">", "#", "|", "~", "&", "!", "$", "^", "{", "}",
  ]
}
