import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// The rules that hold between a dialogue, its parts and its partners.
@Suite struct EventRulesTests {
  @Test func `under the Chatham House Rule nobody is named`() async throws {
    var dialogue = Sample.dialogue(themes: ["themes/t1"])
    dialogue.attributionRule = .chathamHouse
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme(), Sample.person(), Sample.organization(), dialogue)
      let error = await expectRefusal(.attributionForbidden, "speaker") {
        try await test.create(
          CreateInterventionRequest.with {
            ($0.parent, $0.intervention, $0.interventionID) = ("dialogues/d1", Sample.intervention(), "i1")
          })
      }
      #expect(error?.code == .invalidArgument)
      #expect(error?.metadata == ["dialogue": "dialogues/d1", "field": "speaker"])
      var group = Sample.group()
      try await test.seed(group)
      (group.chair, group.rapporteur, group.memberOrganizations) = ("persons/p1", "persons/p1", ["organizations/o1"])
      let refused = await expectRefusal(.attributionForbidden) {
        try await test.update(UpdateWorkingGroupRequest.with { $0.workingGroup = group })
      }
      #expect(refused?.violations.map(\.field) == ["chair", "rapporteur", "member_organizations"])
      // An import keeps to it too.
      let report = try await test.importing([Sample.intervention()])
      #expect(report.results.map(\.error?.reason) == [.attributionForbidden])
    }
  }

  @Test func `what names somebody is cleared before the rule becomes stricter`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.theme(), Sample.person(), Sample.dialogue(themes: ["themes/t1"]), Sample.intervention(), Sample.group())
      func set(_ rule: Dialogue.AttributionRule) async throws {
        try await test.update(
          UpdateDialogueRequest.with {
            $0.dialogue = .with { ($0.name, $0.attributionRule) = ("dialogues/d1", rule) }
          })
      }
      let error = await expectRefusal(.attributionPresent, "attribution_rule") { try await set(.chathamHouse) }
      #expect(error?.code == .failedPrecondition)
      #expect(
        error?.metadata == [
          "count": "1", "record": "dialogues/d1/interventions/i1", "field": "attribution_rule",
        ])
      try await test.delete(DeleteInterventionRequest.with { $0.name = "dialogues/d1/interventions/i1" })
      try await set(.chathamHouse)
      // There is nothing yet that was said under it.
      try await set(.attributable)
    }
  }

  @Test func `an organization is once the host of a dialogue`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization(), Sample.organization("o2"), Sample.dialogue(), Sample.dialogue("d2"),
        Sample.partnership())
      func create(_ id: String, _ subject: String, _ host: String) async throws {
        var partnership = Sample.partnership(subject: subject)
        partnership.participants = [
          Sample.participant("organizations/o1", .supporter), Sample.participant(host, .host),
        ]
        try await test.create(
          CreatePartnershipRequest.with { ($0.partnership, $0.partnershipID) = (partnership, id) })
      }
      let error = await expectRefusal(.partnershipDuplicate, "participants.1") {
        try await create("p2", "dialogues/d1", "organizations/o1")
      }
      #expect(error?.code == .alreadyExists)
      #expect(
        error?.metadata == [
          "organization": "organizations/o1", "role": "HOST", "subject": "dialogues/d1", "field": "participants.1",
        ])
      try await create("p3", "dialogues/d1", "organizations/o2")
      try await create("p4", "dialogues/d2", "organizations/o1")
      // Who has declined is no host.
      try await test.transition("Decline", DeclinePartnershipRequest.with { $0.name = "partnerships/p1" })
      try await create("p2", "dialogues/d1", "organizations/o1")
    }
  }

  /// A dialogue with a number and a first day.
  private func dialogue(_ ordinal: Int32, _ start: GoogleDate?, _ state: Dialogue.State = .draft) -> Dialogue {
    .with {
      $0 = Sample.dialogue("d\(ordinal)", ordinal: ordinal)
      ($0.startDate, $0.endDate, $0.state) = (start, start, state)
    }
  }

  @Test(
    arguments: [
      (2, GoogleDate(2018, 2), "dialogues/d3"), (2, GoogleDate(2016, 12, 31), "dialogues/d1"),
      (2, GoogleDate(2017), nil),
      (2, nil, nil), (9, GoogleDate(2017), "dialogues/d3"), (9, GoogleDate(2018), nil),
      // What is put off or called off says nothing.
      (5, GoogleDate(2018, 3), nil),
    ] as [(Int32, GoogleDate?, String?)])
  func `the numbers of a series follow its days`(
    _ ordinal: Int32, _ start: GoogleDate?, _ neighbour: String?
  ) async throws {
    let others = [
      dialogue(1, GoogleDate(2017, 1)), dialogue(3, GoogleDate(2018, 1, 24)), dialogue(4, nil),
      dialogue(6, GoogleDate(2011), .postponed), dialogue(7, GoogleDate(2010), .cancelled),
    ]
    try await TestRegistry.run { test in
      try await test.seed([Sample.series()] + others)
      let request = CreateDialogueRequest.with {
        ($0.dialogue, $0.dialogueID) = (dialogue(ordinal, start), "d\(ordinal)")
      }
      guard let neighbour else {
        try await test.create(request)
        return
      }
      let error = await expectRefusal(.ordinalDateOrder, "ordinal") { try await test.create(request) }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.metadata["neighbour"] == neighbour)
    }
    // The same among the records of one import.
    try await TestRegistry.run { test in
      let report = try await test.importing([Sample.series(), dialogue(ordinal, start)] + others)
      #expect(report.isApplied == (neighbour == nil))
      let reasons = Set(report.results.compactMap { $0.error?.reason })
      #expect(reasons == (neighbour == nil ? [] : [.ordinalDateOrder]))
    }
  }

  @Test func `a postponed dialogue comes back in its place`() async throws {
    try await TestRegistry.run { test in
      var postponed = Sample.plannedDialogue("d1", ordinal: 1)
      postponed.state = .postponed
      try await test.seed(
        Sample.series(), Sample.organization(), postponed, dialogue(2, GoogleDate(2017, 5, 29)),
        Sample.organizerOf("dialogues/d1"))
      let error = await expectRefusal(.ordinalDateOrder) {
        try await test.transition("Schedule", ScheduleDialogueRequest.with { $0.name = "dialogues/d1" })
      }
      #expect(error?.metadata["neighbour"] == "dialogues/d2")
    }
  }
}
