import PlenaryDomain
import Testing

@Suite struct NameTests {
  @Test(arguments: ["a", "asia-ict-ct-3", "x9", "a" + String(repeating: "b", count: 62)])
  func `an id begins with a letter and has at most 63 characters`(_ id: String) {
    #expect(ResourceID.isValid(id))
  }

  @Test(arguments: [
    "", "-", "latest", "9a", "-a", "a-", "A", "a_b", "a.b", "ä", "a/b", "a" + String(repeating: "b", count: 63),
  ])
  func `anything else is no id`(_ id: String) {
    #expect(!ResourceID.isValid(id))
  }

  @Test func `an id that cannot be one is refused with what one looks like`() {
    let error = #expect(throws: DomainError.self) { try ResourceID.check("Asia", field: "dialogue_id") }
    #expect(error?.reason == .idInvalid)
    #expect(error?.code == .invalidArgument)
    #expect(error?.violations.first?.field == "dialogue_id")
    #expect(error?.metadata["value"] == "Asia")
  }

  @Test func `a missing id is a missing field`() {
    let error = #expect(throws: DomainError.self) { try ResourceID.check("", field: "theme_id") }
    #expect(error?.reason == .fieldRequired)
  }

  static let pattern = NamePattern("dialogues/{dialogue}/workingGroups/{working_group}")

  @Test(arguments: [
    ("dialogues/d/workingGroups/w", true), ("dialogues/asia-ict-ct-3/workingGroups/wg-1", true),
    ("dialogues/d", false), ("dialogues/d/workingGroups/", false), ("dialogues/d/workingGroups/w/", false),
    ("dialogues/d/workingGroups/w/x/y", false), ("dialogues/D/workingGroups/w", false), ("", false),
    ("dialogues//workingGroups/w", false), ("dialoguesd/workingGroups/w", false),
    ("/dialogues/d/workingGroups/w", false),
    ("dialogues/-/workingGroups/w", false), ("dialogues/d/workinggroups/w", false),
  ])
  func `a name has the collections of its pattern and valid ids`(_ name: String, _ matches: Bool) {
    #expect(Self.pattern.matches(name) == matches)
  }

  @Test(
    arguments: [
      ("dialogues/d", 0), ("dialogues/d/workingGroups/w", 1), ("directives/d", 2), ("themes/t", 3), ("themes/T", nil),
      ("sources/s", nil), ("d", nil), ("", nil), ("é", nil),
    ] as [(String, Int?)])
  func `the form of a name is found among others`(_ name: String, _ place: Int?) {
    let patterns = NamePatterns([
      NamePattern("dialogues/{dialogue}"), Self.pattern, NamePattern("directives/{directive}"),
      NamePattern("themes/{theme}"),
    ])
    #expect(patterns.firstIndex(matching: name) == place)
  }

  @Test func `a hyphen stands for any parent`() {
    let parent = NamePattern("dialogues/{dialogue}")
    #expect(parent.matchesWithWildcards("dialogues/-"))
    #expect(parent.matchesWithWildcards("dialogues/d"))
    #expect(!parent.matchesWithWildcards("dialogues/--"))
    #expect(!parent.matchesWithWildcards("mandates/-"))
  }

  @Test func `a name that is too long is refused for that`() {
    let longest = String(repeating: "d", count: NamePattern.nameByteCountMax)
    let malformed = #expect(throws: DomainError.self) { try Self.pattern.check(longest, field: "name") }
    #expect(malformed?.reason == .idInvalid && malformed?.metadata["max"] == nil)
    let tooLong = #expect(throws: DomainError.self) { try Self.pattern.check(longest + "d", field: "name") }
    #expect(tooLong?.reason == .idInvalid && tooLong?.metadata["max"] == "512")
    #expect(tooLong?.message.utf8.count ?? 0 < 300)
  }

  @Test func `a name leads to its parent and a parent to the names of its children`() {
    #expect(Self.pattern.parent == NamePattern("dialogues/{dialogue}"))
    #expect(NamePattern("dialogues/{dialogue}").parent == nil)
    #expect(NamePattern.parent(of: "dialogues/d/workingGroups/w") == "dialogues/d")
    #expect(NamePattern.parent(of: "dialogues/d") == nil)
    #expect(Self.pattern.name(parent: "dialogues/d", id: "w") == "dialogues/d/workingGroups/w")
    #expect(NamePattern("themes/{theme}").name(parent: "", id: "t") == "themes/t")
  }
}
