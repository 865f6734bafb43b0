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
}
