import Foundation
import Testing

@testable import plenary

/// Searches on the command line, against a daemon with the example.
struct SearchRunTests {
  @Test func `a search shows kind, name, field and text of what is found`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("search", "FTFs", width: 120)
      #expect(run.status == .ok)
      let lines = run.output.split(separator: "\n")
      #expect(lines.first?.split(separator: " ") == ["KIND", "NAME", "FIELD", "TEXT"])
      #expect(lines.count == 2)
      #expect(
        lines.last?.hasPrefix("theme  themes/use-ftf-recruitment  alt_labels.0 (en)  Recruitment of FTFs") == true)
      let names = await plenary.run("search", "internet", "--order", "name", "--output", "name")
      let found = names.output.split(separator: "\n").map(String.init)
      #expect(found == found.sorted() && found.contains { $0.hasSuffix("/directives/notes-nexus") })
      let few = await plenary.run("search", "internet", "--kind", "directives", "--limit", "1", "--output", "json")
      let results = try #require(try JSONSerialization.jsonObject(with: Data(few.output.utf8)) as? [[String: Any]])
      #expect(results.count == 1 && results[0]["resourceType"] as? String == "plenary.registry/Directive")
      let listed = await plenary.run(
        "list", "directives", "--filter", #"search("Internet")"#, "--output", "name")
      #expect(listed.output.contains("/directives/notes-nexus\n"))
    }
  }

  @Test func `nothing found is said, and an error stands below its place`() async throws {
    try await withExample { plenary in
      let none = await plenary.run("search", "nowhere")
      #expect(none.status == .ok && none.output.isEmpty && none.side == "nothing found\n")
      let wrong = await plenary.run("search", "internet (web")
      #expect(wrong.status == .invalid)
      #expect(wrong.side.hasSuffix("(SEARCH_SYNTAX)\n  internet (web\n           ^\n"))
      let kind = await plenary.run("search", "internet", "--kind", "directiv")
      #expect(kind.status == .usage)
      #expect(await plenary.run("search", "internet", "--limit", "0").status == .usage)
    }
  }

  @Test func `the index is made anew when that is asked for`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("rebuild-search-index")
      #expect(run.status == .ok && run.side == "the search index is being made anew\n")
      var isMade = false
      for _ in 0..<10_000 where !isMade {
        isMade = await plenary.run("status", "--output", "json").output.contains(#""stage": "FOLLOWING""#)
      }
      #expect(isMade)
      #expect(await plenary.run("search", "FTFs", "--output", "name").output.hasPrefix("themes/"))
    }
  }

  @Test func `a text that is cut keeps what stands out of it`() {
    var table = Table([.init(title: "A", isFixed: true), .init(title: "TEXT")], style: TextStyle(isEnabled: true))
    table.add(
      ["a"],
      last: [
        .init(text: "one "), .init(text: "two", isBold: true), .init(text: " three "),
        .init(text: "four", isBold: true),
      ])
    table.add(["b", "plain"])
    #expect(table.lines(width: nil, style: .plain)[1] == "a  one \u{1B}[1mtwo\u{1B}[0m three \u{1B}[1mfour\u{1B}[0m")
    let cut = table.lines(width: 17, style: .plain)
    #expect(cut[1] == "a  one \u{1B}[1mtwo\u{1B}[0m three…" || cut[1] == "a  one \u{1B}[1mtwo\u{1B}[0m thre…", "\(cut)")
    #expect(cut[2] == "b  plain")
  }
}
