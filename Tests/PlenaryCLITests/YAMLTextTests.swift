import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import plenary

struct YAMLTextTests {
  private func yaml(_ message: some ProtobufMessage) throws -> String {
    try YAMLText.text(json: try ProtoJSON.string(message))
  }

  private func again<Message: ProtobufMessage>(_ message: Message) throws -> Message {
    let documents = try YAMLReader.documents(Array((try yaml(message) + "\n").utf8))
    return try ProtoJSON.decode(from: try #require(documents.first))
  }

  @Test func `a record is written for people to read`() throws {
    let record = Record.with {
      $0.kind = .dialogue(
        .with {
          $0.name = "dialogues/oslo-2017"
          $0.title = .with { $0.values = ["ar": "حوار", "no": "Møte: første", "zh": "对话"] }
          $0.location = .with {
            $0.locality = "Oslo"
            $0.regionCode = "NO"
            $0.latitude = 59.9
          }
          $0.startDate = .with { $0.year = 2017 }
          $0.themes = ["themes/no", "themes/on"]
          $0.summary = .with { $0.values = ["en": "One line.\n\nAnother.\n"] }
          $0.annotations = ["date": "2017-05-01", "number": "010", "power": "1e3", "empty": "", "word": "off"]
        })
    }
    let text = try yaml(record)
    #expect(
      text == """
        dialogue:
          name: dialogues/oslo-2017
          annotations:
            date: "2017-05-01"
            empty: ""
            number: "010"
            power: "1e3"
            word: "off"
          title:
            values:
              ar: حوار
              "no": "Møte: første"
              zh: 对话
          startDate:
            year: 2017
          location:
            locality: Oslo
            regionCode: "NO"
            latitude: 59.9
          themes:
            - themes/no
            - themes/on
          summary:
            values:
              en: |
                One line.

                Another.
        """, "\(text)")
    #expect(try again(record) == record)
  }

  @Test func `every record of the example comes back with the same bytes`() throws {
    let records = try Example.records()
    for record in records { #expect(try again(record).serializedBytes() == record.serializedBytes()) }
    let bundle = Bundle.with { $0.records = records }
    #expect(try again(bundle).serializedBytes() == bundle.serializedBytes())
  }

  @Test(arguments: [
    "", " ", "a ", " a", "a: b", "a:", "a #b", "a#b", "- a", "-", "? a", "?", ":", ": a", "[a]", "{a}", "&a", "*a",
    "!a",
    "|", ">", "'a'", "\"a\"", "%a", "@a", "`a`", "---", "...", "--- a", "~", "null", "true", "No", "NaN", "Infinity",
    "-Infinity", "1", "1.5", "-1", "+1", "0x1F", "0o17", "1:30", "2017-05-01", "2017-05-01T10:00:00Z", "1e3", "=", "<<",
    "a\nb", "a\n", "a\n\n", "\na", "\n", " a\nb", "a\n b", "a\n \nb", "a\n\tb", "a\tb", "a\r\nb", "a\u{85}b",
    "a\u{2028}b", "\u{FEFF}a", "a\u{0}b", "a\u{7F}b", "\u{1F}", "\u{FFFE}", "\u{1FFFE}", "😀", "é\n",
    "e\u{301}\n\u{301}",
    "a\n--- b\n... c", "a\n# b", "a, [b], {c}", "http://a/b?c=d#e", "\u{202E}abc", "\u{A0}a\u{A0}", "\\", "\\n",
    "\"\\\"",
  ])
  func `a text comes back as it was, as value and as key`(_ text: String) throws {
    try check(text)
    try check("x" + String(repeating: text, count: 200))
  }

  @Test(arguments: 0..<40) func `any text comes back as it was`(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let alphabet: [Unicode.Scalar] = Array(
      "ab01 \n\n\t\r-:?#,[]{}&*!|>'\"%@`~.=<+eExXnoNOyY\u{0}\u{85}\u{A0}\u{2028}\u{FEFF}éا北😀\u{301}".unicodeScalars)
    for _ in 0..<50 {
      var text = ""
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        text.unicodeScalars.append(alphabet.randomElement(using: &random) ?? "a")
      }
      try check(text)
    }
  }

  private func check(_ text: String) throws {
    let dialogue = Dialogue.with {
      $0.timeZone = text
      $0.themes = ["before", text, "after"]
      $0.annotations = [text: text, "other": "x"]
      $0.location = .with { $0.venue = text }
    }
    let found = try again(dialogue)
    #expect(try found.serializedBytes() == dialogue.serializedBytes(), "\(Array(text.unicodeScalars))")
  }

  @Test func `answers of our own are written too`() throws {
    let answer = JSONValue.object([
      ("truth", .bool(true)), ("number", .number(-7)), ("none", .array([])), ("nothing", .object([])),
      (
        "list",
        .array([.array([.string("a"), .string("1")]), .object([("b", .string("c")), ("d", .string("e\nf"))])])
      ),
    ])
    #expect(
      try OutputFormat.yaml.text(answer) == """
        truth: true
        number: -7
        none: []
        nothing: {}
        list:
          - - a
            - "1"
          - b: c
            d: |-
              e
              f
        """)
  }

  @Test(arguments: [nil, "records"]) func `a list written record by record has the bytes of the whole`(
    _ member: String?
  ) throws {
    let records = Array(try Example.records().prefix(5))
    for count in [0, 1, 5] {
      var text = RecordListText(.yaml, member: member)
      var bytes: [UInt8] = []
      for record in records.prefix(count) { bytes += try text.next(record) }
      bytes += text.end()
      var list: [JSONValue] = []
      for record in records.prefix(count) { list.append(try .message(record)) }
      let whole: JSONValue = member.map { count == 0 ? .object([]) : .object([($0, .array(list))]) } ?? .array(list)
      #expect(try String(decoding: bytes, as: UTF8.self) == OutputFormat.yaml.text(whole) + "\n")
    }
  }
}

/// Steele, Lea and Flood's generator: the same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
