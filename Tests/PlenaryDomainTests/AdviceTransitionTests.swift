import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// The states of panels, consultations and recommendations.
@Suite struct AdviceTransitionTests {
  private typealias State = Recommendation.State

  /// Every way that there is; all others are refused.
  private static let ways: [(verb: String, from: [State], to: State)] = [
    ("Submit", [.draft], .submitted), ("Accept", [.submitted], .accepted),
    ("AcceptPartially", [.submitted], .partiallyAccepted), ("Reject", [.submitted], .rejected),
    ("Begin", [.accepted, .partiallyAccepted], .implementing), ("Complete", [.implementing], .implemented),
    ("Withdraw", [.draft, .submitted, .accepted, .partiallyAccepted, .implementing], .withdrawn),
    ("Supersede", [.submitted, .accepted, .partiallyAccepted, .rejected, .implementing, .implemented], .superseded),
  ]

  private static let states: [State] = [
    .draft, .submitted, .accepted, .partiallyAccepted, .rejected, .implementing, .implemented, .withdrawn, .superseded,
  ]

  private func move(_ verb: String, _ name: String, in test: TestRegistry) async throws -> Recommendation {
    switch verb {
    case "Submit": try await test.transition(verb, SubmitRecommendationRequest.with { $0.name = name })
    case "Accept": try await test.transition(verb, AcceptRecommendationRequest.with { $0.name = name })
    case "AcceptPartially":
      try await test.transition(verb, AcceptPartiallyRecommendationRequest.with { $0.name = name })
    case "Reject": try await test.transition(verb, RejectRecommendationRequest.with { $0.name = name })
    case "Begin": try await test.transition(verb, BeginRecommendationRequest.with { $0.name = name })
    case "Complete": try await test.transition(verb, CompleteRecommendationRequest.with { $0.name = name })
    case "Withdraw": try await test.transition(verb, WithdrawRecommendationRequest.with { $0.name = name })
    default:
      try await test.transition(
        verb, SupersedeRecommendationRequest.with { ($0.name, $0.successor) = (name, "recommendations/next") })
    }
  }

  @Test func `a recommendation moves on every way that there is, and on no other`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation("next")])
      for (verb, sources, target) in Self.ways {
        for (number, state) in Self.states.enumerated() {
          let id = "\(verb.lowercased())-\(number)"
          try await test.seed(Sample.recommendation(id, state))
          if sources.contains(state) {
            let moved = try await move(verb, "recommendations/\(id)", in: test)
            #expect(moved.state == target)
          } else {
            let error = await expectRefusal(.illegalTransition) {
              _ = try await move(verb, "recommendations/\(id)", in: test)
            }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.metadata["from"] == state.description && error?.metadata["to"] == target.description)
            let allowed = Self.ways.filter { $0.from.contains(state) }.map(\.to.description)
            #expect(error?.metadata["allowed"] == allowed.joined(separator: ","))
          }
        }
      }
    }
  }

  @Test func `an answer is kept with the recommendation, through export and import`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation("r1", .submitted), Sample.recommendation("next")])
      let answer = LocalizedText("We shall do it in part")
      let accepted = try await test.transition(
        "AcceptPartially",
        AcceptPartiallyRecommendationRequest.with { ($0.name, $0.response) = ("recommendations/r1", answer) })
      #expect(accepted.response == answer && accepted.state == .partiallyAccepted)
      let kept = try await test.update(
        UpdateRecommendationRequest.with {
          $0.recommendation = .with { ($0.name, $0.response) = ("recommendations/r1", LocalizedText("Never")) }
        })
      #expect(kept.response == answer)
      let superseded = try await move("Supersede", "recommendations/r1", in: test)
      #expect(superseded.successor == "recommendations/next" && superseded.response == answer)
      let exported = try await test.exported()
      try await TestRegistry.run { other in
        let report = try await other.importing(exported.map(\.record.message))
        #expect(report.isApplied)
        let again = try await other.exported().map(\.bytes)
        #expect(again == exported.map(\.bytes))
        let imported = try await other.get(GetRecommendationRequest.with { $0.name = "recommendations/r1" })
        #expect(imported.response == answer && imported.successor == "recommendations/next")
      }
    }
  }

  @Test func `nothing is submitted that rests on what is deleted`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation()])
      try await test.delete(DeleteFindingRequest.with { $0.name = "dialogues/d1/findings/f1" })
      let error = await expectRefusal(.illegalTransition) {
        _ = try await move("Submit", "recommendations/r1", in: test)
      }
      #expect(error?.metadata["unmet"] == "findings")
      #expect(error?.obstacles.map(\.subject) == ["dialogues/d1/findings/f1"])
    }
  }

  @Test func `what takes the place of a recommendation stands itself`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.outcomes + [
          Sample.recommendation("r1", .submitted), Sample.recommendation("next", .withdrawn),
        ])
      let error = await expectRefusal(.illegalTransition) {
        _ = try await move("Supersede", "recommendations/r1", in: test)
      }
      #expect(error?.metadata["unmet"] == "successor")
      for (successor, reason) in [
        ("recommendations/r1", Reason.illegalTransition), ("recommendations/no", .referenceNotFound),
        ("", .fieldRequired),
      ] {
        await expectRefusal(reason) {
          try await test.transition(
            "Supersede",
            SupersedeRecommendationRequest.with { ($0.name, $0.successor) = ("recommendations/r1", successor) })
        }
      }
    }
  }

  @Test func `a panel reports with a summary or a finding, and is opened again`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.dialogue(), Sample.panel())
      let name = Sample.panel().name
      let report = ReportPanelRequest.with { $0.name = name }
      let error = await expectRefusal(.illegalTransition) { try await test.transition("Report", report) }
      #expect(error?.metadata["unmet"] == "summary")
      try await test.seed(Sample.finding())
      let reported = try await test.transition("Report", report)
      #expect(reported.state == .reported)
      let again = await expectRefusal(.illegalTransition) { try await test.transition("Report", report) }
      #expect(again?.metadata["from"] == "REPORTED" && again?.metadata["allowed"] == "OPEN")
      let reopened = try await test.transition("Reopen", ReopenPanelRequest.with { $0.name = name })
      #expect(reopened.state == .open)
    }
  }

  @Test func `a panel on which an approved report rests is not opened again`() async throws {
    try await TestRegistry.run { test in
      var panel = Sample.panel()
      panel.state = .reported
      var report = Sample.report()
      (report.state, report.dialogues) = (.approved, ["dialogues/d1"])
      try await test.seed(Sample.series(), Sample.dialogue("d1", ordinal: 1), panel, report)
      let error = await expectRefusal(.illegalTransition) {
        try await test.transition("Reopen", ReopenPanelRequest.with { $0.name = panel.name })
      }
      #expect(error?.metadata["unmet"] == "outcome_report")
    }
  }

  @Test func `a working group reports with a finding alone`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.themes = ["themes/t1"]
      try await test.seed(Sample.theme(), dialogue, Sample.group())
      let request = ReportWorkingGroupRequest.with { $0.name = Sample.group().name }
      await expectRefusal(.illegalTransition) { try await test.transition("Report", request) }
      try await test.seed(Sample.finding(from: "workingGroups/w1"))
      #expect(try await test.transition("Report", request).state == .reported)
    }
  }

  @Test func `a consultation is closed once`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.mandate(), Sample.directive(), Sample.consultation())
      let request = CloseConsultationRequest.with { $0.name = "consultations/c1" }
      #expect(try await test.transition("Close", request).state == .closed)
      let error = await expectRefusal(.illegalTransition) { try await test.transition("Close", request) }
      #expect(error?.metadata["from"] == "CLOSED" && error?.metadata["allowed"] == "")
    }
  }
}

extension Sample {
  /// A recommendation on the sample finding, in a state.
  fileprivate static func recommendation(_ id: String, _ state: Recommendation.State) -> Recommendation {
    recommendation(id, on: ["dialogues/d1/findings/f1"], state)
  }
}
