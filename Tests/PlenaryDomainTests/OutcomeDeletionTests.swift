import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// What stands in the way of deleting what findings, recommendations and consultations rest on.
@Suite struct OutcomeDeletionTests {
  /// Refusals of deletions, and the records that they name.
  private func refusal<Request: DeleteRequestMessage>(
    _ reason: Reason, _ test: TestRegistry, _ request: Request, sourceLocation: SourceLocation = #_sourceLocation
  ) async -> [String] {
    let error = await expectRefusal(reason, sourceLocation: sourceLocation) { try await test.delete(request) }
    #expect(error?.code == .failedPrecondition, sourceLocation: sourceLocation)
    return error?.obstacles.map(\.subject) ?? []
  }

  @Test func `an organization stays while it is advised, shares or has clients`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation(), Sample.sharingGroup(), Sample.client()])
      let request = DeleteOrganizationRequest.with { ($0.name, $0.force) = ("organizations/o1", true) }
      #expect(
        await refusal(.resourceInUse, test, request).sorted() == [
          "clients/c1", "recommendations/r1", "sharingGroups/g1",
        ])
    }
  }

  @Test func `a directive stays while there is a consultation or a recommendation on it`() async throws {
    try await TestRegistry.run { test in
      var recommendation = Sample.recommendation()
      recommendation.directive = "mandates/m1/directives/d1"
      try await test.seed(
        Sample.outcomes + [Sample.mandate(), Sample.directive(), Sample.consultation(), recommendation])
      var request = DeleteMandateRequest.with { $0.name = "mandates/m1" }
      #expect(await refusal(.hasChildren, test, request) == ["mandates/m1/directives/d1"])
      request.force = true
      #expect(
        await refusal(.resourceInUse, test, request).sorted() == ["consultations/c1", "recommendations/r1"])
      try await test.delete(DeleteConsultationRequest.with { $0.name = "consultations/c1" })
      try await test.delete(DeleteRecommendationRequest.with { $0.name = "recommendations/r1" })
      try await test.delete(request)
      let directive = try await test.get(GetDirectiveRequest.with { $0.name = "mandates/m1/directives/d1" })
      #expect(directive.deleteTime != nil)
    }
  }

  @Test(arguments: [("panels/p1", true), ("workingGroups/w1", false)])
  func `what comes from a part of a dialogue goes with it only by force`(_ part: String, isPanel: Bool) async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.themes = ["themes/t1"]
      var spoken = Sample.intervention()
      spoken.panel = "dialogues/d1/panels/p1"
      try await test.seed(
        Sample.person(), Sample.theme(), dialogue, Sample.panel(), Sample.group(), Sample.finding(from: part), spoken)
      func delete(isForced: Bool) async throws {
        if isPanel {
          try await test.delete(DeletePanelRequest.with { ($0.name, $0.force) = ("dialogues/d1/\(part)", isForced) })
        } else {
          try await test.delete(
            DeleteWorkingGroupRequest.with { ($0.name, $0.force) = ("dialogues/d1/\(part)", isForced) })
        }
      }
      let error = await expectRefusal(.hasChildren) { try await delete(isForced: false) }
      #expect(error?.obstacles.map(\.subject) == ["dialogues/d1/findings/f1"])
      try await delete(isForced: true)
      #expect(try await test.get(GetFindingRequest.with { $0.name = "dialogues/d1/findings/f1" }).deleteTime != nil)
      let after = try await test.get(GetInterventionRequest.with { $0.name = "dialogues/d1/interventions/i1" })
      #expect(after.panel == (isPanel ? "" : spoken.panel))
    }
  }

  @Test func `a panel that an intervention names stays without force`() async throws {
    try await TestRegistry.run { test in
      var spoken = Sample.intervention()
      spoken.panel = "dialogues/d1/panels/p1"
      try await test.seed(Sample.person(), Sample.dialogue(), Sample.panel(), spoken)
      let request = DeletePanelRequest.with { $0.name = "dialogues/d1/panels/p1" }
      #expect(await refusal(.resourceInUse, test, request) == ["dialogues/d1/interventions/i1"])
    }
  }

  @Test(arguments: [Recommendation.State.draft, .submitted, .accepted, .rejected, .superseded, .withdrawn])
  func `a finding stays with the advice that was given on it`(_ state: Recommendation.State) async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation(on: ["dialogues/d1/findings/f1"], state)])
      let request = DeleteFindingRequest.with { $0.name = "dialogues/d1/findings/f1" }
      let whole = DeleteDialogueRequest.with { ($0.name, $0.force) = ("dialogues/d1", true) }
      if [.draft, .withdrawn].contains(state) {
        try await test.delete(request)
        try await test.delete(whole)
      } else {
        #expect(await refusal(.resourceInUse, test, request) == ["recommendations/r1"])
        #expect(await refusal(.resourceInUse, test, whole) == ["recommendations/r1"])
      }
    }
  }

  @Test func `a dialogue stays with the advice that comes from it as a whole`() async throws {
    try await TestRegistry.run { test in
      var recommendation = Sample.recommendation(on: [], .submitted)
      recommendation.dialogue = "dialogues/d1"
      try await test.seed(Sample.organization(), Sample.dialogue(), recommendation)
      let request = DeleteDialogueRequest.with { $0.name = "dialogues/d1" }
      #expect(await refusal(.resourceInUse, test, request) == ["recommendations/r1"])
    }
  }

  @Test func `all children of a dialogue go with it at one time`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes)
      let request = DeleteDialogueRequest.with { $0.name = "dialogues/d1" }
      #expect(
        await refusal(.hasChildren, test, request).sorted() == ["dialogues/d1/findings/f1", "dialogues/d1/panels/p1"])
      let deleted = try await test.delete(DeleteDialogueRequest.with { ($0.name, $0.force) = (request.name, true) })
      let panel = try await test.get(GetPanelRequest.with { $0.name = "dialogues/d1/panels/p1" })
      let finding = try await test.get(GetFindingRequest.with { $0.name = "dialogues/d1/findings/f1" })
      #expect(panel.deleteTime == deleted.deleteTime && finding.deleteTime == deleted.deleteTime)
      #expect(panel.state == .deleted && deleted.deleteTime != nil)
    }
  }
}
