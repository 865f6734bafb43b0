import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import plenary

@Suite struct DiagnosisTests {
  private static let now = ProtobufTimestamp.with { $0.seconds = 1_800_000_000 }

  private func sound() -> StoreHealth {
    .with {
      $0.diskFreeBytes = Diagnosis.diskFreeMin
      $0.ballast = .held
      $0.logBytes = Diagnosis.logBytesMax
      $0.commitCount = 1
      $0.commitMicrosecondsP99 = Diagnosis.commitMicrosecondsMax
      $0.lastBackup = .with { backup in
        backup.createTime = .with { $0.seconds = Self.now.seconds - Diagnosis.backupDaysMax * 86_400 }
      }
    }
  }

  private func checks(
    _ health: StoreHealth, isServing: Bool = true, found: VerifyRegistryResponse = .with { $0.sound = true }
  ) -> [Diagnosis.Check] {
    Diagnosis(isServing: isServing, health: health, found: found, now: Self.now).checks
  }

  @Test func `at every limit all is well`() {
    #expect(checks(sound()).filter { $0.verdict != .good } == [])
    #expect(checks(sound()).count == 8)
  }

  /// What can be wrong with a store.
  struct Trouble: Sendable {
    let subject: String
    let verdict: Diagnosis.Verdict
    let change: @Sendable (inout StoreHealth) -> Void

    init(_ subject: String, _ verdict: Diagnosis.Verdict, _ change: @escaping @Sendable (inout StoreHealth) -> Void) {
      self.subject = subject
      self.verdict = verdict
      self.change = change
    }
  }

  static let troubles: [Trouble] = [
    Trouble("disk", .doubtful) { $0.diskFreeBytes = Diagnosis.diskFreeMin - 1 },
    Trouble("disk", .bad) { $0.diskFreeBytes = Diagnosis.diskFreeLeast - 1 },
    Trouble("ballast", .bad) { $0.ballast = .spent },
    Trouble("log", .doubtful) { $0.logBytes = Diagnosis.logBytesMax + 1 },
    Trouble("log", .bad) { $0.checkpoint = .with { $0.failure = "no space" } },
    Trouble("commits", .doubtful) { $0.commitMicrosecondsP99 = Diagnosis.commitMicrosecondsMax + 1 },
    Trouble("writes", .bad) { $0.failure = "the disk has gone" },
    Trouble("backup", .doubtful) { $0.lastBackup = nil },
    Trouble("backup", .doubtful) { health in
      health.lastBackup = .with { backup in
        backup.createTime = .with { $0.seconds = now.seconds - (Diagnosis.backupDaysMax + 1) * 86_400 }
      }
    },
  ]

  @Test(arguments: troubles)
  func `beyond a limit the doctor says what to do`(_ trouble: Trouble) {
    var health = sound()
    trouble.change(&health)
    let wrong = checks(health).filter { $0.verdict != .good }
    #expect(wrong.map(\.subject) == [trouble.subject])
    #expect(wrong.map(\.verdict) == [trouble.verdict])
    #expect(wrong.allSatisfy { !$0.advice.isEmpty })
  }

  @Test func `damaged data and a daemon that does not serve are bad`() {
    let found = VerifyRegistryResponse.with { $0.findings = [.with { $0.message = "the chain breaks" }] }
    let wrong = checks(sound(), isServing: false, found: found).filter { $0.verdict == .bad }
    #expect(wrong.map(\.subject) == ["daemon", "data"])
  }

  @Test(
    arguments: [
      (true, ProtobufDuration(.zero), .good, "none"),
      (true, ProtobufDuration(.seconds(Diagnosis.lagSecondsMax)), .good, "3 changes, 10.0 s"),
      (true, ProtobufDuration(.seconds(Diagnosis.lagSecondsMax + 1)), .doubtful, "3 changes, 11.0 s"),
      (true, nil, .doubtful, "3 changes; it has not been level with its leader yet"),
      (false, ProtobufDuration(.milliseconds(1250)), .bad, "3 changes, 1.2 s; it does not hear it"),
    ] as [(Bool, ProtobufDuration?, Diagnosis.Verdict, String)])
  func `a follower that lags or hears nothing is told`(
    _ isConnected: Bool, _ lag: ProtobufDuration?, _ verdict: Diagnosis.Verdict, _ words: String
  ) {
    let follower = FollowerStatus.with {
      $0.leader = "leader.example:7443"
      $0.connected = isConnected
      $0.lag = lag
      $0.lagChangeCount = 3
    }
    let found = VerifyRegistryResponse.with { $0.sound = true }
    let checks = Diagnosis(isServing: true, health: sound(), follower: follower, found: found, now: Self.now).checks
    #expect(checks.count == 9 && checks.last?.subject == "leader")
    #expect(checks.last?.verdict == verdict)
    #expect(checks.last?.finding == "it follows leader.example:7443; lag: \(words)")
    #expect(checks.last?.advice.isEmpty == (verdict == .good))
  }

  @Test func `progress is a bar where it is known how much there is`() {
    #expect(ProgressBar.line("copying", 0, of: 0) == "copying …")
    #expect(ProgressBar.line("copying", 5, of: 10) == "copying [###############---------------] 50 %")
    #expect(ProgressBar.line("copying", 12, of: 10).hasSuffix("100 %"))
  }

  @Test(
    arguments: [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KiB"), (1 << 30, "1.0 GiB")] as [(Int64, String)])
  func `bytes are told in units`(_ count: Int64, _ words: String) {
    #expect(ByteCount.words(count) == words)
  }
}
