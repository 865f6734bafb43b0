import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// Which records a caller may change.
@Suite(.timeLimit(.minutes(10))) struct RecordAccessTests {
  private static let (own, other) = ("organizations/own", "organizations/other")

  /// A caller of `organizations/own` with roles, written as `EDITOR` or `EDITOR@scope`.
  private func caller(_ roles: (Client.Grant.Role, String)...) -> Caller {
    let grants = roles.map { role, scope in Client.Grant.with { ($0.role, $0.scope) = (role, scope) } }
    return Caller(
      principal: "clients/desk", viewer: .everything, rights: Rights(organization: Self.own, grants: grants))
  }

  private func organization(_ name: String) -> Organization {
    .with {
      ($0.name, $0.title, $0.kind) = (name, LocalizedText(name), .internationalOrganization)
    }
  }

  private func theme(_ id: String, of originator: String = "") -> Theme {
    .with {
      $0.name = "themes/\(id)"
      ($0.scheme, $0.prefLabel, $0.originatingOrganization) = ("samples", LocalizedText(id), originator)
    }
  }

  /// Runs a test on a registry with a record of each organization and one of nobody, and a series with a dialogue in it.
  private func run(_ body: (Registry) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        organization(Self.own), organization(Self.other), theme("mine", of: Self.own), theme("theirs", of: Self.other),
        theme("nobodys"),
        Series.with { ($0.name, $0.title, $0.originatingOrganization) = ("series/s", LocalizedText("S"), Self.other) },
        Dialogue.with {
          ($0.name, $0.title, $0.originatingOrganization) = ("dialogues/d", LocalizedText("D"), Self.other)
          ($0.series, $0.ordinal) = ("series/s", 1)
        },
        Panel.with {
          ($0.name, $0.title, $0.originatingOrganization) = ("dialogues/d/panels/p", LocalizedText("P"), Self.other)
        })
      try await body(test.registry)
    }
  }

  private func relabel(_ id: String, _ registry: Registry, as caller: Caller) async throws {
    _ = try await registry.update(
      UpdateThemeRequest.with {
        $0.theme = .with { ($0.name, $0.prefLabel) = ("themes/\(id)", LocalizedText("Changed \(id)")) }
        $0.updateMask = .init(paths: ["pref_label"])
      }, as: caller)
  }

  @Test func `an editor changes what its organization has originated, and nothing else`() async throws {
    try await run { registry in
      let editor = caller((.editor, ""))
      try await relabel("mine", registry, as: editor)
      for id in ["theirs", "nobodys"] {
        let error = await expectRefusal(.originatorOnly) { try await relabel(id, registry, as: editor) }
        #expect(error?.code == .permissionDenied && error?.resource == "themes/\(id)")
      }
      await expectRefusal(.originatorOnly) {
        _ = try await registry.delete(DeleteThemeRequest.with { $0.name = "themes/theirs" }, as: editor)
      }
      await expectRefusal(.originatorOnly) {
        let request = DeprecateThemeRequest.with { $0.name = "themes/theirs" }
        _ = try await registry.transition("Deprecate", request, as: editor)
      }
      _ = try await registry.delete(DeleteThemeRequest.with { $0.name = "themes/mine" }, as: editor)
      _ = try await registry.undelete(UndeleteThemeRequest.with { $0.name = "themes/mine" }, as: editor)
    }
  }

  @Test func `a record that was deleted is brought back by whose it is`() async throws {
    try await run { registry in
      _ = try await registry.delete(DeleteThemeRequest.with { $0.name = "themes/theirs" }, as: TestRegistry.caller)
      let request = UndeleteThemeRequest.with { $0.name = "themes/theirs" }
      await expectRefusal(.originatorOnly) { _ = try await registry.undelete(request, as: caller((.editor, ""))) }
    }
  }

  @Test func `a new record is that of the caller's organization, or of one where it has a role`() async throws {
    try await run { registry in
      func create(_ id: String, of originator: String, as caller: Caller) async throws -> Theme {
        try await Theme(
          serializedBytes: registry.create(
            CreateThemeRequest.with {
              $0.theme = theme(id, of: originator)
              $0.themeID = id
            }, as: caller
          ).bytes)
      }
      let editor = caller((.editor, ""))
      let silent = try await create("a", of: "", as: editor)
      let own = try await create("b", of: Self.own, as: editor)
      #expect(silent.originatingOrganization == Self.own && own.originatingOrganization == Self.own)
      await expectRefusal(.originatorOnly) { _ = try await create("c", of: Self.other, as: editor) }
      let granted = try await create("d", of: Self.other, as: caller((.editor, Self.other)))
      #expect(granted.originatingOrganization == Self.other)
      await expectRefusal(.originatorOnly) { _ = try await create("e", of: "", as: caller((.editor, Self.other))) }
    }
  }

  @Test(arguments: [
    ("*", ["theirs", "nobodys", "mine"]), (own, ["mine"]), (other, ["theirs"]), ("themes/nobodys", ["nobodys"]),
    ("themes/absent", []), ("series/s", []),
  ])
  func `a scope covers what it names`(_ scope: String, _ covered: [String]) async throws {
    try await run { registry in
      for id in ["mine", "theirs", "nobodys"] {
        if covered.contains(id) {
          try await relabel(id, registry, as: caller((.editor, scope)))
        } else {
          await expectRefusal(.originatorOnly) { try await relabel(id, registry, as: caller((.editor, scope))) }
        }
      }
    }
  }

  @Test func `the scope of a series covers its dialogues and what lies in them`() async throws {
    try await run { registry in
      func change(_ title: String, _ caller: Caller) async throws {
        _ = try await registry.update(
          UpdateDialogueRequest.with {
            $0.dialogue = .with { ($0.name, $0.title) = ("dialogues/d", LocalizedText(title)) }
            $0.updateMask = .init(paths: ["title"])
          }, as: caller)
        _ = try await registry.update(
          UpdatePanelRequest.with {
            $0.panel = .with { ($0.name, $0.title) = ("dialogues/d/panels/p", LocalizedText(title)) }
            $0.updateMask = .init(paths: ["title"])
          }, as: caller)
      }
      try await change("New", caller((.editor, "series/s")))
      await expectRefusal(.originatorOnly) { try await change("Newer", caller((.editor, "series/t"))) }
      // What is new there is still the caller's own.
      await expectRefusal(.originatorOnly) {
        _ = try await registry.create(
          CreatePanelRequest.with {
            $0.parent = "dialogues/d"
            $0.panel = .with { ($0.title, $0.originatingOrganization) = (LocalizedText("Q"), Self.other) }
            $0.panelID = "q"
          }, as: caller((.editor, "series/s")))
      }
    }
  }

  @Test func `a role is needed for changing, and more than that of an editor for groups and clients`() async throws {
    try await run { registry in
      let error = await expectRefusal(.roleMissing) { try await relabel("mine", registry, as: caller((.reader, "*"))) }
      #expect(error?.metadata["role"] == "EDITOR")
      await expectRefusal(.roleMissing) { try await relabel("mine", registry, as: caller()) }
      func apply(_ record: Record, as caller: Caller) async throws {
        _ = try await registry.apply(.with { $0.records = [record] }, as: caller)
      }
      let group = try Record(
        holding: SharingGroup.with { ($0.name, $0.title, $0.organizations) = ("sharingGroups/g", "G", [Self.own]) })
      let client = try Record(
        holding: Client.with {
          $0.name = "clients/mine"
          $0.roles = [.with { $0.role = .admin }]
        })
      await expectRefusal(.roleMissing) { try await apply(group, as: caller((.publisher, "*"))) }
      try await apply(group, as: caller((.officer, "*")))
      await expectRefusal(.roleMissing) { try await apply(client, as: caller((.officer, "*"))) }
      try await apply(client, as: caller((.admin, "")))
    }
  }

  @Test func `a record of another organization fails in an import, and what does not change is let be`() async throws {
    try await run { registry in
      func importing(_ themes: Theme...) async throws -> ImportReport {
        var batch = try ImportBatch(.with { $0.conflict = .replace }, within: registry.importBudget)
        for theme in themes { try batch.append(try Record(holding: theme)) }
        return try await registry.importRecords(batch, as: caller((.officer, "")))
      }
      let changed = theme("theirs", of: Self.other)
      let report = try await importing(
        theme("new"),
        .with {
          $0 = changed
          $0.prefLabel = LocalizedText("Other")
        })
      #expect(report.results.compactMap { $0.error?.reason } == [.originatorOnly] && !report.isApplied)
      #expect(try await importing(theme("new"), changed).isApplied)
    }
  }
}
