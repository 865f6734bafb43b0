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

      With --data the filled stores are kept, and used again by the next run.
      """)

  @Option(help: ArgumentHelp("The sizes, separated by commas, the smallest first.", valueName: "counts"))
  var records = "1000,100000"

  @Option(help: "Rounds; in each, every daemon gets the same calls in turn.")
  var rounds = 5

  @Option(help: "Calls of each kind in a round.")
  var calls = 2000

  @Option(
    help: ArgumentHelp("Where to keep the stores; without it they go when the run ends.", valueName: "folder"))
  var data: String?

  @Option(help: ArgumentHelp("Measure only the calls whose names contain this.", valueName: "text"))
  var only: String?

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
      for size in try sizes() { daemons.append(try await FilledDaemon.start(size, programs, generated, keptIn: data)) }
      output.print(try await measure(daemons))
    } catch {
      for daemon in daemons { daemon.end() }
      throw error
    }
    for daemon in daemons { try daemon.stop() }
  }

  private func measure(_ daemons: [FilledDaemon]) async throws -> ScaleReport {
    let kinds = ScaleCall.all.filter { only.map($0.name.contains) ?? true }
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
      sizes: daemons.map {
        .init(records: $0.count, fillSeconds: $0.fillSeconds, indexSeconds: $0.indexSeconds, fileBytes: $0.fileBytes)
      },
      rows: kinds.indices.map { index in
        let first = times[index][0]
        return .init(
          call: kinds[index].name, records: counts[index], microseconds: times[index].map(Spread.init),
          ratios: times[index].dropFirst().map { times in Spread(zip(times, first).map { $0 / $1 }) })
      })
  }
}
