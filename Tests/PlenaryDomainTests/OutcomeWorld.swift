import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

/// The content of a report as it was read.
struct ReadContent {
  let header: OutcomeContentHeader
  let content: OutcomeContent
  let bytes: [UInt8]

  var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension TestRegistry {
  /// A client with rights of its own, which sees what a rule lets it see.
  static func client(
    _ id: String, _ role: Client.Grant.Role = .officer, organization: String = "organizations/o1",
    viewer: Viewer = .everything
  ) -> Caller {
    let grant = Client.Grant.with {
      $0.role = role
      $0.scope = "*"
    }
    return Caller(
      principal: "clients/\(id)", viewer: viewer, rights: Rights(organization: organization, grants: [grant]))
  }

  @discardableResult
  func compile(
    _ id: String = "r1", at revision: String = "", validateOnly: Bool = false, as caller: Caller = Self.caller,
    watch: UpkeepWatch = .nobody
  ) async throws -> OutcomeReport {
    let request = CompileOutcomeReportRequest.with {
      $0.name = "outcomeReports/\(id)"
      $0.revision = revision
      $0.validateOnly = validateOnly
    }
    let task = try await registry.outcomeTask(request, as: caller)
    let answer = try await registry.compileOutcome(task, as: caller, watch: watch)
    return try #require(answer.outcomeReport)
  }

  /// The content of a report, put together from its pieces.
  func content(
    _ id: String = "r1", from offset: Int64 = 0, digest: String = "", as caller: Caller = Self.caller
  ) async throws -> ReadContent {
    var header: OutcomeContentHeader?
    var bytes: [UInt8] = []
    let request = ReadOutcomeReportContentRequest.with {
      $0.name = "outcomeReports/\(id)"
      $0.offset = offset
      $0.contentDigest = digest
    }
    try await registry.readOutcomeContent(request, as: caller) { piece in
      switch piece.item {
      case .header(let told): header = told
      case .chunk(let chunk): bytes += chunk
      case nil: Issue.record("an empty message")
      }
    }
    return ReadContent(
      header: try #require(header), content: offset == 0 ? try ProtoJSON.decode(from: bytes) : OutcomeContent(),
      bytes: bytes)
  }

  /// Takes a report to where it is approved.
  func approve(_ id: String = "r1", by approver: Caller = Self.client("b")) async throws {
    let name = "outcomeReports/\(id)"
    try await transition("Submit", SubmitOutcomeReportRequest.with { $0.name = name })
    _ = try await registry.transition("Approve", ApproveOutcomeReportRequest.with { $0.name = name }, as: approver)
  }

  func report(_ id: String = "r1") async throws -> OutcomeReport {
    try await get(GetOutcomeReportRequest.with { $0.name = "outcomeReports/\(id)" })
  }
}

/// A series with two dialogues that have all that a report can hold.
enum OutcomeWorld {
  static var records: [any ProtobufMessage] {
    people + background + dialogue("d1", 1) + dialogue("d2", 2) + advice + [Sample.report()]
  }

  static var people: [any ProtobufMessage] {
    [
      Sample.source(), Sample.organization("o1"), Sample.organization("o2"), Sample.organization("o3"),
      Person.with {
        $0 = Sample.person()
        $0.givenName = "Mei"
        $0.organization = "organizations/o2"
      },
      Sample.theme("t1"), Sample.theme("t2"),
    ]
  }

  static var background: [any ProtobufMessage] {
    [
      Sample.mandate(),
      Directive.with {
        $0 = Sample.directive()
        $0.addressee = "organizations/o1"
        $0.stakeholderGroups = [.privateSector, .civilSociety]
      },
      Sample.initiative(),
      Series.with {
        $0 = Sample.series()
        $0.initiative = "initiatives/i1"
        $0.mandates = ["mandates/m1"]
        $0.aims = [LocalizedText("Share knowledge")]
        $0.launchDate = GoogleDate(2017)
        $0.citations = [.with { ($0.fieldPath, $0.source, $0.status) = ("title", "sources/s1", .stated) }]
      },
      Sample.partnership("series", subject: "series/s1"),
    ]
  }

  /// A dialogue with a group, a panel, a speech, two findings and partners.
  static func dialogue(_ id: String, _ ordinal: Int32) -> [any ProtobufMessage] {
    [
      Dialogue.with {
        $0 = Sample.plannedDialogue(id, ordinal: ordinal)
        $0.startDate = GoogleDate(2017 + ordinal, 5, 29)
        $0.endDate = GoogleDate(2017 + ordinal, 5, 30)
        $0.state = .concluded
        $0.themes = ["themes/t1", "themes/t2"]
      },
      WorkingGroup.with {
        $0 = Sample.group(of: id)
        $0.resultsSummary = LocalizedText("Results of \(id)")
        $0.chair = "persons/p1"
        $0.memberOrganizations = ["organizations/o3"]
        $0.state = .reported
      },
      Panel.with {
        $0 = Sample.panel(of: id)
        $0.summary = LocalizedText("Summary of \(id)")
        $0.panellists = ["persons/p1"]
      },
      Sample.intervention(of: id),
      Finding.with {
        $0 = Sample.finding("f1", of: id)
        $0.contributor = "organizations/o2"
        $0.ordinal = 2
      },
      Finding.with {
        $0 = Sample.finding("f2", of: id)
        $0.kind = .experience
        $0.themes = ["themes/t2"]
        $0.ordinal = 1
      },
      Partnership.with {
        $0 = Sample.partnership("partners-\(id)", subject: "dialogues/\(id)")
        $0.participants = [
          Sample.participant("organizations/o1", .organizer), Sample.participant("organizations/o2", .host),
          Sample.participant("organizations/o3", .organizer),
        ]
      },
    ]
  }

  static var advice: [any ProtobufMessage] {
    [
      Recommendation.with {
        $0 = Sample.recommendation(on: ["dialogues/d1/findings/f1"], .submitted)
        $0.directive = "mandates/m1/directives/d1"
      },
      Sample.followUp(),
      Consultation.with {
        $0 = Sample.consultation()
        $0.organizations = ["organizations/o2"]
        $0.dialogue = "dialogues/d2"
      },
    ]
  }
}
