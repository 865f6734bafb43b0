/// Writes an outline as a document of Akoma Ntoso 3.0 (OASIS LegalDocML).
struct AkomaNtosoWriter {
  typealias Phrase = Outline.Phrase

  private let outline: Outline

  init(_ outline: Outline) {
    self.outline = outline
  }

  /// The document.
  func text() -> String {
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<akomaNtoso xmlns=\"http://docs.oasis-open.org/legaldocml/ns/akn/3.0\">", "<doc name=\"outcomesReport\">",
    ]
    lines += meta
    lines += ["<preface>", "<longTitle><p>\(docTitle)</p></longTitle>"]
    if !outline.label.isEmpty { lines.append("<p class=\"classification\">\(Markup.escaped(outline.label))</p>") }
    if !outline.series.isEmpty { lines.append("<p class=\"series\">\(inline(outline.series))</p>") }
    lines += ["</preface>", "<mainBody>"]
    for section in outline.sections { lines += self.lines(section, "part") }
    lines += ["</mainBody>", "<conclusions>"]
    for fact in outline.imprint { lines.append("<p>\(self.line(fact))</p>") }
    if !outline.label.isEmpty { lines.append("<p class=\"classification\">\(Markup.escaped(outline.label))</p>") }
    return (lines + ["</conclusions>", "</doc>", "</akomaNtoso>"]).joined(separator: "\n") + "\n"
  }

  private var docTitle: String { "<docTitle>\(inline(outline.title))</docTitle>" }

  // MARK: What it is

  private var meta: [String] {
    let known = outline.identification
    let id = Self.id(known.report.isEmpty ? known.series : known.report)
    let work = "/akn/un/doc/outcomesReport/\(known.date.isEmpty ? Self.noDate : known.date)/\(id)"
    let expression = "\(work)/\(Self.threeLetters(outline.language))@"
    let version = known.digest.isEmpty ? "" : "!\(Self.id(known.digest))"
    func common(_ uri: String, _ part: String) -> [String] {
      [
        "<FRBRthis value=\"\(uri)/!main\"/>", "<FRBRuri value=\"\(uri)\"/>",
        "<FRBRdate date=\"\(Markup.escaped(known.date.isEmpty ? Self.noDate : known.date))\" name=\"\(part)\"/>",
        "<FRBRauthor href=\"#plenary\"/>",
      ]
    }
    var lines = ["<meta>", "<identification source=\"#plenary\">", "<FRBRWork>"]
    lines += common(work, "lastDialogue") + ["<FRBRcountry value=\"un\"/>", "</FRBRWork>", "<FRBRExpression>"]
    lines += common(expression + version, "lastDialogue")
    lines += ["<FRBRlanguage language=\"\(Self.threeLetters(outline.language))\"/>", "</FRBRExpression>"]
    lines += ["<FRBRManifestation>"] + common("\(expression)\(version).xml", "lastDialogue")
    lines += ["<FRBRformat value=\"application/akn+xml\"/>", "</FRBRManifestation>", "</identification>"]
    lines += ["<references source=\"#plenary\">"]
    lines.append(
      "<TLCOrganization eId=\"plenary\" href=\"/ontology/organization/un/plenary\" showAs=\"Plenary\"/>")
    for (number, organization) in known.organizations.enumerated() {
      let title = Markup.escaped(PlainText.line(organization.title))
      lines.append(
        "<TLCOrganization eId=\"organization_\(number + 1)\" "
          + "href=\"/ontology/organization/un/\(Self.id(organization.name))\" showAs=\"\(title)\"/>")
    }
    return lines + ["</references>", "</meta>"]
  }

  /// Stands where no dialogue has a date; the format asks for one.
  private static let noDate = "0001-01-01"

  /// The last part of a name, or what else identifies something, as it may stand in an address.
  private static func id(_ name: String) -> String {
    let last = name.split(separator: "/").last.map(String.init) ?? "report"
    let kept = last.unicodeScalars.filter {
      $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-")
    }
    return String(String.UnicodeScalarView(kept))
  }

  /// The codes of ISO 639-2 for the official languages; others keep theirs.
  private static func threeLetters(_ tag: String) -> String {
    let codes = ["ar": "ara", "en": "eng", "es": "spa", "fr": "fra", "ru": "rus", "zh": "zho"]
    let base = String(tag.lowercased().prefix { $0 != "-" })
    return codes[base] ?? id(base)
  }

  // MARK: Sections

  private static let below = ["part": "chapter", "chapter": "section", "section": "subsection"]

  private func lines(_ section: Outline.Section, _ element: String) -> [String] {
    let id = Markup.escaped(section.id)
    var lines = ["<\(element) eId=\"\(id)\">"]
    if let number = section.number { lines.append("<num>\(inline([number]))</num>") }
    lines.append("<heading>\(inline(section.title))</heading>")
    let blocks = section.blocks.flatMap { self.lines($0) }
    if section.sections.isEmpty {
      lines += ["<content>"] + (blocks.isEmpty ? ["<p/>"] : blocks) + ["</content>"]
    } else {
      if !blocks.isEmpty { lines += ["<intro>"] + blocks + ["</intro>"] }
      let inner = Self.below[element] ?? "hcontainer"
      for section in section.sections { lines += self.lines(section, inner) }
    }
    return lines + ["</\(element)>"]
  }

  private func lines(_ block: Outline.Block) -> [String] {
    switch block {
    case .paragraph(let phrases): ["<p>\(inline(phrases))</p>"]
    case .notice(let phrases): ["<p class=\"notice\">\(inline(phrases))</p>"]
    case .list(let items): ["<ul>"] + items.map { "<li><p>\(inline($0))</p></li>" } + ["</ul>"]
    case .facts(let facts): ["<ul class=\"facts\">"] + facts.map { "<li><p>\(line($0))</p></li>" } + ["</ul>"]
    case .table(let table): lines(table)
    // What figures show stands in the text or in a table too.
    case .timeline, .partners: []
    }
  }

  private func lines(_ table: Outline.Table) -> [String] {
    func row(_ cells: [[Phrase]], isHead: Bool) -> String {
      let cells = cells.enumerated().map { index, cell in
        let name = isHead || index == 0 ? "th" : "td"
        return "<\(name)><p>\(inline(cell))</p></\(name)>"
      }
      return "<tr>\(cells.joined())</tr>"
    }
    // The format has no table without rows.
    guard !table.rows.isEmpty else { return ["<p>\(inline([table.caption]))</p>"] }
    return ["<table>", "<caption>\(inline([table.caption]))</caption>", row(table.columns, isHead: true)]
      + table.rows.map { row($0, isHead: false) } + ["</table>"]
  }

  // MARK: Phrases

  private func line(_ fact: Outline.Fact) -> String {
    "<b>\(inline([fact.label]))</b>: " + fact.values.map(inline).joined(separator: "; ")
  }

  private func inline(_ phrases: [Phrase]) -> String {
    var line = ""
    var last = ""
    for phrase in phrases {
      let next = PlainText.line(phrase.text)
      guard !next.isEmpty else { continue }
      if MarkdownWriter.needsSpace(last, next) { line += " " }
      line += span(phrase)
      last = next
    }
    return line
  }

  private func span(_ phrase: Phrase) -> String {
    let text = Markup.escaped(PlainText.line(phrase.text))
    let isOther = !phrase.language.isEmpty && phrase.language.lowercased() != outline.language.lowercased()
    let language = isOther ? " xml:lang=\"\(Markup.escaped(phrase.language))\"" : ""
    if !phrase.link.isEmpty { return "<ref href=\"\(Markup.escaped(phrase.link))\"\(language)>\(text)</ref>" }
    return isOther ? "<span\(language)>\(text)</span>" : text
  }
}
