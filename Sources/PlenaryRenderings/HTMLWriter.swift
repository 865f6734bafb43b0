/// Writes an outline as one page of HTML: no script, nothing from anywhere else, readable without a style.
///
/// Invariant: what records say stands only in content and quoted attributes, escaped, and never in the style.
struct HTMLWriter {
  typealias Phrase = Outline.Phrase

  private let outline: Outline
  private let direction: TextDirection

  init(_ outline: Outline) {
    self.outline = outline
    direction = TextDirection(outline.language)
  }

  /// The page.
  func text() -> String {
    let words = outline.words
    let title = Markup.escaped(PlainText.line(outline.title.first?.text ?? ""))
    var page = """
      <!DOCTYPE html>
      <html lang="\(Markup.escaped(outline.language))" dir="\(direction.rawValue)">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="referrer" content="no-referrer">
      <title>\(title)</title>
      <style>
      \(HTMLStyle.text(head: outline.label))
      </style>
      </head>
      <body>
      <a class="skip" href="#text"\(language(of: word("document.skip")))>\(Markup.escaped(words("document.skip")))</a>
      <header class="masthead"><div class="inner">
      <div class="bar"><span class="kind">\(span(word("document.report")))</span>\(tlp)</div>
      <h1>\(inline(outline.title))</h1>

      """
    if !outline.series.isEmpty { page += "<p class=\"series\">\(inline(outline.series))</p>\n" }
    page += "</div></header>\n<div class=\"page\">\n\(contents)\n<main id=\"text\">\n"
    for section in outline.sections { page += html(section, level: 2) }
    page += """
      </main>
      </div>
      <footer class="foot"><div class="inner">
      <h2\(language(of: word("document.about")))>\(Markup.escaped(words("document.about")))</h2>
      \(facts(outline.imprint, codeClass: "code"))
      <p>\(tlp)</p>
      </div></footer>
      </body>
      </html>

      """
    return page
  }

  private func word(_ key: String) -> Phrase { Phrase(text: outline.words(key), language: outline.words.language) }

  /// The label.
  private var tlp: String {
    guard !outline.label.isEmpty else { return "" }
    return
      "<span class=\"tlp\" style=\"color:\(HTMLStyle.colour(of: outline.label))\">\(Markup.escaped(outline.label))</span>"
  }

  private var contents: String {
    let items = outline.sections.map { section in
      let number = section.number.map { "<span class=\"number\">\(span($0))</span> " } ?? ""
      return "<li><a href=\"#\(Markup.escaped(section.id))\">\(number)\(inline(section.title))</a></li>"
    }
    let head =
      "<h2 id=\"contents\"\(language(of: word("document.contents")))>\(Markup.escaped(outline.words("document.contents")))</h2>"
    return "<nav aria-labelledby=\"contents\">\(head)<ol>\(items.joined())</ol></nav>"
  }

  // MARK: Sections and blocks

  private func html(_ section: Outline.Section, level: Int) -> String {
    let level = min(level, 6)
    let id = Markup.escaped(section.id)
    let number = section.number.map { "<span class=\"number\">\(span($0))</span> " } ?? ""
    var html = "<section id=\"\(id)\" aria-labelledby=\"\(id)-title\">\n"
    html += "<h\(level) id=\"\(id)-title\">\(number)\(inline(section.title))</h\(level)>\n"
    for (index, block) in section.blocks.enumerated() { html += self.html(block, id: "\(id)-\(index + 1)") + "\n" }
    for inner in section.sections { html += self.html(inner, level: level + 1) }
    return html + "</section>\n"
  }

  private func html(_ block: Outline.Block, id: String) -> String {
    switch block {
    case .paragraph(let phrases):
      // A text in another language has its paragraph in that.
      guard phrases.count == 1, let only = phrases.first, only.link.isEmpty, !only.isNote else {
        return "<p>\(inline(phrases))</p>"
      }
      return "<p\(language(of: only))>\(Markup.escaped(PlainText.line(only.text)))</p>"
    case .notice(let phrases): return "<p class=\"notice\">\(inline(phrases))</p>"
    case .list(let items): return "<ul>\n" + items.map { "<li>\(inline($0))</li>\n" }.joined() + "</ul>"
    case .facts(let facts): return self.facts(facts)
    case .table(let table): return html(table, id: id)
    case .timeline(let entries):
      return figure(HTMLFigures(outline, id: id).timeline(entries), "figure.timeline")
    case .partners(let map): return figure(HTMLFigures(outline, id: id).partners(map), "figure.partners")
    }
  }

  private func figure(_ svg: String, _ key: String) -> String {
    "<figure><figcaption>\(span(word(key)))</figcaption>\n\(svg)\n</figure>"
  }

  private func facts(_ facts: [Outline.Fact], codeClass name: String = "") -> String {
    let rows = facts.map { fact in
      let values = fact.values.map { value in
        // Digests and tokens are in no language.
        let isCode = !name.isEmpty && value.allSatisfy { $0.language.isEmpty }
        return "<dd\(isCode ? " class=\"\(name)\"" : "")>\(inline(value))</dd>"
      }.joined()
      return "<div><dt>\(span(fact.label))</dt>\(values)</div>\n"
    }
    return "<dl>\n\(rows.joined())</dl>"
  }

  private func html(_ table: Outline.Table, id: String) -> String {
    let isOfRecords = id.hasPrefix("annex-4")
    var html = "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"\(id)-caption\">\n"
    html +=
      "<table\(isOfRecords ? " class=\"records\"" : "")><caption id=\"\(id)-caption\">\(span(table.caption))</caption>\n"
    html +=
      "<thead><tr>" + table.columns.map { "<th scope=\"col\">\(inline($0))</th>" }.joined() + "</tr></thead>\n<tbody>\n"
    for row in table.rows {
      html +=
        "<tr>"
        + row.enumerated().map { index, cell in
          index == 0 ? "<th scope=\"row\">\(inline(cell))</th>" : "<td>\(inline(cell))</td>"
        }.joined() + "</tr>\n"
    }
    return html + "</tbody></table></div>"
  }

  // MARK: Phrases

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

  /// A phrase apart from its neighbours, so that its direction does not become theirs.
  private func span(_ phrase: Phrase) -> String {
    let text = Markup.escaped(PlainText.line(phrase.text))
    let attributes = language(of: phrase)
    if !phrase.link.isEmpty {
      // An address is in no language, and written from left to right.
      let way = phrase.language.isEmpty && direction == .rightToLeft ? " dir=\"ltr\"" : attributes
      return "<a href=\"\(Markup.escaped(phrase.link))\"\(way)>\(text)</a>"
    }
    if phrase.isNote { return "<small class=\"note\"\(attributes)>\(text)</small>" }
    // Punctuation between phrases belongs to the page.
    guard phrase.text.contains(where: { $0.isLetter || $0.isNumber }) else { return text }
    if phrase.language.isEmpty { return "<bdi>\(text)</bdi>" }
    return attributes.isEmpty ? text : "<span\(attributes)>\(text)</span>"
  }

  /// The attributes that say in which language a phrase is, where that is not the page's.
  private func language(of phrase: Phrase) -> String {
    guard !phrase.language.isEmpty, phrase.language.lowercased() != outline.language.lowercased() else { return "" }
    let own = TextDirection(phrase.language)
    let direction = own == direction ? "" : " dir=\"\(own.rawValue)\""
    return " lang=\"\(Markup.escaped(phrase.language))\"\(direction)"
  }
}
