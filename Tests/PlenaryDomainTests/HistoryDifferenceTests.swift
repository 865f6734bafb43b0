import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

/// What differs between revisions, and how history is compacted.
@Suite struct HistoryDifferenceTests {
  private func difference(
    _ test: TestRegistry, _ populate: (inout DiffResourceRequest) -> Void
  ) async throws -> DiffResourceResponse {
    let request = DiffResourceRequest.with {
      $0.name = "dialogues/d1"
      populate(&$0)
    }
    return try await test.registry.differences(request, as: TestRegistry.caller)
  }

  private func differences(
    _ test: TestRegistry, _ populate: (inout DiffRegistryRequest) -> Void
  ) async throws -> [String] {
    var request = DiffRegistryRequest.with(populate)
    var found: [String] = []
    repeat {
      let page = try await test.registry.differences(request, as: TestRegistry.caller)
      found += page.changes.map { "\($0.kind) \($0.name) \($0.changedFields.joined(separator: ","))" }
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return found.sorted()
  }

  private func theme(_ test: TestRegistry, _ id: String) async throws -> Theme {
    try await test.create(CreateThemeRequest.with { ($0.theme, $0.themeID) = (Sample.theme(id), id) })
  }

  private func note(_ test: TestRegistry, _ id: String, _ text: String) async throws -> Theme {
    try await test.update(
      UpdateThemeRequest.with { $0.theme = .with { ($0.name, $0.notation) = ("themes/\(id)", text) } })
  }

  private func compact(_ test: TestRegistry, to revision: String, validateOnly: Bool = false) async throws -> Int64 {
    let request = CompactHistoryRequest.with { ($0.toRevision, $0.validateOnly) = (revision, validateOnly) }
    return try await test.registry.compactHistory(request, as: TestRegistry.caller).removedVersionCount
  }

  // MARK: Differences

  @Test func `the fields of a record that differ are told with both values`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series(), Sample.plannedDialogue())
      let first = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
      let change = Dialogue.with {
        $0.name = "dialogues/d1"
        $0.title = .with { ($0.values, $0.originalLanguage) = (["en": "Evidence", "zh-Hans": "证据"], "en") }
        $0.participantCount = 40
        $0.endDate = GoogleDate(2018, 1, 26)
      }
      try await test.update(UpdateDialogueRequest.with { $0.dialogue = change })
      let second = try await test.update(
        UpdateDialogueRequest.with {
          $0.dialogue = .with {
            $0.name = "dialogues/d1"
            $0.title = .with { $0.values = ["en": "Digital evidence"] }
            $0.languageCodes = ["en", "th"]
          }
        })
      let all = try await difference(test) { ($0.fromRevision, $0.toRevision) = (first.revision, second.revision) }
      #expect(all.changes.map(\.path).contains("participant_count") && all.changes.map(\.path).contains("end_date"))
      #expect(all.fromRevision == first.revision && all.toRevision == second.revision)
      let count = try #require(all.changes.first { $0.path == "participant_count" })
      #expect(count.before == nil && count.after?.kind == .numberValue(40))
      let later = try await difference(test) { $0.fromTime = ProtobufTimestamp(second.updateTime, plus: -1) }
      #expect(later.changes.map(\.path) == ["title.values.en", "language_codes"])
      #expect(later.changes[0].before?.kind == .stringValue("Evidence"))
      #expect(later.changes[0].after?.kind == .stringValue("Digital evidence"))
      let backwards = try await difference(test) {
        ($0.fromRevision, $0.toRevision) = (second.revision, first.revision)
      }
      #expect(backwards.changes.map(\.path) == all.changes.map(\.path))
      #expect(backwards.changes.map(\.after) == all.changes.map(\.before))
      let same = try await difference(test) { $0.fromRevision = second.revision }
      #expect(same.changes == [])
    }
  }

  @Test func `a record that was not there has no fields, and one that is deleted shows it`() async throws {
    try await TestRegistry.run { test in
      let before = try await theme(test, "before")
      try await test.seed(Sample.series(), Sample.dialogue(ordinal: 1))
      let made = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
      let new = try await difference(test) { $0.fromRevision = before.revision }
      #expect(new.changes.contains { $0.path == "ordinal" && $0.before == nil && $0.after?.kind == .numberValue(1) })
      try await test.delete(DeleteDialogueRequest.with { $0.name = "dialogues/d1" })
      let deleted = try await difference(test) { $0.fromRevision = made.revision }
      #expect(deleted.changes.map(\.path) == ["delete_time", "state"])
      #expect(deleted.changes[1].after?.kind == .stringValue("DELETED"))
      await expectRefusal(.fieldRequired, "from_revision") { _ = try await difference(test) { _ in } }
      await expectRefusal(.idInvalid, "name") {
        _ = try await difference(test) { ($0.name, $0.fromRevision) = ("dialogues", made.revision) }
      }
      await expectRefusal(.resourceNotFound) {
        _ = try await difference(test) { ($0.name, $0.fromRevision) = ("themes/none", made.revision) }
      }
      await expectRefusal(.revisionInvalid, "to_revision") {
        _ = try await difference(test) { ($0.fromRevision, $0.toRevision) = (made.revision, "x") }
      }
      await expectRefusal(.revisionInvalid, "from_revision") {
        _ = try await difference(test) { ($0.fromRevision, $0.fromTime) = (made.revision, made.updateTime) }
      }
    }
  }

  @Test func `the records that differ are told by what became of them, in pages and backwards`() async throws {
    try await TestRegistry.run { test in
      for id in ["kept", "changed", "deleted", "restored"] { _ = try await theme(test, id) }
      let first = try await theme(test, "last")
      _ = try await note(test, "changed", "1")
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/deleted" })
      _ = try await note(test, "kept", "1")
      try await test.update(
        UpdateThemeRequest.with {
          $0.theme = .with { $0.name = "themes/kept" }
          $0.updateMask = ProtobufFieldMask(paths: ["notation"])
        })
      try await test.seed(Sample.organization())
      _ = try await theme(test, "brief")
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/brief" })
      let second = try await note(test, "changed", "2")
      let expected = [
        "CREATED organizations/o1 ", "DELETED themes/deleted ", "UPDATED themes/changed notation",
      ]
      for pageSize: Int32 in [0, 1] {
        let found = try await differences(test) {
          ($0.fromRevision, $0.toRevision, $0.pageSize) = (first.revision, second.revision, pageSize)
        }
        #expect(found == expected)
      }
      let themes = try await differences(test) {
        ($0.fromRevision, $0.resourceTypes) = (first.revision, ["plenary.registry/Theme"])
      }
      #expect(themes == Array(expected.dropFirst()))
      let backwards = try await differences(test) {
        ($0.fromRevision, $0.toRevision) = (second.revision, first.revision)
      }
      #expect(
        backwards == ["CREATED themes/deleted ", "DELETED organizations/o1 ", "UPDATED themes/changed notation"])
      await expectRefusal(.fieldRequired, "from_revision") { _ = try await differences(test) { _ in } }
      await expectRefusal(.resourceTypeUnknown) {
        _ = try await differences(test) { ($0.fromRevision, $0.resourceTypes) = (first.revision, ["x"]) }
      }
      await expectRefusal(.pageSizeInvalid) {
        _ = try await differences(test) { ($0.fromRevision, $0.pageSize) = (first.revision, -1) }
      }
    }
  }

  // MARK: Compaction

  @Test func `history is kept until it is compacted, and then begins where that was asked for`() async throws {
    try await TestRegistry.run { test in
      let first = try await theme(test, "a")
      let second = try await note(test, "a", "1")
      let third = try await note(test, "a", "2")
      #expect(try await test.registry.oldestRevision() == "")
      #expect(try await compact(test, to: second.revision, validateOnly: true) == 1)
      #expect(try await test.registry.oldestRevision() == "")
      #expect(try await compact(test, to: second.revision) == 1)
      #expect(try await test.registry.oldestRevision() == second.revision)
      func get(_ revision: String) -> GetThemeRequest { .with { ($0.name, $0.revision) = ("themes/a", revision) } }
      await expectRefusal(.revisionCompacted) { _ = try await test.get(get(first.revision)) }
      await expectRefusal(.revisionCompacted) {
        _ = try await test.page(ListThemesRequest.with { $0.readTime = first.updateTime })
      }
      #expect(try await test.get(get(second.revision)) == second)
      #expect(try await test.get(get(third.revision)) == third)
      await expectRefusal(.revisionCompacted) { _ = try await compact(test, to: first.revision) }
      await expectRefusal(.fieldRequired, "to_revision") { _ = try await compact(test, to: "") }
      await expectRefusal(.revisionInvalid, "to_revision") { _ = try await compact(test, to: "x") }
      #expect(try await compact(test, to: second.revision) == 0)
    }
  }

  @Test func `a page token of before fails, and a request that is repeated is answered`() async throws {
    try await TestRegistry.run { test in
      let request = CreateThemeRequest.with {
        ($0.theme, $0.themeID, $0.requestID) = (Sample.theme("a"), "a", "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b")
      }
      try await test.create(request)
      _ = try await theme(test, "b")
      let (_, page) = try await test.page(ListThemesRequest.with { $0.pageSize = 1 })
      let last = try await note(test, "a", "1")
      #expect(try await compact(test, to: last.revision) == 1)
      await expectRefusal(.revisionCompacted) {
        _ = try await test.page(ListThemesRequest.with { ($0.pageSize, $0.pageToken) = (1, page.nextPageToken) })
      }
      #expect(try await test.create(request).notation == "1")
    }
  }

  @Test func `what an approved report rests on stays`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series(), Sample.organization())
      var report = Sample.report()
      report.state = .approved
      try await test.seed(report)
      let made = try await test.get(GetOutcomeReportRequest.with { $0.name = "outcomeReports/r1" })
      _ = try await theme(test, "a")
      let last = try await note(test, "a", "1")
      for validateOnly in [true, false] {
        let error = await expectRefusal(.resourceInUse) {
          _ = try await compact(test, to: last.revision, validateOnly: validateOnly)
        }
        #expect(error?.obstacles.map(\.subject) == ["outcomeReports/r1"])
      }
      #expect(try await compact(test, to: made.revision) == 0)
      #expect(try await test.registry.oldestRevision() == made.revision)
    }
  }
}

extension ProtobufTimestamp {
  /// Some microseconds later than another time.
  fileprivate init(_ time: ProtobufTimestamp?, plus microseconds: Int64) {
    let all = (time?.seconds ?? 0) * 1_000_000 + Int64((time?.nanos ?? 0) / 1000) + microseconds
    self.init(seconds: all / 1_000_000, nanos: Int32(all % 1_000_000) * 1000)
  }
}
