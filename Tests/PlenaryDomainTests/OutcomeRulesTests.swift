import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// What is asked of panels, findings, consultations, recommendations, follow-ups, sharing groups and clients.
@Suite struct OutcomeRulesTests {
  typealias Case = FieldRulesTests.Case

  static let cases: [Case] = [
    Case(Sample.panel("p2"), .numberOutOfRange, "ordinal") { $0.ordinal = -1 },
    Case(Sample.panel("p2"), .referenceNotFound, "panellists.1") { $0.panellists = ["persons/p1", "persons/no"] },
    Case(Sample.panel("p2"), .referenceType, "moderator") { $0.moderator = "organizations/o1" },
    Case(Sample.finding(), .fieldRequired, "origin") { $0.origin = "" },
    Case(Sample.finding(), .fieldRequired, "kind") { $0.kind = .unspecified },
    Case(Sample.finding(), .fieldRequired, "text") { $0.text = nil },
    Case(Sample.finding(), .referenceNotFound, "origin") { $0.origin = "dialogues/d1/panels/no" },
    Case(Sample.finding(), .referenceType, "origin") { $0.origin = "dialogues/d1" },
    Case(Sample.finding(), .referenceType, "origin") { $0.origin = "dialogues/d2/panels/p1" },
    Case(Sample.intervention(), .referenceType, "panel") { $0.panel = "dialogues/d2/panels/p1" },
    Case(Sample.consultation(), .fieldRequired, "directive") { $0.directive = "" },
    Case(Sample.consultation(), .fieldRequired, "stakeholder_group") { $0.stakeholderGroup = .unspecified },
    Case(Sample.consultation(), .dateInvalid, "hold_date") { $0.holdDate = GoogleDate(2018, 2, 30) },
    Case(Sample.recommendation(), .fieldRequired, "text") { $0.text = nil },
    Case(Sample.recommendation(), .fieldRequired, "addressee") { $0.addressee = "" },
    Case(Sample.recommendation(), .fieldRequired, "findings") { $0.findings = [] },
    Case(Sample.recommendation(), .codeUnknown, "priority") { $0.priority = .init(rawValue: 9) },
    Case(Sample.recommendation(), .textTooLong, "response.values.en") {
      $0.response = LocalizedText(String(repeating: "x", count: RecordNormalization.localizedTextLengthMax + 1))
    },
    Case(Sample.recommendation(), .findingsMixedSeries, "findings.1") {
      $0.findings = ["dialogues/d1/findings/f9", "dialogues/d2/findings/f9"]
    },
    Case(Sample.recommendation(), .findingsMixedSeries, "dialogue") {
      ($0.findings, $0.dialogue) = (["dialogues/d1/findings/f9"], "dialogues/d2")
    },
    Case(Sample.followUp(of: "r9"), .fieldRequired, "note") { $0.note = nil },
    Case(Sample.followUp(of: "r9"), .numberOutOfRange, "progress_percent") { $0.progressPercent = 101 },
    Case(Sample.followUp(of: "r9"), .numberOutOfRange, "progress_percent") { $0.progressPercent = -1 },
    Case(Sample.followUp(of: "r9"), .urlInvalid, "evidence_url") { $0.evidenceURL = "report.pdf" },
    Case(Sample.sharingGroup(), .recipientsMissing, "organizations") { $0.organizations = [] },
    Case(Sample.sharingGroup(), .sharingGroupCycle, "groups.0") { $0.groups = ["sharingGroups/g1"] },
    Case(Sample.client(), .fieldRequired, "roles.0.role") { $0.roles[0].role = .unspecified },
    Case(Sample.client(), .referenceNotFound, "organization") { $0.organization = "organizations/no" },
    Case(Sample.finding(), .recipientsMissing, "marking.organizations") { $0.marking = .with { $0.label = .amber } },
    Case(Sample.finding(), .recipientsMissing, "marking.recipients") { $0.marking = .with { $0.label = .red } },
    Case(Sample.finding(), .markingTooLoose, "marking.label") { $0.marking = .with { $0.label = .clear } },
  ]

  @Test(arguments: cases)
  func `a record that breaks a rule is refused with the rule and the field`(_ item: Case) async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization(), Sample.person(), Sample.series(), Sample.series("s2"), Sample.mandate(),
        Sample.directive(), Sample.dialogue("d1", ordinal: 1), Sample.dialogue("d2", ordinal: 1, series: "series/s2"),
        Sample.panel(), Sample.panel(of: "d2"), Sample.finding("f9"), Sample.finding("f9", of: "d2"),
        Sample.recommendation("r9", on: ["dialogues/d1/findings/f9"]))
      let report = try await test.importing([Sample.finding(), item.record].suffix(item.record is Finding ? 1 : 2))
      #expect(!report.isApplied)
      let error = try #require(report.results.last?.error)
      #expect(error.reason == item.reason && error.code == .invalidArgument, "\(error.message)")
      #expect(error.violations.map(\.field).contains(item.field), "\(error.violations.map(\.field))")
    }
  }

  @Test func `at a dialogue under the Chatham House Rule nobody is named`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue("d1", ordinal: 1)
      (dialogue.attributionRule, dialogue.themes) = (.chathamHouse, ["themes/t1"])
      try await test.seed(
        Sample.organization(), Sample.person(), Sample.theme(), Sample.series(), dialogue, Sample.panel())
      var group = Sample.group()
      (group.chair, group.rapporteur, group.memberOrganizations) = ("persons/p1", "persons/p1", ["organizations/o1"])
      var panel = Sample.panel("p2")
      (panel.moderator, panel.panellists) = ("persons/p1", ["persons/p1"])
      var finding = Sample.finding()
      finding.contributor = "organizations/o1"
      let report = try await test.importing([group, panel, Sample.intervention(), finding])
      let fields = report.results.map { $0.error?.violations.map(\.field) ?? [] }
      #expect(
        fields == [
          ["chair", "rapporteur", "member_organizations"], ["moderator", "panellists"], ["speaker"], ["contributor"],
        ])
      for error in report.results.compactMap(\.error) {
        #expect(error.reason == .attributionForbidden && error.code == .invalidArgument)
        #expect(error.metadata["dialogue"] == "dialogues/d1")
      }
      try await test.seed(Sample.finding())
    }
  }

  @Test func `a dialogue becomes stricter when nobody is named, and looser while nothing was found`() async throws {
    try await TestRegistry.run { test in
      func rule(_ rule: Dialogue.AttributionRule) async throws {
        try await test.update(
          UpdateDialogueRequest.with {
            $0.dialogue = .with { ($0.name, $0.attributionRule) = ("dialogues/d1", rule) }
          })
      }
      var finding = Sample.finding()
      finding.contributor = "organizations/o1"
      try await test.seed(Sample.organization(), Sample.dialogue(), Sample.panel(), finding)
      let present = await expectRefusal(.attributionPresent, "attribution_rule") { try await rule(.chathamHouse) }
      #expect(present?.code == .failedPrecondition && present?.metadata["record"] == finding.name)
      try await test.update(
        UpdateFindingRequest.with {
          $0.finding = .with { $0.name = finding.name }
          $0.updateMask = ProtobufFieldMask(paths: ["contributor"])
        })
      try await rule(.chathamHouse)
      let locked = await expectRefusal(.attributionRuleLocked, "attribution_rule") { try await rule(.attributable) }
      #expect(locked?.code == .failedPrecondition && locked?.metadata["finding"] == finding.name)
      try await test.delete(DeleteFindingRequest.with { $0.name = finding.name })
      try await rule(.attributable)
    }
  }

  @Test func `the text of a recommendation that was submitted no longer changes`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation(), Sample.organization("o2")])
      func change(_ populate: (inout Recommendation) -> Void) async throws {
        try await test.update(
          UpdateRecommendationRequest.with {
            var recommendation = Recommendation.with { $0.name = "recommendations/r1" }
            populate(&recommendation)
            $0.recommendation = recommendation
          })
      }
      try await change { $0.text = LocalizedText("Do something else") }
      try await test.transition("Submit", SubmitRecommendationRequest.with { $0.name = "recommendations/r1" })
      let error = await expectRefusal(.contentFrozen, "text") { try await change { $0.text = LocalizedText("New") } }
      #expect(error?.code == .failedPrecondition && error?.metadata["state"] == "SUBMITTED")
      await expectRefusal(.contentFrozen, "addressee") { try await change { $0.addressee = "organizations/o2" } }
      await expectRefusal(.contentFrozen, "dialogue") { try await change { $0.dialogue = "dialogues/d1" } }
      try await change { ($0.priority, $0.dueDate) = (.high, GoogleDate(2019, 6)) }
      await expectRefusal(.contentFrozen, "name") {
        try await test.delete(DeleteRecommendationRequest.with { $0.name = "recommendations/r1" })
      }
    }
  }

  @Test func `a dialogue is not moved away from the series of a recommendation`() async throws {
    try await TestRegistry.run { test in
      let findings = ["dialogues/d1/findings/f1", "dialogues/d2/findings/f1"]
      try await test.seed(
        Sample.outcomes + [
          Sample.series("s2"), Sample.dialogue("d2", ordinal: 2), Sample.panel(of: "d2"), Sample.finding(of: "d2"),
          Sample.recommendation(on: findings),
        ])
      let error = await expectRefusal(.findingsMixedSeries, "series") {
        try await test.update(
          UpdateDialogueRequest.with { $0.dialogue = .with { ($0.name, $0.series) = ("dialogues/d2", "series/s2") } })
      }
      #expect(error?.code == .invalidArgument && error?.metadata["recommendation"] == "recommendations/r1")
    }
  }

  @Test func `a dialogue with more recommendations than can be looked at is not moved`() async throws {
    try await TestRegistry.run { test in
      func move(to series: String) async throws {
        try await test.update(
          UpdateDialogueRequest.with { $0.dialogue = .with { ($0.name, $0.series) = ("dialogues/d1", series) } })
      }
      try await test.seed(Sample.outcomes + [Sample.series("s2")])
      try await test.seed((1...1000).map { Sample.recommendation("r\($0)") })
      try await move(to: "series/s2")
      try await test.seed(Sample.recommendation("r1001"))
      await expectRefusal(.limitReached) { try await move(to: "series/s1") }
    }
  }
}

/// Follow-ups, which are only ever added.
@Suite struct FollowUpTests {
  private func request(_ populate: (inout CreateFollowUpRequest) -> Void) -> CreateFollowUpRequest {
    .with {
      $0.parent = "recommendations/r1"
      $0.followUp = .with {
        $0.note = LocalizedText("Half of it is done")
        $0.progressPercent = 50
      }
      populate(&$0)
    }
  }

  @Test func `a follow-up gets an id and an author from the registry`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation()])
      let first = try await test.create(request { $0.followUp?.author = "somebody else" })
      let second = try await test.create(request { _ in })
      for followUp in [first, second] {
        let id = try #require(followUp.name.split(separator: "/").last)
        #expect(id.hasPrefix("x-") && ResourceID.isValid(String(id)))
        #expect(followUp.author == TestRegistry.caller.principal)
      }
      #expect(first.name != second.name)
      let own = try await test.create(request { $0.followUpID = "x-own" })
      #expect(own.name == "recommendations/r1/followUps/x-own")
      await expectRefusal(.idInvalid, "follow_up_id") { try await test.create(request { $0.followUpID = "X" }) }
    }
  }

  @Test func `a repeated request adds one follow-up`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation()])
      let repeated = request { $0.requestID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b" }
      let names = [try await test.create(repeated).name, try await test.create(repeated).name]
      #expect(Set(names).count == 1)
      let listed = try await test.names(ListFollowUpsRequest.with { $0.parent = "recommendations/r1" })
      #expect(listed == [names[0]])
    }
  }

  @Test func `what was told is neither changed nor taken back`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation(), Sample.followUp()])
      let name = Sample.followUp().name
      let changes: [(String, (inout FollowUp) -> Void)] = [
        ("note", { $0.note = LocalizedText("Nothing was done") }), ("progress_percent", { $0.progressPercent = 1 }),
        ("evidence_url", { $0.evidenceURL = "https://example.org/" }),
      ]
      for (field, change) in changes {
        await expectRefusal(.fieldImmutable, field) {
          try await test.update(
            UpdateFollowUpRequest.with {
              var followUp = FollowUp.with { $0.name = name }
              change(&followUp)
              $0.followUp = followUp
            })
        }
      }
      let error = await expectRefusal(.contentFrozen, "name") {
        try await test.delete(DeleteFollowUpRequest.with { $0.name = name })
      }
      #expect(error?.code == .failedPrecondition)
      await expectRefusal(.hasChildren) {
        try await test.delete(DeleteRecommendationRequest.with { $0.name = "recommendations/r1" })
      }
      try await test.delete(DeleteRecommendationRequest.with { ($0.name, $0.force) = ("recommendations/r1", true) })
      #expect(try await test.get(GetFollowUpRequest.with { $0.name = name }).deleteTime != nil)
    }
  }
}

/// Sharing groups, and the markings that name them.
@Suite struct SharingGroupTests {
  @Test func `groups never lead back to themselves`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization(), Sample.sharingGroup("c"), Sample.sharingGroup("b", groups: ["c"]),
        Sample.sharingGroup("a", groups: ["b"]))
      let error = await expectRefusal(.sharingGroupCycle, "groups.0") {
        try await test.update(
          UpdateSharingGroupRequest.with {
            $0.sharingGroup = .with { ($0.name, $0.groups) = ("sharingGroups/c", ["sharingGroups/a"]) }
          })
      }
      #expect(error?.code == .invalidArgument)
      #expect(error?.metadata["path"] == "sharingGroups/c,sharingGroups/a,sharingGroups/b,sharingGroups/c")
    }
  }

  @Test func `there are at most 16 steps down from a group, and 500 groups in it`() async throws {
    try await TestRegistry.run { test in
      let chain = (0...16).map { Sample.sharingGroup("g\($0)", groups: $0 == 0 ? [] : ["g\($0 - 1)"]) }
      try await test.seed([Sample.organization()] + chain)
      let deep = try await test.importing([Sample.sharingGroup("g17", groups: ["g16"])])
      #expect(deep.results[0].error?.reason == .sharingGroupCycle)
      let flat = (0..<501).map { Sample.sharingGroup("f\($0)") }
      try await test.seed(flat + [Sample.sharingGroup("most", groups: (0..<500).map { "f\($0)" })])
      let wide = try await test.importing([Sample.sharingGroup("more", groups: (0..<501).map { "f\($0)" })])
      #expect(wide.results[0].error?.reason == .listTooLong)
    }
  }

  @Test func `a group that a marking or another group names is not deleted`() async throws {
    try await TestRegistry.run { test in
      var theme = Sample.theme()
      theme.marking = .with { ($0.label, $0.sharingGroups) = (.amber, ["sharingGroups/g1"]) }
      try await test.seed(
        Sample.organization(), Sample.sharingGroup(), theme, Sample.sharingGroup("g2"),
        Sample.sharingGroup("g3", groups: ["g2"]))
      for (group, referrer) in [("g1", "themes/t1"), ("g2", "sharingGroups/g3")] {
        let error = await expectRefusal(.resourceInUse) {
          try await test.delete(
            DeleteSharingGroupRequest.with { ($0.name, $0.force) = ("sharingGroups/\(group)", true) })
        }
        #expect(error?.code == .failedPrecondition && error?.obstacles.map(\.subject) == [referrer])
      }
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t1" })
      try await test.delete(DeleteSharingGroupRequest.with { $0.name = "sharingGroups/g1" })
    }
  }

  @Test func `a client is marked RED for nobody and can be the recipient of a record`() async throws {
    try await TestRegistry.run { test in
      var theme = Sample.theme()
      theme.marking = .with { ($0.label, $0.recipients) = (.red, ["clients/c1"]) }
      try await test.seed(Sample.organization(), Sample.client(), theme)
      let client = try await test.get(GetClientRequest.with { $0.name = "clients/c1" })
      #expect(client.marking == .with { ($0.label, $0.inherited) = (.red, true) })
      let exported = try await test.exported().map(\.record.kind)
      #expect(exported.count == 2)
      #expect(!exported.contains { if case .client? = $0 { true } else { false } })
      let error = await expectRefusal(.resourceTypeUnknown, "resource_types") {
        _ = try await test.exported(["plenary.registry/Client"])
      }
      #expect(error?.message.contains("not exported") == true)
    }
  }
}
