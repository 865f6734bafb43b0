import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

/// What lists of changes and watches tell of records.
@Suite struct ChangeFeedTests {
  /// The messages of a watch from its beginning to what is there now.
  private func messages(
    _ test: TestRegistry, _ request: WatchChangesRequest, as viewer: Viewer = .everything
  ) async throws -> [WatchChangesResponse] {
    let caller = Caller(principal: "clients/test", viewer: viewer)
    let watch = try await test.registry.watch(request, as: caller)
    var found: [WatchChangesResponse] = []
    var place: Revision
    switch watch.start {
    case .changes(let revision): place = revision
    case .snapshot(let revision):
      place = revision
      try await test.registry.snapshot(of: watch, at: revision, as: caller) { bytes in
        found.append(try WatchChangesResponse(serializedBytes: bytes))
      }
    }
    var isWithinRequest = false
    while true {
      let part = try await test.registry.next(
        of: watch, after: place, isWithinRequest: isWithinRequest, as: caller)
      place = part.through
      if let message = part.message {
        isWithinRequest = !part.isAtEndOfRequest
        found.append(try WatchChangesResponse(serializedBytes: message))
      }
      if part.isLast { return found }
    }
  }

  private func changes(_ test: TestRegistry, _ request: WatchChangesRequest) async throws -> [String] {
    try await messages(test, request).flatMap(\.changes).map { "\($0.kind) \($0.resource)" }
  }

  private func update(_ test: TestRegistry, _ name: String, notation: String) async throws -> Theme {
    try await test.update(
      UpdateThemeRequest.with {
        $0.theme = .with { ($0.name, $0.notation) = (name, notation) }
        $0.updateMask = ProtobufFieldMask(paths: ["notation"])
      })
  }

  private func listed(_ test: TestRegistry, _ request: ListChangesRequest) async throws -> [PlenaryAPI.Change] {
    var request = request
    var found: [PlenaryAPI.Change] = []
    repeat {
      let page = try await ListChangesResponse(
        serializedBytes: test.registry.listChanges(request, as: TestRegistry.caller).bytes)
      if request.pageSize > 0 { #expect(page.changes.count <= Int(request.pageSize)) }
      found += page.changes
      request.pageToken = page.nextPageToken
    } while !request.pageToken.isEmpty
    return found
  }

  @Test(arguments: [true, false])
  func `a change tells what became of a record, with the record as a read would have it`(keepsChanges: Bool)
    async throws
  {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      let created = try await test.create(CreateThemeRequest.with { ($0.themeID, $0.theme) = ("t1", Sample.theme()) })
      let updated = try await update(test, "themes/t1", notation: "7")
      let deleted = try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t1" })
      let back = try await test.undelete(UndeleteThemeRequest.with { $0.name = "themes/t1" })
      let request = WatchChangesRequest.with {
        $0.start = .fromBeginning(true)
        $0.includeBefore = true
        $0.includeChangedFields = true
      }
      let changes = try await messages(test, request).flatMap(\.changes)
      #expect(changes.map(\.kind) == [.created, .updated, .removed, .created])
      #expect(changes.map { $0.after?.kind } == [.theme(created), .theme(updated), nil, .theme(back)])
      #expect(changes.map { $0.before?.kind } == [nil, .theme(created), nil, nil])
      #expect(changes.map { $0.changedFields?.paths } == [nil, ["notation"], nil, nil])
      #expect(changes.map(\.revision) == [created, updated, deleted, back].map(\.revision))
      #expect(changes.map(\.commitTime) == [created, updated, deleted, back].map(\.updateTime))
      #expect(changes.map(\.actor) == ["clients/test", "clients/test", "", "clients/test"])
      #expect(changes.allSatisfy { $0.resource == "themes/t1" && $0.resourceType == "plenary.registry/Theme" })
    }
  }

  @Test(arguments: [true, false]) func `deleted, hidden and no longer selected look alike`(keepsChanges: Bool)
    async throws
  {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      try await test.seed(Sample.organization())
      for id in ["deleted", "hidden", "left"] {
        try await test.create(
          CreateThemeRequest.with {
            $0.themeID = id
            $0.theme = Sample.theme(id)
            $0.theme?.notation = "7"
          })
      }
      let viewer = Viewer { $0.label != PlenaryAPI.Marking.Label.amber.rawValue }
      let start = try await test.registry.watch(WatchChangesRequest(), as: TestRegistry.caller).start
      guard case .changes(let place) = start else { return }
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/deleted" })
      try await test.update(
        UpdateThemeRequest.with {
          $0.theme = .with {
            $0.name = "themes/hidden"
            $0.marking = .with { ($0.label, $0.organizations) = (.amber, ["organizations/o1"]) }
          }
        })
      _ = try await update(test, "themes/left", notation: "8")
      let request = WatchChangesRequest.with {
        $0.start = .afterRevision(test.registry.token(place))
        $0.resourceTypes = ["plenary.registry/Theme"]
        $0.filter = "notation = 7"
        $0.includeBefore = true
      }
      var found = try await messages(test, request, as: viewer).flatMap(\.changes)
      #expect(found.map(\.resource) == ["themes/deleted", "themes/hidden", "themes/left"])
      for index in found.indices {
        (found[index].resource, found[index].commitTime, found[index].revision) = ("", nil, "")
      }
      let removed = PlenaryAPI.Change.with {
        $0.kind = .removed
        $0.resourceType = "plenary.registry/Theme"
      }
      #expect(found == [removed, removed, removed])
    }
  }

  @Test(arguments: [true, false]) func `filters, functions and kinds select as in lists`(keepsChanges: Bool)
    async throws
  {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      try await test.seed(
        Sample.theme("t1"), Sample.theme("t2", broader: ["themes/t1"]), Sample.series(), Sample.organization(),
        Dialogue.changed(Sample.dialogue("d1", ordinal: 1)) { ($0.themes, $0.focusM49Code) = (["themes/t2"], "142") },
        Dialogue.changed(Sample.dialogue("d2", ordinal: 2)) {
          ($0.startDate, $0.endDate) = (GoogleDate(2018, 5, 1), GoogleDate(2018, 5, 2))
        })
      let begin = WatchChangesRequest.Start.fromBeginning(true)
      func selected(_ types: [String], _ filter: String) async throws -> [String] {
        try await changes(
          test,
          .with {
            $0.start = begin
            $0.resourceTypes = types.map { "plenary.registry/\($0)" }
            $0.filter = filter
          })
      }
      #expect(try await selected(["Dialogue"], "") == ["CREATED dialogues/d1", "CREATED dialogues/d2"])
      #expect(try await selected(["Theme"], "under(themes/t1)") == ["CREATED themes/t2"])
      #expect(try await selected(["Dialogue"], "under(themes/t1)") == ["CREATED dialogues/d1"])
      #expect(try await selected(["Dialogue"], "overlaps(2018-05-01, 2018-05-03)") == ["CREATED dialogues/d2"])
      #expect(try await selected(["Dialogue"], "within_m49(\"142\")") == ["CREATED dialogues/d1"])
      #expect(try await selected(["Theme", "Series"], "create_time > \"2000-01-01T00:00:00Z\"").count == 3)
      await expectRefusal(.filterFieldUnknown) { _ = try await selected(["Theme", "Series"], "ordinal = 1") }
      await expectRefusal(.resourceTypeUnknown) { _ = try await selected(["Client"], "") }
      #expect(try await selected([], "").count == 6)
    }
  }

  @Test(arguments: [true, false]) func `a snapshot and the changes after it make up the whole`(keepsChanges: Bool)
    async throws
  {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      try await test.seed((0..<40).map { Sample.theme("t\($0)") })
      let request = WatchChangesRequest.with {
        $0.start = .snapshot(true)
        $0.resourceTypes = ["plenary.registry/Theme"]
        $0.readMask = ProtobufFieldMask(paths: ["name", "notation"])
      }
      let found = try await messages(test, request)
      #expect(found.map(\.kind) == [.snapshot, .snapshotEnd])
      #expect(found[0].changes.count == 40 && found[0].revision.isEmpty && found[0].changes[0].revision.isEmpty)
      #expect(found[0].changes.allSatisfy { $0.kind == .created })
      #expect(found[0].changes[0].after?.kind == .theme(.with { $0.name = "themes/t0" }))
      let after = WatchChangesRequest.with { $0.start = .afterRevision(found[1].revision) }
      #expect(try await messages(test, after).isEmpty)
      _ = try await update(test, "themes/t0", notation: "1")
      #expect(try await changes(test, after) == ["UPDATED themes/t0"])
    }
  }

  @Test(arguments: [true, false])
  func `a large request comes in several messages, and only its end can be resumed from`(keepsChanges: Bool)
    async throws
  {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      try await test.seed((0..<1200).map { Sample.theme("t\($0)") })
      let found = try await messages(test, .with { $0.start = .fromBeginning(true) })
      #expect(found.count > 2 && found.flatMap(\.changes).count == 1200)
      #expect(found.allSatisfy { $0.kind == .changes && $0.more == $0.revision.isEmpty })
      #expect(found.dropLast().allSatisfy(\.more) && found.last?.more == false)
      #expect(found.flatMap(\.changes).map(\.revision).filter { !$0.isEmpty } == [found.last?.revision])
      // The filter leaves nothing of the end: it is told all the same, so that the place can be resumed from.
      let first = try await messages(
        test,
        .with {
          $0.start = .fromBeginning(true)
          $0.filter = "name = themes/t0"
          $0.resourceTypes = ["plenary.registry/Theme"]
        })
      #expect(first.flatMap(\.changes).map(\.resource) == ["themes/t0"])
      #expect(first.last?.revision == found.last?.revision && first.last?.more == false)
    }
  }

  @Test(arguments: [true, false]) func `the last change told of each request tells its revision`(keepsChanges: Bool)
    async throws
  {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      func theme(_ id: String, hidden: Bool) -> Theme {
        var theme = Sample.theme(id)
        if hidden { theme.marking = .with { ($0.label, $0.organizations) = (.amber, ["organizations/o1"]) } }
        return theme
      }
      try await test.seed(Sample.organization())
      try await test.seed(theme("a1", hidden: false), theme("a2", hidden: false))
      try await test.seed(theme("b1", hidden: false), theme("b2", hidden: false), theme("b3", hidden: true))
      try await test.seed(theme("c1", hidden: true), theme("c2", hidden: true))
      try await test.seed(theme("d1", hidden: true), theme("d2", hidden: false), theme("d3", hidden: true))
      try await test.seed(theme("e1", hidden: false))
      let request = WatchChangesRequest.with {
        $0.start = .fromBeginning(true)
        $0.resourceTypes = ["plenary.registry/Theme"]
      }
      for (viewer, expected) in [
        (Viewer.everything, ["a2", "b3", "c2", "d3", "e1"]),
        (Viewer { $0.label != PlenaryAPI.Marking.Label.amber.rawValue }, ["a2", "b2", "d2", "e1"]),
      ] {
        let messages = try await messages(test, request, as: viewer)
        let changes = messages.flatMap(\.changes)
        #expect(changes.filter { !$0.revision.isEmpty }.map(\.resource) == expected.map { "themes/\($0)" })
        #expect(changes.allSatisfy { $0.after != nil && $0.actor == "clients/test" })
        #expect(messages.last?.revision.isEmpty == false)
        // What it tells can be gone on with, right behind the request.
        let places = changes.map(\.revision).filter { !$0.isEmpty }
        let rest = try await self.messages(
          test,
          .with {
            $0.start = .afterRevision(places[1])
            $0.resourceTypes = ["plenary.registry/Theme"]
          }, as: viewer)
        let behind = changes.lastIndex { $0.revision == places[1] }.map { changes[($0 + 1)...].map(\.resource) }
        #expect(rest.flatMap(\.changes).map(\.resource) == behind)
      }
    }
  }

  @Test(arguments: [true, false]) func `a list has what a watch has, in pages`(keepsChanges: Bool) async throws {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      try await test.seed((0..<7).map { Sample.theme("t\($0)") })
      for round in 0..<5 { _ = try await update(test, "themes/t\(round)", notation: "\(round)") }
      let watched = try await messages(test, .with { $0.start = .fromBeginning(true) }).flatMap(\.changes)
      for size in [0, 1, 3, 100] as [Int32] {
        #expect(try await listed(test, .with { $0.pageSize = size }) == watched)
      }
      let ends = watched.map(\.revision).filter { !$0.isEmpty }
      #expect(ends.count == 6)
      let between = try await listed(
        test,
        .with {
          $0.start = .afterRevision(ends[1])
          $0.endRevision = ends[3]
          $0.pageSize = 1
        })
      #expect(between == Array(watched[8...9]))
      let start = try #require(watched[7].commitTime)
      #expect(try await listed(test, .with { $0.start = .startTime(start) }) == Array(watched[8...]))
    }
  }

  @Test(arguments: [true, false]) func `what cannot be begun at, or means nothing, is refused`(keepsChanges: Bool)
    async throws
  {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      try await test.seed(Sample.theme())
      let first = try await update(test, "themes/t1", notation: "1")
      let second = try await update(test, "themes/t1", notation: "2")
      func watch(_ populate: (inout WatchChangesRequest) -> Void) async throws {
        _ = try await messages(test, .with(populate))
      }
      await expectRefusal(.revisionInvalid, "after_revision") { try await watch { $0.start = .afterRevision("x") } }
      await expectRefusal(.revisionInvalid, "snapshot") { try await watch { $0.start = .snapshot(false) } }
      await expectRefusal(.revisionInvalid, "from_beginning") { try await watch { $0.start = .fromBeginning(false) } }
      await expectRefusal(.revisionFuture) {
        try await watch { $0.start = .startTime(.with { $0.seconds = 9_000_000_000 }) }
      }
      await expectRefusal(.maskPathUnknown) { try await watch { $0.readMask = ProtobufFieldMask(paths: ["no"]) } }
      for (time, isAllowed) in [(99, false), (100, true), (3_600_000, true), (3_600_001, false)] {
        let interval = ProtobufDuration(.milliseconds(time))
        if isAllowed {
          try await watch { $0.progressInterval = interval }
        } else {
          await expectRefusal(.numberOutOfRange, "progress_interval") {
            try await watch { $0.progressInterval = interval }
          }
        }
      }
      await expectRefusal(.revisionInvalid, "end_revision") {
        _ = try await listed(
          test,
          .with { ($0.start, $0.endRevision) = (.afterRevision(second.revision), first.revision) })
      }
      let page = try await ListChangesResponse(
        serializedBytes: test.registry.listChanges(.with { $0.pageSize = 1 }, as: TestRegistry.caller).bytes)
      await expectRefusal(.pageTokenInvalid) {
        _ = try await listed(test, .with { ($0.pageToken, $0.includeBefore) = (page.nextPageToken, true) })
      }
    }
  }

  @Test(arguments: [true, false]) func `behind a compaction nothing begins, and the answer says from where on it can`(
    keepsChanges: Bool
  ) async throws {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      try await test.seed(Sample.theme())
      let first = try await update(test, "themes/t1", notation: "1")
      let second = try await update(test, "themes/t1", notation: "2")
      _ = try await test.registry.compactHistory(
        .with { $0.toRevision = second.revision }, as: TestRegistry.caller)
      for start in [WatchChangesRequest.Start.afterRevision(first.revision), .fromBeginning(true)] {
        let refusal = await expectRefusal(.revisionCompacted) {
          _ = try await messages(test, .with { $0.start = start })
        }
        #expect(refusal?.metadata["oldest_revision"] == second.revision)
      }
      #expect(try await messages(test, .with { $0.start = .afterRevision(second.revision) }).isEmpty)
      _ = try await update(test, "themes/t1", notation: "3")
      // The version that was replaced is the oldest that is kept.
      #expect(try await listed(test, ListChangesRequest()).map(\.kind) == [.updated])
    }
  }
}

extension ProtobufMessage {
  /// A copy with some fields changed.
  fileprivate static func changed(_ message: Self, _ populate: (inout Self) -> Void) -> Self {
    var message = message
    populate(&message)
    return message
  }
}
