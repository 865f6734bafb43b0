import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

@Suite struct OutcomeExchangeTests {
  /// One record of each of the kinds, with the fields that are lost most easily.
  static var records: [any ProtobufMessage] {
    var panel = Sample.panel()
    (panel.state, panel.summary, panel.panellists) = (.reported, LocalizedText("What was said"), ["persons/p1"])
    var consultation = Sample.consultation()
    (consultation.state, consultation.dialogue) = (.closed, "dialogues/d1")
    var spoken = Sample.intervention()
    spoken.panel = panel.name
    var followUp = Sample.followUp()
    (followUp.author, followUp.progressPercent) = ("clients/elsewhere", 0)
    var theme = Sample.theme()
    theme.marking = .with { ($0.label, $0.sharingGroups) = (.amber, ["sharingGroups/g2"]) }
    return Sample.outcomes.filter { !($0 is Panel) } + [
      Sample.person(), Sample.mandate(), Sample.directive(), panel, spoken, consultation,
      Sample.recommendation("r1", on: ["dialogues/d1/findings/f1"], .implementing), followUp, Sample.sharingGroup(),
      Sample.sharingGroup("g2", groups: ["g1"]), theme,
    ]
  }

  @Test func `what is exported of the outcomes is what was imported, in any order`() async throws {
    var exports: [[[UInt8]]] = []
    for records in [Self.records, Self.records.reversed()] {
      try await TestRegistry.run { test in
        try await test.seed(records)
        let exported = try await test.exported()
        exports.append(exported.map(\.bytes))
        let again = try await test.importing(exported.map(\.record.message))
        #expect(again.results.allSatisfy { $0.outcome == .unchanged })
        let followUp = try await test.get(GetFollowUpRequest.with { $0.name = Sample.followUp().name })
        #expect(followUp.author == "clients/elsewhere" && followUp.progressPercent == 0)
        try await TestRegistry.run { other in
          try await other.seed(exported.map(\.record.message))
          exports.append(try await other.exported().map(\.bytes))
        }
      }
    }
    #expect(exports.count == 4 && exports[0].count == Self.records.count)
    #expect(exports.allSatisfy { $0 == exports[0] })
  }

  @Test func `a follow-up that is imported without an author has that of the import`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.records)
      var nameless = Sample.followUp("x-2")
      nameless.author = ""
      try await test.seed(nameless)
      let followUp = try await test.get(GetFollowUpRequest.with { $0.name = nameless.name })
      #expect(followUp.author == TestRegistry.caller.principal)
      let again = try await test.importing([nameless])
      #expect(again.results.map(\.outcome) == [.unchanged])
    }
  }

  @Test func `a client can be imported and is never exported`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.records + [Sample.client()])
      let exported = try await test.exported()
      #expect(exported.count == Self.records.count)
      let again = try await test.importing([Sample.client()])
      #expect(again.results.map(\.outcome) == [.unchanged])
    }
  }
}
