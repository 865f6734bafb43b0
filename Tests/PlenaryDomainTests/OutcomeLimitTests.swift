import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

/// How much goes into a report.
@Suite(.timeLimit(.minutes(4))) struct OutcomeLimitTests {
  private static let dialogueCountMax = 1000

  private static func dialogue(_ number: Int) -> Dialogue {
    .with {
      $0.name = "dialogues/n\(number)"
      $0.series = "series/s1"
      $0.ordinal = Int32(number + 1)
      $0.title = LocalizedText("Dialogue \(number)")
      $0.state = .concluded
    }
  }

  @Test func `a report has at most a thousand dialogues, and tells of a thousand gaps`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme(), Sample.series(), Sample.report())
      try await test.seed((0..<Self.dialogueCountMax).map(Self.dialogue))
      let report = try await test.compile()
      #expect(report.compiledDialogues.count == Self.dialogueCountMax && report.gaps.count == 1000)
      // One gap more stands in the content alone; what is waived gives way first.
      try await test.update(
        UpdateDialogueRequest.with {
          $0.dialogue = .with {
            $0.name = "dialogues/n7"
            $0.themes = ["themes/t1"]
          }
        })
      try await test.seed(Sample.group(of: "n7"))
      try await test.update(
        UpdateOutcomeReportRequest.with {
          $0.outcomeReport = .with {
            $0.name = "outcomeReports/r1"
            $0.waivers = [
              .with { ($0.kind, $0.subject, $0.reason) = (.dialogueWithoutPanels, "dialogues/n0", "there were none") }
            ]
          }
        })
      let more = try await test.compile()
      #expect(more.gaps.count == 1000 && more.gaps.allSatisfy(\.waiveReason.isEmpty))
      #expect(try await test.content().content.gaps.count == 1002)
      try await test.seed(Self.dialogue(Self.dialogueCountMax))
      let refusal = await expectRefusal(.limitReached) { try await test.compile() }
      #expect(refusal?.metadata["max"] == "\(Self.dialogueCountMax)" && refusal?.code == .resourceExhausted)
    }
  }

  @Test func `reports that are compiled have so much memory together`() async throws {
    var byteCount = 0
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      // As many bytes as the records take, found by halves.
      var (low, high) = (1, 1 << 20)
      while low < high {
        let middle = (low + high) / 2
        do {
          try await Self.compile(in: test.store, within: middle)
          high = middle
        } catch let error as DomainError {
          #expect(error.reason == .limitReached && error.isPassing)
          low = middle + 1
        }
      }
      byteCount = low
      try await Self.compile(in: test.store, within: byteCount)
      await expectRefusal(.limitReached) { try await Self.compile(in: test.store, within: byteCount - 1) }
    }
    #expect(byteCount > 1000)
  }

  private static func compile(in store: any Store, within byteCount: Int) async throws {
    var memory = Registry.MemoryLimits()
    memory.outcomeByteCountMax = byteCount
    let registry = Registry(
      store: store, now: { CommitTime(microseconds: TestRegistry.start) },
      randomBytes: { Array(repeating: 7, count: $0) }, memory: memory)
    let request = CompileOutcomeReportRequest.with {
      $0.name = "outcomeReports/r1"
      $0.validateOnly = true
    }
    let task = try await registry.outcomeTask(request, as: TestRegistry.caller)
    _ = try await registry.compileOutcome(task, as: TestRegistry.caller, watch: .nobody)
  }
}
