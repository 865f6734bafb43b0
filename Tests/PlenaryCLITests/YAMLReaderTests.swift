import Foundation
import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import plenary

struct YAMLReaderTests {
  private func read<Message: ProtobufMessage>(_ text: String, as type: Message.Type) throws -> Message {
    let documents = try YAMLReader.documents(Array(text.utf8))
    return try ProtoJSON.decode(type, from: try #require(documents.first))
  }

  private func error(of text: String, _ limits: YAMLReader.Limits = .init()) throws -> String {
    let error = try #require(throws: ProtoJSONError.self) {
      for document in try YAMLReader.documents(Array(text.utf8), limits: limits) {
        let _: Dialogue = try ProtoJSON.decode(from: document)
      }
    }
    return error.description
  }

  @Test(arguments: [
    "NO", "no", "on", "off", "yes", "y", "true", "FALSE", "010", "1e3", "0x1F", "1_000", "12:30:45", "2017-05-01",
    "3.0",
    "-0", ".5", ".inf", "Null", "NULL", "=", "<<", "1.0e+3", "عمّان", "北京", "Đà Nẵng",
  ])
  func `without quotation marks a text is the text that it is`(_ text: String) throws {
    let plain = try read("timeZone: \(text)\nlocation:\n  regionCode: \(text)\n", as: Dialogue.self)
    let quoted = try read("timeZone: '\(text)'\nlocation: {\"regionCode\": \"\(text)\"}\n", as: Dialogue.self)
    #expect(plain.timeZone == text)
    #expect(plain.location?.regionCode == text)
    #expect(plain == quoted)
    #expect(try read("title: {values: {\(text): a}}", as: Dialogue.self).title?.values == [text: "a"])
  }

  @Test(arguments: ["", "~", "null"])
  func `nothing, a tilde and null leave a field unset, unless they are quoted`(_ text: String) throws {
    #expect(try read("timeZone: \(text)\nordinal: 1", as: Dialogue.self) == .with { $0.ordinal = 1 })
    #expect(try read("timeZone: \"\(text)\"", as: Dialogue.self).timeZone == text)
    let told = try error(of: "themes:\n  - \(text)")
    #expect(told.hasPrefix("line 2, column ") && told.hasSuffix(", themes[0]: an element cannot be null"), "\(told)")
  }

  @Test(arguments: [("7", 7), ("'7'", 7), ("1e3", 1000), ("70.0", 70), ("-0", 0)])
  func `a number is read as JSON has it`(_ text: String, _ number: Int32) throws {
    #expect(try read("ordinal: \(text)", as: Dialogue.self).ordinal == number)
    #expect(try read("startDate: {year: \(text)}", as: Dialogue.self).startDate?.year == number)
  }

  @Test(arguments: ["010", "0x1F", "1_000", "+1", ".5", "1.5", "on", "true", "12:30", "2017-05-01", "1 000", "seven"])
  func `what other readers take for other numbers is none`(_ text: String) throws {
    #expect(try error(of: "\nordinal: \(text)").hasPrefix("line 2, column 10, ordinal: a whole number"))
  }

  @Test func `each type of field says what a text is`() throws {
    let dialogue = try read(
      """
      # A comment.
      name: dialogues/d
      createTime: 2018-09-04T09:30:00Z
      format: WORKSHOP
      modality: 2
      start_date: {year: 2017, month: 5, day: 1}
      location:
        latitude: 3.14
        longitude: 1e2
      themes: [themes/no, 'themes/on']
      annotations:
        010: 1e3
        no: off
      summary:
        values:
          en: |
            One line.
              Another: "line" # no comment
          no: >-
            Folded
            text
      """, as: Dialogue.self)
    #expect(dialogue.createTime?.seconds == 1_536_053_400)
    #expect(dialogue.format == .workshop)
    #expect(dialogue.modality.rawValue == 2)
    #expect(dialogue.startDate == .with { ($0.year, $0.month, $0.day) = (2017, 5, 1) })
    #expect(dialogue.location?.latitude == 3.14 && dialogue.location?.longitude == 100)
    #expect(dialogue.annotations == ["010": "1e3", "no": "off"])
    #expect(
      dialogue.summary?.values == [
        "en": "One line.\n  Another: \"line\" # no comment\n", "no": "Folded text",
      ])
    #expect(try read("dryRun: true", as: ImportRegistryRequest.Header.self).dryRun)
    let refusal = #expect(throws: ProtoJSONError.self) {
      try read("dryRun: yes", as: ImportRegistryRequest.Header.self)
    }
    #expect(refusal?.description == "line 1, column 9, dryRun: true or false belongs here")
  }

  @Test(arguments: [
    ("name: a\ntitel: {}\n", "line 2, column 1, titel: plenary.v1.Dialogue has no field \"titel\"; did you mean"),
    ("title:\n  values:\n    en: [a]\n", "line 3, column 9, title.values[\"en\"]: a string belongs here"),
    ("location:\n  regionCode: NO\n  regionCode: SE\n", "line 2, column 3: the key \"regionCode\" is there twice"),
    ("{a: 1, \"a\": 2}", "line 1, column 2: the key \"a\" is there twice"),
    ("timeZone: &zone UTC\n", "line 1, column 11, timeZone: anchors and aliases are not allowed; write the value out"),
    ("a: &x b\nc: *x\n", "line 1, column 4, a: anchors and aliases are not allowed"),
    ("&x a: b\n", "line 1, column 1: anchors and aliases are not allowed"),
    ("a: *x\n", "line 1, column 4: it is not YAML: found undefined alias"),
    (
      "ordinal: !!int '1'\n", "line 1, column 10, ordinal: the tag tag:yaml.org,2002:int is not allowed; the field says"
    ),
    ("title: !text {}\n", "line 1, column 8, title: the tag !text is not allowed"),
    ("? [a]\n: b\n", "line 1, column 3: a key must be a text"),
    ("a: b: c\n", "line 1, column 5: it is not YAML: mapping values are not allowed in this context"),
    ("a: [b\n", "line 2, column 1: it is not YAML: did not find expected"),
    ("a: \"\u{1}\"\n", "line 1, column 5: it is not YAML: control characters are not allowed"),
    ("- a\n", "line 1, column 1: an object belongs here, not an array"),
    ("a text\n", "line 1, column 1: an object belongs here, not a single value"),
  ])
  func `what is wrong is told with its place`(_ text: String, _ message: String) throws {
    let told = try error(of: text)
    #expect(told.hasPrefix(message), "\(told)")
  }

  @Test func `a mark of an encoding at the start of a text is kept, wherever its line is`() throws {
    let text =
      "\u{FEFF}# é\u{2028}\r\n# \u{85}# \r{éa: 'é', timeZone: !!str \"\\uFeFFa\",\n"
      + "  \"\\U0000FEFFb\": \"\\\\uFEFF\"}"
    let documents = try YAMLReader.documents(Array(text.utf8))
    guard case .object(let members)? = documents.first?.value, members.count == 3 else { return #expect(Bool(false)) }
    #expect(members.map(\.name) == ["éa", "timeZone", "\u{FEFF}b"])
    guard case .string("\u{FEFF}a") = members[1].value.value, case .string("\\uFEFF") = members[2].value.value else {
      return #expect(Bool(false), "\(members)")
    }
  }

  @Test(.timeLimit(.minutes(10))) func `marks of an encoding are looked for in one walk through a long line`() throws {
    let text = "[\"\\uFEFFa\"" + String(repeating: ", \"é\"", count: 200_000) + ", \"\\uFEFFb\"]"
    guard case .array(let elements)? = try YAMLReader.documents(Array(text.utf8)).first?.value,
      case .string(let first)? = elements.first?.value, case .string(let last)? = elements.last?.value
    else { return #expect(Bool(false)) }
    #expect(elements.count == 200_002 && first == "\u{FEFF}a" && last == "\u{FEFF}b")
  }

  @Test func `tags of texts, lists and objects say nothing new and may stand`() throws {
    #expect(try read("!!map {timeZone: !!str 1, themes: !!seq [! 2]}", as: Dialogue.self).themes == ["2"])
  }

  @Test func `each document is a value, and empty ones are none`() throws {
    let documents = try YAMLReader.documents(Array("# none\n---\n---\ntimeZone: a\n---\n- b\n...\n---\n".utf8))
    #expect(documents.count == 2)
    #expect(documents.map(\.kind) == ["an object", "an array"])
    #expect(try YAMLReader.documents([]).isEmpty)
    #expect(try YAMLReader.documents(Array("\u{FEFF}a: b".utf8)).count == 1)
  }
}

// Limits, and texts that are made to harm.
extension YAMLReaderTests {
  private func limits(_ change: (inout YAMLReader.Limits) -> Void) -> YAMLReader.Limits {
    var limits = YAMLReader.Limits()
    change(&limits)
    return limits
  }

  @Test func `a text may have just as many bytes as the limit says`() throws {
    let limits = limits { $0.byteCountMax = 11 }
    #expect(try YAMLReader.documents(Array("timeZone: U".utf8), limits: limits).count == 1)
    #expect(try error(of: "timeZone: UT", limits) == "line 1, column 1: the text has 12 bytes, 11 are allowed")
    #expect(YAMLReader.Limits().byteCountMax == 64 << 20)
  }

  @Test func `values may lie just as deep as the limit says`() throws {
    func text(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(try YAMLReader.documents(Array(text(100).utf8)).count == 1)
    let path = String(repeating: "[0]", count: 100)
    #expect(
      try error(of: text(101)) == "line 1, column 101, \(path): values lie more than 100 deep within each other")
  }

  @Test func `there may be just as many values as the limit says`() throws {
    // The mapping, its key, the list and its elements.
    let limits = limits { $0.nodeCountMax = 6 }
    #expect(try YAMLReader.documents(Array("a: [1, 2, 3]".utf8), limits: limits).count == 1)
    #expect(
      try error(of: "a: [1, 2, 3, 4]", limits) == "line 1, column 14, a[3]: there are more than 6 values")
    #expect(YAMLReader.Limits().nodeCountMax == 8_000_000)
  }

  @Test func `many aliases are refused before they are looked at`() throws {
    let limits = limits { $0.aliasCountMax = 2 }
    // The anchor comes first, so it is what is told where there are few.
    #expect(try error(of: "a: &x 1\nb: [*x, *x]", limits).hasPrefix("line 1, column 4, a: anchors"))
    #expect(try error(of: "a: &x 1\nb: [*x, *x, *x]", limits).hasPrefix("line 2, column 5: anchors"))
    // Words behind & and * that are not the same are texts.
    #expect(try YAMLReader.documents(Array("a: R&D\nb: '*a* *b* *c*'".utf8), limits: limits).count == 1)
    let bullets = "a: |\n  R & D\n" + String(repeating: "  * an item\n", count: 40)
    #expect(try YAMLReader.documents(Array(bullets.utf8), limits: limits).count == 1)
  }

  @Test(
    .timeLimit(.minutes(10)),
    arguments: [
      // A billion laughs, as values and within a key.
      (0..<40).map { "a\($0): &a\($0) [\($0 == 0 ? "x, x" : "*a\($0 - 1), *a\($0 - 1)")]\n" }.joined(),
      "? [" + (0..<40).map { "&a\($0) [\($0 == 0 ? "x, x" : "*a\($0 - 1), *a\($0 - 1)")]" }.joined(separator: ", ")
        + "]\n: b\n",
      String(repeating: "[", count: 200_000),
      String(repeating: "{a: ", count: 200_000),
      String(repeating: "[a: ", count: 990),
      String(repeating: "- ", count: 100_000) + "a",
      String(repeating: "? ", count: 100_000) + "a",
      (0..<2000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
      String(repeating: "--- \n", count: 20_000) + "[",
    ])
  func `a text that is made to harm is refused`(_ text: String) throws {
    #expect(try !error(of: text).isEmpty)
  }
}
