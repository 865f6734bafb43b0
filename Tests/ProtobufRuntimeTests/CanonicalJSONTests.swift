import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import Testing

/// The canonical form of RFC 8785.
struct CanonicalJSONTests {
  private func text(_ message: some ProtobufMessage) throws -> String {
    String(decoding: try ProtoJSON.encode(message, options: .canonical), as: UTF8.self)
  }

  @Test func `members come in the order of their names, without spaces`() throws {
    let dialogue = Dialogue.with {
      $0.name = "dialogues/d1"
      $0.ordinal = 3
      $0.title = .with {
        $0.values = ["fr": "Deux", "en": "Two"]
        $0.originalLanguage = "en"
      }
      $0.attributionRule = .chathamHouse
    }
    #expect(
      try text(dialogue)
        == #"{"attributionRule":"CHATHAM_HOUSE","name":"dialogues/d1","ordinal":3,"title":{"originalLanguage":"en","#
        + #""values":{"en":"Two","fr":"Deux"}}}"#)
  }

  /// RFC 8785 §3.2.3, whose order is not that of the bytes of UTF-8.
  @Test func `names are ordered by the units of UTF-16`() throws {
    let names = ["\u{20AC}", "\r", "\u{FB33}", "1", "\u{1F600}", "\u{80}", "\u{F6}"]
    let text = LocalizedText.with { $0.values = Dictionary(uniqueKeysWithValues: names.map { ($0, "v") }) }
    let expected = ["\\r", "1", "\u{80}", "\u{F6}", "\u{20AC}", "\u{1F600}", "\u{FB33}"]
    #expect(try self.text(text) == "{\"values\":{" + expected.map { "\"\($0)\":\"v\"" }.joined(separator: ",") + "}}")
  }

  /// RFC 8785 §3.2.2.2.
  @Test func `strings are escaped only where they must be`() throws {
    let text = LocalizedText.with {
      $0.originalLanguage = "\u{20AC}$\u{F}\nA'\u{42}\u{22}\u{5C}\\\"/\u{7F}\u{2028}\u{8}\u{C}"
    }
    #expect(
      try self.text(text)
        == "{\"originalLanguage\":\"\u{20AC}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7F}\u{2028}\\b\\f\"}")
  }

  @Test(arguments: [0.5, -0.0, 9_007_199_254_740_992, .infinity, .nan])
  func `a number that is written otherwise elsewhere is refused`(_ number: Double) throws {
    let location = Dialogue.Location.with { $0.latitude = number }
    #expect(throws: ProtobufError.self) { try text(location) }
  }

  @Test(arguments: [(0.0, "0"), (-7.0, "-7"), (9_007_199_254_740_991, "9007199254740991")])
  func `a whole number is written as everywhere`(_ number: Double, _ digits: String) throws {
    let location = Dialogue.Location.with { $0.latitude = number }
    #expect(try text(location) == "{\"latitude\":\(digits)}")
  }
}
