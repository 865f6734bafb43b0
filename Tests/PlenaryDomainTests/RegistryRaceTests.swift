import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

@Suite struct RegistryRaceTests {
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

  @Test func `those who put themes below each other make no cycle`() async throws {
    for ids in [["a", "b"], ["a", "b", "c"]] {
      for _ in 0..<10 {
        try await TestRegistry.run { test in
          for id in ids { try await test.seed(Sample.theme(id)) }
          let outcome = try await race(ids.count) { index in
            try await test.update(
              UpdateThemeRequest.with {
                let broader = "themes/\(ids[(index + 1) % ids.count])"
                $0.theme = .with { ($0.name, $0.broader) = ("themes/\(ids[index])", [broader]) }
              })
          }
          #expect(outcome.successes == ids.count - 1 && outcome.reasons == [.themeCycle])
        }
      }
    }
  }

  @Test func `those who make dialogues build on each other make no cycle`() async throws {
    for ids in [["a", "b"], ["a", "b", "c"]] {
      for _ in 0..<10 {
        try await TestRegistry.run { test in
          try await test.seed(Sample.series())
          for id in ids {
            var dialogue = Sample.dialogue(id)
            dialogue.series = "series/s1"
            try await test.seed(dialogue)
          }
          let outcome = try await race(ids.count) { index in
            try await test.update(
              UpdateDialogueRequest.with {
                let predecessor = "dialogues/\(ids[(index + 1) % ids.count])"
                $0.dialogue = .with { ($0.name, $0.predecessors) = ("dialogues/\(ids[index])", [predecessor]) }
              })
          }
          #expect(outcome.successes == ids.count - 1 && outcome.reasons == [.predecessorInvalid])
        }
      }
    }
  }

  @Test func `no dialogue builds on one that came to be later at the same time`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.series(), Sample.dialogue("d1", ordinal: 1), Sample.dialogue("d2", ordinal: 2))
        let outcome = try await race(2) { index in
          if index == 0 {
            try await test.update(
              UpdateDialogueRequest.with { $0.dialogue = .with { ($0.name, $0.ordinal) = ("dialogues/d1", 3) } })
          } else {
            try await test.update(
              UpdateDialogueRequest.with {
                $0.dialogue = .with { ($0.name, $0.predecessors) = ("dialogues/d2", ["dialogues/d1"]) }
              })
          }
        }
        #expect(outcome.successes == 1 && outcome.reasons == [.predecessorInvalid])
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

  @Test func `of many who move one record, one does`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series())
      let outcome = try await race(20) { _ in
        try await test.transition("Suspend", SuspendSeriesRequest.with { $0.name = "series/s1" })
      }
      #expect(outcome.successes == 1 && outcome.reasons == [.illegalTransition])
    }
  }

  @Test func `of two ways out of one state, one is gone`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        var dialogue = Sample.plannedDialogue()
        dialogue.state = .scheduled
        try await test.seed(Sample.series(), dialogue)
        let outcome = try await race(2) { index in
          if index == 0 {
            try await test.transition("Start", StartDialogueRequest.with { $0.name = "dialogues/d1" })
          } else {
            try await test.transition("Cancel", CancelDialogueRequest.with { $0.name = "dialogues/d1" })
          }
        }
        #expect(outcome.successes == 1 && outcome.reasons == [.illegalTransition])
      }
    }
  }

  @Test func `no dialogue is to come in a series that ended at the same time`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(
          Sample.series(), Sample.organization(), Sample.plannedDialogue(), Sample.organizerOf("dialogues/d1"))
        let outcome = try await race(2) { index in
          if index == 0 {
            try await test.transition("End", EndSeriesRequest.with { $0.name = "series/s1" })
          } else {
            try await test.transition("Schedule", ScheduleDialogueRequest.with { $0.name = "dialogues/d1" })
          }
        }
        #expect(outcome.successes == 1 && outcome.reasons == [.illegalTransition])
      }
    }
  }

  @Test func `no dialogue is scheduled without the organizer that left at the same time`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(
          Sample.series(), Sample.organization(), Sample.plannedDialogue(), Sample.organizerOf("dialogues/d1"))
        let revisions = try await race(2) { index in
          if index == 0 {
            try await test.transition("Decline", DeclinePartnershipRequest.with { $0.name = "partnerships/organizers" })
          } else {
            try await test.transition("Schedule", ScheduleDialogueRequest.with { $0.name = "dialogues/d1" })
          }
        }
        // Either it was scheduled first, or not at all.
        #expect(revisions.successes == 2 || revisions.reasons == [.organizerMissing])
      }
    }
  }

  @Test func `of many partnerships that name one host of a dialogue, one does`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.dialogue())
      let outcome = try await race(20) { index in
        try await test.create(
          CreatePartnershipRequest.with { ($0.partnership, $0.partnershipID) = (Sample.partnership(), "p\(index)") })
      }
      #expect(outcome.successes == 1 && outcome.reasons == [.partnershipDuplicate])
    }
  }

  @Test func `of many mandates with one symbol, and themes with one label, one of each stands`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization())
      let mandates = try await race(20) { index in
        try await test.create(
          CreateMandateRequest.with { ($0.mandate, $0.mandateID) = (Sample.mandate(), "m\(index)") })
      }
      #expect(mandates.successes == 1 && mandates.reasons == [.symbolTaken])
      let themes = try await race(20) { index in
        try await test.create(CreateThemeRequest.with { ($0.theme, $0.themeID) = (Sample.theme(), "t\(index)") })
      }
      #expect(themes.successes == 1 && themes.reasons == [.labelConflict])
    }
  }

  @Test func `nobody is named at a dialogue that came under the Chatham House Rule at the same time`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.person(), Sample.dialogue())
        let outcome = try await race(2) { index in
          if index == 0 {
            try await test.update(
              UpdateDialogueRequest.with {
                $0.dialogue = .with { ($0.name, $0.attributionRule) = ("dialogues/d1", .chathamHouse) }
              })
          } else {
            try await test.create(
              CreateInterventionRequest.with {
                ($0.parent, $0.intervention, $0.interventionID) = ("dialogues/d1", Sample.intervention(), "i1")
              })
          }
        }
        #expect(outcome.successes == 1)
        #expect(outcome.reasons.isSubset(of: [.attributionForbidden, .attributionPresent]))
      }
    }
  }
}
