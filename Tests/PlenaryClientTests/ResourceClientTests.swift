import PlenaryClient
import PlenaryTestKit
import Testing

/// The methods of a kind beside the standard five.
@Suite(.timeLimit(.minutes(10))) struct ResourceClientTests {
  private func theme(_ label: String) -> Theme {
    .with {
      $0.scheme = "topics"
      $0.prefLabel = .with { $0.values = ["en": label] }
    }
  }

  @Test func `several records are made together or not at all, and gotten in the order of their names`() async throws {
    try await withPlenary { plenary in
      let themes = plenary.registry.themes
      var narrow = theme("B")
      narrow.broader = ["themes/a"]
      let made = try await themes.batchCreate([("b", narrow), ("a", theme("A"))])
      #expect(made.map(\.name) == ["themes/b", "themes/a"])
      #expect(try await themes.batchGet(["themes/a", "themes/b"]) == made.reversed())
      let names = try await themes.batchGet(["themes/b"], paths: ["name"])
      #expect(names == [.with { $0.name = "themes/b" }])

      let taken = await #expect(throws: GRPCStatus.self) {
        try await themes.batchCreate([("c", theme("C")), ("a", theme("A"))])
      }
      #expect(taken?.code == .alreadyExists)
      let missing = await #expect(throws: GRPCStatus.self) { try await themes.batchGet(["themes/a", "themes/c"]) }
      #expect(missing?.code == .notFound)
    }
  }

  @Test func `children are made below their parent`() async throws {
    try await withPlenary { plenary in
      let recommendation = Mandate.with {
        $0.symbol = "S/RES/2129 (2013)"
        $0.adoptingOrganization = "organizations/sc"
      }
      let council = Organization.with {
        $0.title = .with { $0.values = ["en": "Security Council"] }
        $0.kind = .unPrincipalOrgan
      }
      _ = try await plenary.registry.organizations.create(council, id: "sc")
      _ = try await plenary.registry.mandates.create(recommendation, id: "m")
      let directive = Directive.with {
        $0.verb = .notes
        $0.summary = .with { $0.values = ["en": "Notes it"] }
      }
      let made = try await plenary.registry.directives.batchCreate([("d", directive)], in: "mandates/m")
      #expect(made.map(\.name) == ["mandates/m/directives/d"])
    }
  }

  @Test func `a deleted record comes back if it is the version that is meant, and a purge counts before it acts`()
    async throws
  {
    try await withPlenary { plenary in
      let themes = plenary.registry.themes
      let created = try await themes.create(theme("A"), id: "a")
      let deleted = try await themes.delete("themes/a")
      let stale = await #expect(throws: GRPCStatus.self) { try await themes.undelete("themes/a", etag: created.etag) }
      #expect(stale?.reason == "ETAG_MISMATCH")
      let restored = try await themes.undelete("themes/a", etag: deleted.etag)
      #expect(restored.uid == created.uid && restored.deleteTime == nil)

      try await themes.delete("themes/a")
      let counted = try await themes.purge(filter: "*", force: false)
      #expect(counted.purgeCount == 1 && counted.purgeSample == ["themes/a"])
      #expect(try await themes.get("themes/a").deleteTime != nil)
      #expect(try await themes.purge(filter: "*", force: true).purgeCount == 1)
      let gone = await #expect(throws: GRPCStatus.self) { try await themes.get("themes/a") }
      #expect(gone?.code == .notFound)
    }
  }

  @Test func `a request says by which step a record moves`() async throws {
    try await withPlenary { plenary in
      let themes = plenary.registry.themes
      try await themes.batchCreate([("a", theme("A")), ("b", theme("B"))])
      let deprecated = try await themes.move(
        DeprecateThemeRequest.with {
          $0.name = "themes/a"
          $0.replacedBy = "themes/b"
        })
      #expect(deprecated.state == .deprecated && deprecated.replacedBy == "themes/b")
      let twice = await #expect(throws: GRPCStatus.self) {
        try await themes.move(DeprecateThemeRequest.with { $0.name = "themes/a" })
      }
      #expect(twice?.code == .failedPrecondition && twice?.reason == "ILLEGAL_TRANSITION")
      #expect(try await themes.move(ReactivateThemeRequest.with { $0.name = "themes/a" }).state == .active)
    }
  }
}
