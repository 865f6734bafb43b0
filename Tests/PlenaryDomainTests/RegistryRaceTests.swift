import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

@Suite struct RegistryRaceTests {
  /// Does something many times at once, and counts how often it succeeds and why it does not.
  private func race(
    _ count: Int, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> (successes: Int, reasons: Set<Reason>) {
    try await withThrowingTaskGroup(of: Reason?.self) { group in
      for index in 0..<count {
        group.addTask {
          do throws {
            try await body(index)
            return nil
          } catch let error as DomainError {
            return error.reason
          }
        }
      }
      var successes = 0
      var reasons: Set<Reason> = []
      for try await reason in group {
        if let reason { reasons.insert(reason) } else { successes += 1 }
      }
      return (successes, reasons)
    }
  }

  @Test func `of many who take one ordinal, one gets it`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series())
      let outcome = try await race(40) { index in
        try await test.create(
          CreateDialogueRequest.with { ($0.dialogue, $0.dialogueID) = (Sample.dialogue(ordinal: 1), "d\(index)") })
      }
      #expect(outcome.successes == 1 && outcome.reasons == [.ordinalTaken])
    }
  }

  @Test func `of many who take one name, one gets it`() async throws {
    try await TestRegistry.run { test in
      let outcome = try await race(40) { _ in
        try await test.create(CreateThemeRequest.with { ($0.theme, $0.themeID) = (Sample.theme(), "t1") })
      }
      #expect(outcome.successes == 1 && outcome.reasons == [.resourceExists])
    }
  }

  @Test func `two who move organizations under each other make no cycle`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.organization("a"), Sample.organization("b"))
        let outcome = try await race(2) { index in
          let (id, parent) = index == 0 ? ("a", "b") : ("b", "a")
          try await test.update(
            UpdateOrganizationRequest.with {
              $0.organization = .with {
                ($0.name, $0.parentOrganization) = ("organizations/\(id)", "organizations/\(parent)")
              }
            })
        }
        #expect(outcome.successes == 1 && outcome.reasons == [.organizationCycle])
      }
    }
  }

  @Test func `nothing refers to a record that was deleted at the same time`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.organization())
        let outcome = try await race(2) { index in
          if index == 0 {
            try await test.delete(DeleteOrganizationRequest.with { $0.name = "organizations/o1" })
          } else {
            try await test.create(
              CreateInitiativeRequest.with { ($0.initiative, $0.initiativeID) = (Sample.initiative(), "i1") })
          }
        }
        #expect(outcome.successes == 1)
        #expect(outcome.reasons.isSubset(of: [.resourceInUse, .referenceDeleted]))
      }
    }
  }

  @Test func `no child is left behind by a deletion`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.person(), Sample.dialogue())
        _ = try await race(9) { index in
          if index == 4 {
            try await test.delete(DeleteDialogueRequest.with { ($0.name, $0.force) = ("dialogues/d1", true) })
          } else {
            try await test.create(
              CreateInterventionRequest.with {
                $0.parent = "dialogues/d1"
                ($0.intervention, $0.interventionID) = (Sample.intervention(), "i\(index)")
              })
          }
        }
        let dialogue = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
        let children = try await test.names(ListInterventionsRequest.with { $0.parent = "dialogues/-" })
        #expect(dialogue.deleteTime == nil || children.isEmpty)
      }
    }
  }
}
