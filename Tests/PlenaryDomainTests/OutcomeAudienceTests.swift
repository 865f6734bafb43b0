import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

/// What a report tells to whom: nothing that somebody in its audience may not see, and no names from a dialogue under the
/// Chatham House Rule.
@Suite(.timeLimit(.minutes(10))) struct OutcomeAudienceTests {
  private static func amber(_ organizations: String...) -> PlenaryAPI.Marking {
    .with {
      $0.label = .amber
      $0.organizations = organizations.map { "organizations/\($0)" }
    }
  }

  /// What one organization hides: records of every kind that a report is made of.
  private static var hidden: [any ProtobufMessage] {
    let marking = amber("o2")
    return [
      Panel.with {
        $0 = Sample.panel("hidden")
        $0.marking = marking
      },
      Finding.with {
        $0 = Sample.finding("hidden", from: "panels/hidden")
        $0.marking = marking
        $0.text = LocalizedText("A secret")
      },
      WorkingGroup.with {
        $0 = Sample.group("hidden", theme: "themes/t2")
        $0.marking = marking
      },
      Partnership.with {
        $0 = Sample.partnership("hidden", subject: "dialogues/d1")
        $0.marking = marking
      },
      Consultation.with {
        $0 = Sample.consultation("hidden")
        $0.marking = marking
        $0.organizations = ["organizations/o1"]
      },
      Recommendation.with {
        $0 = Sample.recommendation("hidden", .submitted)
        $0.marking = marking
      },
      FollowUp.with {
        $0 = Sample.followUp("x-hidden")
        $0.marking = marking
        $0.note = LocalizedText("A secret")
      },
      Dialogue.with {
        $0 = Sample.plannedDialogue("hidden", ordinal: 9)
        $0.startDate = GoogleDate(2020, 5, 29)
        $0.endDate = GoogleDate(2020, 5, 30)
        $0.state = .concluded
        $0.marking = marking
      },
    ]
  }

  @Test func `what one organization hides changes nothing in a report for others`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let before = try await test.compile()
      try await test.seed(Self.hidden)
      let after = try await test.compile()
      #expect(after.contentDigest == before.contentDigest)
      #expect(after.gaps == before.gaps && after.withheldCount == 0)
      #expect(after.compiledDialogues == before.compiledDialogues && after.highestLabel == before.highestLabel)
      #expect(!(try await test.content().text).contains("hidden"))
    }
  }

  @Test func `a report for those who may see it has it, and is marked as high`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        OutcomeWorld.records + Self.hidden + [
          OutcomeReport.with {
            $0 = Sample.report("mine")
            $0.marking = Self.amber("o2")
          },
          OutcomeReport.with {
            $0 = Sample.report("shared")
            $0.marking = Self.amber("o2", "o3")
          },
        ])
      let mine = try await test.compile("mine")
      #expect(mine.highestLabel == .amber && mine.compiledDialogues.last == "dialogues/hidden")
      #expect(try await test.content("mine").text.contains("A secret"))
      // Somebody of o3 may see this one, and may not see what o2 hides.
      let shared = try await test.compile("shared")
      #expect(shared.highestLabel == .green && shared.withheldCount == 0)
      #expect(!(try await test.content("shared").text).contains("hidden"))
    }
  }

  @Test func `what is above the ceiling is left out and counted, as all who read it may see it`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        OutcomeWorld.records + Self.hidden + [
          OutcomeReport.with {
            $0 = Sample.report("mine")
            $0.marking = Self.amber("o2")
            $0.ceilingLabel = .green
          }
        ])
      let report = try await test.compile("mine")
      #expect(report.highestLabel == .green && report.withheldCount == Int32(Self.hidden.count))
      let content = try await test.content("mine").content
      let counts = content.withheld.map { "\($0.part) \($0.count)" }
      #expect(counts == ["PART_B 3", "PART_C 2", "PART_D 2", "PART_E 1"])
      #expect(content.ceilingLabel == .green)
    }
  }

  @Test func `a report for some who may not see its series is refused`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization("o2"), Sample.series(),
        OutcomeReport.with {
          $0 = Sample.report()
          $0.marking = .with { $0.label = .clear }
        })
      // That a GREEN series exists is no secret from the public, but what it is called is for the community.
      await expectRefusal(.markingTooLoose, "series") { try await test.compile() }
    }
  }

  @Test func `the recipients of a report are those whose organizations may see what is in it`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        OutcomeWorld.records + Self.hidden + [
          Client.with {
            $0 = Sample.client("c2")
            $0.organization = "organizations/o2"
          }, Sample.client("c1"),
        ])
      func report(_ id: String, for clients: String...) async throws -> OutcomeReport {
        try await test.seed(
          OutcomeReport.with {
            $0 = Sample.report(id)
            $0.marking = .with {
              $0.label = .red
              $0.recipients = clients.map { "clients/\($0)" }
            }
          })
        return try await test.compile(id)
      }
      #expect(try await report("one", for: "c2").highestLabel == .amber)
      #expect(try await report("two", for: "c2", "c1").highestLabel == .green)
    }
  }

  @Test func `what was marked more strictly since stays out of a report on the past`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let open = try await test.compile()
      try await test.update(
        UpdateFindingRequest.with {
          $0.finding = .with {
            $0.name = "dialogues/d2/findings/f2"
            $0.marking = Self.amber("o2")
          }
        })
      let now = try await test.compile()
      #expect(now.contentDigest != open.contentDigest)
      let past = try await test.compile(at: open.inputRevision)
      #expect(past.contentDigest == now.contentDigest)
      #expect(!(try await test.content().text).contains("d2/findings/f2"))
    }
  }

  // MARK: The Chatham House Rule

  @Test func `a dialogue under the Chatham House Rule names nobody`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.discreetWorld)
      try await test.compile()
      let read = try await test.content()
      for word in ["o2", "o3", "Chen", "persons/", "speech-of-chen", "partners-d1", "said-by", "consultations/"] {
        #expect(!read.text.contains(word), "\(word)")
      }
      let section = try #require(read.content.dialogues.first)
      #expect(section.chathamHouse && section.interventions.isEmpty)
      #expect(section.partners.map(\.countText) == ["fewer than 3"])
      #expect(section.partners[0].organizations.isEmpty)
      #expect(section.partners[0].origins.map(\.name) == ["dialogues/d1"])
      #expect(section.panels.map { $0.origin?.name } == ["dialogues/d1"])
      let findings = read.content.themes.flatMap(\.findings).flatMap(\.findings)
      #expect(findings.map { $0.text?.texts.first?.text } == ["Found by somebody"])
      #expect(findings.flatMap { $0.text?.origins.map(\.name) ?? [] } == ["dialogues/d1"])
      #expect(read.content.recommendations[0].grounds.map(\.name) == ["dialogues/d1"])
      #expect(read.content.coverage[0].rows[0].cells[0].countText == "fewer than 3")
      #expect(read.content.gaps.map(\.subject) == ["dialogues/d1"])
    }
  }

  @Test(arguments: [(0, "fewer than 3"), (1, "fewer than 3"), (2, "fewer than 3"), (3, "3")])
  func `fewer than three organizations are not counted`(_ count: Int, _ text: String) async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.discreetWorld)
      try await test.seed(Sample.organization("o4"))
      try await test.update(
        UpdateConsultationRequest.with {
          $0.consultation = .with {
            $0.name = "consultations/said-by-o2"
            $0.organizations = ["o2", "o3", "o4"].prefix(count).map { "organizations/\($0)" }
          }
          $0.updateMask = .with { $0.paths = ["organizations"] }
        })
      try await test.compile()
      #expect(try await test.content().content.coverage[0].rows[0].cells[0].countText == text)
    }
  }

  @Test func `what a dialogue was before it came under the rule is in no report that is compiled later`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization("o2"), Sample.series(),
        Dialogue.with {
          $0 = Sample.plannedDialogue()
          ($0.state, $0.summary) = (.concluded, LocalizedText("As Zebra said"))
        },
        Partnership.with {
          $0 = Sample.partnership()
          $0.participants = [Sample.participant("organizations/o2", .organizer)]
        }, Sample.report())
      func change(_ rule: Dialogue.AttributionRule) async throws {
        try await test.update(
          UpdateDialogueRequest.with {
            $0.dialogue = .with {
              ($0.name, $0.attributionRule, $0.summary) = ("dialogues/d1", rule, LocalizedText("As one said"))
            }
            $0.updateMask = ProtobufFieldMask(paths: ["attribution_rule", "summary"])
          })
      }
      let open = try await test.compile()
      let first = try await test.content()
      #expect(first.text.contains("o2") && first.text.contains("Zebra"))
      try await change(.chathamHouse)
      // What was compiled before stays what it was.
      #expect(try await test.content().header.contentDigest == open.contentDigest)
      // Also when the rule is loosened again: what it was when it was tightened is for officers for good.
      for rule in [Dialogue.AttributionRule.chathamHouse, .attributable, .chathamHouse] {
        try await change(rule)
        try await test.compile(at: open.inputRevision)
        let text = try await test.content().text
        #expect(!text.contains("o2") && !text.contains("Zebra") && !text.contains("dialogues/d1"), "\(rule)")
      }
      let present = try await test.compile()
      #expect(try await test.content().text.contains("As one said") && present.contentDigest != open.contentDigest)
    }
  }

  /// A dialogue under the Chatham House Rule, of which ids and sources tell more than the fields may.
  private static var discreetWorld: [any ProtobufMessage] {
    [
      Sample.source("speech-of-chen"), Sample.organization("o1"), Sample.organization("o2"), Sample.organization("o3"),
      Sample.mandate(),
      Directive.with {
        $0 = Sample.directive()
        $0.addressee = "organizations/o1"
        $0.stakeholderGroups = [.privateSector]
      },
      Series.with {
        $0 = Sample.series()
        $0.mandates = ["mandates/m1"]
      },
      Dialogue.with {
        $0 = Sample.plannedDialogue()
        $0.attributionRule = .chathamHouse
        $0.state = .concluded
      },
      Panel.with {
        $0 = Sample.panel("panel-of-chen")
        $0.citations = [.with { ($0.fieldPath, $0.source, $0.status) = ("title", "sources/speech-of-chen", .stated) }]
      },
      Intervention.with {
        $0 = Sample.intervention("speech-of-chen")
        $0.speaker = ""
        $0.summary = LocalizedText("As Chen said")
      },
      Finding.with {
        $0 = Sample.finding("said-by-o2", from: "panels/panel-of-chen")
        $0.text = LocalizedText("Found by somebody")
      },
      Partnership.with {
        $0 = Sample.partnership("partners-d1")
        $0.participants = [
          Sample.participant("organizations/o2", .organizer), Sample.participant("organizations/o3", .organizer),
        ]
      },
      Consultation.with {
        $0 = Sample.consultation("said-by-o2")
        $0.organizations = ["organizations/o2"]
        $0.dialogue = "dialogues/d1"
      },
      Recommendation.with { $0 = Sample.recommendation(on: ["dialogues/d1/findings/said-by-o2"], .submitted) },
      Sample.report(),
    ]
  }
}
