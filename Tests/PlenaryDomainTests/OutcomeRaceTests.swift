import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// What holds of findings, recommendations and sharing groups although many write at once.
@Suite struct OutcomeRaceTests {
  @Test func `two who put groups into each other make no cycle`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.organization(), Sample.sharingGroup("a"), Sample.sharingGroup("b"))
        let outcome = try await race(2) { index in
          let (id, inner) = index == 0 ? ("a", "b") : ("b", "a")
          try await test.update(
            UpdateSharingGroupRequest.with {
              $0.sharingGroup = .with {
                ($0.name, $0.groups) = ("sharingGroups/\(id)", ["sharingGroups/\(inner)"])
              }
            })
        }
        #expect(outcome.successes == 1 && outcome.reasons == [.sharingGroupCycle])
      }
    }
  }

  @Test func `no advice is given on a finding that is deleted at the same time`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.organization(), Sample.series(), Sample.dialogue("d1", ordinal: 1), Sample.panel())
        try await test.seed(Sample.finding(), Sample.recommendation())
        let outcome = try await race(2) { index in
          if index == 0 {
            try await test.delete(DeleteFindingRequest.with { $0.name = "dialogues/d1/findings/f1" })
          } else {
            try await test.transition("Submit", SubmitRecommendationRequest.with { $0.name = "recommendations/r1" })
          }
        }
        #expect(outcome.successes == 1)
        #expect(outcome.reasons.isSubset(of: [.resourceInUse, .illegalTransition]))
      }
    }
  }

  @Test func `no finding is left behind by the deletion of its panel`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.dialogue(), Sample.panel())
        _ = try await race(9) { index in
          if index == 4 {
            try await test.delete(DeletePanelRequest.with { ($0.name, $0.force) = ("dialogues/d1/panels/p1", true) })
          } else {
            try await test.create(
              CreateFindingRequest.with {
                ($0.parent, $0.findingID, $0.finding) = ("dialogues/d1", "f\(index)", Sample.finding())
              })
          }
        }
        let panel = try await test.get(GetPanelRequest.with { $0.name = "dialogues/d1/panels/p1" })
        let findings = try await test.names(ListFindingsRequest.with { $0.parent = "dialogues/-" })
        #expect(panel.deleteTime == nil || findings.isEmpty)
      }
    }
  }

  @Test func `nobody is named at a dialogue that comes under the Chatham House Rule at the same time`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.organization(), Sample.dialogue(), Sample.panel())
        let outcome = try await race(2) { index in
          if index == 0 {
            try await test.update(
              UpdateDialogueRequest.with {
                $0.dialogue = .with { ($0.name, $0.attributionRule) = ("dialogues/d1", .chathamHouse) }
              })
          } else {
            var finding = Sample.finding()
            finding.contributor = "organizations/o1"
            try await test.create(
              CreateFindingRequest.with {
                ($0.parent, $0.findingID, $0.finding) = ("dialogues/d1", "f1", finding)
              })
          }
        }
        #expect(outcome.successes == 1)
        #expect(outcome.reasons.isSubset(of: [.attributionPresent, .attributionForbidden]))
      }
    }
  }

  @Test func `a group that a marking comes to name is not deleted at the same time`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.organization(), Sample.sharingGroup(), Sample.theme())
        let outcome = try await race(2) { index in
          if index == 0 {
            try await test.delete(DeleteSharingGroupRequest.with { $0.name = "sharingGroups/g1" })
          } else {
            try await test.update(
              UpdateThemeRequest.with {
                $0.theme = .with {
                  $0.name = "themes/t1"
                  $0.marking = .with { ($0.label, $0.sharingGroups) = (.amber, ["sharingGroups/g1"]) }
                }
              })
          }
        }
        #expect(outcome.successes == 1)
        #expect(outcome.reasons.isSubset(of: [.resourceInUse, .referenceDeleted]))
      }
    }
  }

  @Test func `dialogues that are moved while advice is written leave it in one series`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(
          Sample.organization(), Sample.series(), Sample.series("s2"), Sample.dialogue("d1", ordinal: 1),
          Sample.dialogue("d2", ordinal: 2), Sample.panel(), Sample.panel(of: "d2"), Sample.finding(),
          Sample.finding(of: "d2"))
        let outcome = try await race(2) { index in
          if index == 0 {
            try await test.update(
              UpdateDialogueRequest.with {
                $0.dialogue = .with { ($0.name, $0.series) = ("dialogues/d2", "series/s2") }
              })
          } else {
            try await test.create(
              CreateRecommendationRequest.with {
                $0.recommendationID = "r1"
                $0.recommendation = Sample.recommendation(
                  on: ["dialogues/d1/findings/f1", "dialogues/d2/findings/f1"])
              })
          }
        }
        #expect(outcome.successes == 1 && outcome.reasons == [.findingsMixedSeries])
      }
    }
  }
}
