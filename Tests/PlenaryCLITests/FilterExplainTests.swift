import Foundation
import Testing

@testable import plenary

struct FilterExplainTests {
  @Test func `a filter is explained part by part`() async throws {
    try await withExample { plenary in
      let run = await plenary.run(
        "filter", "explain", "dialogues", "location.region_code:(KR OR TH) location.venue=x", "--order-by", "ordinal",
        width: 100)
      #expect(
        run.output == """
          filter         (location.region_code:KR OR location.region_code:TH) AND location.venue = x
            part         location.region_code:KR OR location.region_code:TH
              index      location.region_code
              finds      location.region_code:KR
                         location.region_code:TH
              looked up
            part         location.venue = x
              index
              finds
              looked up  in each record that is found
          order          by the index of the field
          scan           no

          """)
      #expect(run.status == .ok)
    }
  }

  @Test func `a scan is said to be one`() async throws {
    try await withExample { plenary in
      let run = await plenary.run(
        "filter", "explain", "working-groups", "NOT theme:*", "--in", "dialogues/asia-ict-ct-3")
      #expect(run.status == .ok && run.output.contains("yes: every record of the kind is looked at"))
      let json = await plenary.run("filter", "explain", "themes", "under(themes/use-facilitate)", "--output", "json")
      let plan = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect(plan["filter"] as? String == "under(themes/use-facilitate)" && plan["scan"] == nil)
      let steps = try #require(plan["steps"] as? [[String: Any]])
      #expect(
        steps.count == 1 && steps[0]["indexFields"] as? [String] == ["broader"] && steps[0]["exact"] as? Bool == true)
    }
  }

  @Test func `an error stands below its place`() async throws {
    try await withExample { plenary in
      let run = await plenary.run("filter", "explain", "dialogues", "format=WORKSHOP AND ordnal=1")
      #expect(run.status == .invalid && run.output.isEmpty)
      #expect(
        run.side == """
          error: filter: a dialogue has no field `ordnal`; did you mean `ordinal`? (at character 21) (FILTER_FIELD_UNKNOWN)
            format=WORKSHOP AND ordnal=1
                                ^

          """)
      let open = await plenary.run("filter", "explain", "dialogues", "(format=WORKSHOP")
      #expect(open.status == .invalid && open.side.contains("  (format=WORKSHOP\n  ^\n"))
      let kind = await plenary.run("filter", "explain", "dialogs", "")
      #expect(kind.status == .usage && kind.side.contains("did you mean 'dialog"))
    }
  }

  @Test(arguments: [
    ("a=", 2, ["a=", "  ^"]), ("", 0, ["", "^"]), ("a=1", 99, ["a=1", "   ^"]), ("日本=1", 2, ["日本=1", "    ^"]),
    ("a\n=\u{1B}", 1, ["a =\u{FFFD}", " ^"]),
    (
      String(repeating: "a", count: 40) + "!" + String(repeating: "b", count: 40), 40,
      [
        "…" + String(repeating: "a", count: 30) + "!" + String(repeating: "b", count: 29) + "…",
        String(repeating: " ", count: 31) + "^",
      ]
    ),
  ])
  func `the place of an error is below the text`(_ text: String, _ position: Int, _ expected: [String]) {
    #expect(FilterPointer.lines(text, at: position) == expected)
  }
}
