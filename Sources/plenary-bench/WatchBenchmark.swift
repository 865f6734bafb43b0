internal import ArgumentParser
internal import PlenaryClient
internal import Synchronization

/// `plenary-bench watch`
struct WatchBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "How soon plenaryd tells watches of a change, and how fast it replays its history.",
    discussion: """
      A daemon is filled with generated records. Then a caller creates records
      one after the other while watches wait, and the time from the answer to
      each create until a watch has the change is taken. Last, a watch from the
      beginning reads all changes: once without decoding them, which shows what
      the daemon can do, and once as a client of ours gets them.

        plenary-bench watch --records 1000000 --data build/stores
        plenary-bench watch --watches 1000
      """)

  @Option(help: "The records to fill the daemon with, and to replay.")
  var records = 100_000

  @Option(help: "Creates whose changes are waited for.")
  var wakes = 2000

  @Option(help: "Watches that wait; one of them is measured.")
  var watches = 1

  @Option(help: "Replays of each kind.")
  var rounds = 3

  @Option(
    help: ArgumentHelp("Where to keep the stores; without it they go when the run ends.", valueName: "folder"))
  var data: String?

  @OptionGroup var generated: GeneratedOptions
  @OptionGroup var programs: Programs
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try GeneratedOptions.check(records)
    guard (100...1_000_000).contains(wakes) else { throw ValidationError("--wakes must be from 100 to 1000000") }
    guard (1...10_000).contains(watches) else { throw ValidationError("--watches must be from 1 to 10000") }
    guard (1...100).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 100") }
  }

  func run() async throws {
    let daemon = try await FilledDaemon.start(records, programs, generated, keptIn: data)
    do {
      output.print(try await measure(daemon))
    } catch {
      daemon.end()
      throw error
    }
    try daemon.stop()
  }

  private func measure(_ daemon: FilledDaemon) async throws -> WatchReport {
    var (raw, rawCPU, decoded): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<rounds {
      let started = try daemon.server.clock.now()
      raw.append(Double(records) / (try await Self.replay(daemon.server.address, as: UndecodedChanges.self)))
      rawCPU.append(try (daemon.server.clock.now() - started) / .microseconds(records))
      decoded.append(Double(records) / (try await Self.replay(daemon.server.address, as: WatchChangesResponse.self)))
    }
    let wakes = try await wake(daemon.server.address)
    return WatchReport(
      benchmark: "watch", records: records, wakes: self.wakes, watches: watches, rounds: rounds,
      cores: Cores().description, wakeMicroseconds: .init(wakes.afterAnswer),
      createMicroseconds: .init(wakes.afterRequest), rawPerSecond: Spread(raw), serverMicroseconds: Spread(rawCPU),
      decodedPerSecond: Spread(decoded))
  }

  // MARK: Replay

  /// Reads all changes from the beginning, and returns the seconds that it took.
  private static func replay<Message: ReplayMessage>(_ address: String, as type: Message.Type) async throws -> Double {
    try await RegistryClient.withConnection(to: address) { registry in
      let method = MethodDescriptor<WatchChangesRequest, Message>(
        service: ChangeServiceDefinition.serviceName, method: "WatchChanges", kind: .serverStreaming)
      let request = WatchChangesRequest.with { $0.start = .fromBeginning(true) }
      let start = ContinuousClock.now
      for try await message in try registry.channel.serverStreaming(method, request) where message.isProgress { break }
      return (ContinuousClock.now - start) / .seconds(1)
    }
  }

  // MARK: Waking

  private struct Wakes {
    var afterAnswer: [Double] = []
    var afterRequest: [Double] = []
  }

  /// Creates records one after the other, and tells how many microseconds each change took to come.
  private func wake(_ address: String) async throws -> Wakes {
    let arrivals = Arrivals()
    return try await withThrowingTaskGroup(of: Void.self) { group in
      let connections = (watches + Self.watchesPerConnection - 1) / Self.watchesPerConnection
      for connection in 0..<connections {
        let count = min(Self.watchesPerConnection, watches - connection * Self.watchesPerConnection)
        for watch in 0..<count {
          let isMeasured = connection == 0 && watch == 0
          group.addTask { try await Self.watch(address, isMeasured ? arrivals : nil) }
        }
      }
      await arrivals.begun()
      let wakes = try await create(address, arrivals)
      group.cancelAll()
      // They end by being cancelled.
      while let _ = try? await group.next() {}
      return wakes
    }
  }

  /// Calls that one connection may have open, some left free.
  private static let watchesPerConnection = 200

  private static func watch(_ address: String, _ arrivals: Arrivals?) async throws {
    try await RegistryClient.withConnection(to: address) { registry in
      for try await message in registry.changes() {
        let now = ContinuousClock.now
        arrivals?.note(message, at: now)
      }
    }
  }

  private func create(_ address: String, _ arrivals: Arrivals) async throws -> Wakes {
    let count = self.wakes
    return try await RegistryClient.withConnection(to: address) { registry in
      var wakes = Wakes()
      let run = UInt32.random(in: .min ... .max)
      for number in 0..<count {
        let theme = Theme.with {
          $0.scheme = "bench"
          $0.prefLabel = .with { ($0.values, $0.originalLanguage) = (["en": "Wake \(run)-\(number)"], "en") }
        }
        let asked = ContinuousClock.now
        let created = try await registry.themes.create(theme, id: "wake-\(run)-\(number)")
        let answered = ContinuousClock.now
        let arrived = await arrivals.arrival(of: created.revision)
        wakes.afterAnswer.append(max(0, (arrived - answered) / .microseconds(1)))
        wakes.afterRequest.append((arrived - asked) / .microseconds(1))
      }
      return wakes
    }
  }
}

/// A message of a replay that knows whether it is the last.
protocol ReplayMessage: ProtobufMessage {
  /// Whether all that had happened has come.
  var isProgress: Bool { get }
}

extension WatchChangesResponse: ReplayMessage {
  var isProgress: Bool { kind == .progress }
}

/// The messages of a watch as bytes.
typealias UndecodedChanges = ProtobufEmpty

extension ProtobufEmpty: ReplayMessage {
  /// The kind is the first field, and PROGRESS is 4.
  var isProgress: Bool { unknownFields.bytes.starts(with: [0x08, 0x04]) }
}

/// When changes have come, by their revisions.
private final class Arrivals: Sendable {
  private struct State {
    var hasBegun = false
    var times: [String: ContinuousClock.Instant] = [:]
    var waiter: (revision: String?, continuation: CheckedContinuation<Void, Never>)?
  }

  private let state = Mutex(State())

  func note(_ message: WatchChangesResponse, at time: ContinuousClock.Instant) {
    let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.hasBegun = true
      state.times[message.revision] = time
      guard let waiter = state.waiter, waiter.revision.map({ state.times[$0] != nil }) ?? true else { return nil }
      state.waiter = nil
      return waiter.continuation
    }
    waiter?.resume()
  }

  /// Waits until the watch has begun.
  func begun() async { await wait(for: nil) }

  /// Waits until a change has come, and says when it did.
  func arrival(of revision: String) async -> ContinuousClock.Instant {
    await wait(for: revision)
    return state.withLock { $0.times.removeValue(forKey: revision) } ?? .now
  }

  private func wait(for revision: String?) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        let isThere = revision.map { state.times[$0] != nil } ?? state.hasBegun
        if !isThere { state.waiter = (revision, continuation) }
        return isThere
      }
      if isThere { continuation.resume() }
    }
  }
}
