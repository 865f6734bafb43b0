import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

/// How much goes into a report.
@Suite(.timeLimit(.minutes(10))) struct OutcomeLimitTests {
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
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let most = try await least(\.outcomeByteCountMax, in: test.store)
      #expect(most > 1000)
      try await Self.compile(in: test.store) { $0.outcomeByteCountMax = most }
      let refusal = await expectRefusal(.limitReached) {
        try await Self.compile(in: test.store) { $0.outcomeByteCountMax = most - 1 }
      }
      #expect(refusal?.isPassing == true)
    }
  }

  @Test func `a report is made of so many records and bytes, and has so many`() async throws {
    #expect(Registry.MemoryLimits().reportedCountMax == 200_000)
    #expect(Registry.MemoryLimits().reportedByteCountMax == 128 << 20)
    #expect(Registry.MemoryLimits().outcomeContentByteCountMax == 64 << 20)
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      try await test.compile()
      let contentByteCount = try await test.content().bytes.count
      let limits: [(WritableKeyPath<Registry.MemoryLimits, Int>, Int, [String])] = [
        (\.reportedCountMax, try await least(\.reportedCountMax, in: test.store), ["max", "max_bytes"]),
        (\.reportedByteCountMax, try await least(\.reportedByteCountMax, in: test.store), ["max", "max_bytes"]),
        (\.outcomeContentByteCountMax, contentByteCount, ["max_bytes"]),
      ]
      for (limit, most, keys) in limits {
        #expect(most > 10)
        try await Self.compile(in: test.store) { $0[keyPath: limit] = most }
        let refusal = await expectRefusal(.limitReached) {
          try await Self.compile(in: test.store) { $0[keyPath: limit] = most - 1 }
        }
        #expect(refusal?.code == .resourceExhausted && refusal?.isPassing == false)
        #expect(refusal?.metadata.keys.sorted() == keys && refusal?.metadata.values.contains("\(most - 1)") == true)
      }
    }
  }

  /// The least of a limit within which the report is compiled, found by halves: what it takes, and no more.
  private func least(
    _ limit: WritableKeyPath<Registry.MemoryLimits, Int>, in store: any Store
  ) async throws -> Int {
    var (low, high) = (1, 1 << 20)
    while low < high {
      let middle = (low + high) / 2
      do {
        try await Self.compile(in: store) { $0[keyPath: limit] = middle }
        high = middle
      } catch let error as DomainError {
        #expect(error.reason == .limitReached)
        low = middle + 1
      }
    }
    return low
  }

  private static func compile(
    in store: any Store, _ change: (inout Registry.MemoryLimits) -> Void
  ) async throws {
    var memory = Registry.MemoryLimits()
    change(&memory)
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
