import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

/// The way of a report from a draft to what is published, and what then becomes of its content.
@Suite(.timeLimit(.minutes(10))) struct OutcomeReviewTests {
  private static func update(_ report: OutcomeReport, _ paths: String...) -> UpdateOutcomeReportRequest {
    .with {
      $0.outcomeReport = report
      $0.outcomeReport?.name = "outcomeReports/r1"
      $0.updateMask = .with { $0.paths = paths }
    }
  }

  private static func step<Request: TransitionRequestMessage>(_ type: Request.Type) -> Request {
    .with { $0.name = "outcomeReports/r1" }
  }

  @Test func `a report goes from draft to superseded, and is fixed from its approval on`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      await expectRefusal(.illegalTransition) {
        try await test.transition("Submit", Self.step(SubmitOutcomeReportRequest.self))
      }
      try await test.compile()
      try await test.transition("Submit", Self.step(SubmitOutcomeReportRequest.self))
      let refusal = await expectRefusal(.illegalTransition) { try await test.compile() }
      #expect(refusal?.metadata["to"] == "COMPILED" && refusal?.metadata["from"] == "IN_REVIEW")
      try await test.transition("Return", Self.step(ReturnOutcomeReportRequest.self))
      let digest = try await test.compile().contentDigest
      try await test.approve()
      let approved = try await test.report()
      #expect(approved.state == .approved && approved.approver == "clients/b" && approved.contentDigest == digest)
      await expectRefusal(.contentFrozen) {
        try await test.update(Self.update(.with { $0.title = LocalizedText("Other") }, "title"))
      }
      await expectRefusal(.illegalTransition) { try await test.compile() }
      try await test.transition("Publish", Self.step(PublishOutcomeReportRequest.self))
      await expectRefusal(.contentFrozen) {
        try await test.delete(DeleteOutcomeReportRequest.with { $0.name = "outcomeReports/r1" })
      }
      try await test.seed(
        OutcomeReport.with {
          $0 = Sample.report("r2")
          $0.supersedes = "outcomeReports/r1"
        }, Sample.report("r3"))
      func supersede(by id: String) async throws -> OutcomeReport {
        try await test.transition(
          "Supersede",
          SupersedeOutcomeReportRequest.with {
            $0.name = "outcomeReports/r1"
            $0.successor = "outcomeReports/\(id)"
          })
      }
      for id in ["r2", "r3"] { await expectRefusal(.illegalTransition) { _ = try await supersede(by: id) } }
      try await test.compile("r2")
      try await test.approve("r2")
      let superseded = try await supersede(by: "r2")
      #expect(superseded.state == .superseded && superseded.successor == "outcomeReports/r2")
      // Its content is still what it was.
      #expect(try await test.content().header.contentDigest == digest)
    }
  }

  @Test func `a gap is filled or waived before a report is approved`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.series(),
        Dialogue.with {
          $0 = Sample.plannedDialogue()
          $0.state = .concluded
        }, Sample.report())
      try await test.compile()
      let refusal = await expectRefusal(.reportIncomplete, "gaps") { try await test.approve() }
      #expect(refusal?.metadata["gaps"] == "DIALOGUE_WITHOUT_PANELS dialogues/d1")
      #expect(refusal?.code == .failedPrecondition)
      try await test.transition("Return", Self.step(ReturnOutcomeReportRequest.self))
      let waived = try await test.update(
        Self.update(
          .with {
            $0.waivers = [
              .with {
                ($0.kind, $0.subject, $0.reason) = (.dialogueWithoutPanels, "dialogues/d1", "there were none")
              }
            ]
          }, "waivers"))
      #expect(waived.state == .draft && waived.contentDigest.isEmpty && waived.inputRevision.isEmpty)
      #expect(try await test.compile().gaps.map(\.waiveReason) == ["there were none"])
      try await test.approve()
      #expect(try await test.content().content.gaps.map(\.waiveReason) == ["there were none"])
    }
  }

  @Test func `who has compiled a report does not approve it`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let a = TestRegistry.client("a")
      try await test.compile(as: a)
      await expectRefusal(.fourEyes, "compiler") { try await test.approve(by: a) }
      try await test.transition("Return", Self.step(ReturnOutcomeReportRequest.self))
      try await test.approve(by: TestRegistry.client("b"))
    }
  }

  @Test func `what a report asks for makes it a draft again when it changes, and does not change in review`()
    async throws
  {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let changes: [(OutcomeReport, String)] = [
        (.with { $0.title = LocalizedText("Other") }, "title"),
        (.with { $0.dialogues = ["dialogues/d1"] }, "dialogues"),
        (.with { $0.ceilingLabel = .clear }, "ceiling_label"), (.with { $0.languageCodes = ["fr"] }, "language_codes"),
        (.with { $0.requiredParts = [.panelSummaries] }, "required_parts"),
        (
          .with {
            $0.marking = .with {
              $0.label = .amber
              $0.organizations = ["organizations/o1"]
            }
          }, "marking"
        ),
      ]
      for (report, path) in changes {
        try await test.compile()
        try await test.transition("Submit", Self.step(SubmitOutcomeReportRequest.self))
        await expectRefusal(.contentFrozen) { try await test.update(Self.update(report, path)) }
        try await test.transition("Return", Self.step(ReturnOutcomeReportRequest.self))
        #expect(try await test.update(Self.update(report, path)).state == .draft, "\(path)")
        await expectRefusal(.reportNotCompiled) { _ = try await test.content() }
        // A report that may hold nothing but what is CLEAR cannot tell of the series.
        if path == "ceiling_label" { try await test.update(Self.update(OutcomeReport(), path)) }
      }
      // What the content does not follow from may change.
      try await test.compile()
      let annotated = try await test.update(Self.update(.with { $0.annotations = ["desk": "7"] }, "annotations"))
      #expect(annotated.state == .compiled && !annotated.contentDigest.isEmpty)
    }
  }

  @Test func `history that a report in review or fixed rests on stays`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let report = try await test.compile()
      func compact(to revision: String) async throws {
        _ = try await test.registry.compactHistory(.with { $0.toRevision = revision }, as: TestRegistry.caller)
      }
      try await test.transition("Submit", Self.step(SubmitOutcomeReportRequest.self))
      try await test.seed(Sample.theme("t9"))
      let later = try await test.get(GetThemeRequest.with { $0.name = "themes/t9" }).revision
      let refusal = await expectRefusal(.resourceInUse) { try await compact(to: later) }
      #expect(refusal?.resource == "outcomeReports/r1")
      try await compact(to: report.inputRevision)
      #expect(try await test.content().header.contentDigest == report.contentDigest)
      // A report that is compiled only is compiled again.
      try await test.transition("Return", Self.step(ReturnOutcomeReportRequest.self))
      try await compact(to: later)
      await expectRefusal(.illegalTransition) {
        try await test.transition("Submit", Self.step(SubmitOutcomeReportRequest.self))
      }
      try await test.compile()
      try await test.approve()
    }
  }

  @Test func `content that cannot be made again says so`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      await expectRefusal(.reportNotCompiled) { _ = try await test.content() }
      try await test.compile()
      let name = "dialogues/d2/findings/f2"
      try await test.delete(DeleteFindingRequest.with { $0.name = name })
      _ = try await test.registry.purge(
        PurgeFindingsRequest.with {
          $0.parent = "dialogues/-"
          $0.filter = "*"
          $0.force = true
        }, as: TestRegistry.caller)
      let other = Registry(
        store: test.store, now: { CommitTime(microseconds: TestRegistry.start) },
        randomBytes: { Array(repeating: 7, count: $0) })
      await expectRefusal(.reportContentLost) {
        try await other.readOutcomeContent(.with { $0.name = "outcomeReports/r1" }, as: TestRegistry.caller) { _ in }
      }
    }
  }

  @Test func `where an erased person was named a notice stands, and the new digest names the old one`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records + [Sample.report("r2"), Sample.report("r3")])
      let before = try await test.compile()
      try await test.approve()
      try await test.compile("r2")
      #expect(try await test.content().text.contains("Chen"))
      let request = ErasePersonRequest.with {
        $0.name = "persons/p1"
        $0.reason = "asked for"
      }
      _ = try await test.registry.erasePerson(request, as: TestRegistry.caller)
      let after = try await test.report()
      #expect(after.state == .approved && after.contentDigest != before.contentDigest)
      #expect(after.redactions.map(\.replacedDigest) == [before.contentDigest])
      #expect(after.redactions.map(\.contentDigest) == [after.contentDigest])
      let read = try await test.content()
      #expect(!read.text.contains("Chen") && !read.text.contains("Mei"))
      #expect(read.content.replacedDigest == before.contentDigest && read.header.redactions.count == 1)
      let person = try #require(read.content.persons.first)
      #expect(person.redacted && person.redactDate == "2018-11-07" && person.name == "persons/p1")
      #expect(try await test.report("r2").redactions.count == 1)
      #expect(try await test.report("r3").redactions.isEmpty)
      // Compiled anew, it is a content of its own.
      let again = try await test.compile("r2")
      #expect(again.redactions.isEmpty)
      #expect(try await test.content("r2").content.replacedDigest.isEmpty)
    }
  }

  @Test func `a report is compiled once for a request that is repeated`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let request = CompileOutcomeReportRequest.with {
        $0.name = "outcomeReports/r1"
        $0.requestID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      }
      func compile() async throws -> OutcomeReport {
        let task = try await test.registry.outcomeTask(request, as: TestRegistry.caller)
        return try #require(
          try await test.registry.compileOutcome(task, as: TestRegistry.caller, watch: .nobody).outcomeReport)
      }
      let first = try await compile()
      #expect(try await compile() == first)
    }
  }
}

extension OutcomeContent.NamedPerson {
  var name: String { origin?.name ?? "" }
}
