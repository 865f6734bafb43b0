import Testing

@testable import plenary

struct TerminalTextTests {
  @Test func `control characters cannot steer the terminal`() {
    #expect(TerminalText.oneLine("a\u{1B}[2Jb\nc\u{85}d\u{7F}") == "a\u{FFFD}[2Jb c\u{FFFD}d\u{FFFD}")
    #expect(TerminalText.oneLine("제주도 é") == "제주도 é")
  }

  @Test func `a text is cut to cells and not to characters`() {
    #expect(TerminalText.shortened("제주도", to: 6) == "제주도")
    #expect(TerminalText.shortened("제주도", to: 5) == "제주…")
    #expect(TerminalText.shortened("제주도", to: 4) == "제…")
    #expect(TerminalText.shortened("Bangkok", to: 4) == "Ban…")
  }

  @Test(arguments: [
    ("مكافحة الإرهاب", "\u{2068}مكافحة الإرهاب\u{2069}"), ("שלום", "\u{2068}שלום\u{2069}"), ("대테러 (CTC)", "대테러 (CTC)"),
    ("a\u{202E}b", "\u{2068}a\u{202E}b\u{2069}"), ("\u{2069}a\u{2067}", "\u{2068}a\u{2069}"), ("", ""),
  ])
  func `what runs from right to left is set apart, once`(_ text: String, _ isolated: String) {
    #expect(Array(TerminalText.isolated(text).unicodeScalars) == Array(isolated.unicodeScalars))
    #expect(TextStyle(isEnabled: false, isolates: true).isolated(text) == TerminalText.isolated(text))
    #expect(Array(TextStyle(isEnabled: true).isolated(text).unicodeScalars) == Array(text.unicodeScalars))
  }

  @Test func `tables and texts set apart what runs from right to left, and keep their widths`() {
    let style = TextStyle(isEnabled: false, isolates: true)
    let arabic = "مكافحة الإرهاب"
    for style in [style, .plain] {
      var table = Table([Table.Column(title: "A"), Table.Column(title: "B")], style: style)
      table.add([arabic, "x"])
      let lines = table.lines(width: 80)
      #expect(lines[1] == style.isolated(arabic) + "  x")
      #expect(DisplayWidth.of(lines[1]) == DisplayWidth.of(arabic) + 3)
      var text = StyledText(arabic)
      text.addAside("themes/t1")
      #expect(text.lines(width: 80, style: style) == ["\(style.isolated(arabic))  themes/t1"])
    }
  }
}
