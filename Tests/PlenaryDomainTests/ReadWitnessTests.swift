import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Synchronization
import Testing

@testable import PlenaryDomain

/// Reads of what is held back are noted, whichever way they go, and others are not.
@Suite(.timeLimit(.minutes(10))) struct ReadWitnessTests {
  private final class Recorder: AccessRecorder {
    let events = Mutex<[AccessEvent]>([])
    func note(_ event: AccessEvent) { events.withLock { $0.append(event) } }
    func take() -> [AccessEvent] {
      events.withLock { events in
        defer { events = [] }
        return events
      }
    }
  }

  private typealias Read = @Sendable (Registry, _ name: String) async throws -> Void

  private static let caller = TestRegistry.caller

  /// Every way by which a record can be read, by the verb that is noted.
  private static let ways: [(way: String, read: Read)] = [
    ("Get", { registry, name in _ = try await registry.get(GetThemeRequest.with { $0.name = name }, as: caller) }),
    (
      "Get",
      { registry, name in
        let mask = ProtobufFieldMask(paths: ["scheme"])
        _ = try await registry.get(GetThemeRequest.with { ($0.name, $0.readMask) = (name, mask) }, as: caller)
      }
    ),
    (
      "Get",
      { registry, name in
        let request = try GetThemeRequest.with { $0.name = name }.serializedBytes()
        _ = registry.ready(request, registry.shortcut(GetThemeRequest.self), as: caller)
      }
    ),
    (
      "List",
      { registry, name in
        _ = try await registry.list(ListThemesRequest.with { $0.filter = "name = \"\(name)\"" }, as: caller)
      }
    ),
    (
      "List",
      { registry, name in
        _ = try await registry.list(
          ListThemesRequest.with { ($0.filter, $0.orderBy) = ("name = \"\(name)\"", "update_time desc") }, as: caller)
      }
    ),
    (
      "BatchGet",
      { registry, name in _ = try await registry.batchGet(BatchGetThemesRequest.with { $0.names = [name] }, as: caller)
      }
    ),
    (
      "Revisions",
      { registry, name in
        _ = try await registry.listRevisions(ListThemeRevisionsRequest.with { $0.parent = name }, as: caller)
      }
    ),
    (
      "Revisions",
      { registry, name in
        _ = try await registry.getRevision(
          GetThemeRevisionRequest.with { $0.name = "\(name)/revisions/latest" }, as: caller)
      }
    ),
    (
      "Diff",
      { registry, name in
        let theme = try await Theme(
          serializedBytes: registry.get(GetThemeRequest.with { $0.name = name }, as: caller).bytes)
        _ = try await registry.differences(
          DiffResourceRequest.with { ($0.name, $0.fromRevision) = (name, theme.revision) }, as: caller)
      }
    ),
    (
      "Search",
      { registry, name in
        let word = name.split(separator: "/").last.map(String.init) ?? ""
        _ = try await registry.search(SearchResourcesRequest.with { $0.query = word }, as: caller)
      }
    ),
    (
      "Search",
      { registry, name in
        let word = name.split(separator: "/").last.map(String.init) ?? ""
        _ = try await registry.search(
          SearchResourcesRequest.with { ($0.query, $0.order) = (word, .name) }, as: caller)
      }
    ),
    (
      "ListChanges",
      { registry, name in
        _ = try await registry.listChanges(
          ListChangesRequest.with {
            ($0.filter, $0.resourceTypes) = ("name = \"\(name)\"", ["plenary.registry/Theme"])
          },
          as: caller)
      }
    ),
    (
      "InclusionProof",
      { registry, name in
        _ = try await registry.provenRevision(GetInclusionProofRequest.with { $0.name = name }, as: caller)
      }
    ),
    (
      "Write",
      { registry, name in
        let theme = Theme.with { ($0.name, $0.scheme) = (name, "samples") }
        _ = try await registry.update(
          UpdateThemeRequest.with {
            ($0.theme, $0.updateMask) = (theme, ProtobufFieldMask(paths: ["scheme"]))
          }, as: caller)
      }
    ),
    (
      "Write",
      { registry, name in
        let theme = Theme.with { ($0.name, $0.scheme) = (name, "samples") }
        _ = try await registry.update(
          UpdateThemeRequest.with {
            ($0.theme, $0.updateMask, $0.validateOnly) = (theme, ProtobufFieldMask(paths: ["scheme"]), true)
          }, as: caller)
      }
    ),
    // Plans and results say whether a description and a record are alike, and in what they differ.
    ("Write", { registry, name in try await apply(registry, name, notation: "7", validateOnly: true) }),
    ("Write", { registry, name in try await apply(registry, name, notation: "", validateOnly: true) }),
    (
      "Write",
      { registry, name in
        let id = "11111111-1111-4111-8111-11111111111\(name.suffix(1))"
        try await apply(registry, name, notation: "7", requestID: id, times: 2)
      }
    ),
    (
      "Write",
      { registry, name in
        for conflict in [ImportRegistryRequest.Conflict.skip, .fail] {
          var batch = try ImportBatch(.with { $0.conflict = conflict }, within: registry.importBudget)
          try batch.append(Record.with { $0.kind = .theme(.with { ($0.name, $0.scheme) = (name, "samples") }) })
          _ = try await registry.importRecords(batch, as: caller)
        }
      }
    ),
    (
      "Export",
      { registry, name in
        try await registry.export(.with { $0.resourceTypes = ["plenary.registry/Theme"] }, as: caller) { _ in }
      }
    ),
  ]

  private static func apply(
    _ registry: Registry, _ name: String, notation: String, requestID: String = "", validateOnly: Bool = false,
    times: Int = 1
  ) async throws {
    var theme = try await Theme(
      serializedBytes: registry.get(GetThemeRequest.with { $0.name = name }, as: caller).bytes)
    (theme.notation, theme.etag) = (notation, "")
    for _ in 0..<times {
      _ = try await registry.apply(
        .with {
          $0.records = [.with { $0.kind = .theme(theme) }]
          ($0.requestID, $0.validateOnly) = (requestID, validateOnly)
        }, as: caller)
    }
  }

  private static let labels: [PlenaryAPI.Marking.Label] = [.clear, .green, .amber, .amberStrict, .red]

  /// A registry with a theme of each label, whose reads are noted.
  private func run(
    keepsChanges: Bool = true, _ body: (Registry, Recorder) async throws -> Void
  ) async throws {
    try await TestRegistry.run(keepsChanges: keepsChanges) { test in
      try await test.seed(
        Organization.with {
          ($0.name, $0.title, $0.kind) = ("organizations/o", LocalizedText("O"), .internationalOrganization)
        })
      try await test.create(CreateClientRequest.with { ($0.clientID, $0.client) = ("c", Client()) })
      for label in Self.labels {
        let id = "theme\(label.rawValue)"
        try await test.create(
          CreateThemeRequest.with {
            $0.themeID = id
            $0.theme = .with {
              ($0.scheme, $0.prefLabel) = ("samples", LocalizedText(id))
              $0.marking = .with { marking in
                marking.label = label
                if [.amber, .amberStrict].contains(label) { marking.organizations = ["organizations/o"] }
                if label == .red { marking.recipients = ["clients/c"] }
              }
            }
          })
      }
      let recorder = Recorder()
      let registry = Registry(
        store: test.store,
        TimeAndChance(
          now: { CommitTime(microseconds: TestRegistry.start) }, randomBytes: { [UInt8](repeating: 1, count: $0) }),
        accessRecorder: recorder)
      try await body(registry, recorder)
    }
  }

  @Test func `each way of reading notes what is AMBER_STRICT or RED, and nothing else`() async throws {
    try await run { registry, recorder in
      for (way, read) in Self.ways where way != "Export" {
        for label in Self.labels {
          let name = "themes/theme\(label.rawValue)"
          _ = try await registry.get(GetThemeRequest.with { $0.name = name }, as: Self.caller)
          _ = recorder.take()
          try await read(registry, name)
          // Some read by other means what they then ask about.
          let events = recorder.take().filter { $0.method == way || way != "Diff" && way != "Write" }
          let expected = AccessEvent(.read, principal: "clients/test", method: way, resource: name)
          #expect(
            Set(events) == (label.rawValue >= PlenaryAPI.Marking.Label.amberStrict.rawValue ? [expected] : []),
            "\(way) \(label)")
        }
      }
      for (way, read) in Self.ways where way == "Export" {
        try await read(registry, "")
        #expect(Set(recorder.take().map(\.resource)) == ["themes/theme4", "themes/theme5"], "\(way)")
      }
      for request in [ExportWorld.request(.skosTurtle), ExportWorld.request(.csv, ["Theme"])] {
        try await registry.export(request, as: Self.caller) { _ in }
        // What is marked RED is in no file.
        #expect(Set(recorder.take().map(\.resource)) == ["themes/theme4"], "\(request.format)")
      }
    }
  }

  /// With a mask of fields, records are decoded for it.
  @Test(arguments: [true, false], [nil, ["name"]] as [[String]?])
  func `a watch notes once what it tells`(keepsChanges: Bool, paths: [String]?) async throws {
    try await run(keepsChanges: keepsChanges) { registry, recorder in
      let request = WatchChangesRequest.with {
        $0.start = .fromBeginning(true)
        $0.resourceTypes = ["plenary.registry/Theme"]
        $0.readMask = paths.map { ProtobufFieldMask(paths: $0) }
      }
      let watch = try await registry.watch(request, as: Self.caller)
      _ = recorder.take()
      let part = try await registry.next(of: watch, after: .zero, isWithinRequest: false, as: Self.caller)
      #expect(try WatchChangesResponse(serializedBytes: part.message ?? []).changes.count == Self.labels.count)
      let expected = ["themes/theme4", "themes/theme5"].map {
        AccessEvent(.read, principal: "clients/test", method: "WatchChanges", resource: $0)
      }
      #expect(recorder.take() == expected)
    }
  }

  @Test func `a refusal for want of a right is noted, and no other error`() async throws {
    try await run { registry, recorder in
      registry.note(
        DomainError(.originatorOnly, "no", resource: "themes/theme1"), of: Self.caller, method: "plenary.v1.X/Y")
      registry.note(
        DomainError(.resourceNotFound, "no", resource: "themes/x"), of: Self.caller, method: "plenary.v1.X/Y")
      #expect(
        recorder.take() == [
          AccessEvent(
            .refused, principal: "clients/test", method: "plenary.v1.X/Y", reason: "ORIGINATOR_ONLY",
            resource: "themes/theme1")
        ])
    }
  }

  @Test func `a thousand entries of the log take two reads of the store`() async throws {
    try await run { registry, _ async throws in
      let watched = WatchedStore(registry.store)
      let registry = Registry(
        store: watched,
        TimeAndChance(
          now: { CommitTime(microseconds: TestRegistry.start) }, randomBytes: { [UInt8](repeating: 1, count: $0) }))
      // Of ten entries nine are about a theme that was not there yet.
      let all = (1...5500).map { (place: UInt64) in
        let isLate = place.isMultiple(of: 10)
        return PlenaryStore.AccessEntry(
          place: place,
          time: CommitTime(microseconds: TestRegistry.start + (isLate ? 3_600_000_000 : -3_600_000_000) + Int64(place)),
          event: AccessEvent(.read, principal: "clients/test", method: "Get", resource: "themes/theme4"),
          count: place)
      }
      let rights = Rights(organization: "", grants: [.with { ($0.role, $0.scope) = (.officer, "*") }])
      let officer = Caller(principal: "clients/eye", viewer: Viewer { $0.label < 5 }, rights: rights)
      var request = ListAccessEntriesRequest.with { ($0.oldestFirst, $0.pageSize) = (true, 500) }
      let first = try await registry.accessEntries(request, in: LogInMemory(all: all), as: officer)
      #expect(first.entries.map(\.count) == (1...500).map { $0 * 10 })
      #expect(watched.readCount == 12, "six times a thousand entries")
      request.pageToken = first.nextPageToken
      let second = try await registry.accessEntries(request, in: LogInMemory(all: all), as: officer)
      #expect(second.entries.map(\.count) == (501...550).map { $0 * 10 } && second.nextPageToken.isEmpty)
      #expect(watched.readCount == 14)
    }
  }

  @Test func `whoever may not see a record, or administer, is told of no entry about it`() async throws {
    try await run { registry, _ async throws in
      func event(_ name: String) -> AccessEvent {
        AccessEvent(.read, principal: "clients/test", method: "Get", resource: name)
      }
      let time = CommitTime(microseconds: TestRegistry.start + 3_600_000_000)
      let log = LogInMemory(all: [
        .init(place: 1, time: time, event: event("themes/theme4"), count: 2),
        .init(place: 2, time: time, event: event("themes/theme5"), count: 1),
        .init(place: 3, time: time, event: event("clients/c"), count: 1),
        .init(place: 4, time: time, event: event(""), count: 1),
        .init(place: 5, time: time, lost: .read, count: 7),
      ])
      func names(_ caller: Caller, _ change: (inout ListAccessEntriesRequest) -> Void = { _ in }) async throws
        -> [String]
      {
        var request = ListAccessEntriesRequest.with {
          $0.pageSize = 1
          $0.oldestFirst = true
        }
        change(&request)
        var names: [String] = []
        repeat {
          let page = try await registry.accessEntries(request, in: log, as: caller)
          names += page.entries.map { $0.onlyCounted ? "\($0.count)" : $0.resource }
          request.pageToken = page.nextPageToken
        } while !request.pageToken.isEmpty
        return names
      }
      #expect(try await names(Self.caller) == ["themes/theme4", "themes/theme5", "clients/c", "", "7"])
      let rights = Rights(organization: "", grants: [.with { ($0.role, $0.scope) = (.officer, "*") }])
      let officer = Caller(principal: "clients/eye", viewer: Viewer { $0.label < 5 }, rights: rights)
      #expect(try await names(officer) == ["themes/theme4"])
      for (count, isShort) in [(4, true), (5, false)] {
        var limited = registry
        limited.pageScanMax = count
        let page = try await limited.accessEntries(.with { $0.oldestFirst = true }, in: log, as: officer)
        #expect(page.entries.count == 1 && page.nextPageToken.isEmpty != isShort)
      }
      // A record that was not there, or out of sight, at the time is told of by nothing.
      let early = LogInMemory(all: [
        .init(place: 1, time: CommitTime(microseconds: TestRegistry.start), event: event("themes/theme4"), count: 1)
      ])
      #expect(try await registry.accessEntries(.init(), in: early, as: officer).entries.isEmpty)
      #expect(try await registry.accessEntries(.init(), in: early, as: Self.caller).entries.count == 1)
      #expect(try await names(Self.caller) { $0.resource = "themes/theme5" } == ["themes/theme5"])
      #expect(try await names(Self.caller) { $0.outcome = .refused } == [])
      #expect(try await names(Self.caller) { $0.principal = "clients/none" } == [])
      await expectRefusal(.idInvalid) { _ = try await names(Self.caller) { $0.resource = "x" } }
      await expectRefusal(.pageTokenInvalid) { _ = try await names(Self.caller) { $0.pageToken = "x" } }
      await expectRefusal(.pageSizeInvalid) { _ = try await names(Self.caller) { $0.pageSize = -1 } }
    }
  }
}
