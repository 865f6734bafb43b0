import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import PlenaryStoreSQLite
import ProtobufRuntime
import Testing

/// Reads of what was, versions, rollback, differences and compaction.
@Suite struct HistoryTests {
  private static let name = "dialogues/d1"

  private func get(_ populate: (inout GetDialogueRequest) -> Void = { _ in }) -> GetDialogueRequest {
    .with {
      $0.name = Self.name
      populate(&$0)
    }
  }

  /// Gives the dialogue another count of participants.
  @discardableResult
  private func update(_ test: TestRegistry, count: Int32) async throws -> Dialogue {
    try await test.update(
      UpdateDialogueRequest.with {
        $0.dialogue = .with { ($0.name, $0.participantCount) = (Self.name, count) }
      })
  }

  /// A registry whose dialogue has been changed so often; the states are those after each change.
  private func run(changes: Int32 = 3, _ body: (TestRegistry, [Dialogue]) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series(), Sample.theme(), Sample.organization(), Sample.dialogue(ordinal: 1))
      var states = [try await test.get(get())]
      for count in 1...changes { states.append(try await update(test, count: count)) }
      try await body(test, states)
    }
  }

  private func revisions(_ test: TestRegistry, pageSize: Int32 = 0) async throws -> [DialogueRevision] {
    var request = ListDialogueRevisionsRequest.with { ($0.parent, $0.pageSize) = (Self.name, pageSize) }
    var found: [DialogueRevision] = []
    repeat {
      let page = try await test.registry.listRevisions(request, as: TestRegistry.caller)
      found += try page.records.map { try DialogueRevision(serializedBytes: $0) }
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return found
  }

  private func rollback(
    _ test: TestRegistry, _ populate: (inout RollbackDialogueRequest) -> Void
  ) async throws -> Dialogue {
    let request = RollbackDialogueRequest.with {
      $0.name = Self.name
      populate(&$0)
    }
    return try await Dialogue(
      serializedBytes: test.registry.rollback(request, as: TestRegistry.caller).bytes)
  }

  // MARK: Reads

  @Test func `a record is read as it was at a revision and at a time`() async throws {
    try await run { test, states in
      for state in states {
        let byRevision = try await test.get(get { $0.revision = state.revision })
        let byTime = try await test.get(get { $0.readTime = state.updateTime })
        let batch = BatchGetDialoguesRequest.with { ($0.names, $0.revision) = ([Self.name], state.revision) }
        let amongOthers = try await test.batchGet(batch)
        #expect(byRevision == state && byTime == state && amongOthers == [state])
      }
      let before = GetDialogueRequest.with {
        ($0.name, $0.readTime) = (Self.name, ProtobufTimestamp(seconds: 1_000_000_000))
      }
      await expectRefusal(.resourceNotFound) { _ = try await test.get(before) }
    }
  }

  @Test func `a list and its filter are read as they were, page by page`() async throws {
    try await TestRegistry.run { test in
      let first = try await test.create(
        CreateThemeRequest.with { ($0.theme, $0.themeID) = (Sample.theme("a"), "a") })
      try await test.create(CreateThemeRequest.with { ($0.theme, $0.themeID) = (Sample.theme("b"), "b") })
      let second = try await test.create(
        CreateThemeRequest.with {
          ($0.theme, $0.themeID) = (Sample.theme("c", broader: ["themes/a"]), "c")
        })
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/b" })
      let moved = Theme.with { ($0.name, $0.broader) = ("themes/c", []) }
      try await test.update(
        UpdateThemeRequest.with { ($0.theme, $0.updateMask) = (moved, ProtobufFieldMask(paths: ["broader"])) })
      func names(_ populate: (inout ListThemesRequest) -> Void) async throws -> [String] {
        try await test.names(
          ListThemesRequest.with {
            $0.pageSize = 1
            populate(&$0)
          })
      }
      #expect(try await names { _ in } == ["themes/a", "themes/c"])
      #expect(try await names { $0.revision = first.revision } == ["themes/a"])
      #expect(try await names { $0.readTime = second.updateTime } == ["themes/a", "themes/b", "themes/c"])
      for filter in ["under(themes/a)", "broader:\"themes/a\"", "name != \"themes/a\" AND broader:\"themes/a\""] {
        #expect(try await names { $0.filter = filter } == [], "\(filter)")
        #expect(try await names { ($0.filter, $0.revision) = (filter, second.revision) } == ["themes/c"], "\(filter)")
      }
      let sorted = try await names { ($0.orderBy, $0.revision) = ("scheme, name desc", second.revision) }
      #expect(sorted == ["themes/c", "themes/b", "themes/a"])
      // A token belongs to the state that was asked for.
      let (_, page) = try await test.page(ListThemesRequest.with { ($0.pageSize, $0.revision) = (1, second.revision) })
      await expectRefusal(.pageTokenInvalid) {
        _ = try await test.page(ListThemesRequest.with { ($0.pageSize, $0.pageToken) = (1, page.nextPageToken) })
      }
    }
  }

  @Test func `a read is at least as fresh as what the caller has seen`() async throws {
    try await run { test, states in
      for state in states {
        let found = try await test.get(get { $0.atLeastAsFresh = state.revision })
        #expect(found == states.last)
      }
      let ahead = VersionTokens(test.store.identity, seed: 0).token(Revision(1_000))
      await expectRefusal(.revisionFuture) { _ = try await test.get(get { $0.atLeastAsFresh = ahead }) }
      await expectRefusal(.revisionFuture) { _ = try await test.get(get { $0.revision = ahead }) }
      await expectRefusal(.revisionFuture) {
        _ = try await test.get(get { $0.readTime = ProtobufTimestamp(seconds: 9_000_000_000) })
      }
    }
  }

  @Test func `what is no revision, or more than one, is refused`() async throws {
    try await run(changes: 1) { test, states in
      await expectRefusal(.revisionInvalid, "revision") { _ = try await test.get(get { $0.revision = "4711" }) }
      await expectRefusal(.revisionInvalid, "at_least_as_fresh") {
        _ = try await test.page(ListThemesRequest.with { $0.atLeastAsFresh = "x" })
      }
      await expectRefusal(.revisionInvalid, "revision") {
        _ = try await test.get(
          get { ($0.revision, $0.readTime) = (states[0].revision, states[0].updateTime) })
      }
      let other = VersionTokens(
        StoreIdentity(id: test.store.identity.id, epoch: test.store.identity.epoch + 1), seed: 0)
      await expectRefusal(.epochChanged) { _ = try await test.get(get { $0.revision = other.token(Revision(1)) }) }
    }
  }

  // MARK: Versions

  @Test func `versions are listed newest first and gotten by name, by any revision and as the latest`() async throws {
    try await run { test, states in
      try await test.delete(DeleteDialogueRequest.with { $0.name = Self.name })
      for pageSize: Int32 in [0, 2] {
        let found = try await revisions(test, pageSize: pageSize)
        #expect(found.map(\.change?.kind) == [.deleted, .updated, .updated, .updated, .created])
        #expect(found.dropFirst().map(\.snapshot) == states.reversed())
        #expect(found.map(\.name) == found.map { "\(Self.name)/revisions/\($0.snapshot?.revision ?? "")" })
        #expect(found.map(\.alternateIDs) == [["latest"], [], [], [], []])
        #expect(found[0].snapshot?.state == .deleted && found[0].change?.actor == "clients/test")
        #expect(found.map(\.createTime) == found.map(\.snapshot?.updateTime))
      }
      func version(_ id: String) async throws -> DialogueRevision {
        let request = GetDialogueRevisionRequest.with { $0.name = "\(Self.name)/revisions/\(id)" }
        return try await DialogueRevision(
          serializedBytes: test.registry.getRevision(request, as: TestRegistry.caller).bytes)
      }
      #expect(try await version(states[1].revision).snapshot == states[1])
      let newest = try await revisions(test)[0]
      #expect(try await version("latest") == newest)
      // A revision at which another record changed stands for the version of then.
      let theme = try await test.get(GetThemeRequest.with { $0.name = "themes/t1" })
      await expectRefusal(.resourceNotFound) { _ = try await version(theme.revision) }
      await expectRefusal(.revisionInvalid, "name") { _ = try await version("nonsense") }
      await expectRefusal(.idInvalid, "name") {
        let request = GetDialogueRevisionRequest.with { $0.name = Self.name }
        _ = try await test.registry.getRevision(request, as: TestRegistry.caller)
      }
      await expectRefusal(.resourceNotFound) {
        let request = ListDialogueRevisionsRequest.with { $0.parent = "dialogues/none" }
        _ = try await test.registry.listRevisions(request, as: TestRegistry.caller)
      }
    }
  }

  // MARK: Rollback

  @Test func `a record gets its content back as a new version, with the reason in its history`() async throws {
    try await run { test, states in
      await expectRefusal(.etagMismatch) {
        _ = try await rollback(test) { ($0.revisionID, $0.etag) = (states[1].revision, states[1].etag) }
      }
      let trial = try await rollback(test) { ($0.revisionID, $0.validateOnly) = (states[1].revision, true) }
      #expect(trial.participantCount == 1)
      #expect(try await test.get(get()) == states[3])
      let id = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      let back = try await rollback(test) {
        ($0.revisionID, $0.reason, $0.requestID) = (states[1].revision, "it was right", id)
      }
      #expect(back.participantCount == 1 && back.uid == states[1].uid && back.etag != states[1].etag)
      let again = try await rollback(test) {
        ($0.revisionID, $0.reason, $0.requestID) = (states[1].revision, "it was right", id)
      }
      #expect(again == back)
      let newest = try await revisions(test)[0]
      #expect(newest.change?.reason == "it was right" && newest.change?.kind == .updated)
      await expectRefusal(.fieldRequired, "revision_id") { _ = try await rollback(test) { _ in } }
      await expectRefusal(.revisionInvalid, "revision_id") { _ = try await rollback(test) { $0.revisionID = "x" } }
      await expectRefusal(.textTooLong, "reason") {
        _ = try await rollback(test) {
          ($0.revisionID, $0.reason) = ("latest", String(repeating: "x", count: 1001))
        }
      }
    }
  }

  @Test func `a rollback leaves the state and the marking as they are`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series(), Sample.theme(), Sample.organization(), Sample.plannedDialogue())
      try await test.seed(Sample.organizerOf(Self.name))
      let draft = try await test.get(get())
      let scheduled = try await test.transition("Schedule", ScheduleDialogueRequest.with { $0.name = Self.name })
      let marked = Dialogue.with {
        $0.name = Self.name
        $0.marking = .with { ($0.label, $0.organizations) = (.amber, ["organizations/o1"]) }
        $0.participantCount = 7
      }
      // What names a record is seen by nobody who does not see that.
      try await test.update(
        UpdatePartnershipRequest.with {
          $0.partnership = .with { ($0.name, $0.marking) = ("partnerships/organizers", marked.marking) }
        })
      try await test.update(UpdateDialogueRequest.with { $0.dialogue = marked })
      let back = try await rollback(test) { $0.revisionID = draft.revision }
      #expect(back.state == scheduled.state && scheduled.state == .scheduled)
      #expect(back.marking?.label == .amber && back.participantCount == nil)
    }
  }

  @Test func `a rollback keeps to the rules of now, and to the record of now`() async throws {
    try await run { test, states in
      var dialogue = Sample.dialogue("d2", ordinal: 2)
      dialogue.themes = ["themes/t1"]
      try await test.seed(dialogue)
      let request = { (revision: String) in
        RollbackDialogueRequest.with { ($0.name, $0.revisionID) = ("dialogues/d2", revision) }
      }
      let themed = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d2" })
      try await test.update(
        UpdateDialogueRequest.with {
          $0.dialogue = .with { $0.name = "dialogues/d2" }
          $0.updateMask = ProtobufFieldMask(paths: ["themes"])
        })
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t1" })
      await expectRefusal(.referenceDeleted) {
        _ = try await test.registry.rollback(request(themed.revision), as: TestRegistry.caller)
      }
      // Before the record was there, it had no content.
      await expectRefusal(.resourceNotFound) {
        _ = try await test.registry.rollback(request(states[0].revision), as: TestRegistry.caller)
      }
      try await test.delete(DeleteDialogueRequest.with { $0.name = Self.name })
      await expectRefusal(.resourceNotFound) { _ = try await rollback(test) { $0.revisionID = states[0].revision } }
    }
  }
}
