import Testing

@testable import plenary

struct StyledTextTests {
  @Test func `lines break between words and a long word keeps its line`() {
    func lines(_ text: String, _ width: Int?) -> [String] { StyledText(text).lines(width: width, style: .plain) }
    #expect(lines("to share good practice", 10) == ["to share", "good", "practice"])
    #expect(lines("see themes/use-facilitate now", 8) == ["see", "themes/use-facilitate", "now"])
    #expect(lines("any text at all", nil) == ["any text at all"])
  }

  @Test func `an aside begins a line rather than be broken`() {
    var text = StyledText("Asia ICT and CT Dialogue")
    text.addAside("series/asia-ict-ct-dialogue now")
    #expect(
      text.lines(width: 40, style: .plain) == ["Asia ICT and CT Dialogue", "series/asia-ict-ct-dialogue now"])
    #expect(text.lines(width: nil, style: .plain) == ["Asia ICT and CT Dialogue  series/asia-ict-ct-dialogue now"])
    #expect(
      text.lines(width: 28, style: .plain) == ["Asia ICT and CT Dialogue", "series/asia-ict-ct-dialogue", "now"])
  }

  @Test func `a bullet hangs before its lines`() {
    let text = StyledText("Build public-private partnerships", lead: StyledText.bullet)
    #expect(text.lines(width: 24, style: .plain) == ["• Build public-private", "  partnerships"])
  }

  @Test func `emphasis is written around the words of a line and takes no room`() {
    var text = StyledText("a b", .bold)
    text.add("c d", .faint)
    let style = TextStyle(isEnabled: true)
    #expect(text.lines(width: 5, style: style) == ["\u{1B}[1ma b\u{1B}[0m \u{1B}[2mc\u{1B}[0m", "\u{1B}[2md\u{1B}[0m"])
  }

  @Test func `wide characters count as what they take`() {
    #expect(StyledText("제주도 서울 부산").lines(width: 11, style: .plain) == ["제주도 서울", "부산"])
  }
}

struct SheetTests {
  @Test func `texts stand below each other behind their labels`() {
    var sheet = Sheet()
    sheet.add("state", "active")
    sheet.add("nothing", "")
    sheet.add("place", [])
    sheet.add("locality", depth: 1, "Kuala Lumpur")
    sheet.addSpace()
    sheet.add("a label that is too long for the column", "text")
    #expect(
      sheet.lines(width: nil, style: .plain) == [
        "state       active", "place", "  locality  Kuala Lumpur", "", "a label that is too long for the column",
        "            text",
      ])
  }
}

struct JSONValueTests {
  @Test func `documents are indented and strings escaped`() {
    let value = JSONValue.object([
      ("a", .array([.number(1), .bool(true)])), ("b", .string("\"\\\n\u{1}é")), ("c", .array([])),
      ("d", .written("{\n  \"x\": 1\n}")), ("e", .object([])),
    ])
    #expect(
      value.text == """
        {
          "a": [
            1,
            true
          ],
          "b": "\\"\\\\\\n\\u0001é",
          "c": [],
          "d": {
            "x": 1
          },
          "e": {}
        }
        """)
  }
}
