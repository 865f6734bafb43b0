import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import PlenaryRenderings

/// Renderings of reports: what texts of records cannot do to them, and what stands in them.
@Suite(.timeLimit(.minutes(10))) struct RenderingTests {
  /// Texts that would become something else wherever they were not escaped.
  static let nasty = [
    "x</p></section><script>alert(1)</script>", "x\" onload=\"alert(1)", "x' style='", "x<!-- ", "x ]]> <![CDATA[",
    "x&lt;b&gt; &amp; &#60;",
    "x\u{0}\u{8}\u{1B}[31m", "x\u{202E}desrever\u{2066}", "x\u{FEFF}\u{FFFE}", "x</style><style>*{display:none}",
    "x} body{display:none}",
    "# x", "- x", "1. x", "x | y | z", "![x](http://evil.example/a.png)", "[x](javascript:alert(1))", "`x`", "```x",
    "***x***", "> x", "x\\",
    "--- x", "=== x", "+ x", "~~~ x", "<https://evil.example>", "&copy; x", "| --- | x", "مكافحة الإرهاب x",
    "x" + String(repeating: "é", count: 500),
  ]

  private static func text(
    _ format: ReportFormat, _ content: OutcomeContent, _ language: String = "",
    _ imprint: ReportImprint = SampleContent.imprint
  ) throws -> String {
    try ReportRenderer(content, imprint, language: language).text(format)
  }

  /// What is left of a page when all text is taken out: the elements and the names of their attributes.
  private static func shape(_ text: String) throws -> [String] {
    // A long name takes two lines of a figure.
    try MarkupReader.root(text).all.filter { $0.name != "text" }.map { element in
      element.name + " " + element.attributes.keys.sorted().joined(separator: " ")
    }
  }

  @Test(arguments: nasty) func `no text breaks out of a page or a document of XML`(_ text: String) throws {
    for format in [ReportFormat.html, .akomaNtoso] {
      for text in [text, "x\n\(text)\r\n\(text)"] {
        // The same number of paragraphs, of letters only.
        let plain = SampleContent.full { _, _ in text.contains("\n") ? "x\nx\nx" : "x" }
        let broken = SampleContent.full { _, _ in text }
        #expect(try Self.shape(Self.text(format, broken)) == Self.shape(Self.text(format, plain)), "\(format) \(text)")
      }
    }
  }

  @Test(arguments: nasty) func `no text breaks out of a line of Markdown`(_ text: String) throws {
    func frame(_ made: String) throws -> [String] {
      try Self.text(.markdown, SampleContent.full { _, _ in made }).split(
        separator: "\n", omittingEmptySubsequences: false
      )
      .map { line in
        let marks = line.prefix { "#->| ".contains($0) }
        return marks + " \(Self.bars(line)) \(line.contains("](<"))"
      }
    }
    #expect(try frame(text) == frame("x"))
    #expect(try frame("x\r\n\(text)") == frame("x\nx"))
    let marks = Self.unmarked(try Self.text(.markdown, SampleContent.full { _, _ in text }))
    #expect(!marks.contains("<script") && !marks.contains("](http://evil") && !marks.contains("](javascript"))
  }

  /// The text without what is escaped in it.
  private static func unmarked(_ text: String) -> String {
    var unmarked = ""
    var isEscaped = false
    for character in text {
      if !isEscaped, character != "\\" { unmarked.append(character) }
      isEscaped = character == "\\" && !isEscaped
    }
    return unmarked
  }

  /// The bars in a line that are not escaped.
  private static func bars(_ line: Substring) -> Int {
    var count = 0
    var isEscaped = false
    for character in line {
      if character == "|", !isEscaped { count += 1 }
      isEscaped = character == "\\" && !isEscaped
    }
    return count
  }

  @Test func `a text stands in each rendering as it was written`() throws {
    let texts = ["5 < 6 & 7 > 3", "a_b*c", "الأدلة الرقمية", "\"quoted\" 'text'"]
    for text in texts {
      let content = SampleContent.full { _, _ in text }
      for format in [ReportFormat.html, .akomaNtoso] {
        #expect(try MarkupReader.root(Self.text(format, content)).text.contains(text))
      }
      let markdown = try Self.text(.markdown, content)
      #expect(markdown.contains(MarkdownWriter.escaped(text)))
    }
  }

  @Test(arguments: ReportFormat.allCases) func `a rendering is the same each time, and says what it was made of`(
    _ format: ReportFormat
  ) throws {
    let content = SampleContent.full()
    let text = try Self.text(format, content)
    #expect(try Self.text(format, content) == text)
    for words in [
      "Outcomes report of the Asia ICT and CT Dialogue", "TLP:GREEN", String(repeating: "ab", count: 32),
      "registry.example/audit 4711",
      "7–8 November 2018, Kuala Lumpur, MY", "29–30 May 2017", "Deputy Executive Director",
      "Name removed on 1 February 2020",
      "fewer than 3", "not consulted", "Recommendation 2", "June 2019", "17 December 2013", "Asia", "December 2013",
      "approved",
      "Keep evidence for a year.", "Nothing is recorded on this theme.", "No panels are recorded", "since 2017",
    ] { #expect(Self.unescaped(text).contains(words), "\(format): \(words)") }
    #expect(!text.contains("javascript:alert") || format != .html || !text.contains("href=\"javascript"))
  }

  private static func unescaped(_ text: String) -> String { text.replacing("\\", with: "") }

  @Test(arguments: ReportFormat.allCases) func `a content without anything can be rendered`(_ format: ReportFormat)
    throws
  {
    let text = try Self.text(format, SampleContent.empty, "", ReportImprint())
    #expect(text.contains("Outcomes report") && text.contains("None."))
    if format != .markdown { _ = try MarkupReader.root(text) }
  }

  @Test func `the language is one of the report's, and the first if none is asked for`() throws {
    let content = SampleContent.full(languages: ["fr", "ar"]) { text, language in "\(text) (\(language))" }
    #expect(try Self.text(.html, content).contains("<html lang=\"fr\" dir=\"ltr\">"))
    #expect(try Self.text(.html, content, "AR").contains("<html lang=\"ar\" dir=\"rtl\">"))
    #expect(try Self.text(.markdown, content, "fr").contains("7–8 novembre 2018"))
    let error = #expect(throws: RenderingError.self) {
      try ReportRenderer(content, SampleContent.imprint, language: "en")
    }
    #expect(error?.available == ["fr", "ar"])
  }

  @Test func `a text in another language than was asked for says so, and keeps its direction`() throws {
    var content = SampleContent.full(languages: ["en"])
    content.themes[0].findings[0].findings[0].text = .with {
      $0.texts = [
        .with {
          ($0.languageCode, $0.actualLanguageCode, $0.text, $0.fallback) = ("en", "ar", "الأدلة الرقمية", true)
          $0.translation = .machine
        }
      ]
    }
    let page = try Self.text(.html, content)
    #expect(page.contains("<span lang=\"ar\" dir=\"rtl\">الأدلة الرقمية</span> <small class=\"note\">[ar]</small>"))
    #expect(page.contains("[machine translation]"))
    #expect(try Self.text(.akomaNtoso, content).contains("<span xml:lang=\"ar\">"))
    #expect(try Self.text(.markdown, content).contains("الأدلة الرقمية \\[ar\\] \\[machine translation\\]"))
  }

  @Test func `a figure draws a most number of dialogues and partners, and says how many more there are`() throws {
    func counts(_ dialogues: Int, _ partners: Int) throws -> (Int, Int, Int) {
      var content = SampleContent.full()
      content.dialogues = (1...dialogues).map { number in
        var dialogue = content.dialogues[0]
        (dialogue.origin, dialogue.ordinal) = (SampleContent.origin("dialogues/n\(number)"), Int32(number))
        return dialogue
      }
      content.partners = (1...partners).map { number in
        var partner = content.partners[0]
        partner.organization = "organizations/n\(number)"
        return partner
      }
      let figures = try MarkupReader.root(Self.text(.html, content)).named("svg")
      return (
        figures[0].named("circle").count, figures[1].named("circle").count,
        figures.flatMap { $0.named("text") }.filter { $0.text == "and 1 more" }.count
      )
    }
    // Two roles have a dot each.
    #expect(try counts(40, 30) == (40, 32, 0))
    #expect(try counts(41, 31) == (40, 32, 2))
  }

  @Test func `a label of the map of partners is broken between words, and cut only after three lines`() throws {
    func labels(_ organization: String) throws -> [String] {
      var content = SampleContent.full()
      content.partners = [content.partners[0]]
      content.partners[0].organization = organization
      content.partners[0].involvements = [.with { $0.role = .additionalSupporter }]
      return try MarkupReader.root(Self.text(.html, content)).named("svg")[1].named("text").map(\.text)
    }
    let role = ["With the additional", "support of"]
    let name = "Ministry of Foreign Affairs of the Republic of Korea"
    let lines = ["Ministry of Foreign", "Affairs of the", "Republic of Korea"]
    #expect(try labels(name) == lines + role)
    #expect(try labels("\(name) and of others") == lines.dropLast() + ["\(lines[2])…"] + role)
    #expect(try labels("organizations/one-word") == ["organizations/one-…"] + role)
  }
}
