import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

@Suite(.timeLimit(.minutes(10))) struct ThemeRelationTests {
  private func set(_ test: TestRegistry, _ id: String, _ populate: (inout Theme) -> Void) async throws {
    try await test.update(
      UpdateThemeRequest.with {
        var theme = Theme.with { $0.name = "themes/\(id)" }
        populate(&theme)
        $0.theme = theme
      })
  }

  /// A chain in which each theme is below the one before it.
  private func chain(_ prefix: String, _ count: Int) -> [Theme] {
    (0..<count).map { Sample.theme("\(prefix)\($0)", broader: $0 == 0 ? [] : ["themes/\(prefix)\($0 - 1)"]) }
  }

  @Test func `no theme comes to be above one that it is related to, whichever of the two says so`() async throws {
    try await TestRegistry.run { test in
      // `naming` is related to `b` from its side, `a` to `named` from its own; `c` is below `b`.
      let naming = Theme.with {
        $0 = Sample.theme("naming")
        $0.related = ["themes/b"]
      }
      let apart = Theme.with {
        $0 = Sample.theme("apart")
        $0.related = ["themes/c"]
      }
      try await test.seed(
        Sample.theme("a"), Sample.theme("b"), Sample.theme("c", broader: ["themes/b"]), naming, apart,
        Sample.theme("d"),
        Sample.theme("e", broader: ["themes/naming"]))
      let directly = await expectRefusal(.themeRelatedConflict, "broader") {
        try await set(test, "b") { $0.broader = ["themes/naming"] }
      }
      #expect(directly?.metadata["value"] == "themes/naming" && directly?.metadata["related"] == "themes/b")
      await expectRefusal(.themeRelatedConflict, "broader") { try await set(test, "b") { $0.broader = ["themes/e"] } }
      // What is below moves with it.
      let below = await expectRefusal(.themeRelatedConflict, "broader") {
        try await set(test, "b") { $0.broader = ["themes/apart"] }
      }
      #expect(below?.metadata["related"] == "themes/c")
      try await set(test, "naming") { $0.broader = ["themes/d"] }
      try await set(test, "b") { $0.broader = ["themes/a"] }
      await expectRefusal(.themeRelatedConflict, "related.0") {
        try await set(test, "naming") { $0.broader = ["themes/c"] }
      }
    }
  }

  @Test func `a theme is neither broader than itself nor related to itself`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme("a"))
      await expectRefusal(.themeRelatedConflict, "related.0") {
        try await set(test, "a") { $0.related = ["themes/a"] }
      }
      await expectRefusal(.themeCycle, "broader.0") { try await set(test, "a") { $0.broader = ["themes/a"] } }
    }
  }

  @Test func `a theme is at most sixteen steps from the top, and those below it are too`() async throws {
    try await TestRegistry.run { test in
      let report = try await test.importing(chain("a", 17))
      #expect(report.isApplied, "\(report.results.compactMap(\.error))")
      let error = await expectRefusal(.themeCycle, "broader.0") {
        try await test.create(
          CreateThemeRequest.with { ($0.theme, $0.themeID) = (Sample.theme(broader: ["themes/a16"]), "deepest") })
      }
      #expect(error?.metadata["max"] == "16")
      // Under a new top, the lowest of the chain would be seventeen steps away.
      try await test.seed(Sample.theme("top"), Sample.theme("b"))
      await expectRefusal(.themeCycle, "broader") { try await set(test, "a0") { $0.broader = ["themes/top"] } }
      try await set(test, "b") { $0.broader = ["themes/a15"] }
    }
  }

  @Test func `a chain that is too long is refused without following it from each of its themes`() async throws {
    try await TestRegistry.run { test in
      let report = try await test.importing(chain("t", 5000))
      #expect(report.summary.failedCount == 5000 - 17 && !report.isApplied)
      #expect(report.results.last?.error?.reason == .themeCycle)
    }
  }

  @Test func `themes of one import may not lead back to each other`() async throws {
    try await TestRegistry.run { test in
      let report = try await test.importing([
        Sample.theme("a", broader: ["themes/b"]), Sample.theme("b", broader: ["themes/a"]),
        Sample.theme("c", broader: ["themes/a"]),
      ])
      #expect(report.results.map { $0.error?.reason } == [.themeCycle, .themeCycle, .themeCycle])
      #expect(report.results[0].error?.metadata["path"] == "themes/a,themes/b,themes/a")
    }
  }
}
