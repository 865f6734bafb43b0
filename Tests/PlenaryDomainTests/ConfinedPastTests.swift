import GoogleAPI
import PlenaryAPI
import PlenaryStore
import PlenaryStoreSQLite
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// What was before a dialogue came under the Chatham House Rule is for the officers of its originator.
@Suite(.timeLimit(.minutes(10))) struct ConfinedPastTests {
  private static let (own, other) = ("organizations/o1", "organizations/o2")
  private static let editor = caller("editor", own, .editor)
  private static let officer = caller("officer", own, .officer)
  private static let stranger = caller("stranger", other, .officer)
  /// One of another organization who is made an officer for this one.
  private static let deputy = caller("deputy", other, .officer, scope: own)

  private static func caller(
    _ id: String, _ organization: String, _ role: Client.Grant.Role, scope: String = "*"
  ) -> Caller {
    let rights = Rights(organization: organization, grants: [.with { ($0.role, $0.scope) = (role, scope) }])
    let standing = Standing(client: "clients/\(id)", organization: organization, offices: rights.offices)
    return Caller(principal: "clients/\(id)", viewer: standing.viewer(), rights: rights)
  }

  /// The kinds that can say who took part.
  private static let types = ["Dialogue", "WorkingGroup", "Panel", "Intervention", "Finding"].map {
    "plenary.registry/\($0)"
  }

  // MARK: The world

  /// A dialogue whose children say in each of the fields who took part, and have words that nobody else has.
  private static var records: [any ProtobufMessage] {
    let attributed: [any ProtobufMessage] = [
      Sample.dialogue("d1", ordinal: 1, themes: ["themes/t1"]).with {
        ($0.title, $0.originatingOrganization, $0.state) = (LocalizedText("Zebra one"), own, .concluded)
      },
      Sample.group().with {
        ($0.chair, $0.title, $0.originatingOrganization) = ("persons/secret", LocalizedText("Zebra group"), own)
      },
      Sample.panel().with {
        ($0.panellists, $0.title, $0.originatingOrganization) = (["persons/secret"], LocalizedText("Zebra panel"), own)
      },
      Sample.finding().with {
        ($0.contributor, $0.text, $0.originatingOrganization) = (other, LocalizedText("Zebra finding"), other)
      },
      Sample.intervention().with { ($0.speaker, $0.originatingOrganization) = ("persons/secret", own) },
      Sample.intervention("i2").with { ($0.speaker, $0.originatingOrganization) = ("", own) },
      Sample.intervention("gone").with { ($0.speaker, $0.originatingOrganization) = ("persons/secret", own) },
    ]
    return [
      Sample.source(), Sample.organization("o1"), Sample.organization("o2"), Sample.person("secret"), Sample.theme(),
      Sample.series(),
    ] + attributed + [Sample.report()]
  }

  private static let names = [
    "dialogues/d1", "dialogues/d1/workingGroups/w1", "dialogues/d1/panels/p1", "dialogues/d1/findings/f1",
    "dialogues/d1/interventions/i1",
  ]

  /// Clears what the children say, and deletes one that nobody can change any more.
  private static func clear(_ test: TestRegistry) async throws {
    try await test.update(
      UpdateWorkingGroupRequest.with {
        $0.workingGroup = Sample.group().with { $0.title = LocalizedText("Plain group") }
        $0.updateMask = ProtobufFieldMask(paths: ["chair", "title"])
      })
    try await test.update(
      UpdatePanelRequest.with {
        $0.panel = Sample.panel()
        $0.updateMask = ProtobufFieldMask(paths: ["panellists", "title"])
      })
    try await test.update(
      UpdateFindingRequest.with {
        $0.finding = Sample.finding()
        $0.updateMask = ProtobufFieldMask(paths: ["contributor", "text"])
      })
    try await test.update(
      UpdateInterventionRequest.with {
        $0.intervention = Sample.intervention().with { $0.speaker = "" }
        $0.updateMask = ProtobufFieldMask(paths: ["speaker"])
      })
    try await test.delete(DeleteInterventionRequest.with { $0.name = "dialogues/d1/interventions/gone" })
  }

  private static func tighten(_ test: TestRegistry) async throws -> Dialogue {
    try await test.update(
      UpdateDialogueRequest.with {
        $0.dialogue = Sample.dialogue().with {
          ($0.attributionRule, $0.title) = (.chathamHouse, LocalizedText("Plain one"))
        }
        $0.updateMask = ProtobufFieldMask(paths: ["attribution_rule", "title"])
      })
  }

  /// The revisions of before, and of after.
  private struct Points {
    let past: String
    let cleared: String
    let tightened: String
  }

  private func make(_ test: TestRegistry) async throws -> Points {
    try await test.seed(Self.records)
    let past = try await test.page(ListSourcesRequest()).page.revision
    try await Self.clear(test)
    let cleared = try await test.page(ListSourcesRequest()).page.revision
    return Points(past: past, cleared: cleared, tightened: try await Self.tighten(test).revision)
  }

  private func run(_ body: (TestRegistry, Points) async throws -> Void) async throws {
    try await TestRegistry.run { test in try await body(test, try await make(test)) }
  }

  // MARK: What is told

  private func everything(_ registry: Registry, _ points: Points, as caller: Caller) async throws -> [String: String] {
    var reader = PastReader(registry: registry, caller: caller, names: Self.names, types: Self.types)
    for revision in [points.past, points.cleared] {
      await reader.readRecords(at: revision)
      await reader.readTogether(at: revision, to: points.tightened)
    }
    await reader.readHistory(from: points.past)
    return reader.told
  }

  @Test func `no read of the past tells who took part, but to the officers of the originator`() async throws {
    try await run { test, points in
      for caller in [Self.editor, Self.stranger] {
        for (way, text) in try await everything(test.registry, points, as: caller) {
          #expect(!text.contains("secret") && !text.contains("Zebra"), "\(caller.principal), \(way): \(text)")
          // That something went is told to whoever may have a copy of it, and nothing else.
          if way != "changes" { #expect(!text.contains("interventions/gone"), "\(way): \(text)") }
          // Who has entered what was found could be taken for who said it.
          if way.hasPrefix("file") { #expect(!text.contains("created_by_ref"), "\(way): \(text)") }
        }
      }
      let all = try await everything(test.registry, points, as: TestRegistry.caller)
      for caller in [Self.officer, Self.deputy] {
        let told = try await everything(test.registry, points, as: caller)
        for way in ["get", "list deleted", "diff", "now", "changes"] {
          #expect(told[way]?.contains("secret") == true, "\(way)")
        }
        for way in ["get", "list groups", "list findings", "diff", "export", "revisions", "revision", "changes"] {
          #expect(told[way]?.contains("Zebra") == true, "\(way)")
        }
        #expect(told["list deleted"] == all["list deleted"] && told["get"] == all["get"])
      }
      // What says nothing of persons stays where it was.
      let past = GetInterventionRequest.with {
        ($0.name, $0.revision) = ("dialogues/d1/interventions/i2", points.past)
      }
      _ = try await test.registry.get(past, as: Self.editor)
      let now = try await test.registry.get(GetFindingRequest.with { $0.name = Self.names[3] }, as: Self.editor)
      #expect(try Finding(serializedBytes: now.bytes).text == LocalizedText("Finding f1"))
    }
  }

  @Test func `a filter at an old revision does not tell either`() async throws {
    try await run { test, points in
      func count(_ filter: String, as caller: Caller) async throws -> [Int] {
        try await [points.past, points.cleared].asyncMap { revision in
          let page = try await test.registry.list(
            ListInterventionsRequest.with {
              ($0.parent, $0.revision, $0.showDeleted) = ("dialogues/-", revision, true)
              $0.filter = filter
            }, as: caller)
          #expect(page.totalSize.map { Int($0) } ?? page.records.count == page.records.count)
          return page.records.count
        }
      }
      for filter in [#"speaker = "persons/secret""#, "speaker:*"] {
        #expect(try await count(filter, as: Self.editor) == [0, 0], "\(filter)")
        #expect(try await count(filter, as: Self.officer).reduce(0, +) > 0, "\(filter)")
      }
      func changes(_ filter: String) async throws -> [UInt8] {
        try await test.registry.listChanges(
          .with {
            ($0.resourceTypes, $0.filter) = (["plenary.registry/Intervention"], filter)
            $0.endRevision = points.cleared
          }, as: Self.editor
        ).bytes
      }
      let kinds = try await [#"speaker = "persons/secret""#, #"speaker = "persons/nobody""#].asyncMap { filter in
        try await ListChangesResponse(serializedBytes: changes(filter)).changes.map { "\($0.kind) \($0.resource)" }
      }
      #expect(kinds[0] == kinds[1])
    }
  }

  @Test func `a watch from the beginning shows what it holds as if nothing had been before`() async throws {
    try await run { test, _ in
      func told(_ caller: Caller) async throws -> [String] {
        let page = try await test.registry.listChanges(
          .with {
            ($0.pageSize, $0.resourceTypes) = (1000, ["plenary.registry/Dialogue", "plenary.registry/Finding"])
          },
          as: caller)
        return try ListChangesResponse(serializedBytes: page.bytes).changes.map { "\($0.kind) \($0.resource)" }
      }
      let (editor, officer) = (try await told(Self.editor), try await told(Self.officer))
      #expect(editor == ["CREATED dialogues/d1/findings/f1", "CREATED dialogues/d1"])
      #expect(
        officer == [
          "CREATED dialogues/d1", "CREATED dialogues/d1/findings/f1", "UPDATED dialogues/d1/findings/f1",
          "UPDATED dialogues/d1",
        ])
    }
  }

  // MARK: What is brought back

  @Test func `what says who spoke comes back neither by a rollback nor by an undeletion`() async throws {
    try await run { test, points in
      let rollback = RollbackInterventionRequest.with {
        ($0.name, $0.revisionID) = (Self.names[4], points.past)
      }
      await expectRefusal(.resourceNotFound) { _ = try await test.registry.rollback(rollback, as: Self.editor) }
      await expectRefusal(.attributionForbidden) { _ = try await test.registry.rollback(rollback, as: Self.officer) }
      let name = "dialogues/d1/interventions/gone"
      let undelete = UndeleteInterventionRequest.with { $0.name = name }
      await expectRefusal(.resourceNotFound) { _ = try await test.registry.undelete(undelete, as: Self.editor) }
      await expectRefusal(.attributionForbidden, "speaker") {
        _ = try await test.registry.undelete(undelete, as: Self.officer)
      }
      // An officer brings it back without the name; what it was stays confined.
      let plain = Sample.intervention("gone").with { ($0.speaker, $0.originatingOrganization) = ("", Self.own) }
      let request = try ApplyResourcesRequest.with { $0.records = [try Record(holding: plain)] }
      let reply = try await test.registry.apply(request, as: Self.officer)
      #expect(reply.response.items.map(\.action) == [.undelete])
      let revisions = try await test.registry.listRevisions(
        ListInterventionRevisionsRequest.with { $0.parent = name }, as: Self.editor
      ).records.map { try InterventionRevision(serializedBytes: $0) }
      #expect(revisions.count == 1 && revisions[0].snapshot?.speaker == "")
      for (way, text) in try await everything(test.registry, points, as: Self.editor) {
        #expect(!text.contains("secret"), "\(way)")
      }
    }
  }

  @Test func `what comes back once the rule is loosened is for all again, and its past is not`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.records.filter { !($0 is Finding) })
      let past = try await test.page(ListSourcesRequest()).page.revision
      let name = "dialogues/d1/interventions/gone"
      for record in Self.records.compactMap({ $0 as? any ResourceMessage }) where record.name.hasPrefix("dialogues/d1/")
      {
        switch record {
        case is WorkingGroup: try await test.delete(record)
        case is Panel: try await test.delete(DeletePanelRequest.with { $0.name = record.name })
        case is Intervention: try await test.delete(DeleteInterventionRequest.with { $0.name = record.name })
        default: continue
        }
      }
      _ = try await Self.tighten(test)
      try await test.update(
        UpdateDialogueRequest.with {
          $0.dialogue = .with { ($0.name, $0.attributionRule) = ("dialogues/d1", .attributable) }
        })
      try await test.undelete(UndeleteInterventionRequest.with { $0.name = name })
      func get(_ revision: String) async throws -> Intervention {
        let request = GetInterventionRequest.with { ($0.name, $0.revision) = (name, revision) }
        return try await Intervention(serializedBytes: test.registry.get(request, as: Self.editor).bytes)
      }
      #expect(try await get("").speaker == "persons/secret")
      await expectRefusal(.resourceNotFound) { _ = try await get(past) }
    }
  }

  // MARK: Other ways to write

  @Test func `an import and a description of the registry confine as an update does`() async throws {
    let plain: [any ProtobufMessage] = [
      Sample.dialogue("d1", ordinal: 1, themes: ["themes/t1"]).with {
        ($0.attributionRule, $0.originatingOrganization, $0.state) = (.chathamHouse, Self.own, .concluded)
      },
      Sample.group().with { $0.originatingOrganization = Self.own },
      Sample.panel().with { $0.originatingOrganization = Self.own },
      Sample.finding().with { $0.originatingOrganization = Self.other },
      Sample.intervention().with { ($0.speaker, $0.originatingOrganization) = ("", Self.own) },
    ]
    for isImport in [true, false] {
      try await TestRegistry.run { test in
        try await test.seed(Self.records)
        let past = try await test.page(ListSourcesRequest()).page.revision
        try await test.delete(DeleteInterventionRequest.with { $0.name = "dialogues/d1/interventions/gone" })
        if isImport {
          let report = try await test.importing(plain, conflict: .replace)
          #expect(report.isApplied, "\(report.results.compactMap(\.error))")
        } else {
          #expect(try await test.apply(plain).applied)
        }
        let now = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
        let points = Points(past: past, cleared: past, tightened: now.revision)
        for (way, text) in try await everything(test.registry, points, as: Self.editor) {
          #expect(!text.contains("secret") && !text.contains("Zebra"), "\(way): \(text)")
        }
        #expect(try await everything(test.registry, points, as: Self.officer)["get"]?.contains("secret") == true)
      }
    }
  }

  // MARK: Stores of before, and reports

  @Test func `a registry of before is confined when it is opened, and its reports are what they were`() async throws {
    let directory = "/tmp/plenary-confined-test-\(UInt64.random(in: 0 ... .max))"
    defer { TestRegistry.remove(directory) }
    let current = KindCatalog.current.indexing
    let former = Indexing(form: [1], entries: current.entries)
    var (points, digests): (Points?, [String]) = (nil, [])
    try await TestRegistry.run(in: directory, indexing: former) { test in
      let made = try await make(test)
      points = made
      #expect(try await everything(test.registry, made, as: Self.editor)["get"]?.contains("secret") == true)
      digests = [
        try await test.compile(at: made.past).contentDigest, try await test.compile(at: made.cleared).contentDigest,
      ]
    }
    let made = try #require(points)
    try await TestRegistry.run(in: directory, indexing: current) { test in
      for caller in [Self.editor, Self.stranger] {
        for (way, text) in try await everything(test.registry, made, as: caller) {
          #expect(!text.contains("secret") && !text.contains("Zebra"), "\(caller.principal), \(way): \(text)")
        }
      }
      #expect(try await everything(test.registry, made, as: Self.officer)["get"]?.contains("secret") == true)
      #expect(try await test.compile(at: made.past).contentDigest == digests[0])
      #expect(try await test.compile(at: made.cleared).contentDigest == digests[1])
      let content = try await test.content(as: Self.editor)
      #expect(content.header.contentDigest == digests[1])
      #expect(!content.text.contains("secret") && !content.text.contains("Zebra"))
      #expect(try await test.store.verify(.full, watch: .nobody).findings == [])
    }
  }
}
