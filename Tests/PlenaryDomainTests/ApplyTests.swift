import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Synchronization
import Testing

@Suite struct ApplyTests {
  private typealias Item = ApplyResourcesResponse.PlanItem

  private static let requestID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"

  private func mine(_ theme: Theme) -> Theme {
    .with {
      $0 = theme
      $0.annotations["managed-by"] = "files"
    }
  }

  private func prune(
    _ types: [String] = ["Theme"], parent: String = "", filter: String = #"annotations.managed-by = "files""#,
    max: Int32? = nil
  ) -> ApplyResourcesRequest.Prune {
    .with {
      $0.resourceTypes = types.map { "plenary.registry/\($0)" }
      ($0.parent, $0.filter, $0.maxDeletions) = (parent, filter, max)
    }
  }

  // MARK: What is described

  @Test func `records come in any order, and the same again changes nothing`() async throws {
    try await TestRegistry.run { test in
      let records =
        Array(Sample.outcomes.reversed()) + [Sample.theme("narrow", broader: ["themes/t1"]), Sample.theme()]
      let first = try await test.apply(records)
      #expect(first.applied && first.items.map(\.name) == records.map { $0.name })
      #expect(first.items.allSatisfy { $0.action == .create && !$0.etag.isEmpty && !$0.revision.isEmpty })
      let finding = try await test.get(GetFindingRequest.with { $0.name = "dialogues/d1/findings/f1" })
      #expect(finding.etag == first.items[0].etag && finding.revision == first.items[0].revision)
      let second = try await test.apply(records)
      #expect(second.applied && second.revision == first.revision)
      #expect(second.items.allSatisfy { $0.action == .unchanged && $0.changedFields == nil })
      #expect(second.items.map(\.etag) == first.items.map(\.etag))
    }
  }

  @Test func `an export can be applied, and changes nothing`() async throws {
    try await TestRegistry.run { test in
      var panel = Sample.panel()
      panel.marking = .with { $0.label = .green }
      try await test.seed(Sample.organization(), Sample.series(), Sample.dialogue("d1", ordinal: 1), panel)
      let exported = try await test.exported().map(\.record)
      let reply = try await test.registry.apply(.with { $0.records = exported }, as: TestRegistry.caller)
      #expect(reply.response.items.map(\.action) == exported.map { _ in .unchanged })
    }
  }

  @Test func `a record is replaced as a whole, but for what the registry keeps`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.plannedDialogue()
      dialogue.title?.values["fr"] = "Dialogue"
      dialogue.annotations = ["a": "1", "b-c": "2"]
      try await test.seed(
        Sample.organization(), Sample.series(), dialogue, Sample.organizerOf("dialogues/d1"))
      try await test.transition("Schedule", ScheduleDialogueRequest.with { $0.name = "dialogues/d1" })
      var described = Sample.plannedDialogue()
      described.state = .cancelled
      described.creator = "somebody"
      described.location = .with { $0.locality = "Jeju" }
      described.annotations = ["a": "1"]
      let reply = try await test.apply([described])
      let item = try #require(reply.items.first)
      #expect(item.action == .update)
      #expect(
        item.changedFields?.paths.sorted() == ["annotations.`b-c`", "location.locality", "title.values.fr"])
      let stored = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
      #expect(stored.state == .scheduled && stored.title == described.title && stored.creator == "clients/test")
      #expect(stored.etag == item.etag)
      #expect(try await test.apply([described]).items.map(\.action) == [.unchanged])
    }
  }

  @Test func `a new record begins in the first state, whatever is described`() async throws {
    try await TestRegistry.run { test in
      var theme = Sample.theme()
      theme.state = .deprecated
      try await test.apply([theme])
      #expect(try await test.get(GetThemeRequest.with { $0.name = "themes/t1" }).state == .active)
    }
  }

  @Test func `changes that take much room are told by their fields alone`() async throws {
    try await TestRegistry.run { test in
      func theme(languages count: Int) -> Theme {
        .with {
          $0 = Sample.theme()
          $0.definition = LocalizedText("texte", in: "fr")
          for index in 0..<count { $0.definition?.values["en-x-n\(100 + index)"] = "text" }
        }
      }
      let path = "definition.values.`en-x-n100`"
      let most = FieldMask.differenceByteCountMax / path.utf8.count
      for (count, isWhole) in [(most, false), (most + 1, true)] {
        try await test.importing([theme(languages: 0)], conflict: .replace)
        let paths = try await test.apply([theme(languages: count)]).items[0].changedFields?.paths
        #expect(isWhole ? paths == ["definition"] : paths?.count == count)
      }
    }
  }

  @Test func `a deleted record that is described comes back`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization("a"), Sample.organization("b", parent: "organizations/a"))
      for id in ["b", "a"] {
        try await test.delete(DeleteOrganizationRequest.with { $0.name = "organizations/\(id)" })
      }
      var changed = Sample.organization("b", parent: "organizations/a")
      changed.acronym = "B"
      let alone = await expectRefusal(.referenceDeleted, "records.0.parent_organization") {
        try await test.apply([changed])
      }
      #expect(alone?.metadata["index"] == "0")
      for validateOnly in [true, false] {
        let reply = try await test.apply([changed, Sample.organization("a")], validateOnly: validateOnly)
        #expect(reply.items.map(\.action) == [.undelete, .undelete])
        #expect(reply.items.map { $0.changedFields?.paths ?? [] } == [["acronym"], []])
      }
      let stored = try await test.get(GetOrganizationRequest.with { $0.name = "organizations/b" })
      #expect(stored.acronym == "B" && stored.deleteTime == nil)
      #expect(try await test.names(ListOrganizationsRequest()) == ["organizations/a", "organizations/b"])
    }
  }

  @Test func `what was fixed before it was deleted comes back as it was`() async throws {
    try await TestRegistry.run { test in
      var report = Sample.report()
      report.state = .approved
      try await test.seed(Sample.series(), report)
      try await test.delete(DeleteOutcomeReportRequest.with { $0.name = report.name })
      var changed = report
      changed.title = LocalizedText("Never approved")
      await expectRefusal(.contentFrozen, "records.0.name") { try await test.apply([changed]) }
      #expect(try await test.apply([report]).items.map(\.action) == [.undelete])
      let stored = try await test.get(GetOutcomeReportRequest.with { $0.name = report.name })
      #expect(stored.state == .approved && stored.title == report.title)
    }
  }

  @Test func `what stands as described still does when the rest is written`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme("a"), Sample.theme("b"))
      let isFirst = Mutex(true)
      let store = WatchedStore(
        test.store,
        beforeCommit: {
          guard
            isFirst.withLock({ first in
              defer { first = false }; return first
            })
          else { return }
          let change = UpdateThemeRequest.with { $0.theme = .with { ($0.name, $0.notation) = ("themes/b", "7") } }
          _ = try? await test.registry.update(change, as: TestRegistry.caller)  // Seen below.
        })
      let registry = Registry(
        store: store, now: { CommitTime(microseconds: TestRegistry.start) },
        randomBytes: { Array(repeating: 0, count: $0) })
      var first = Sample.theme("a")
      first.notation = "1"
      var request = ApplyResourcesRequest()
      request.records = try [first, Sample.theme("b")].map { try Record(holding: $0) }
      let reply = try await registry.apply(request, as: TestRegistry.caller)
      #expect(reply.response.items.map(\.action) == [.update, .update])
      let stored = try await test.get(GetThemeRequest.with { $0.name = "themes/b" })
      #expect(stored.notation.isEmpty)
    }
  }

  // MARK: Refusals

  @Test func `a refusal names the record by its place and name, and nothing is applied`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series(), Sample.dialogue("taken", ordinal: 1))
      let stale = try await test.get(GetSeriesRequest.with { $0.name = "series/s1" })
      try await test.update(
        UpdateSeriesRequest.with {
          $0.series = stale
          $0.series?.title = LocalizedText("Another title")
        })
      var undated = Sample.dialogue("d2", ordinal: 1)
      undated.title = LocalizedText("Second")
      let cases: [(Reason, String, any ProtobufMessage)] = [
        (.fieldRequired, "records.1.scheme", Theme.with { $0.name = "themes/bad" }),
        (.referenceNotFound, "records.1.broader.0", Sample.theme("bad", broader: ["themes/none"])),
        (.referenceNotFound, "records.1.name", Sample.panel("p1", of: "none")),
        (.ordinalTaken, "records.1.ordinal", undated),
        (.etagMismatch, "records.1", stale),
        (.applyRecordInvalid, "records.1", Sample.theme("good")),
        (.idInvalid, "records.1.name", Sample.theme("Bad")),
      ]
      for validateOnly in [true, false] {
        for (reason, field, record) in cases {
          let error = await expectRefusal(reason, field) {
            try await test.apply([Sample.theme("good"), record], validateOnly: validateOnly)
          }
          #expect(error?.metadata["index"] == "1" && error?.metadata["name"] == record.name)
        }
      }
      let unknown = await expectRefusal(.applyRecordInvalid, "records.0") {
        _ = try await test.registry.apply(.with { $0.records = [Record()] }, as: TestRegistry.caller)
      }
      #expect(unknown?.metadata["index"] == "0")
      #expect(try await test.names(ListThemesRequest()).isEmpty)
    }
  }

  @Test func `an etag that is right lets a record be applied`() async throws {
    try await TestRegistry.run { test in
      var theme = try await test.create(CreateThemeRequest.with { ($0.themeID, $0.theme) = ("t1", Sample.theme()) })
      theme.notation = "1"
      #expect(try await test.apply([theme]).items.map(\.action) == [.update])
      await expectRefusal(.etagMismatch) { try await test.apply([theme]) }
    }
  }

  @Test func `a call takes one record at least and at most a thousand`() async throws {
    try await TestRegistry.run { test in
      let max = Registry.appliedCountMax
      let records = (0...max).map { Sample.person("p\($0)") }
      await expectRefusal(.fieldRequired, "records") { try await test.apply([]) }
      await expectRefusal(.listTooLong, "records") { try await test.apply(records) }
      let reply = try await test.apply(Array(records.prefix(max)))
      #expect(reply.items.count == max)
    }
  }

  // MARK: Calls

  @Test func `a call that only validates answers with the plan`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme("same"), mine(Sample.theme("old")), Sample.theme("other"))
      var other = Sample.theme("other")
      other.notation = "2"
      let records = [Sample.theme("same"), other, Sample.theme("new")]
      let reply = try await test.apply(records, prune: prune(), validateOnly: true)
      #expect(reply.items.map(\.action) == [.unchanged, .update, .create, .delete])
      #expect(reply.items.map(\.name) == ["themes/same", "themes/other", "themes/new", "themes/old"])
      #expect(reply.items.map(\.etag.isEmpty) == [false, true, true, true] && !reply.applied)
      let unchanged = try await test.apply([Sample.theme("same")], validateOnly: true)
      #expect(unchanged.items.map(\.action) == [.unchanged] && !unchanged.applied)
      #expect(try await test.names(ListThemesRequest()) == ["themes/old", "themes/other", "themes/same"])
    }
  }

  @Test func `a repetition does nothing and answers as the first call did`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.theme("same"), mine(Sample.theme("old")), Sample.theme("back"), Sample.theme("other"))
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/back" })
      let records = ["same", "back", "other", "new"].map { id in
        Sample.theme(id).with(notation: id == "other" || id == "back" ? "2" : "")
      }
      var request = try ApplyResourcesRequest.with {
        $0.records = try records.map { try Record(holding: $0) }
        $0.prune = prune()
        $0.requestID = Self.requestID
      }
      let first = try await test.registry.apply(request, as: TestRegistry.caller)
      #expect(first.response.items.map(\.action) == [.unchanged, .undelete, .update, .create, .delete])
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/new" })
      let second = try await test.registry.apply(request, as: TestRegistry.caller)
      #expect(second.response == first.response && second.isReplay && !first.isReplay)
      request.records.removeLast()
      await expectRefusal(.requestIDReused) { _ = try await test.registry.apply(request, as: TestRegistry.caller) }
    }
  }

  @Test func `a repetition answers although the history of the first call is gone`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme("same"), mine(Sample.theme("old")), Sample.theme("other"))
      var request = try ApplyResourcesRequest.with {
        let records = [Sample.theme("same"), Sample.theme("other").with(notation: "2"), Sample.theme("new")]
        $0.records = try records.map { try Record(holding: $0) }
        $0.prune = prune()
      }
      request.requestID = Self.requestID
      let first = try await test.registry.apply(request, as: TestRegistry.caller).response
      for isReplaced in [false, true] {
        if isReplaced { try await test.apply([Sample.theme("other").with(notation: "3")]) }
        let present = try await test.page(ListThemesRequest()).page.revision
        _ = try await test.registry.compactHistory(.with { $0.toRevision = present }, as: TestRegistry.caller)
        let again = try await test.registry.apply(request, as: TestRegistry.caller)
        #expect(again.isReplay && again.response.applied && again.response.revision == first.revision)
        #expect(again.response.items.map(\.action) == [.unchanged, .update, .create, .delete])
        #expect(again.response.items.map(\.etag) == first.items.map(\.etag))
      }
    }
  }

  // MARK: Prune

  @Test func `what is in the scope and not described is deleted, and nothing else`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(mine(Sample.theme("a")), mine(Sample.theme("b")), Sample.theme("c"), Sample.source())
      let reply = try await test.apply([mine(Sample.theme("b"))], prune: prune(["Theme", "Source"]))
      #expect(reply.items.map(\.action) == [.unchanged, .delete] && reply.items[1].name == "themes/a")
      #expect(try await test.names(ListThemesRequest()) == ["themes/b", "themes/c"])
      #expect(try await test.get(GetThemeRequest.with { $0.name = "themes/a" }).etag == reply.items[1].etag)
      #expect(try await test.apply([mine(Sample.theme("b"))], prune: prune()).items.map(\.action) == [.unchanged])
      let all = try await test.apply([Sample.source()], prune: prune(filter: "*"))
      #expect(all.items.map(\.name) == ["sources/s1", "themes/b", "themes/c"])
    }
  }

  @Test func `a prune deletes as many as it may, and refuses one more`() async throws {
    try await TestRegistry.run { test in
      let count = Registry.prunedCountDefault + 1
      try await test.seed((0..<count).map { mine(Sample.theme("t\($0)")) })
      for (max, least) in [(nil, count), (Int32(count - 1), count), (0, 1)] as [(Int32?, Int)] {
        for validateOnly in [true, false] {
          let error = await expectRefusal(.pruneLimitExceeded) {
            try await test.apply([Sample.source()], prune: prune(max: max), validateOnly: validateOnly)
          }
          #expect(error?.code == .failedPrecondition && error?.metadata["min_count"] == "\(least)")
          #expect(error?.metadata["max"] == "\(least - 1)" && error?.obstacles.count == least)
        }
      }
      #expect(try await test.names(ListSourcesRequest()).isEmpty)
      let kept = try await test.apply([mine(Sample.theme("t0"))], prune: prune())
      #expect(kept.items.count { $0.action == .delete } == count - 1)
      let last = try await test.apply([Sample.source()], prune: prune(max: 1))
      #expect(last.items.map(\.action) == [.create, .delete])
    }
  }

  @Test func `a prune says which kinds, where and which of them`() async throws {
    try await TestRegistry.run { test in
      let max = Int32(Registry.prunedCountMax)
      let cases: [(Reason, String, ApplyResourcesRequest.Prune)] = [
        (.fieldRequired, "prune.resource_types", prune([])),
        (.resourceTypeUnknown, "prune.resource_types", prune(["Themes"])),
        (.resourceTypeUnknown, "prune.resource_types", prune(["Client"])),
        (.resourceTypeUnknown, "prune.resource_types", prune(["Theme"], parent: "dialogues/d1")),
        (.idInvalid, "prune.parent", prune(["Panel"], parent: "panels/p1")),
        (.fieldRequired, "prune.filter", prune(filter: "")),
        (.filterFieldUnknown, "prune.filter", prune(filter: "colour = 1")),
        (.numberOutOfRange, "prune.max_deletions", prune(max: -1)),
        (.numberOutOfRange, "prune.max_deletions", prune(max: max + 1)),
      ]
      for (reason, field, scope) in cases {
        await expectRefusal(reason, field) { try await test.apply([Sample.source()], prune: scope) }
      }
      let reply = try await test.apply([Sample.source()], prune: prune(max: max))
      #expect(reply.applied)
    }
  }

  @Test func `a prune can be of what lies in one record`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.dialogue("d1"), Sample.dialogue("d2"), Sample.panel("p1"), Sample.panel("p2"),
        Sample.panel("p1", of: "d2"))
      let reply = try await test.apply(
        [Sample.panel("p1")], prune: prune(["Panel"], parent: "dialogues/d1", filter: "*"))
      #expect(reply.items.map(\.name) == ["dialogues/d1/panels/p1", "dialogues/d1/panels/p2"])
      let anywhere = try await test.apply([Sample.panel("p1")], prune: prune(["Panel"], filter: "*"))
      #expect(anywhere.items.map(\.name) == ["dialogues/d1/panels/p1", "dialogues/d2/panels/p1"])
    }
  }

  @Test func `a prune can be of the dialogues of a series`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.series(), Sample.series("s2"), Sample.dialogue("d1", ordinal: 1), Sample.dialogue("d2", ordinal: 2),
        Sample.dialogue("d3", ordinal: 1, series: "series/s2"))
      let scope = prune(["Dialogue"], filter: #"series = "series/s1""#)
      let reply = try await test.apply([Sample.dialogue("d1", ordinal: 1)], prune: scope)
      #expect(reply.items.map(\.action) == [.unchanged, .delete] && reply.items[1].name == "dialogues/d2")
      // A new dialogue takes the place of the one that goes.
      let moved = try await test.apply([Sample.dialogue("d4", ordinal: 1)], prune: scope)
      #expect(moved.items.map(\.action) == [.create, .delete] && moved.items[1].name == "dialogues/d1")
      #expect(try await test.names(ListDialoguesRequest()) == ["dialogues/d3", "dialogues/d4"])
    }
  }

  @Test func `what others need is not pruned without them`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme("user", broader: ["themes/used"]), mine(Sample.theme("used")))
      for validateOnly in [true, false] {
        let error = await expectRefusal(.resourceInUse, "prune") {
          try await test.apply([Sample.source()], prune: prune(), validateOnly: validateOnly)
        }
        #expect(error?.resource == "themes/used" && error?.obstacles.map(\.subject) == ["themes/user"])
      }
      await expectRefusal(.referenceDeleted, "records.0.broader.0") {
        try await test.apply([Sample.theme("new", broader: ["themes/used"])], prune: prune())
      }
      // What is described lets go of it in the same call.
      let reply = try await test.apply([Sample.theme("user")], prune: prune())
      #expect(reply.items.map(\.action) == [.update, .delete])

      try await test.seed(Sample.dialogue(), Sample.panel(), Sample.finding())
      let scope = { (types: [String]) in self.prune(types, filter: "*") }
      for types in [["Dialogue"], ["Dialogue", "Panel"], ["Panel"]] {
        await expectRefusal(.hasChildren, "prune") { try await test.apply([Sample.source()], prune: scope(types)) }
      }
      await expectRefusal(.hasChildren, "prune") {
        try await test.apply([Sample.panel(), Sample.finding()], prune: scope(["Dialogue"]))
      }
      let all = try await test.apply([Sample.source()], prune: scope(["Dialogue", "Panel", "Finding"]))
      #expect(all.items.map(\.action) == [.create, .delete, .delete, .delete])
    }
  }

  @Test func `of many who apply the same, one writes`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        let records = [Sample.theme(), Sample.theme("t2", broader: ["themes/t1"])]
        let replies = try await withThrowingTaskGroup(of: ApplyResourcesResponse.self) { group in
          for _ in 0..<6 { group.addTask { try await test.apply(records) } }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        let actions = replies.map { $0.items.map(\.action) }
        #expect(actions.count { $0 == [.create, .create] } == 1)
        #expect(actions.count { $0 == [.unchanged, .unchanged] } == 5)
      }
    }
  }

  @Test func `after a prune that races with a new reference, no reference leads nowhere`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(mine(Sample.theme("t1")))
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            // Whichever of the two comes first, the other is refused.
            _ = try? await test.apply([Sample.source()], prune: prune())
          }
          group.addTask {
            _ = try? await test.apply([Sample.theme("t2", broader: ["themes/t1"])])
          }
        }
        let themes = try await test.names(ListThemesRequest())
        #expect(themes == ["themes/t1", "themes/t2"] || themes.isEmpty)
      }
    }
  }
}

extension TestRegistry {
  /// Applies records of any kinds.
  @discardableResult
  func apply(
    _ records: [any ProtobufMessage], prune: ApplyResourcesRequest.Prune? = nil, validateOnly: Bool = false
  ) async throws -> ApplyResourcesResponse {
    var request = ApplyResourcesRequest()
    request.records = try records.map { try Record(holding: $0) }
    request.prune = prune
    request.validateOnly = validateOnly
    return try await registry.apply(request, as: Self.caller).response
  }
}

extension Theme {
  fileprivate func with(notation: String) -> Theme {
    var theme = self
    theme.notation = notation
    return theme
  }
}

extension ProtobufMessage {
  /// The name of the record that the message is.
  fileprivate var name: String {
    guard case .string(let name)? = value(ofField: 1) else { return "" }
    return name
  }
}
