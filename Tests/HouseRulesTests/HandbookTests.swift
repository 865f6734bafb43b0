internal import ArgumentParser
@testable internal import dev
internal import Testing

/// The handbook, `Sources/Plenary.docc`, says what is so.
@Suite struct HandbookTests {
  private static let handbook = "Sources/Plenary.docc"
  private let tree = SourceTree.checkout

  @Test func `the list of commands is that of the dev tool`() throws {
    let page = try #require(tree.text(of: "\(Self.handbook)/Getting-Started.md"))
    let section = try #require(page.components(after: "## Commands\n", before: "\n## "))
    let listed = section.split(separator: "\n").compactMap { $0.components(after: "| `", before: "`") }
    #expect(listed == Dev.configuration.subcommands.map { $0._commandName })
  }

  @Test func `each decision has its four sections, in order`() {
    let sections = ["## Context", "## Decision", "## What we gave up", "## What would change our mind"]
    let decisions = tree.textFiles.filter { $0.path.hasPrefix("\(Self.handbook)/Decisions/") }
    #expect(!decisions.isEmpty)
    for decision in decisions {
      let headings = decision.text.split(separator: "\n").filter { $0.hasPrefix("## ") }.map(String.init)
      #expect(headings == sections, "\(decision.path)")
    }
  }

  @Test func `the README links to what is there`() throws {
    let readme = try #require(tree.text(of: "README.md"))
    let links = readme.split(separator: "](").dropFirst().compactMap { $0.split(separator: ")").first.map(String.init) }
    #expect(links.filter { !$0.contains("://") && !Checkout(root: tree.root).exists($0) } == [])
  }

  @Test func `each module has its line on the Architecture page`() throws {
    let page = try #require(tree.text(of: "\(Self.handbook)/Architecture.md"))
    let modules = Set(
      tree.textFiles.map(\.path).filter { $0.hasPrefix("Sources/") && !$0.hasPrefix(Self.handbook) }
        .compactMap { $0.split(separator: "/").dropFirst().first.map(String.init) })
    #expect(modules.filter { !page.contains("`\($0)`") }.sorted() == [])
  }
}

extension StringProtocol {
  /// The text between two marks, nil if the first is not there; without the second it reaches to the end.
  fileprivate func components(after start: String, before end: String) -> String? {
    guard let opening = firstRange(of: start) else { return nil }
    let rest = self[opening.upperBound...]
    return String(rest[..<(rest.firstRange(of: end)?.lowerBound ?? rest.endIndex)])
  }
}
