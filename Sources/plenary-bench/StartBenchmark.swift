internal import ArgumentParser
internal import PlenaryClient

/// `plenary-bench start`
struct StartBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "The start of plenaryd, until it answers.",
    discussion: """
      By default with an empty registry in memory; with --records, with so many
      generated records on the disk. --data keeps that store for the next run.

        plenary-bench start --records 1000000 --data build/stores
      """)

  @Option(help: "How many records the registry holds.")
  var records: Int?

  @Option(help: ArgumentHelp("Where to keep the store; without it it goes when the run ends.", valueName: "folder"))
  var data: String?

  @OptionGroup var programs: Programs
  @OptionGroup var start: StartOptions
  @OptionGroup var generated: GeneratedOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let records { try GeneratedOptions.check(records) }
    guard records != nil || data == nil else { throw ValidationError("--data is for --records") }
  }

  func run() async throws {
    var store: StartMeasurement.Data?
    var filled: FilledDaemon?
    if let records {
      let daemon = try await FilledDaemon.start(records, programs, generated, keptIn: data)
      try daemon.stopKeepingData()
      store = StartMeasurement.Data(records: records, path: daemon.dataPath)
      filled = daemon
    }
    defer { filled?.removeData() }
    output.print(try await StartMeasurement.measure(programs: programs, options: start, data: store))
  }
}

/// How often the daemon is started.
struct StartOptions: ParsableArguments {
  @Option(help: "How often plenaryd is started.")
  var starts = 21

  func validate() throws {
    guard (1...1000).contains(starts) else { throw ValidationError("--starts must be from 1 to 1000") }
  }
}

/// Starts the daemon again and again, one at a time.
enum StartMeasurement {
  /// A registry on the disk.
  struct Data {
    let records: Int
    let path: String
  }

  /// Starts it on the data, or with an empty registry in memory.
  static func measure(programs: Programs, options: StartOptions, data: Data?) async throws -> StartReport {
    let daemon = try programs.daemon()
    var ready: [Double] = []
    var answered: [Double] = []
    // The first start reads the program from the disk.
    for round in -1..<options.starts {
      let start = ContinuousClock.now
      let server = try MeasuredServer.start(
        [daemon, "run", "--listen", "127.0.0.1:0", "--data", data?.path ?? ":memory:", "--log-level", "warning"],
        named: "plenaryd")
      let readyAfter = ContinuousClock.now - start
      do {
        try await askOnce(server.address, expectsRecords: data != nil)
      } catch {
        server.stop()
        throw error
      }
      let answeredAfter = ContinuousClock.now - start
      let code = server.stop()
      guard code == 0 else { throw Failure("plenaryd ended with exit code \(code) instead of 0") }
      guard round >= 0 else { continue }
      ready.append(readyAfter / .milliseconds(1))
      answered.append(answeredAfter / .milliseconds(1))
    }
    return StartReport(
      benchmark: "start", starts: options.starts, records: data?.records ?? 0, readyMilliseconds: Spread(ready),
      answeredMilliseconds: Spread(answered))
  }

  /// Connects anew and asks for a page.
  private static func askOnce(_ address: String, expectsRecords: Bool) async throws {
    try await RegistryClient.withConnection(to: address) { registry in
      let page = try await registry.channel.unary(DialogueServiceDefinition.listDialogues, ListDialoguesRequest())
      guard page.dialogues.isEmpty != expectsRecords else {
        throw Failure("the registry answered with \(page.dialogues.count) dialogues")
      }
    }
  }
}

/// How long the daemon took to start.
struct StartReport: Report {
  let benchmark: String
  let starts: Int
  let records: Int
  let readyMilliseconds: Spread
  let answeredMilliseconds: Spread

  var table: String {
    let rows = [
      [records == 0 ? "plenaryd --data :memory:" : "plenaryd with \(records) records", "ms"],
      ["from spawn to the ready line", readyMilliseconds.text],
      ["from spawn to the first answer", answeredMilliseconds.text],
    ]
    return """
      Start of plenaryd: median of \(starts) (least-most)

      \(TextTable.lines(rows))

      """
  }
}
