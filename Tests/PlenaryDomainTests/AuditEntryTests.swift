import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// Who changed what, as officers read it.
@Suite(.timeLimit(.minutes(10))) struct AuditEntryTests {
  private static let officer = Caller(
    principal: "clients/officer", viewer: .everything,
    rights: Rights(organization: "", grants: [.with { ($0.role, $0.scope) = (.officer, "*") }]))

  /// The entries of all pages.
  private func entries(
    _ registry: Registry, as caller: Caller = TestRegistry.caller, pageSize: Int32 = 2,
    _ change: (inout ListAuditEntriesRequest) -> Void = { _ in }
  ) async throws -> [AuditEntry] {
    var request = ListAuditEntriesRequest.with {
      $0.pageSize = pageSize
      $0.oldestFirst = true
    }
    change(&request)
    var entries: [AuditEntry] = []
    repeat {
      let page = try await registry.auditEntries(request, as: caller).response
      entries += page.entries
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return entries
  }

  private func run(_ body: (TestRegistry) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.create(
        CreateThemeRequest.with {
          ($0.themeID, $0.theme) = ("a", .with { ($0.scheme, $0.prefLabel) = ("s", LocalizedText("A")) })
          $0.requestID = "7d8f64c6-5d0b-4a1c-9a63-8f2a1c1e0a01"
        })
      try await test.create(
        CreateDialogueRequest.with { ($0.dialogueID, $0.dialogue) = ("d", .with { $0.title = LocalizedText("D") }) })
      try await test.create(
        CreatePanelRequest.with {
          ($0.parent, $0.panelID, $0.panel) = ("dialogues/d", "p", .with { $0.title = LocalizedText("P") })
        })
      try await test.create(CreateClientRequest.with { ($0.clientID, $0.client) = ("desk", Client()) })
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/a" })
      let other = Caller(principal: "clients/other", viewer: .everything)
      _ = try await test.registry.transition(
        "Cancel",
        CancelDialogueRequest.with { ($0.name, $0.reason) = ("dialogues/d", "nobody can come") }, as: other)
      try await body(test)
    }
  }

  @Test func `each change has an entry that says who did what, when and why`() async throws {
    try await run { test in
      let all = try await entries(test.registry)
      #expect(
        all.map(\.resource) == [
          "themes/a", "dialogues/d", "dialogues/d/panels/p", "clients/desk", "themes/a", "dialogues/d",
        ])
      #expect(all.map(\.act) == [.written, .written, .written, .written, .deleted, .written])
      #expect(all.map(\.principal) == Array(repeating: "clients/test", count: 5) + ["clients/other"])
      #expect(all.last?.reason == "nobody can come" && all.first?.reason == "")
      #expect(all.first?.requestDigest.isEmpty == false && all.last?.requestDigest.isEmpty == true)
      #expect(all.allSatisfy { $0.chainDigest.count == 32 && $0.bodyDigest.count == 32 && $0.commitTime != nil })
      #expect(all[1].resourceType == "plenary.registry/Dialogue")
      let dialogue = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d" })
      #expect(all.last?.revision == dialogue.revision)
      #expect(try await entries(test.registry) { $0.oldestFirst = false } == all.reversed())
    }
  }

  @Test func `entries are asked for by principal, record, kind, act and time`() async throws {
    try await run { test in
      let all = try await entries(test.registry)
      func names(_ change: (inout ListAuditEntriesRequest) -> Void) async throws -> [String] {
        try await entries(test.registry, change).map(\.resource)
      }
      #expect(try await names { $0.principal = "clients/other" } == ["dialogues/d"])
      #expect(try await names { $0.principal = "clients/none" } == [])
      #expect(
        try await names { $0.resource = "dialogues/d" } == ["dialogues/d", "dialogues/d/panels/p", "dialogues/d"])
      #expect(try await names { $0.resource = "themes/none" } == [])
      #expect(try await names { $0.resourceTypes = ["plenary.registry/Panel"] } == ["dialogues/d/panels/p"])
      #expect(try await names { $0.acts = [.deleted] } == ["themes/a"])
      #expect(try await names { $0.acts = [.purged, .restored] } == [])
      #expect(try await names { $0.startTime = all[4].commitTime } == ["themes/a", "dialogues/d"])
      #expect(try await names { $0.endTime = all[1].commitTime } == ["themes/a"])
      await expectRefusal(.idInvalid, "resource") { _ = try await names { $0.resource = "nothing" } }
      await expectRefusal(.resourceTypeUnknown) {
        _ = try await names { $0.resourceTypes = ["plenary.registry/Pannel"] }
      }
      await expectRefusal(.pageSizeInvalid) { _ = try await entries(test.registry, pageSize: -1) }
      await expectRefusal(.pageTokenInvalid) { _ = try await names { $0.pageToken = "x" } }
      await expectRefusal(.revisionInvalid, "start_time") {
        _ = try await names { $0.startTime = ProtobufTimestamp(seconds: 0, nanos: -1) }
      }
    }
  }

  @Test func `pages show what there was at the first one, and go on for their caller alone`() async throws {
    try await run { test in
      let request = ListAuditEntriesRequest.with { $0.pageSize = 4 }
      let first = try await test.registry.auditEntries(request, as: TestRegistry.caller).response
      try await test.create(CreateClientRequest.with { ($0.clientID, $0.client) = ("late", Client()) })
      var next = request
      next.pageToken = first.nextPageToken
      let second = try await test.registry.auditEntries(next, as: TestRegistry.caller).response
      #expect(first.entries.count == 4 && second.entries.count == 2 && second.nextPageToken.isEmpty)
      let foreign = next
      await expectRefusal(.pageTokenInvalid) {
        _ = try await test.registry.auditEntries(foreign, as: Self.officer)
      }
    }
  }

  @Test func `what an officer may not see has no entry`() async throws {
    try await run { test in
      let seen = try await entries(test.registry, as: Self.officer)
      #expect(seen.count == 5 && !seen.contains { $0.resource.hasPrefix("clients/") })
      // A viewer that sees nothing that is there.
      let blind = Caller(principal: "clients/blind", viewer: Viewer { _ in false }, rights: Self.officer.rights)
      #expect(try await entries(test.registry, as: blind).isEmpty)
      let some = Caller(principal: "clients/some", viewer: Viewer { _ in true }, rights: Self.officer.rights)
      let visible = try await entries(test.registry, as: some)
      #expect(visible.count == 5 && visible.allSatisfy { $0.chainDigest.isEmpty })
    }
  }
}
