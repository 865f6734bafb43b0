import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

@Suite struct MarkingTests {
  private func marking(_ label: Marking.Label, _ organizations: [String] = []) -> Marking {
    .with { ($0.label, $0.organizations) = (label, organizations) }
  }

  private func mark(_ test: TestRegistry, _ marking: Marking) async throws -> Dialogue {
    try await test.update(
      UpdateDialogueRequest.with {
        $0.dialogue = .with { ($0.name, $0.marking) = ("dialogues/d1", marking) }
        $0.updateMask = ProtobufFieldMask(paths: ["marking"])
      })
  }

  private func childMarking(_ test: TestRegistry, _ id: String = "i1") async throws -> Marking? {
    try await test.get(GetInterventionRequest.with { $0.name = "dialogues/d1/interventions/\(id)" }).marking
  }

  @Test func `what has no marking of its own has the default of its kind`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.theme())
      let organization = try await test.get(GetOrganizationRequest.with { $0.name = "organizations/o1" })
      let theme = try await test.get(GetThemeRequest.with { $0.name = "themes/t1" })
      #expect(organization.marking == .with { ($0.label, $0.inherited) = (.green, true) })
      #expect(theme.marking == .with { ($0.label, $0.inherited) = (.clear, true) })
    }
  }

  @Test func `children follow their parent, and those that do not are never looser`() async throws {
    try await TestRegistry.run { test in
      var own = Sample.intervention("i2")
      own.marking = marking(.amberStrict, ["organizations/o1"])
      try await test.seed(Sample.organization(), Sample.person(), Sample.dialogue(), Sample.intervention(), own)
      let amber = marking(.amber, ["organizations/o1"])
      let dialogue = try await mark(test, amber)
      #expect(dialogue.marking == amber)
      let followed = try await childMarking(test)
      #expect(
        followed
          == .with {
            $0 = amber; $0.inherited = true
          })
      let kept = try await childMarking(test, "i2")
      #expect(kept == own.marking)

      let strict = marking(.red, ["organizations/o1"])
      await expectRefusal(.recipientsMissing, "marking.recipients") { _ = try await mark(test, strict) }
      var looser = Sample.intervention("i3")
      looser.marking = marking(.green)
      let report = try await test.importing([looser])
      #expect(report.results[0].error?.reason == .markingTooLoose)
      #expect(report.results[0].error?.metadata["minimum"] == "AMBER")
    }
  }

  @Test func `a parent is not marked more strictly than a child with a marking of its own`() async throws {
    try await TestRegistry.run { test in
      var own = Sample.intervention()
      own.marking = marking(.amber, ["organizations/o1"])
      try await test.seed(Sample.organization(), Sample.person(), Sample.dialogue(), own)
      let error = await expectRefusal(.markingTooLoose, "marking.label") {
        _ = try await mark(test, marking(.amberStrict, ["organizations/o1"]))
      }
      #expect(error?.metadata["child"] == "dialogues/d1/interventions/i1")
    }
  }

  @Test func `what follows its parent goes on doing so in the registry that it is exported to`() async throws {
    let amber = marking(.amber, ["organizations/o1"])
    let strict = marking(.amberStrict, ["organizations/o1"])
    var exported: [(record: Record, bytes: [UInt8])] = []
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.marking = amber
      var own = Sample.intervention("i2")
      own.marking = strict
      try await test.seed(Sample.organization(), Sample.person(), dialogue, Sample.intervention(), own)
      exported = try await test.exported()
    }
    try await TestRegistry.run { test in
      let report = try await test.importing(exported.map(\.record.message))
      #expect(report.isApplied)
      let again = try await test.exported().map(\.bytes)
      #expect(again == exported.map(\.bytes))
      let followers = try await [childMarking(test)?.inherited, childMarking(test, "i2")?.inherited]
      #expect(followers == [true, false])
      _ = try await mark(test, strict)
      let followed = try await childMarking(test)
      #expect(followed?.label == .amberStrict && followed?.inherited == true)
    }
  }

  @Test func `a new record with the marking that it would inherit inherits it`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.person(), Sample.dialogue())
      let request = CreateInterventionRequest.with {
        ($0.parent, $0.interventionID, $0.intervention) = ("dialogues/d1", "i1", Sample.intervention())
        $0.intervention?.marking = marking(.green)
      }
      let created = try await test.create(request)
      #expect(created.marking?.inherited == true)
    }
  }

  @Test func `whoever sends back what was read changes nothing`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.person(), Sample.dialogue(), Sample.intervention())
      let read = try await test.get(GetInterventionRequest.with { $0.name = "dialogues/d1/interventions/i1" })
      let written = try await test.update(
        UpdateInterventionRequest.with {
          $0.intervention = read
          $0.updateMask = ProtobufFieldMask(paths: ["*"])
        })
      #expect(written == read)
      _ = try await mark(test, marking(.amber, ["organizations/o1"]))
      let followed = try await childMarking(test)
      #expect(followed?.label == .amber && followed?.inherited == true)
    }
  }
}
