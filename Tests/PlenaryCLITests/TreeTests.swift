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

  @Test func `what stands below several items is below each, and what is below it only once`() {
    let links = [("a", []), ("b", []), ("c", ["a", "b"]), ("d", ["c"]), ("e", ["b", "unseen"])]
    let forest = Tree.forest(of: links, id: \.0, above: { $0.1 as [String] }, label: { StyledText($0.0) })
    #expect(
      Tree.lines(forest) == ["a", "└── c", "    └── d", "b", "├── c  see above", "└── e"])
  }

  @Test func `items in a circle below something else are shown once`() {
    let links = [("a", ["b"]), ("b", ["a", "root"]), ("root", [])]
    let forest = Tree.forest(of: links, id: \.0, above: { $0.1 as [String] }, label: { StyledText($0.0) })
    #expect(Tree.lines(forest) == ["root", "└── b", "    └── a"])
  }
}
