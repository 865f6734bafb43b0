import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import plenary

struct DescriptionTests {
  private func description<Resource: ResourceMessage>(
    _ record: Resource, titles: [String: RecordTitle] = [:], width: Int? = nil, language: String = "en",
    showsCitations: Bool = true
  ) throws -> [String] {
    let kind = try #require(KindCatalog.registry.kinds.first { $0.message == Resource.self })
    return Description(record, of: kind, titles: titles, language: language, showsCitations: showsCitations)
      .lines(width: width, style: .plain)
  }

  @Test func `each value stands with its source behind it`() throws {
    let dialogue = try #require(try Example.record("dialogues/asia-ict-ct-2", as: Dialogue.self))
    let titles = ["series/asia-ict-ct-dialogue": RecordTitle("Asia ICT and CT Dialogue")]
    #expect(
      try description(dialogue, titles: titles) == [
        "dialogues/asia-ict-ct-2  dialogue",
        "24–25 January 2018, Bangkok, TH",
        "",
        "series         Asia ICT and CT Dialogue (series/asia-ict-ct-dialogue)  ← [1] para 1 sentence 3, stated",
        "ordinal        2  ← [1] para 1 sentence 3, normalized: later of the two previous dialogues",
        "format         workshop  ← [1] para 5 sentence 1, normalized: called one of the two earlier workshops",
        "start date     24 January 2018  ← [1] para 1 sentence 3, stated",
        "end date       25 January 2018  ← [1] para 1 sentence 3, stated",
        "location",
        "  locality     Bangkok  ← [1] para 1 sentence 3, stated",
        "  region code  TH  ← [1] para 1 sentence 3, normalized: Kingdom of Thailand = TH",
        "state          concluded  ← [1] para 1 sentence 3, stated",
        "",
        "Sources",
        "[1]  sources/cted-2018-asia-ict-ct-3",
      ])
  }

  @Test func `citations of entries of a list stand with the entries`() throws {
    let partnership = try #require(try Example.record("partnerships/asia-ict-ct-3", as: Partnership.self))
    let lines = try description(partnership)
    #expect(
      lines[1...] == [
        "",
        "subject         dialogues/asia-ict-ct-3  ← [1] para 1 sentence 2, stated",
        "participants 0",
        "  organization  organizations/cted  ← [2] para 1 sentence 1, stated",
        "  role          co-organizer  ← [2] headline, stated",
        "                ← [2] para 1 sentence 1, stated: the body says CTED held the workshop",
      ].map { $0.replacing("[2]", with: "[1]") } + lines[7...])
  }

  @Test(arguments: try! Example.records().map(\.name))
  func `every citation of the example is shown exactly once`(_ name: String) throws {
    let record = try #require(try Example.records().first { $0.name == name })
    let found = record.content
    let message = try #require(found)
    let field = try #require(type(of: message).descriptor.field(named: "citations"))
    let kind = try #require(KindCatalog.registry.kind(ofName: name))
    let text = Description(message, of: kind, language: "en").lines(width: nil, style: .plain).joined(separator: "\n")
    #expect(text.matches(of: /←/).count == message.value(ofField: field.number)?.elements.count ?? 0)
  }

  @Test func `a citation of a field that shows no value is kept at the end`() throws {
    let theme = Theme.with {
      $0.name = "themes/a"
      $0.citations = [
        .with {
          $0.fieldPath = "notation"
          $0.source = "sources/s"
          $0.status = .disputed
          $0.alternativeValue = "2"
        }
      ]
    }
    #expect(try description(theme).contains("notation  ← [1], disputed, or “2”"))
  }

  @Test func `a text is shown in all its languages, that of the reader first`() throws {
    let series = Series.with {
      $0.name = "series/a"
      $0.title = .with {
        $0.values = ["en": "Dialogue", "ar": "حوار", "zh-Hant": "對話"]
        $0.originalLanguage = "en"
        $0.origins = ["ar": .machine]
      }
    }
    #expect(
      try description(series, language: "zh") == [
        "series/a  series", "對話", "", "title  對話 (zh-Hant)", "       حوار (ar, machine)",
        "       Dialogue (en, original)",
      ])
  }

  @Test func `markings and annotations read like the rest`() throws {
    let theme = Theme.with {
      $0.name = "themes/a"
      $0.marking = .with {
        $0.label = .amberStrict
        $0.organizations = ["organizations/cted"]
        $0.caveat = "until the meeting"
      }
      $0.annotations = ["a": "1", "b": "2"]
    }
    #expect(
      try description(theme, titles: ["organizations/cted": RecordTitle("Directorate", short: "CTED")])[2...] == [
        "marking          TLP:AMBER+STRICT",
        "  organizations  • Directorate (CTED) (organizations/cted)",
        "  caveat         until the meeting",
        "annotations      a: 1",
        "                 b: 2",
      ])
  }

  @Test(arguments: [40, 60, 80, 100, 120])
  func `lines fit the terminal`(_ width: Int) throws {
    let dialogue = try #require(try Example.record("dialogues/asia-ict-ct-3", as: Dialogue.self))
    for line in try description(dialogue, width: width) {
      // A name longer than the room for it is never cut.
      #expect(DisplayWidth.of(line) <= width || line.split(separator: " ").last?.contains("/") == true, "\(line)")
    }
  }

  @Test func `what others wrote cannot steer the terminal`() throws {
    let theme = Theme.with {
      $0.name = "themes/a"
      $0.notation = "1\u{1B}[2J\n2"
    }
    #expect(try description(theme).contains("notation  1\u{FFFD}[2J 2"))
  }
}
