import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// What becomes of records that follow the marking of their parent.
extension SharingTests {
  private func panel(_ id: String, of originator: String, _ marking: PlenaryAPI.Marking = .init()) -> Panel {
    .with {
      ($0.name, $0.title) = ("dialogues/d1/panels/\(id)", LocalizedText(id))
      ($0.originatingOrganization, $0.marking) = (originator, marking)
    }
  }

  private func marked(_ id: String, _ test: TestRegistry) async throws -> PlenaryAPI.Marking? {
    try await test.get(GetPanelRequest.with { $0.name = "dialogues/d1/panels/\(id)" }).marking
  }

  @Test func `whoever lets more see a record lets go with it what is the own, and nothing of others`() async throws {
    try await run { test in
      let both = marking(.amber, organizations: [Self.own, Self.other])
      try await test.seed(
        Sample.dialogue().with { ($0.originatingOrganization, $0.marking) = (Self.own, both) },
        panel("mine", of: Self.own), panel("theirs", of: Self.other), panel("nobodys", of: ""))
      func downgrade(_ marking: PlenaryAPI.Marking, as caller: Caller) async throws {
        _ = try await test.registry.downgradeMarking(
          .with { ($0.name, $0.marking, $0.reason) = ("dialogues/d1", marking, "it is out") }, as: caller)
      }
      let officer = caller("clients/mine", of: Self.own, .officer)
      try await downgrade(marking(.green), as: officer)
      #expect(try await marked("mine", test) == marking(.green).with { $0.inherited = true })
      #expect(try await marked("nobodys", test) == marking(.green).with { $0.inherited = true })
      #expect(try await marked("theirs", test) == both)
      // The other organization's officer lets its own go, by the rule that holds for all records.
      let theirs = caller("clients/theirs", of: Self.other, .officer)
      _ = try await test.registry.downgradeMarking(
        .with { ($0.name, $0.marking, $0.reason) = ("dialogues/d1/panels/theirs", marking(.green), "too") }, as: theirs)
      #expect(try await marked("theirs", test)?.label == .green)
    }
  }

  @Test func `a record that becomes stricter takes along all that follow it, whosever they are`() async throws {
    try await run { test in
      let both = marking(.amber, organizations: [Self.own, Self.other])
      try await test.seed(
        Sample.dialogue().with { $0.originatingOrganization = Self.own },
        panel("mine", of: Self.own), panel("theirs", of: Self.other))
      _ = try await test.registry.update(
        UpdateDialogueRequest.with {
          $0.dialogue = .with { ($0.name, $0.marking) = ("dialogues/d1", both) }
          $0.updateMask = .init(paths: ["marking"])
        }, as: mine)
      for id in ["mine", "theirs"] { #expect(try await marked(id, test) == both.with { $0.inherited = true }) }
    }
  }

  @Test func `a marking for others is refused where it would leave what is another's looser than its parent`()
    async throws
  {
    try await run { test in
      let (both, third) = (marking(.amber, organizations: [Self.own, Self.other]), "organizations/third")
      try await test.seed(
        organization(third), Sample.dialogue().with { ($0.originatingOrganization, $0.marking) = (Self.own, both) },
        panel("theirs", of: Self.other))
      let refusal = await expectRefusal(.markingTooLoose, "marking.label") {
        _ = try await test.registry.downgradeMarking(
          .with {
            ($0.name, $0.reason) = ("dialogues/d1", "x")
            $0.marking = marking(.amberStrict, organizations: [Self.own, third])
          }, as: caller("clients/mine", of: Self.own, .officer))
      }
      #expect(refusal?.metadata["child"] == "dialogues/d1/panels/theirs")
    }
  }
}
