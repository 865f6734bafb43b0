internal import ArgumentParser
internal import GRPCProtos
internal import PlenaryClient

/// `plenary doctor`: what is wrong with a daemon, and what to do about it.
struct Doctor: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Says what is wrong with the daemon and its store, and what to do.",
    discussion: """
      Examples:

        plenary doctor
        plenary doctor --full --output json

      It asks for the health of the daemon and of its store, verifies the data, and looks for persons whose data are kept \
      without a ground or for too long; --full holds every record against the audit. Exits with 9 if something is wrong that should not wait.
      """)

  @Flag(help: "Verify every record, which takes about a minute for a million of them.")
  var full = false

  @OptionGroup(title: "Everywhere")
  var global: GlobalOptions

  func run(in session: Session) async throws {
    let (isServing, status, access, found, persons) = try await session.withRegistry { registry in
      let health = try await GRPCHealthClient(registry.client.channel)
        .check(GRPCHealthCheckRequest(), options: registry.options)
      let operation = try await AdminServiceClient(registry.client.channel)
        .verifyRegistry(.with { $0.depth = full ? .full : .quick }, options: registry.options)
      let found = try await OperationRun(registry: registry, session: session)
        .response(of: operation, as: VerifyRegistryResponse.self)
      let status = try await AdminServiceClient(registry.client.channel)
        .getStoreStatus(GetStoreStatusRequest(), options: registry.options)
      let access = try await AdminServiceClient(registry.client.channel)
        .getAccessStatus(GetAccessStatusRequest(), options: registry.options)
      let persons = try await KeptPersons(registry, at: found.verifyTime ?? ProtobufTimestamp())
      return (health.status == .serving, status, access, found, persons)
    }
    let now = found.verifyTime ?? ProtobufTimestamp()
    let checks =
      Diagnosis(
        isServing: isServing, health: status.health, follower: status.follower, found: found, now: now
      ).checks + AccessWords.checks(access, at: now) + persons.checks
    switch global.output {
    case .table: try session.console.print(checks.map { $0.line(session.console.output.style) })
    case .json, .yaml: try session.answer(.array(checks.map(\.object)))
    case .name: try session.console.print(checks.filter { $0.verdict != .good }.map(\.subject))
    }
    let bad = checks.count { $0.verdict == .bad }
    guard bad > 0 else { return }
    throw Failure(.differs, "\(bad) of \(checks.count) checks found something that should not wait")
  }
}

/// What a daemon tells of itself, judged.
struct Diagnosis {
  /// What is thought of one thing.
  enum Verdict: String {
    case good = "ok"
    case doubtful = "look"
    case bad
  }

  /// One thing that was looked at.
  struct Check: Equatable {
    let subject: String
    let verdict: Verdict
    let finding: String
    var advice = ""

    func line(_ style: TextStyle) -> String {
      let mark = TerminalText.padded(verdict.rawValue, to: 4, alignment: .left)
      let text = "\(verdict == .good ? mark : style.bold(mark))  \(subject): \(finding)"
      return advice.isEmpty ? text : "\(text); \(advice)"
    }

    var object: JSONValue {
      .object([
        ("subject", .string(subject)), ("verdict", .string(verdict.rawValue)), ("finding", .string(finding)),
        ("advice", .string(advice)),
      ])
    }
  }

  /// Less room than this is soon used up.
  static let diskFreeMin: Int64 = 1 << 30
  /// Less than this is as good as none.
  static let diskFreeLeast: Int64 = 128 << 20
  /// A longer log slows reads and the next start.
  static let logBytesMax: Int64 = 512 << 20
  /// A commit that takes longer is noticed by callers.
  static let commitMicrosecondsMax: Int64 = 100_000
  /// A follower that is further behind is of little use for reads.
  static let lagSecondsMax: Int64 = 10
  /// An older backup is hardly one.
  static let backupDaysMax: Int64 = 7

  let isServing: Bool
  let health: StoreHealth?
  var follower: FollowerStatus?
  let found: VerifyRegistryResponse
  let now: ProtobufTimestamp

  /// Everything that was looked at, in the order in which a person would.
  var checks: [Check] {
    guard let health else { return [serving, data] }
    let checks = [
      serving, writing(health), data, disk(health), ballast(health), log(health), commits(health), backup(health),
    ]
    return checks + (follower.map { [following($0)] } ?? [])
  }

  private var serving: Check {
    isServing
      ? Check(subject: "daemon", verdict: .good, finding: "it serves")
      : Check(
        subject: "daemon", verdict: .bad, finding: "it answers but does not serve",
        advice: "it is stopping, or has failed: look at its log, and start it again")
  }

  private func writing(_ health: StoreHealth) -> Check {
    health.failure.isEmpty
      ? Check(subject: "writes", verdict: .good, finding: "the store takes writes")
      : Check(
        subject: "writes", verdict: .bad, finding: "the store writes no more: \(TerminalText.oneLine(health.failure))",
        advice: "mend the disk, and start plenaryd again")
  }

  private var data: Check {
    guard let first = found.findings.first else {
      let depth = EnumWords.words(found.depth.description)
      return Check(subject: "data", verdict: .good, finding: "sound (\(depth)), \(found.auditRowCount) changes")
    }
    return Check(
      subject: "data", verdict: .bad,
      finding: "\(found.findings.count) contradictions, the first: \(TerminalText.oneLine(first.message))",
      advice: "stop plenaryd, keep its data, and restore the last sound backup with `plenaryd restore`")
  }

  private func disk(_ health: StoreHealth) -> Check {
    guard let free = health.diskFreeBytes else {
      return Check(subject: "disk", verdict: .doubtful, finding: "it does not tell how much is free")
    }
    let finding = "\(ByteCount.words(free)) are free"
    if free >= Self.diskFreeMin { return Check(subject: "disk", verdict: .good, finding: finding) }
    return Check(
      subject: "disk", verdict: free < Self.diskFreeLeast ? .bad : .doubtful, finding: finding,
      advice: "free some, or move the data to a larger disk")
  }

  private func ballast(_ health: StoreHealth) -> Check {
    switch health.ballast {
    case .held: Check(subject: "ballast", verdict: .good, finding: "room is kept free for when the disk is full")
    case .spent:
      Check(
        subject: "ballast", verdict: .bad, finding: "the disk was full: only deletions are done now",
        advice: "free space on the disk of the data; writes go on by themselves then")
    default:
      Check(subject: "ballast", verdict: .good, finding: "none is kept: in memory, not asked for, or no room")
    }
  }

  private func log(_ health: StoreHealth) -> Check {
    let finding = "\(ByteCount.words(health.logBytes)) wait in the write-ahead log"
    if let failure = health.checkpoint?.failure, !failure.isEmpty {
      return Check(
        subject: "log", verdict: .bad, finding: "\(finding), and the last checkpoint failed: \(failure)",
        advice: "look at the disk, and at the log of plenaryd")
    }
    guard health.logBytes > Self.logBytesMax else { return Check(subject: "log", verdict: .good, finding: finding) }
    return Check(
      subject: "log", verdict: .doubtful, finding: finding,
      advice: "a read that does not end keeps it: see `plenary operation list`")
  }

  private func following(_ follower: FollowerStatus) -> Check {
    let finding = "it follows \(TerminalText.oneLine(follower.leader)); lag: \(FollowerWords.lag(follower))"
    guard follower.connected else {
      return Check(
        subject: "leader", verdict: .bad, finding: "\(finding); it does not hear it",
        advice: "look whether the leader runs and can be reached; if it is lost, `plenary follower promote`")
    }
    guard let lag = follower.lag, lag.seconds <= Self.lagSecondsMax else {
      return Check(
        subject: "leader", verdict: .doubtful, finding: finding,
        advice: "it catches up by itself; if it does not, its disk or the network is too slow")
    }
    return Check(subject: "leader", verdict: .good, finding: finding)
  }

  private func commits(_ health: StoreHealth) -> Check {
    guard health.commitCount > 0 else {
      return Check(subject: "commits", verdict: .good, finding: "none since the daemon started")
    }
    let finding = "99 of 100 took up to \(Self.milliseconds(health.commitMicrosecondsP99)) ms"
    guard health.commitMicrosecondsP99 > Self.commitMicrosecondsMax else {
      return Check(subject: "commits", verdict: .good, finding: finding)
    }
    return Check(
      subject: "commits", verdict: .doubtful, finding: finding,
      advice: "the disk is slow or busy; give the data a disk of its own")
  }

  private func backup(_ health: StoreHealth) -> Check {
    guard let time = health.lastBackup?.createTime else {
      return Check(
        subject: "backup", verdict: .doubtful, finding: "there was none", advice: "make one with `plenary backup`")
    }
    let days = max(0, (now.seconds - time.seconds) / 86_400)
    let finding = "the last one was made \(days == 0 ? "today" : "\(days) days ago"), and verified"
    guard days > Self.backupDaysMax else { return Check(subject: "backup", verdict: .good, finding: finding) }
    return Check(
      subject: "backup", verdict: .doubtful, finding: finding, advice: "make one with `plenary backup`")
  }

  private static func milliseconds(_ microseconds: Int64) -> String {
    "\(microseconds / 1000).\(microseconds % 1000 / 100)"
  }
}
