import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// The chain from mandates to what became of recommendations.
@Suite(.timeLimit(.minutes(10))) struct TraceTests {
  private static let finding = "dialogues/d1/findings/f1"

  /// A whole chain, with a second panel beside it.
  private static var chain: [any ProtobufMessage] {
    [
      Sample.organization(), Sample.mandate(),
      Sample.directive().with { ($0.addressee, $0.advisee) = ("organizations/o1", "organizations/o1") },
      Sample.series().with { $0.mandates = ["mandates/m1"] }, Sample.dialogue("d1", ordinal: 1), Sample.panel(),
      Sample.panel("p2"), Sample.finding(),
      Sample.recommendation().with {
        ($0.directive, $0.state) = ("mandates/m1/directives/d1", .accepted)
      },
      Sample.followUp(),
    ]
  }

  private func trace(
    _ name: String, _ test: TestRegistry, as caller: Caller = TestRegistry.caller,
    _ change: (inout TraceResourceRequest) -> Void = { _ in }
  ) async throws -> ResourceTrace {
    try await test.registry.trace(TraceResourceRequest.with { $0.name = name }.with(change), as: caller).trace
  }

  private static func links(_ trace: ResourceTrace) -> [String: [String]] {
    Dictionary(uniqueKeysWithValues: trace.nodes.map { ($0.name, $0.predecessors) })
  }

  @Test func `from a finding the chain leads back to the mandate and forth to what became of it`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.chain)
      let trace = try await trace(Self.finding, test)
      #expect(
        Self.links(trace) == [
          "mandates/m1": [], "mandates/m1/directives/d1": ["mandates/m1"], "series/s1": ["mandates/m1/directives/d1"],
          "dialogues/d1": ["series/s1"], "dialogues/d1/panels/p1": ["dialogues/d1"],
          Self.finding: ["dialogues/d1/panels/p1"], "recommendations/r1": [Self.finding],
          "recommendations/r1/followUps/x-1": ["recommendations/r1"],
        ])
      #expect(trace.nodes.map(\.step).map(\.rawValue) == trace.nodes.map(\.step.rawValue).sorted())
      #expect(trace.nodes.filter { $0.side == .itself }.map(\.name) == [Self.finding])
      #expect(trace.nodes.filter { $0.side == .after }.map(\.name).count == 2)
      #expect(trace.nodes.first { $0.step == .recommendation }?.state == "ACCEPTED")
      #expect(trace.gaps.isEmpty && !trace.truncated)
    }
  }

  @Test func `from a mandate everything under it follows, and from what became of it all that led there`() async throws
  {
    try await TestRegistry.run { test in
      try await test.seed(Self.chain)
      let down = try await trace("mandates/m1", test)
      #expect(down.nodes.count == 9 && down.nodes.allSatisfy { $0.side != .before })
      // Nothing was found by the second panel.
      #expect(down.gaps == [.with { ($0.name, $0.missing) = ("dialogues/d1/panels/p2", .finding) }])
      let up = try await trace("recommendations/r1/followUps/x-1", test)
      #expect(up.nodes.count == 8 && up.nodes.allSatisfy { $0.side != .after } && up.gaps.isEmpty)
      #expect(
        Self.links(up)["recommendations/r1"] == [Self.finding, "mandates/m1/directives/d1"].sorted())
    }
  }

  @Test func `where the chain breaks off is told`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization(), Sample.mandate(), Sample.series(), Sample.dialogue("d1", ordinal: 1), Sample.panel(),
        Sample.finding(), Sample.recommendation(on: []).with { $0.dialogue = "dialogues/d1" })
      func gaps(_ name: String) async throws -> [String] {
        try await trace(name, test).gaps.map { "\($0.name) \($0.before ? "<-" : "->") \($0.missing)" }
      }
      #expect(try await gaps("mandates/m1") == ["mandates/m1 -> DIRECTIVE"])
      #expect(try await gaps(Self.finding) == ["series/s1 <- MANDATE", "\(Self.finding) -> RECOMMENDATION"])
      // A draft has nothing to be followed by.
      #expect(
        try await gaps("recommendations/r1") == [
          "series/s1 <- MANDATE", "recommendations/r1 <- DIRECTIVE", "recommendations/r1 <- FINDING",
        ])
      try await test.seed(
        Sample.recommendation("r2", .submitted),
        Sample.directive().with {
          ($0.addressee, $0.advisee, $0.stakeholderGroups) = ("organizations/o1", "organizations/o1", [.civilSociety])
        })
      #expect(
        try await gaps("mandates/m1") == [
          "mandates/m1/directives/d1 -> DIALOGUE", "mandates/m1/directives/d1 -> CONSULTATION",
          "mandates/m1/directives/d1 -> RECOMMENDATION",
        ])
      #expect(try await gaps("recommendations/r2").contains("recommendations/r2 -> FOLLOW_UP"))
    }
  }

  @Test func `a gap that two records lead to is told once`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization(), Sample.mandate(), Sample.series().with { $0.mandates = ["mandates/m1"] },
        Sample.dialogue("d1", ordinal: 1).with { $0.mandates = ["mandates/m1"] })
      let gaps = try await trace("dialogues/d1", test).gaps.filter { $0.missing == .directive }
      #expect(gaps.map(\.name) == ["mandates/m1"])
    }
  }

  @Test func `recommendations that replaced each other are one line`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.outcomes + [
          Sample.recommendation("r3", .accepted),
          Sample.recommendation("r2", .superseded).with { $0.successor = "recommendations/r3" },
          Sample.recommendation("r1", .superseded).with { $0.successor = "recommendations/r2" },
        ])
      let trace = try await trace("recommendations/r2", test)
      let line = trace.nodes.filter { $0.step == .recommendation }
      #expect(line.map(\.name) == ["recommendations/r1", "recommendations/r2", "recommendations/r3"])
      #expect(line.map(\.side) == [.before, .itself, .after])
      #expect(line[2].predecessors == ["recommendations/r2"])
    }
  }

  @Test func `a consultation leads back to its directive and its dialogue`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.chain + [Sample.consultation().with { $0.dialogue = "dialogues/d1" }])
      let trace = try await trace("consultations/c1", test)
      #expect(Self.links(trace)["consultations/c1"] == ["dialogues/d1", "mandates/m1/directives/d1"])
      #expect(trace.nodes.count == 5)
    }
  }

  @Test func `a trace is that of a revision`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.chain.dropLast())
      let before = try await test.registry.trace(.with { $0.name = Self.finding }, as: TestRegistry.caller)
      try await test.seed(Sample.followUp())
      #expect(try await trace(Self.finding, test).gaps.isEmpty)
      #expect(before.trace.gaps.map(\.missing) == [.followUp])
      #expect(try await trace(Self.finding, test) { $0.revision = before.revision } == before.trace)
    }
  }

  @Test func `what the caller does not see is no part of a trace, and no gap is filled by it`() async throws {
    let tests = SharingTests()
    try await tests.run { test in
      try await test.seed(Array(Self.chain.dropLast()))
      let before = try await trace(Self.finding, test, as: tests.theirs)
      let hidden = tests.marking(.amber, organizations: [SharingTests.own])
      try await test.seed(
        Sample.followUp().with { $0.marking = hidden }, Sample.recommendation("r2").with { $0.marking = hidden },
        Sample.mandate("m2", symbol: "S/RES/2354 (2017)").with { $0.marking = hidden },
        Sample.directive("d2").with { $0.marking = hidden })
      #expect(try await trace(Self.finding, test, as: tests.theirs) == before)
      #expect(before.gaps.map(\.missing) == [.followUp])
      let mine = try await trace(Self.finding, test, as: tests.mine)
      #expect(mine.nodes.count == before.nodes.count + 3 && mine.gaps.isEmpty)
      await expectRefusal(.resourceNotFound) { _ = try await trace("recommendations/r2", test, as: tests.theirs) }
    }
  }

  @Test func `a trace has a most number of records, the nearest first`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.chain)
      let whole = try await trace(Self.finding, test) { $0.pageSize = 8 }
      #expect(whole.nodes.count == 8 && !whole.truncated)
      let part = try await trace(Self.finding, test) { $0.pageSize = 7 }
      #expect(part.nodes.count == 7 && part.truncated)
      let near = try await trace(Self.finding, test) { $0.pageSize = 3 }
      #expect(near.nodes.map(\.name) == ["dialogues/d1/panels/p1", Self.finding, "recommendations/r1"])
      // Beyond what was followed nothing is called missing.
      #expect(near.gaps.isEmpty)
    }
  }

  @Test func `more records than the most are not asked for`() async throws {
    try await TestRegistry.run { test in
      let most = Registry.traceCountMax
      try await test.seed(
        [Sample.organization(), Sample.series(), Sample.dialogue("d1", ordinal: 1)]
          + (1..<most - 1).map { Sample.panel("n\($0)") })
      let whole = try await trace("dialogues/d1", test) { $0.pageSize = 5000 }
      #expect(whole.nodes.count == most && !whole.truncated)
      try await test.seed(Sample.panel("more"))
      let part = try await trace("dialogues/d1", test) { $0.pageSize = 5000 }
      #expect(part.nodes.count == most && part.truncated)
    }
  }

  @Test func `a trace tells a most number of links`() async throws {
    try await TestRegistry.run { test in
      let findings = (1...100).map { "f\($0)" }
      let full = TraceWalk.linkCountMax / (findings.count)
      func advice(_ numbers: ClosedRange<Int>) -> [any ProtobufMessage] {
        numbers.map { Sample.recommendation("r\($0)", on: findings.map { "dialogues/d1/findings/\($0)" }) }
      }
      // One link leads from the dialogue to the panel, and one from there to each finding.
      try await test.seed(
        [Sample.organization(), Sample.dialogue(), Sample.panel()] + findings.map { Sample.finding($0) }
          + advice(1...full - 2))
      let whole = try await trace("dialogues/d1", test) { $0.pageSize = 1000 }
      #expect(!whole.truncated && whole.nodes.reduce(0) { $0 + $1.predecessors.count } == TraceWalk.linkCountMax - 99)
      try await test.seed(advice(full - 1...full - 1))
      let part = try await trace("dialogues/d1", test) { $0.pageSize = 1000 }
      #expect(part.truncated && part.nodes.reduce(0) { $0 + $1.predecessors.count } == TraceWalk.linkCountMax)
    }
  }

  @Test func `a trace that cannot be made says why`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization())
      await expectRefusal(.fieldRequired, "name") { _ = try await trace("", test) }
      await expectRefusal(.idInvalid, "name") { _ = try await trace("nothing/at/all", test) }
      let kind = await expectRefusal(.resourceTypeUnknown, "name") { _ = try await trace("organizations/o1", test) }
      #expect(kind?.message.contains("recommendations") == true)
      await expectRefusal(.resourceNotFound) { _ = try await trace("mandates/none", test) }
      await expectRefusal(.pageSizeInvalid, "page_size") {
        _ = try await trace("mandates/none", test) { $0.pageSize = -1 }
      }
    }
  }
}
