import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

@Suite struct RegistryUndeleteTests {
  private static let requestID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"

  private func delete(_ name: String, force: Bool = false) -> DeleteDialogueRequest {
    .with { ($0.name, $0.force) = (name, force) }
  }

  private func undelete(_ name: String = "dialogues/d1") -> UndeleteDialogueRequest { .with { $0.name = name } }

  private func purge(_ filter: String = "*", force: Bool = true) -> PurgeDialoguesRequest {
    .with { ($0.filter, $0.force) = (filter, force) }
  }

  // MARK: Undelete

  @Test func `what was deleted in one act comes back in one, in its state, and nothing else does`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue(ordinal: 1)
      (dialogue.themes, dialogue.state) = (["themes/t1"], .running)
      try await test.seed(
        Sample.series(), Sample.theme(), dialogue, Sample.group("before"), Sample.group("with"), Sample.group("with-2"))
      try await test.delete(DeleteWorkingGroupRequest.with { $0.name = "dialogues/d1/workingGroups/before" })
      try await test.delete(delete("dialogues/d1", force: true))
      let back = try await test.undelete(undelete())
      #expect(back.state == .running && back.deleteTime == nil && back.purgeTime == nil)
      let groups = try await test.names(ListWorkingGroupsRequest.with { $0.parent = "dialogues/d1" })
      #expect(groups == ["dialogues/d1/workingGroups/with", "dialogues/d1/workingGroups/with-2"])
      let group = try await test.undelete(
        UndeleteWorkingGroupRequest.with { $0.name = "dialogues/d1/workingGroups/before" })
      #expect(group.state == .open)
    }
  }

  @Test func `findings come back with the panel that they were made by`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.finding("f2"), Sample.finding("earlier")])
      try await test.delete(DeleteFindingRequest.with { $0.name = "dialogues/d1/findings/earlier" })
      try await test.delete(DeletePanelRequest.with { ($0.name, $0.force) = ("dialogues/d1/panels/p1", true) })
      let findings = ListFindingsRequest.with { $0.parent = "dialogues/d1" }
      #expect(try await test.names(findings) == [])
      let panel = try await test.undelete(UndeletePanelRequest.with { $0.name = "dialogues/d1/panels/p1" })
      #expect(panel.deleteTime == nil && panel.state == .open)
      #expect(try await test.names(findings) == ["dialogues/d1/findings/f1", "dialogues/d1/findings/f2"])
    }
  }

  @Test func `only what is deleted comes back, and only the version that is meant`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.dialogue())
      await expectRefusal(.resourceExists) { try await test.undelete(undelete()) }
      await expectRefusal(.resourceNotFound) { try await test.undelete(undelete("dialogues/nowhere")) }
      let live = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
      let deleted = try await test.delete(delete("dialogues/d1"))
      await expectRefusal(.etagMismatch) {
        try await test.undelete(UndeleteDialogueRequest.with { ($0.name, $0.etag) = ("dialogues/d1", live.etag) })
      }
      try await test.undelete(UndeleteDialogueRequest.with { ($0.name, $0.etag) = ("dialogues/d1", deleted.etag) })
    }
  }

  @Test(arguments: [false, true])
  func `what is unique and what is referred to is checked again`(isRehearsal: Bool) async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series(), Sample.theme(), Sample.dialogue(ordinal: 1))
      try await test.delete(delete("dialogues/d1"))
      try await test.seed(Sample.dialogue("d2", ordinal: 1))
      await expectRefusal(.ordinalTaken) {
        try await test.undelete(
          UndeleteDialogueRequest.with { ($0.name, $0.validateOnly) = ("dialogues/d1", isRehearsal) })
      }
      var other = Sample.dialogue("d3")
      other.themes = ["themes/t1"]
      try await test.seed(other)
      try await test.delete(delete("dialogues/d3"))
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t1" })
      await expectRefusal(.referenceDeleted) {
        try await test.undelete(
          UndeleteDialogueRequest.with { ($0.name, $0.validateOnly) = ("dialogues/d3", isRehearsal) })
      }
      #expect(try await test.names(ListDialoguesRequest()) == ["dialogues/d2"])
    }
  }

  @Test func `a child does not come back without its parent`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.themes = ["themes/t1"]
      try await test.seed(Sample.theme(), dialogue, Sample.group())
      try await test.delete(delete("dialogues/d1", force: true))
      await expectRefusal(.referenceDeleted, "name") {
        try await test.undelete(UndeleteWorkingGroupRequest.with { $0.name = "dialogues/d1/workingGroups/w1" })
      }
    }
  }

  @Test func `a child that comes back follows the marking that its parent has by then`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.themes = ["themes/t1"]
      try await test.seed(Sample.organization(), Sample.theme(), dialogue, Sample.group())
      try await test.delete(DeleteWorkingGroupRequest.with { $0.name = "dialogues/d1/workingGroups/w1" })
      dialogue.marking = .with { ($0.label, $0.organizations) = (.amberStrict, ["organizations/o1"]) }
      try await test.update(
        UpdateDialogueRequest.with { ($0.dialogue, $0.updateMask) = (dialogue, .init(paths: ["marking"])) })
      let group = try await test.undelete(
        UndeleteWorkingGroupRequest.with { $0.name = "dialogues/d1/workingGroups/w1" })
      #expect(group.marking?.label == .amberStrict && group.marking?.inherited == true && group.deleteTime == nil)
    }
  }

  @Test func `a rehearsal shows what would come back, and a repetition does nothing`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.dialogue())
      try await test.delete(delete("dialogues/d1"))
      let rehearsed = try await test.undelete(
        UndeleteDialogueRequest.with { ($0.name, $0.validateOnly) = ("dialogues/d1", true) })
      #expect(rehearsed.state == .draft && rehearsed.etag.isEmpty)
      #expect(try await test.names(ListDialoguesRequest()).isEmpty)
      let request = UndeleteDialogueRequest.with { ($0.name, $0.requestID) = ("dialogues/d1", Self.requestID) }
      let first = try await test.registry.undelete(request, as: TestRegistry.caller)
      let second = try await test.registry.undelete(request, as: TestRegistry.caller)
      #expect(!first.isReplay && second.isReplay && first.bytes == second.bytes)
    }
  }

  @Test func `of an undeletion and those who take its ordinal, one succeeds`() async throws {
    for round in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.series(), Sample.dialogue(ordinal: 1))
        try await test.delete(delete("dialogues/d1"))
        let reasons = await withTaskGroup(of: Reason?.self) { group in
          for index in 0..<6 {
            group.addTask {
              await Self.reason {
                if index == round % 6 { return _ = try await test.undelete(undelete()) }
                try await test.create(
                  CreateDialogueRequest.with {
                    ($0.dialogue, $0.dialogueID) = (Sample.dialogue(ordinal: 1), "n\(index)")
                  })
              }
            }
          }
          return await group.reduce(into: [Reason?]()) { $0.append($1) }
        }
        #expect(reasons.count { $0 == nil } == 1 && reasons.count { $0 == .ordinalTaken } == 5)
        #expect(try await test.names(ListDialoguesRequest()).count == 1)
      }
    }
  }

  // MARK: Purge

  @Test func `without force a purge counts and names, and removes nothing`() async throws {
    try await TestRegistry.run { test in
      let count = Registry.purgeSampleMax + 1
      try await test.importing((0..<count).map { Sample.dialogue("d\($0)") })
      for index in 0..<count { try await test.delete(delete("dialogues/d\(index)")) }
      try await test.seed(Sample.dialogue("live"))
      for request in [
        purge(force: false),
        PurgeDialoguesRequest.with { ($0.filter, $0.force, $0.validateOnly) = ("*", true, true) },
      ] {
        let reply = try await test.registry.purge(request, as: TestRegistry.caller)
        #expect(reply.count == count && reply.sample.count == Registry.purgeSampleMax)
        #expect(reply.sample == reply.sample.sorted())
      }
      #expect(try await test.names(ListDialoguesRequest.with { $0.showDeleted = true }).count == count + 1)
    }
  }

  @Test func `a purge removes so many records and no more`() async throws {
    try await TestRegistry.run { test in
      let max = Registry.purgedCountMax
      try await test.importing((0...max).map { Sample.person("p\($0)") })
      // One write of the store deletes them faster than as many calls.
      let keys = (0...max).compactMap { Key("persons/p\($0)") }
      _ = try await test.store.commit(WriteRequest(actor: "test", mutations: keys.map { .softDelete($0) }))
      func purge(_ filter: String, force: Bool) -> PurgePersonsRequest {
        .with { ($0.filter, $0.force) = (filter, force) }
      }
      for force in [false, true] {
        await expectRefusal(.limitReached) {
          _ = try await test.registry.purge(purge("*", force: force), as: TestRegistry.caller)
        }
      }
      try await test.undelete(UndeletePersonRequest.with { $0.name = "persons/p0" })
      #expect(try await test.registry.purge(purge("*", force: true), as: TestRegistry.caller).count == max)
    }
  }

  @Test func `what is purged is gone with its deleted children, and its name is free`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.themes = ["themes/t1"]
      try await test.seed(Sample.theme(), dialogue, Sample.group(), Sample.dialogue("live"))
      try await test.delete(delete("dialogues/d1", force: true))
      await expectRefusal(.fieldRequired, "filter") {
        _ = try await test.registry.purge(purge(""), as: TestRegistry.caller)
      }
      let none = try await test.registry.purge(purge(#"name = "dialogues/live""#), as: TestRegistry.caller)
      #expect(none.count == 0)
      var request = purge()
      request.requestID = Self.requestID
      let first = try await test.registry.purge(request, as: TestRegistry.caller)
      let second = try await test.registry.purge(request, as: TestRegistry.caller)
      #expect(first.count == 1 && first.sample == ["dialogues/d1"] && !first.isReplay)
      #expect(second.count == 1 && second.sample == first.sample && second.isReplay)
      for name in ["dialogues/d1", "dialogues/nowhere"] {
        await expectRefusal(.resourceNotFound) { try await test.undelete(undelete(name)) }
      }
      await expectRefusal(.resourceNotFound) {
        _ = try await test.get(GetWorkingGroupRequest.with { $0.name = "dialogues/d1/workingGroups/w1" })
      }
      try await test.seed(Sample.dialogue())
      #expect(try await test.names(ListDialoguesRequest()) == ["dialogues/d1", "dialogues/live"])
    }
  }

  @Test func `what is deleted and came from a panel or group is purged with it`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.theme(), Sample.dialogue(themes: ["themes/t1"]), Sample.panel(), Sample.group(), Sample.finding("f1"),
        Sample.finding("f2"), Sample.finding("f3", from: "workingGroups/w1"), Sample.panel("other"),
        Sample.finding("f4", from: "panels/other"))
      // One goes before the panel and one with it.
      try await test.delete(DeleteFindingRequest.with { $0.name = "dialogues/d1/findings/f1" })
      try await test.delete(DeletePanelRequest.with { ($0.name, $0.force) = ("dialogues/d1/panels/p1", true) })
      try await test.delete(
        DeleteWorkingGroupRequest.with { ($0.name, $0.force) = ("dialogues/d1/workingGroups/w1", true) })
      let all = ListFindingsRequest.with { ($0.parent, $0.showDeleted) = ("dialogues/d1", true) }
      let findings = ["f3", "f4"].map { "dialogues/d1/findings/\($0)" }
      let panels = PurgePanelsRequest.with { ($0.parent, $0.filter, $0.force) = ("dialogues/d1", "*", true) }
      #expect(try await test.registry.purge(panels, as: TestRegistry.caller).count == 1)
      #expect(try await test.names(all) == findings)
      let groups = PurgeWorkingGroupsRequest.with { ($0.parent, $0.filter, $0.force) = ("dialogues/d1", "*", true) }
      #expect(try await test.registry.purge(groups, as: TestRegistry.caller).count == 1)
      #expect(try await test.names(all) == [findings[1]])
      await expectRefusal(.resourceNotFound) {
        try await test.undelete(UndeleteFindingRequest.with { $0.name = "dialogues/d1/findings/f1" })
      }
    }
  }

  @Test func `what a live record names is not purged, and what a deleted one names is`() async throws {
    try await TestRegistry.run { test in
      // A partnership does not stand in the way of deleting its subject.
      var dialogue = Sample.dialogue()
      dialogue.themes = ["themes/t1"]
      try await test.seed(Sample.theme(), dialogue, Sample.organization(), Sample.partnership())
      try await test.delete(delete("dialogues/d1"))
      for isRehearsal in [true, false] {
        let error = await expectRefusal(.resourceInUse) {
          _ = try await test.registry.purge(
            PurgeDialoguesRequest.with { ($0.filter, $0.force, $0.validateOnly) = ("*", true, isRehearsal) },
            as: TestRegistry.caller)
        }
        #expect(error?.obstacles.map(\.subject) == ["partnerships/p1"])
      }
      try await test.delete(DeletePartnershipRequest.with { $0.name = "partnerships/p1" })
      #expect(try await test.registry.purge(purge(), as: TestRegistry.caller).count == 1)
      await expectRefusal(.referenceNotFound, "subject") {
        try await test.undelete(UndeletePartnershipRequest.with { $0.name = "partnerships/p1" })
      }
    }
  }

  @Test func `after a purge that races with a new reference, no reference leads nowhere`() async throws {
    for _ in 0..<10 {
      try await TestRegistry.run { test in
        try await test.seed(Sample.theme())
        try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t1" })
        await withTaskGroup(of: Void.self) { group in
          group.addTask {
            _ = await Self.reason {
              _ = try await test.registry.purge(
                PurgeThemesRequest.with { ($0.filter, $0.force) = ("*", true) }, as: TestRegistry.caller)
            }
          }
          group.addTask {
            _ = await Self.reason { try await test.undelete(UndeleteThemeRequest.with { $0.name = "themes/t1" }) }
            _ = await Self.reason {
              var dialogue = Sample.dialogue()
              dialogue.themes = ["themes/t1"]
              try await test.create(CreateDialogueRequest.with { ($0.dialogue, $0.dialogueID) = (dialogue, "d1") })
            }
          }
        }
        let themes = try await test.names(ListThemesRequest())
        let dialogues = try await test.names(ListDialoguesRequest())
        #expect(themes.count == dialogues.count)
      }
    }
  }

  private static func reason(_ body: () async throws -> Void) async -> Reason? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? DomainError)?.reason ?? .storeUnavailable
    }
  }
}
