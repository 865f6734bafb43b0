import Testing

@testable import plenary

struct TreeTests {
  private func lines(_ links: [(String, String)]) -> [String] {
    Tree.lines(Tree.forest(of: links, id: \.0, above: \.1, label: { StyledText($0.0) }))
  }

  @Test func `what stands below hangs on branches`() {
    #expect(
      lines([("mfa", ""), ("centre", "mfa"), ("unit", "centre"), ("office", "mfa"), ("council", "")]) == [
        "mfa",
        "├── centre",
        "│   └── unit",
        "└── office",
        "council",
      ])
  }

  @Test func `an item above that is not there makes a root`() {
    #expect(lines([("centre", "unseen")]) == ["centre"])
  }

  @Test func `items in a circle are each shown once`() {
    #expect(lines([("a", "b"), ("b", "a"), ("c", "")]) == ["c", "a", "└── b"])
  }
}
