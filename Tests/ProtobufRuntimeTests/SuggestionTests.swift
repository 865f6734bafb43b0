import ProtobufRuntime
import Testing

struct SuggestionTests {
  @Test(arguments: [
    ("lst", "list"), ("ipmort", "import"), ("descibe", "describe"), ("SERIES", "series"), ("stat", "status"),
    ("organisation", "organization"), ("org", "organization"),
  ])
  func `a mistyped or unfinished word is recognized`(_ typed: String, _ meant: String) {
    let known = ["import", "export", "list", "describe", "series", "organization", "status", "delete"]
    #expect(Suggestion.closest(to: typed, among: known) == meant)
  }

  @Test func `a word that is like none has no suggestion`() {
    #expect(Suggestion.closest(to: "frobnicate", among: ["list", "get"]) == nil)
    #expect(Suggestion.closest(to: "", among: ["list", "get"]) == nil)
    #expect(Suggestion.closest(to: "dialogue", among: []) == nil)
  }

  @Test func `a word that is too long to be compared has no suggestion`() {
    let longest = String(repeating: "x", count: Suggestion.wordByteCountMax)
    #expect(Suggestion.closest(to: longest, among: [longest + "y"]) == longest + "y")
    #expect(Suggestion.closest(to: longest + "y", among: [longest + "y"]) == nil)
    // Each comparison with this one would take minutes.
    #expect(Suggestion.closest(to: String(repeating: "x", count: 1 << 20), among: ["list", "get"]) == nil)
  }

  @Test func `an unfinished word with two endings has no suggestion`() {
    #expect(Suggestion.closest(to: "part", among: ["partnerships", "participants"]) == nil)
  }
}
