internal import ArgumentParser
internal import Foundation
internal import PlenaryClient

/// `plenary-bench scale`
struct ScaleBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale", abstract: "What Get and filtered pages of plenaryd cost as the registry grows.",
    discussion: """
      A daemon for each size is filled with generated records; in each round all
      of them get the same calls in turn. The ratio is to the first size.

        plenary-bench scale --records 1000,100000
      """)

  @Option(help: ArgumentHelp("The sizes, separated by commas, the smallest first.", valueName: "counts"))
  var records = "1000,100000"

  @Option(help: "Rounds; in each, every daemon gets the same calls in turn.")
  var rounds = 5

  @Option(help: "Calls of each kind in a round.")
  var calls = 2000

  @OptionGroup var generated: GeneratedOptions
  @OptionGroup var programs: Programs
  @OptionGroup var output: OutputOptions

  private func sizes() throws -> [Int] {
    let sizes = records.split(separator: ",").compactMap { Int($0) }
    guard sizes.count == records.split(separator: ",").count, let first = sizes.first, first >= 1000,
      sizes == sizes.sorted()
    else { throw ValidationError("--records must be numbers from 1000, the smallest first") }
    for size in sizes { try GeneratedOptions.check(size) }
    return sizes
  }

  func validate() throws {
    _ = try sizes()
    guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be from 1 to 1000") }
    guard (100...1_000_000).contains(calls) else { throw ValidationError("--calls must be from 100 to 1000000") }
  }

  func run() async throws {
    var daemons: [FilledDaemon] = []
    do {
      for size in try sizes() { daemons.append(try await FilledDaemon.start(size, programs, generated)) }
      output.print(try await measure(daemons))
    } catch {
      for daemon in daemons { daemon.end() }
      throw error
    }
    for daemon in daemons { try daemon.stop() }
  }

  private func measure(_ daemons: [FilledDaemon]) async throws -> ScaleReport {
    let kinds = ScaleCall.all
    var times = kinds.map { _ in daemons.map { _ in [Double]() } }
    // Before the first round everybody fills caches.
    for round in -1..<rounds {
      for (index, kind) in kinds.enumerated() {
        for turn in daemons.indices {
          let daemon = daemons[(turn + max(round, 0)) % daemons.count]
          let microseconds = try await daemon.measure(kind, calls: calls, round: round)
          if round >= 0 { times[index][(turn + max(round, 0)) % daemons.count].append(microseconds) }
        }
      }
    }
    var counts = kinds.map { _ in [Int]() }
    for (index, kind) in kinds.enumerated() {
      for daemon in daemons { counts[index].append(try await daemon.answerCount(kind)) }
    }
    return ScaleReport(
      benchmark: "scale", rounds: rounds, calls: calls, seed: generated.seed, cores: Cores().description,
      sizes: daemons.map { .init(records: $0.count, fillSeconds: $0.fillSeconds, fileBytes: $0.fileBytes) },
      rows: kinds.indices.map { index in
        let first = times[index][0]
        return .init(
          call: kinds[index].name, records: counts[index], microseconds: times[index].map(Spread.init),
          ratios: times[index].dropFirst().map { times in Spread(zip(times, first).map { $0 / $1 }) })
      })
  }
}

/// A daemon with generated records, its data in a folder that goes with it.
final class FilledDaemon {
  let count: Int
  private(set) var fillSeconds = 0.0
  private let server: MeasuredServer
  private let folder: TemporaryFolder
  private let seed: UInt64

  private init(_ count: Int, _ server: MeasuredServer, _ folder: TemporaryFolder, seed: UInt64) {
    self.count = count
    self.server = server
    self.folder = folder
    self.seed = seed
  }

  static func start(_ count: Int, _ programs: Programs, _ options: GeneratedOptions) async throws -> FilledDaemon {
    let folder = try TemporaryFolder()
    do {
      let server = try MeasuredServer.start(
        [programs.daemon(), "run", "--listen", "127.0.0.1:0", "--data", folder.url.path, "--log-level", "warning"],
        named: "plenaryd", pinnedBy: Cores().serverPrefix)
      let daemon = FilledDaemon(count, server, folder, seed: options.seed)
      do {
        let start = ContinuousClock.now
        try await options.fill(server.address, with: GeneratedRecords(count: count, seed: options.seed), from: 0)
        daemon.fillSeconds = (ContinuousClock.now - start) / .seconds(1)
        return daemon
      } catch {
        server.stop()
        throw error
      }
    } catch {
      folder.remove()
      throw error
    }
  }

  /// The bytes of its files.
  var fileBytes: Int {
    let files = FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: [.fileSizeKey])
    return (files?.compactMap { $0 as? URL } ?? []).reduce(0) { sum, file in
      // A file that is gone by now takes no room.
      sum + ((try? file.resourceValues(forKeys: [.fileSizeKey]))?.fileSize ?? 0)
    }
  }

  /// The CPU time of the server for one call, in microseconds.
  func measure(_ kind: ScaleCall, calls: Int, round: Int) async throws -> Double {
    let share = min(calls, kind.callsMax ?? calls) / Self.workerCount
    return try await RegistryClient.withConnection(to: server.address) { registry in
      let start = try server.clock.now()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<Self.workerCount {
          let population = GeneratedRecords(count: count, seed: seed)
          group.addTask {
            var random = GeneratedRecords.Random(seed: 77, round * Self.workerCount + worker)
            let first = ((round + 1) * Self.workerCount + worker) * share
            for number in first..<(first + share) { _ = try await kind.ask(registry, population, &random, number) }
          }
        }
        try await group.waitForAll()
      }
      return try (server.clock.now() - start) / .microseconds(share * Self.workerCount)
    }
  }

  /// How many records the answer to a call holds.
  func answerCount(_ kind: ScaleCall) async throws -> Int {
    try await RegistryClient.withConnection(to: server.address) { registry in
      var random = GeneratedRecords.Random(seed: 77, 1)
      return try await kind.ask(registry, GeneratedRecords(count: count, seed: seed), &random, 0)
    }
  }

  /// The calls that are under way at a time.
  private static let workerCount = 16

  /// Ends it and removes its data. Throws unless it drained and exited with 0.
  func stop() throws {
    let code = end()
    guard code == 0 else { throw Failure("plenaryd ended with exit code \(code) instead of 0") }
  }

  /// Ends it and removes its data.
  @discardableResult
  func end() -> CInt {
    defer { folder.remove() }
    return server.stop()
  }
}
