import Dispatch
import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Synchronization
import Testing

/// Work that takes long: it stops when nobody waits for it, has an end, and keeps nobody else waiting.
@Suite(.timeLimit(.minutes(10))) struct LongWorkTests {
  /// What a call asks of a registry.
  typealias Work = @Sendable (Registry) async throws -> Void

  static let works: [(name: String, work: Work)] = [
    ("list", { _ = try await $0.list(ListThemesRequest.with { $0.pageSize = 1000 }, as: TestRegistry.caller) }),
    (
      "sorted list",
      { _ = try await $0.list(ListThemesRequest.with { $0.orderBy = "notation,scheme" }, as: TestRegistry.caller) }
    ),
    (
      "filtered list",
      { _ = try await $0.list(ListThemesRequest.with { $0.filter = "nothing" }, as: TestRegistry.caller) }
    ),
    ("export", { try await $0.export(.init(), as: TestRegistry.caller) { _ in } }),
    (
      "export of a file",
      { try await $0.export(.with { $0.format = .skosTurtle }, as: TestRegistry.caller) { _ in } }
    ),
    (
      "export of a table",
      { try await $0.export(ExportWorld.request(.csv, ["Theme"]), as: TestRegistry.caller) { _ in } }
    ),
    ("translations", { _ = try await $0.translationStatus(.init(), as: TestRegistry.caller) }),
    (
      "compiling",
      { registry in
        let request = CompileOutcomeReportRequest.with { $0.name = "outcomeReports/r1" }
        let task = try await registry.outcomeTask(request, as: TestRegistry.caller)
        _ = try await registry.compileOutcome(task, as: TestRegistry.caller, watch: .nobody)
      }
    ),
    ("counts", { _ = try await $0.counts(as: TestRegistry.caller) }),
    (
      "import",
      { registry in
        var batch = try ImportBatch(.init(), within: registry.importBudget)
        for index in 0..<50 {
          try batch.append(Record(holding: Sample.theme("new\(index)", broader: ["themes/t\(index)"])))
        }
        _ = try await registry.importRecords(batch, as: TestRegistry.caller)
      }
    ),
    (
      "forced deletion",
      { registry in
        let request = DeleteDialogueRequest.with { ($0.name, $0.force) = ("dialogues/d1", true) }
        _ = try await registry.delete(request, as: TestRegistry.caller)
      }
    ),
  ]

  @Test(arguments: works.indices) func `a call that is given up reads no more`(_ index: Int) async throws {
    let (name, work) = Self.works[index]
    try await TestRegistry.run { test in
      try await test.seed(Sample.person(), Sample.dialogue(), Sample.series(), Sample.report())
      try await test.importing((0..<1100).map { Sample.theme("t\($0)") })
      try await test.importing((0..<50).map { Sample.intervention("i\($0)") })
      // SAFETY: the task is not used beyond the closure that is given it.
      let store = WatchedStore(test.store) { _ in unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
      let registry = Registry(
        store: store, now: { CommitTime(microseconds: 0) }, randomBytes: { Array(repeating: 0, count: $0) })
      let call = Task { try await work(registry) }
      let error = await #expect(throws: DomainError.self) { try await call.value }
      #expect(error?.reason == .callCancelled && error?.code == .cancelled)
      #expect(store.readCount == 1, "\(name)")
      // The store is told while it reads, for what it has to look at may be long.
      if name.hasSuffix("list") { #expect(store.sawGivenUp, "\(name)") }
    }
  }

  @Test func `a deletion has a most number of records that it touches`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.person(), Sample.dialogue())
      let most = Registry.touchedCountMax
      let report = try await test.importing((0..<most).map { Sample.intervention("i\($0)") })
      try #require(report.isApplied)
      let request = DeleteDialogueRequest.with { $0.name = "dialogues/d1" }
      let unforced = await expectRefusal(.hasChildren) { try await test.delete(request) }
      #expect(unforced?.metadata["min_count"] == "\(most)" && unforced?.obstacles.count == 20)
      let forced = DeleteDialogueRequest.with { ($0.name, $0.force) = ("dialogues/d1", true) }
      await expectRefusal(.limitReached) { try await test.delete(forced) }
      try await test.delete(DeleteInterventionRequest.with { $0.name = "dialogues/d1/interventions/i7" })
      let counted = await expectRefusal(.hasChildren) { try await test.delete(request) }
      #expect(counted?.metadata["count"] == "\(most - 1)")
      try await test.delete(forced)
      let left = try await test.exported(["plenary.registry/Intervention", "plenary.registry/Dialogue"])
      #expect(left.isEmpty)
    }
  }

  @Test func `more dialogues that build on one than can be looked at are refused, not left out`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series(), Sample.dialogue("first", ordinal: 1))
      func successors(_ numbers: Range<Int>) -> [Dialogue] {
        numbers.map { number in
          .with {
            $0 = Sample.dialogue("d\(number)", ordinal: Int32(number))
            $0.predecessors = ["dialogues/first"]
          }
        }
      }
      func move(to ordinal: Int32) async throws {
        try await test.update(
          UpdateDialogueRequest.with {
            $0.dialogue = .with { ($0.name, $0.ordinal) = ("dialogues/first", ordinal) }
          })
      }
      try await test.importing(successors(10..<1010))
      try await move(to: 2)
      try await test.importing(successors(1010..<1011))
      await expectRefusal(.limitReached) { try await move(to: 3) }
    }
  }

  @Test func `long work leaves the executor of its call, and short work stays`() async throws {
    let loop = TestExecutor()
    try await TestRegistry.run { test in
      try await test.seed(Sample.person(), Sample.dialogue(), Sample.intervention())
      let stays = Mutex<[Bool]>([])
      let store = WatchedStore(test.store) { _ in
        stays.withLock { $0.append(loop.isCurrent) }
      }
      let registry = Registry(
        store: store, now: { CommitTime(microseconds: 0) }, randomBytes: { Array(repeating: 0, count: $0) })
      func places(_ work: () async throws -> Void) async throws -> Set<Bool> {
        stays.withLock { $0 = [] }
        try await withTaskExecutorPreference(loop) { try await work() }
        return stays.withLock { Set($0) }
      }
      let small = CreateThemeRequest.with { ($0.theme, $0.themeID) = (Sample.theme(), "small") }
      #expect(try await places { _ = try await registry.create(small, as: TestRegistry.caller) } == [true])
      let large = CreateInitiativeRequest.with {
        ($0.initiative, $0.initiativeID) = (Sample.initiative(), "large")
        $0.initiative?.ownerOrganization = "organizations/nobody"
        $0.initiative?.description = LocalizedText(String(repeating: "x", count: 17_000))
      }
      let refused = try await places {
        await expectRefusal(.referenceNotFound) { _ = try await registry.create(large, as: TestRegistry.caller) }
      }
      #expect(refused == [false])
      let deletion = DeleteDialogueRequest.with { ($0.name, $0.force) = ("dialogues/d1", true) }
      #expect(try await places { _ = try await registry.delete(deletion, as: TestRegistry.caller) } == [false])
    }
  }
}

/// An executor of its own, as an event loop is one.
private final class TestExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "loop")
  private let mark = DispatchSpecificKey<Bool>()

  init() {
    queue.setSpecific(key: mark, value: true)
  }

  /// Whether it runs what asks.
  var isCurrent: Bool { DispatchQueue.getSpecific(key: mark) == true }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // SAFETY: the closure keeps the executor, and a job is run once.
    queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
