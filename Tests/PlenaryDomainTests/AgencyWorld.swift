import GoogleAPI
import PlenaryAPI
import PlenaryStore
import PlenaryStoreSQLite
import ProtobufRuntime
import Synchronization

@testable import PlenaryDomain

/// A registry that two agencies share, and what the second one finds out about it.
final class AgencyWorld: Sendable {
  static let (first, second, third) = ("organizations/first", "organizations/second", "organizations/third")

  /// Whoever runs the registry.
  static let admin = Caller(principal: "clients/admin", viewer: .everything)
  static let firstDesk = desk("clients/first", of: first, groups: ["sharingGroups/joint", "sharingGroups/inner"])
  static let secondDesk = desk("clients/second", of: second, groups: ["sharingGroups/joint"])

  private static func desk(_ client: String, of organization: String, groups: Set<String>) -> Caller {
    let grant = Client.Grant.with { ($0.role, $0.scope) = (.officer, "*") }
    return Caller(
      principal: client, viewer: Standing(client: client, organization: organization, groups: groups).viewer(),
      rights: Rights(organization: organization, grants: [grant]))
  }

  /// A clock that stands still.
  private final class Clock: Sendable {
    let time = Mutex(Int64(0))
  }

  let registry: Registry
  private let store: SQLiteStore
  private let clock = Clock()
  /// What takes the place of the tokens that have been told.
  private let places = Mutex<[Substring: Int]>([:])

  private init(changesInMemory: Int) throws {
    let now: @Sendable () -> CommitTime = { [clock] in
      CommitTime(microseconds: TestRegistry.start + clock.time.withLock { $0 } * 1_000_000)
    }
    let random: @Sendable (Int) -> [UInt8] = { (0..<$0).map { _ in UInt8.random(in: .min ... .max) } }
    var configuration = SQLiteStore.Configuration(.memory, now: now, randomBytes: random)
    configuration.feedChangesMax = changesInMemory
    store = try SQLiteStore(configuration)
    registry = Registry(store: store, now: now, randomBytes: random)
  }

  /// Runs a body in a world in which the agencies know each other, and a series with a dialogue and a theme are theirs.
  ///
  /// - Parameter changesInMemory: How many of the last changes are not read from the database.
  static func run<Result>(
    changesInMemory: Int, _ body: (AgencyWorld) async throws -> Result
  ) async throws -> Result {
    let world = try AgencyWorld(changesInMemory: changesInMemory)
    do {
      try await world.begin()
      let result = try await body(world)
      await world.store.close()
      return result
    } catch {
      await world.store.close()
      throw error
    }
  }

  private func begin() async throws {
    let records: [any ProtobufMessage] =
      [Self.first, Self.second, Self.third].map { name in
        Organization.with {
          ($0.name, $0.title, $0.kind) = (name, LocalizedText(name), .governmentBody)
        }
      } + [
        Client.with { ($0.name, $0.organization) = ("clients/first", Self.first) },
        Client.with { ($0.name, $0.organization) = ("clients/second", Self.second) },
        SharingGroup.with { ($0.name, $0.organizations) = ("sharingGroups/inner", [Self.first]) },
        SharingGroup.with {
          ($0.name, $0.organizations, $0.groups) = ("sharingGroups/joint", [Self.second], ["sharingGroups/inner"])
        },
        Sample.theme("common"), Sample.theme("leaf", broader: ["themes/common"]), Sample.series("s"),
        Sample.dialogue("common", ordinal: 1, series: "series/s"),
      ] + Self.reports
    var batch = try ImportBatch(.init(), within: registry.importBudget)
    for record in records { try batch.append(try Record(holding: record)) }
    let report = try await registry.importRecords(batch, as: Self.admin)
    guard report.isApplied else { throw Broken(report.results.compactMap(\.error?.message)) }
  }

  /// Reports on the dialogue for audiences that the second agency is in.
  private static var reports: [OutcomeReport] {
    let markings: [(String, PlenaryAPI.Marking)] = [
      ("green", .with { $0.label = .green }), ("own", .with { ($0.label, $0.organizations) = (.amber, [second]) }),
      ("joint", .with { ($0.label, $0.sharingGroups) = (.amber, ["sharingGroups/joint"]) }),
      ("desk", .with { ($0.label, $0.recipients) = (.red, ["clients/second"]) }),
    ]
    return markings.map { id, marking in
      .with {
        ($0.name, $0.series, $0.dialogues) = ("outcomeReports/\(id)", "series/s", ["dialogues/common"])
        $0.marking = marking
      }
    }
  }

  struct Broken: Error {
    let messages: [String]
    init(_ messages: [String]) { self.messages = messages }
  }

  /// Does something at a time that the second agency is told nothing of.
  func happen(at second: Int, _ body: () async throws -> String) async throws {
    clock.time.withLock { $0 = Int64(second) }
    do {
      _ = try await body()
    } catch is DomainError {
      // It is refused, in every world alike.
    }
  }

  /// Does something at a time. What is told of it is in words that are the same in every world.
  func tell(at second: Int, _ what: String, _ body: () async throws -> String) async throws -> String {
    clock.time.withLock { $0 = Int64(second) }
    do {
      return "\(what): \(opened(try await body()))"
    } catch let error as DomainError {
      let metadata = error.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let violations = error.violations.map {
        "\($0.field) \($0.reason) \($0.message) \($0.metadata.sorted { $0.key < $1.key })"
      }
      let obstacles = error.obstacles.map { "\($0.subject) \($0.message)" }
      return opened(
        "\(what): \(error.code) \(error.reason) \(error.message) \(error.resource) \(metadata) \(violations) \(obstacles)"
      )
    }
  }

  /// A text with its tokens opened: each is replaced by how many others came before it.
  private func opened(_ text: String) -> String {
    // An etag, a uid, or the token of a revision.
    let token = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{16}\b|[A-Za-z0-9_\-]{27,}/
    return places.withLock { places in
      text.replacing(token) { match in
        let place = places[match.output] ?? places.count
        places[Substring(String(match.output))] = place
        return "<\(place)>"
      }
    }
  }
}

// MARK: What the second agency finds out

extension AgencyWorld {
  /// Everything that the second agency can ask about names and about all that there is.
  ///
  /// - Parameter since: A moment of the past that it asks about too.
  func observed(names: [String], at second: Int, since: Int) async throws -> [String] {
    let caller = Self.secondDesk
    var told: [String] = []
    for name in names {
      told += try await observed(name, at: second, since: since)
    }
    let filters = [
      "", "secret", "search(\"plain\")", "create_time > \"2018-11-07T00:00:40Z\"", "marking.label = RED",
      "originating_organization = \"\(Self.first)\"",
    ]
    for filter in filters {
      for order in ["", "name desc", "update_time"] {
        for (size, deleted) in [(2, true), (50, false)] {
          told += try await list(
            Theme.self, second,
            ListThemesRequest.with {
              ($0.filter, $0.orderBy, $0.pageSize, $0.showDeleted) = (filter, order, Int32(size), deleted)
            })
          told += try await list(
            Panel.self, second,
            ListPanelsRequest.with {
              ($0.filter, $0.orderBy, $0.pageSize, $0.showDeleted) = (filter, order, Int32(size), deleted)
              $0.parent = "dialogues/-"
            })
        }
      }
    }
    told.append(
      try await tell(at: second, "groups") {
        let page = try await registry.list(ListSharingGroupsRequest(), as: caller)
        return try page.records.map { try ProtoJSON.string(SharingGroup(serializedBytes: $0)) }.joined()
      })
    for (query, order) in [
      ("plain", SearchResourcesRequest.Order.relevance), ("secret", .name), ("plain secret", .relevance),
    ] {
      told.append(
        try await tell(at: second, "search \(query)") {
          let found = try await registry.search(
            .with { ($0.query, $0.order, $0.pageSize) = (query, order, 3) }, as: caller)
          return try ProtoJSON.string(found.response.with { $0.nextPageToken = $0.nextPageToken.isEmpty ? "" : "more" })
        })
    }
    told.append(
      try await tell(at: second, "export") {
        var text = ""
        try await registry.export(.init(), as: caller) {
          text += try ProtoJSON.string(ExportRegistryResponse(serializedBytes: $0).with { $0.withoutRevision() })
        }
        return text
      })
    told += try await observedMoments(since, second)
    told.append(
      try await tell(at: second, "translations") {
        try await ProtoJSON.string(registry.translationStatus(GetTranslationStatusRequest(), as: caller).0)
      })
    told.append(
      try await tell(at: second, "counts") {
        try await "\(registry.counts(as: caller).counts.map { "\($0.resourceType) \($0.count)" })"
      })
    for report in Self.reports {
      for moment in [since, nil] { told += try await compiled(report.name, at: moment, second) }
    }
    return told
  }

  /// What is told of a report that the second agency has compiled, now or as of a moment.
  private func compiled(_ name: String, at moment: Int?, _ second: Int) async throws -> [String] {
    let caller = Self.secondDesk
    let request = CompileOutcomeReportRequest.with {
      $0.name = name
      $0.readTime = moment.map {
        ProtobufTimestamp(CommitTime(microseconds: TestRegistry.start + Int64($0) * 1_000_000))
      }
    }
    return [
      try await tell(at: second, "compile \(name)") {
        let task = try await registry.outcomeTask(request, as: caller)
        let answer = try await registry.compileOutcome(task, as: caller, watch: .nobody)
        // In words too short for a token, since it is the same in every world.
        let digest = answer.outcomeReport?.contentDigest ?? ""
        return try ProtoJSON.string(answer) + digest.map { "\($0) " }.joined()
      },
      try await tell(at: second, "read \(name)") {
        var text = ""
        try await registry.readOutcomeContent(.with { $0.name = name }, as: caller) { piece in
          if case .chunk(let chunk) = piece.item { text += String(decoding: chunk, as: UTF8.self) }
        }
        return text
      },
    ]
  }

  /// What is told of moments, between some of which something hidden has perhaps happened.
  private func observedMoments(_ since: Int, _ second: Int) async throws -> [String] {
    let caller = Self.secondDesk
    var told: [String] = []
    for moment in [since, since + 1, since + 2, second] {
      let time = ProtobufTimestamp(CommitTime(microseconds: TestRegistry.start + Int64(moment) * 1_000_000))
      told.append(
        try await tell(at: second, "what differs from \(moment) on") {
          let found = try await registry.differences(
            DiffRegistryRequest.with { ($0.fromTime, $0.pageSize) = (time, 1000) }, as: caller)
          return try ProtoJSON.string(found)
        })
    }
    told.append(
      try await tell(at: second, "explain") {
        try await registry.explain(
          resourceType: "plenary.registry/Theme", parent: "", filter: "secret", orderBy: "", showsDeleted: false,
          as: caller
        ).revision
      })
    return told
  }

  private func observed(_ name: String, at second: Int, since: Int) async throws -> [String] {
    let caller = Self.secondDesk
    let past = ProtobufTimestamp(CommitTime(microseconds: TestRegistry.start + Int64(since) * 1_000_000))
    guard name.hasPrefix("themes/") else {
      return [
        try await tell(at: second, "get \(name)") {
          try await ProtoJSON.string(
            Panel(serializedBytes: registry.get(GetPanelRequest.with { $0.name = name }, as: caller).bytes))
        },
        try await tell(at: second, "revisions of \(name)") {
          let page = try await registry.listRevisions(ListPanelRevisionsRequest.with { $0.parent = name }, as: caller)
          return try page.records.map { try ProtoJSON.string(PanelRevision(serializedBytes: $0)) }.joined()
        },
      ]
    }
    return [
      try await tell(at: second, "get \(name)") {
        try await ProtoJSON.string(
          Theme(serializedBytes: registry.get(GetThemeRequest.with { $0.name = name }, as: caller).bytes))
      },
      try await tell(at: second, "get \(name) at \(since)") {
        try await ProtoJSON.string(
          Theme(
            serializedBytes: registry.get(GetThemeRequest.with { ($0.name, $0.readTime) = (name, past) }, as: caller)
              .bytes))
      },
      try await tell(at: second, "get \(name) with another") {
        let reply = try await registry.batchGet(
          BatchGetThemesRequest.with { $0.names = ["themes/common", name] }, as: caller)
        return try reply.records.map { try ProtoJSON.string(Theme(serializedBytes: $0)) }.joined()
      },
      try await tell(at: second, "revisions of \(name)") {
        let page = try await registry.listRevisions(ListThemeRevisionsRequest.with { $0.parent = name }, as: caller)
        return try page.records.map { try ProtoJSON.string(ThemeRevision(serializedBytes: $0)) }.joined()
          + page.revision
      },
      try await tell(at: second, "what differs in \(name)") {
        let differences = try await registry.differences(
          DiffResourceRequest.with { ($0.name, $0.fromTime) = (name, past) }, as: caller)
        return try ProtoJSON.string(differences)
      },
      try await tell(at: second, "delete \(name)") {
        try await ProtoJSON.string(
          Theme(
            serializedBytes: registry.delete(
              DeleteThemeRequest.with { ($0.name, $0.validateOnly) = (name, true) }, as: caller
            ).bytes))
      },
      try await tell(at: second, "refer to \(name)") {
        let theme = Sample.theme("asking", broader: [name])
        _ = try await registry.create(
          CreateThemeRequest.with { ($0.theme, $0.themeID, $0.validateOnly) = (theme, "asking", true) }, as: caller)
        return "could"
      },
      try await tell(at: second, "filter by \(name)") {
        let page = try await registry.list(ListThemesRequest.with { $0.filter = "broader:\"\(name)\"" }, as: caller)
        return "\(page.records.count)"
      },
    ]
  }

  private func list<Resource: ProtobufMessage, Request: ListRequestMessage>(
    _ type: Resource.Type, _ second: Int, _ request: Request
  ) async throws -> [String] where Request.Resource == Resource {
    var request = request
    var told: [String] = []
    repeat {
      let asked = request
      var next = ""
      told.append(
        try await tell(at: second, "list \(asked.filter) \(asked.orderBy) \(asked.pageSize)") {
          let page = try await registry.list(asked, as: Self.secondDesk)
          next = page.nextPageToken
          let records = try page.records.map { try ProtoJSON.string(Resource(serializedBytes: $0)) }
          return
            "\(records) \(page.totalSize.map(String.init) ?? "?") \(next.isEmpty ? "end" : "more") \(page.revision)"
        })
      request.pageToken = next
    } while !request.pageToken.isEmpty
    return told
  }
}

extension ExportRegistryResponse {
  /// The message without the revision of the export.
  fileprivate mutating func withoutRevision() {
    if case .header(var header)? = content {
      header.revision = ""
      content = .header(header)
    }
  }
}
