import PlenaryAPI
import Testing

@testable import PlenaryRenderings

/// The page can be read by everyone: what axe and the WCAG ask of it, as far as it can be told from the page itself.
@Suite struct AccessibilityTests {
  private static let languages = ["en", "ar", "th"]

  private static func page(_ language: String) throws -> (text: String, root: MarkupReader.Element) {
    let content = SampleContent.full(languages: languages) { text, language in language == "ar" ? "نص \(text)" : text }
    let text = try ReportRenderer(content, SampleContent.imprint, language: language).text(.html)
    return (text, try MarkupReader.root(text))
  }

  @Test(arguments: languages) func `a page has one title, headings in order, landmarks and a language`(
    _ language: String
  ) throws {
    let (_, root) = try Self.page(language)
    #expect(root.named("html").first?.attributes["lang"] == language)
    #expect(root.named("html").first?.attributes["dir"] == (language == "ar" ? "rtl" : "ltr"))
    #expect(root.named("title").first?.text.isEmpty == false)
    let headings = root.all.compactMap { element in
      element.name.count == 2 && element.name.hasPrefix("h") ? Int(element.name.dropFirst()) : nil
    }
    #expect(headings.filter { $0 == 1 }.count == 1 && headings.first == 1)
    for (before, after) in zip(headings, headings.dropFirst()) { #expect(after <= before + 1) }
    for landmark in ["header", "nav", "main", "footer"] { #expect(root.named(landmark).count == 1, "\(landmark)") }
    for element in root.all where element.name.hasPrefix("h") && element.name.count == 2 {
      #expect(!element.text.isEmpty)
    }
  }

  @Test(arguments: languages) func `ids are there once, and what refers to them finds them`(_ language: String) throws {
    let (_, root) = try Self.page(language)
    let ids = root.all.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    for element in root.all {
      for name in element.attributes["aria-labelledby"]?.split(separator: " ") ?? [] {
        #expect(ids.contains(String(name)), "\(name)")
      }
      guard let link = element.attributes["href"] else { continue }
      #expect(!element.text.isEmpty)
      if link.hasPrefix("#") { #expect(ids.contains(String(link.dropFirst())), "\(link)") }
    }
  }

  @Test(arguments: languages) func `tables have heads with a scope, and figures say what they show`(_ language: String)
    throws
  {
    let (_, root) = try Self.page(language)
    #expect(root.named("th").count > 10)
    for head in root.named("th") { #expect(["row", "col"].contains(head.attributes["scope"])) }
    for table in root.named("table") {
      #expect(table.children.first?.name == "caption" && table.children[0].text.isEmpty == false)
    }
    let figures = root.named("svg")
    #expect(figures.count == 2)
    for figure in figures {
      #expect(
        figure.attributes["role"] == "img" && figure.children[0].name == "title" && figure.children[1].name == "desc")
      #expect(figure.children.prefix(2).allSatisfy { !$0.text.isEmpty })
    }
  }

  @Test(arguments: languages) func `a page asks for nothing from anywhere and runs nothing`(_ language: String) throws {
    let (text, root) = try Self.page(language)
    let names = Set(root.all.map(\.name))
    #expect(
      names.isDisjoint(with: ["script", "link", "img", "iframe", "object", "embed", "form", "base", "image", "use"]))
    for element in root.all {
      #expect(!element.attributes.keys.contains { $0.hasPrefix("on") || $0 == "src" })
      let link = element.attributes["href"] ?? "#"
      #expect(link.hasPrefix("#") || link.hasPrefix("https://www.example.org/"))
    }
    #expect(text.contains("Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\""))
    let style = root.named("style")[0].text
    #expect(!style.contains("url(") && !style.contains("@import"))
    #expect(
      style.contains("@page{size:A4") && style.contains("break-before:page") && style.contains("content:\"TLP:GREEN\""))
    #expect(root.named("span").filter { $0.attributes["class"] == "tlp" }.map(\.text) == ["TLP:GREEN", "TLP:GREEN"])
  }

  @Test func `words in another language than the page's are marked as such`() throws {
    // There are no fixed words in Thai.
    let (_, root) = try Self.page("th")
    let contents = try #require(root.all.first { $0.attributes["id"] == "contents" })
    #expect(contents.text == "Contents" && contents.attributes["lang"] == "en")
  }

  // MARK: Contrast

  @Test(arguments: HTMLStyle.pairs.map { "\($0.ink) \($0.paper)" })
  func `what is written can be told from what it is written on, by day and by night`(_ pair: String) throws {
    let names = pair.split(separator: " ").map(String.init)
    let colours = try names.map { name in try #require(HTMLStyle.colours.first { $0.name == name }) }
    #expect(Self.contrast(colours[0].light, colours[1].light) >= 4.5, "light")
    #expect(Self.contrast(colours[0].dark, colours[1].dark) >= 4.5, "dark")
  }

  @Test func `marks in figures and labels can be told from their ground`() throws {
    for ground in ["paper", "tint"] {
      let (mark, paper) = (
        try #require(HTMLStyle.colours.first { $0.name == "mark" }),
        try #require(HTMLStyle.colours.first { $0.name == ground })
      )
      // WCAG 2.2, 1.4.11: graphics need 3 to 1.
      #expect(Self.contrast(mark.light, paper.light) >= 3 && Self.contrast(mark.dark, paper.dark) >= 3)
    }
    for label in HTMLStyle.labels { #expect(Self.contrast(label.colour, "#000000") >= 4.5, "\(label.label)") }
  }

  /// WCAG 2.2: the ratio of the relative luminances.
  private static func contrast(_ one: String, _ other: String) -> Double {
    let lights = [luminance(one), luminance(other)].sorted()
    return (lights[1] + 0.05) / (lights[0] + 0.05)
  }

  private static func luminance(_ colour: String) -> Double {
    let number = Int(colour.dropFirst(), radix: 16) ?? 0
    let parts = [number >> 16 & 255, number >> 8 & 255, number & 255].map { value -> Double in
      let part = Double(value) / 255
      return part <= 0.04045 ? part / 12.92 : power((part + 0.055) / 1.055)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }

  /// A number between 0 and 1 to the power of 2.4: its square times its fifth root squared.
  private static func power(_ value: Double) -> Double {
    var root = 1.0
    for _ in 0..<60 { root -= (root * root * root * root * root - value) / (5 * root * root * root * root) }
    return value * value * root * root
  }
}
