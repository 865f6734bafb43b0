internal import ArgumentParser
internal import Foundation
internal import PlenaryClient

/// `plenary-bench follow`
struct FollowBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow",
    abstract: "How far a follower lags behind its leader while others write to that without end.",
    discussion: """
      One caller creates a record at the leader, and when it has the answer asks
      the follower for it, at least as fresh as that: the lag is how long the
      follower takes to answer. All of it runs on one machine.

        plenary-bench follow --seconds 30 --writers 64
      """)

  @Option(help: "How long it is measured.")
  var seconds = 10

  @Option(help: "The callers that write without a pause.")
  var writers = 64

  @OptionGroup var programs: Programs
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (1...3600).contains(seconds) else { throw ValidationError("--seconds must be from 1 to 3600") }
    guard (0...1000).contains(writers) else { throw ValidationError("--writers must be from 0 to 1000") }
  }

  func run() async throws {
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let leader = try start("leader", in: folder)
    defer { leader.stop() }
    let follower = try start("follower", in: folder, following: leader.address)
    defer { follower.stop() }
    output.print(try await measure(leader.address, follower.address))
  }

  private func start(_ name: String, in folder: TemporaryFolder, following leader: String? = nil) throws
    -> MeasuredServer
  {
    var command = [
      try programs.daemon(), "run", "--listen", "127.0.0.1:0", "--data", folder.url.appending(path: name).path,
      "--log-level", "error",
    ]
    if let leader { command += ["--follow", leader] }
    return try MeasuredServer.start(command, named: name)
  }

  private func measure(_ leader: String, _ follower: String) async throws -> FollowReport {
    let end = ContinuousClock.now + .seconds(seconds)
    return try await RegistryClient.withConnection(to: leader) { leader in
      try await RegistryClient.withConnection(to: follower) { follower in
        try await withThrowingTaskGroup(of: Int.self) { group in
          for writer in 0..<writers {
            group.addTask { try await Self.write(to: leader, as: writer, until: end) }
          }
          let lags = try await Self.probe(leader, follower, until: end)
          let writeCount = try await group.reduce(0, +)
          return FollowReport(
            seconds: seconds, writers: writers, writesPerSecond: (writeCount + lags.count) / seconds,
            probes: lags.count, lagMilliseconds: Percentiles(lags),
            cores: ProcessInfo.processInfo.activeProcessorCount)
        }
      }
    }
  }

  /// Writes until the time is over, and returns how often.
  private static func write(
    to leader: RegistryClient, as writer: Int, until end: ContinuousClock.Instant
  ) async throws -> Int {
    var count = 0
    while ContinuousClock.now < end {
      _ = try await leader.themes.create(theme("Writer \(writer)-\(count)"), id: "w\(writer)-\(count)")
      count += 1
    }
    return count
  }

  /// The milliseconds that each of the probes took to be seen.
  private static func probe(
    _ leader: RegistryClient, _ follower: RegistryClient, until end: ContinuousClock.Instant
  ) async throws -> [Double] {
    var lags: [Double] = []
    let themes = ThemeServiceClient(follower.channel)
    while ContinuousClock.now < end || lags.isEmpty {
      let written = try await leader.themes.create(theme("Probe \(lags.count)"), id: "probe-\(lags.count)")
      let start = ContinuousClock.now
      _ = try await themes.getTheme(
        .with {
          $0.name = written.name
          $0.atLeastAsFresh = written.revision
        })
      lags.append((ContinuousClock.now - start) / .milliseconds(1))
    }
    return lags
  }

  private static func theme(_ label: String) -> Theme {
    .with {
      $0.scheme = "bench"
      $0.prefLabel = .with {
        $0.values = ["en": label]
        $0.originalLanguage = "en"
      }
      $0.definition = .with {
        $0.values = ["en": String(repeating: "x", count: 500)]
        $0.originalLanguage = "en"
      }
    }
  }
}

/// How far a follower lagged.
struct FollowReport: Report {
  let seconds: Int
  let writers: Int
  let writesPerSecond: Int
  let probes: Int
  let lagMilliseconds: Percentiles
  let cores: Int

  var table: String {
    """
    Lag of a follower: \(writers) writers for \(seconds) s, \(writesPerSecond) writes a second, \(cores) cores

    \(TextTable.lines([
      ["probes", "median ms", "99 % ms", "most ms"],
      [
        "\(probes)", lagMilliseconds.median.twoDigits, lagMilliseconds.p99.twoDigits, lagMilliseconds.most.twoDigits,
      ],
    ]))

    """
  }
}
