import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// What is told of changes, among which are some that are out of sight.
extension SharingTests {
  @Test func `a record that is out of sight by now was removed once, and its changes since are told by nothing`()
    async throws
  {
    try await run { test in
      let start = try await test.registry.listChanges(ListChangesRequest(), as: theirs).revision
      try await create(theme("t", marking(.green)), test, as: mine)
      let open = try await test.page(ListThemesRequest()).page.revision
      for round in 0..<3 {
        try await update(
          theme("t", .init()).with { $0.notation = "\(round)" }, paths: ["notation"], test, as: mine)
      }
      try await update(theme("t", marking(.red, recipients: ["clients/mine"])), test, as: mine)
      let hidden = try await test.page(ListThemesRequest()).page.revision
      try await update(theme("t", .init()).with { $0.notation = "9" }, paths: ["notation"], test, as: mine)
      func told(after revision: String, as caller: Caller) async throws -> [String] {
        let request = ListChangesRequest.with { $0.start = .afterRevision(revision) }
        let answer = try await ListChangesResponse(
          serializedBytes: test.registry.listChanges(request, as: caller).bytes)
        let differing = try await test.registry.differences(
          DiffRegistryRequest.with { $0.fromRevision = revision }, as: caller)
        return answer.changes.map { "\($0.kind) \($0.resource) \($0.actor)" } + differing.changes.map { "\($0.kind)" }
      }
      #expect(try await told(after: start, as: theirs) == ["REMOVED themes/t "])
      #expect(try await told(after: open, as: theirs) == ["REMOVED themes/t "])
      #expect(try await told(after: hidden, as: theirs) == [])
      #expect(try await told(after: hidden, as: mine) == ["UPDATED themes/t clients/mine", "UPDATED"])
    }
  }

  @Test(arguments: [false, true])
  func `pages are short only where too many changes in a run are out of sight`(_ isLimited: Bool) async throws {
    try await run { test in
      let start = try await test.registry.listChanges(ListChangesRequest(), as: theirs).revision
      let mineAlone = marking(.red, recipients: ["clients/mine"])
      try await create(theme("a", marking(.green)), test, as: mine)
      for number in 0..<10 { try await create(theme("x\(number)", mineAlone), test, as: mine) }
      try await create(theme("b", marking(.green)), test, as: mine)
      try await update(theme("a", mineAlone), test, as: mine)
      for round in 0..<10 {
        try await update(theme("a", .init()).with { $0.notation = "\(round)" }, paths: ["notation"], test, as: mine)
      }
      try await update(theme("a", marking(.green)), test, as: TestRegistry.caller)
      var registry = test.registry
      // As many changes as there are since, or one fewer.
      registry.pageScanMax = isLimited ? 23 : 24
      let changes = try await ListChangesResponse(
        serializedBytes: registry.listChanges(.with { $0.start = .afterRevision(start) }, as: theirs).bytes)
      #expect(
        changes.changes.map(\.resource) == ["themes/a", "themes/b", "themes/a"] + (isLimited ? [] : ["themes/a"]))
      let differing = try await registry.differences(DiffRegistryRequest.with { $0.fromRevision = start }, as: theirs)
      #expect(differing.changes.map(\.name) == ["themes/b"] + (isLimited ? [] : ["themes/a"]))
      // Those before were of two organizations, two clients and two groups.
      registry.pageScanMax += 6
      let officer = caller("clients/theirs", of: Self.other, .officer, scope: "*")
      let audit = try await registry.auditEntries(.with { $0.oldestFirst = true }, as: officer).response
      #expect(audit.entries.count == (isLimited ? 6 : 7))
      // Eleven versions of `a` were out of sight.
      registry.pageScanMax = isLimited ? 10 : 11
      let versions = try await registry.listRevisions(
        ListThemeRevisionsRequest.with { $0.parent = "themes/a" }, as: theirs)
      #expect(versions.records.count == (isLimited ? 1 : 2))
      for token in [changes.nextPageToken, differing.nextPageToken, audit.nextPageToken, versions.nextPageToken] {
        #expect(token.isEmpty != isLimited)
      }
    }
  }
}
