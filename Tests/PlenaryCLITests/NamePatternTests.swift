import Testing

@testable import plenary

struct NamePatternTests {
  private let dialogues = NamePattern("dialogues/{dialogue}")
  private let groups = NamePattern("dialogues/{dialogue}/workingGroups/{working_group}")

  @Test func `a whole name matches its own pattern alone`() {
    #expect(dialogues.matches("dialogues/asia-ict-ct-3"))
    #expect(groups.matches("dialogues/asia-ict-ct-3/workingGroups/wg-1"))
    #expect(!dialogues.matches("dialogues/asia-ict-ct-3/workingGroups/wg-1"))
    #expect(!dialogues.matches("dialogues/"))
    #expect(!dialogues.matches("/dialogues/asia-ict-ct-3"))
    #expect(!groups.matches("dialogues//workingGroups/wg-1"))
  }

  @Test func `ids alone make a name when their number is right`() {
    #expect(dialogues.name(ids: "asia-ict-ct-3") == "dialogues/asia-ict-ct-3")
    #expect(groups.name(ids: "asia-ict-ct-3/wg-1") == "dialogues/asia-ict-ct-3/workingGroups/wg-1")
    #expect(groups.name(ids: "wg-1") == nil)
    #expect(groups.name(ids: "asia-ict-ct-3/") == nil)
    #expect(dialogues.name(ids: "") == nil)
  }

  @Test func `the parent is all but the last collection and id`() {
    #expect(groups.parent == dialogues)
    #expect(groups.anyParent == "dialogues/-")
    #expect(dialogues.anyParent == "")
    #expect(dialogues.hasParent == false)
    #expect(NamePattern.parts(of: "dialogues/a/workingGroups/b") == ("dialogues/a", "b"))
    #expect(NamePattern.parts(of: "dialogues/a") == ("", "a"))
  }
}
