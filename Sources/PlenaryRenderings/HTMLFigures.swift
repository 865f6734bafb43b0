/// The figures of a page as SVG: they take their colours from the page, and say in words what they show.
///
/// They are as narrow as a phone, so that their letters are not smaller than the text around them.
struct HTMLFigures {
  private static let width = 360
  private static let rowHeight = 46
  /// The most characters of a label.
  private static let labelCountMax = 34
  /// The most characters of a line of a label in the map of partners, the most such lines, and their height.
  private static let partnerCountMax = 19
  private static let partnerLineCountMax = 3
  private static let lineHeight = 15
  /// The most dialogues that are drawn; the text has them all.
  private static let entryCountMax = 40

  private let outline: Outline
  private let id: String
  private let isMirrored: Bool

  init(_ outline: Outline, id: String) {
    self.outline = outline
    self.id = id
    isMirrored = TextDirection(outline.language) == .rightToLeft
  }

  // MARK: The timeline

  /// The dialogues below each other, the farther apart the more time lies between them.
  func timeline(_ entries: [Outline.TimelineEntry]) -> String {
    let shown = entries.prefix(Self.entryCountMax)
    var y = 24
    var places: [Int] = []
    var previous: Int?
    for entry in shown {
      if let previous, let month = entry.month {
        // A month more is a little more room, up to a year.
        y += Self.rowHeight + 2 * min(max(month - previous, 0), 12)
      } else if !places.isEmpty {
        y += Self.rowHeight
      }
      places.append(y)
      previous = entry.month ?? previous
    }
    let height = y + 36
    var parts = ["<path class=\"line\" d=\"M\(x(24)) 8V\(height - 12)\"/>"]
    for (entry, y) in zip(shown, places) {
      parts.append("<circle class=\"ring\" cx=\"\(x(24))\" cy=\"\(y)\" r=\"13\"/>")
      if entry.ordinal > 0 {
        parts.append("<text class=\"count\" x=\"\(x(24))\" y=\"\(y + 4)\">\(entry.ordinal)</text>")
      }
      parts.append(text(entry.date, x: 50, y: y - 1, "start", Self.labelCountMax))
      parts.append(text(entry.place, x: 50, y: y + 16, "start", Self.labelCountMax, "faint"))
    }
    if entries.count > shown.count {
      parts.append(text(more(entries.count - shown.count), x: 50, y: height - 2, "start", Self.labelCountMax, "faint"))
    }
    return svg(height: height + 6, "figure.timeline", parts)
  }

  // MARK: The map of partners

  /// Organizations on one side, their roles on the other, and lines between them.
  func partners(_ map: Outline.PartnerMap) -> String {
    let organizations = map.organizations.map(Self.lines)
    let roles = map.roles.map(Self.lines)
    let step = 8 + Self.lineHeight * (organizations + roles).reduce(2) { max($0, $1.count) }
    let rows = max(organizations.count, roles.count, 1)
    let height = rows * step + (map.moreCount > 0 ? 26 : 0)
    func y(_ index: Int, of count: Int) -> Int {
      // The shorter side is spread over the height of the longer one.
      count == 0 ? 0 : (2 * index + 1) * rows * step / (2 * count)
    }
    var parts: [String] = []
    for link in map.links {
      let (from, to) = (y(link.organization, of: organizations.count), y(link.role, of: roles.count))
      let (start, end, bend) = (x(132), x(222), x(177))
      parts.append("<path class=\"link\" d=\"M\(start) \(from)C\(bend) \(from) \(bend) \(to) \(end) \(to)\"/>")
    }
    for (index, lines) in organizations.enumerated() {
      parts += label(lines, x: 122, dot: 132, y: y(index, of: organizations.count), "end")
    }
    for (index, lines) in roles.enumerated() {
      parts += label(lines, x: 232, dot: 222, y: y(index, of: roles.count), "start")
    }
    if map.moreCount > 0 { parts.append(text(more(map.moreCount), x: 8, y: height - 6, "start", 40, "faint")) }
    return svg(height: height, "figure.partners", parts)
  }

  /// A dot with a label beside it.
  private func label(_ lines: [Outline.Phrase], x place: Int, dot: Int, y: Int, _ anchor: String) -> [String] {
    let top = y + 4 - Self.lineHeight * (lines.count - 1) / 2
    return ["<circle class=\"dot\" cx=\"\(x(dot))\" cy=\"\(y)\" r=\"4\"/>"]
      + lines.enumerated().map { index, line in
        text(line, x: place, y: top + Self.lineHeight * index, anchor, Self.partnerCountMax)
      }
  }

  /// A phrase in lines, broken between words; the last line is too long if there is more, and is cut where it is drawn.
  private static func lines(_ phrase: Outline.Phrase) -> [Outline.Phrase] {
    var lines: [String] = []
    for word in PlainText.line(phrase.text).split(separator: " ") {
      // However long a name is, each word is looked at once.
      if lines.count == partnerLineCountMax, lines[lines.count - 1].count > partnerCountMax { break }
      let longer = lines.last.map { "\($0) \(word)" }
      if let longer, longer.count <= partnerCountMax || lines.count == partnerLineCountMax {
        lines[lines.count - 1] = longer
      } else {
        lines.append(String(word))
      }
    }
    return lines.map { Outline.Phrase(text: $0, language: phrase.language) }
  }

  // MARK: Parts

  private func more(_ count: Int) -> Outline.Phrase {
    Outline.Phrase(text: outline.words("text.more", "\(count)"), language: outline.words.language)
  }

  private func svg(height: Int, _ key: String, _ parts: [String]) -> String {
    let language =
      outline.words.language == outline.language.lowercased()
      ? "" : " lang=\"\(Markup.escaped(outline.words.language))\""
    return """
      <svg viewBox="0 0 \(Self.width) \(height)" role="img" aria-labelledby="\(id)-t \(id)-d"\(language)>
      <title id="\(id)-t">\(Markup.escaped(outline.words(key)))</title>
      <desc id="\(id)-d">\(Markup.escaped(outline.words("\(key).about")))</desc>
      \(parts.joined(separator: "\n"))
      </svg>
      """
  }

  /// A place from the side where a line of the page begins.
  private func x(_ place: Int) -> Int { isMirrored ? Self.width - place : place }

  private func text(
    _ phrase: Outline.Phrase, x place: Int, y: Int, _ anchor: String, _ countMax: Int, _ style: String = ""
  ) -> String {
    let label = PlainText.clipped(phrase.text, to: countMax)
    guard !label.isEmpty else { return "" }
    let own = phrase.language.isEmpty ? TextDirection(outline.language) : TextDirection(phrase.language)
    // Start and end follow the direction of the text, and not of the page.
    let turned = (own == .rightToLeft) == isMirrored ? anchor : anchor == "start" ? "end" : "start"
    let name = style.isEmpty ? "" : " class=\"\(style)\""
    let language = phrase.language.isEmpty ? "" : " lang=\"\(Markup.escaped(phrase.language))\""
    return
      "<text\(name) x=\"\(x(place))\" y=\"\(y)\" text-anchor=\"\(turned)\" direction=\"\(own.rawValue)\"\(language)>"
      + "\(Markup.escaped(label))</text>"
  }
}
