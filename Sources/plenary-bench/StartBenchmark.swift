internal import ArgumentParser
internal import PlenaryClient

/// `plenary-bench start`
struct StartBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "The start of plenaryd with an empty registry in memory, until it answers.")

  @OptionGroup var programs: Programs
  @OptionGroup var start: StartOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    output.print(try await StartMeasurement.measure(programs: programs, options: start))
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
  static func measure(programs: Programs, options: StartOptions) async throws -> StartReport {
    let daemon = try programs.daemon()
    var ready: [Double] = []
    var answered: [Double] = []
    // The first start reads the program from the disk.
    for round in -1..<options.starts {
      let start = ContinuousClock.now
      let server = try MeasuredServer.start(
        [daemon, "run", "--listen", "127.0.0.1:0", "--data", ":memory:", "--log-level", "warning"], named: "plenaryd")
      let readyAfter = ContinuousClock.now - start
      do {
        try await askOnce(server.address)
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
      benchmark: "start", starts: options.starts, readyMilliseconds: Spread(ready),
      answeredMilliseconds: Spread(answered))
  }

  /// Connects anew and asks for a page that is empty.
  private static func askOnce(_ address: String) async throws {
    try await RegistryClient.withConnection(to: address) { registry in
      let page = try await registry.channel.unary(DialogueServiceDefinition.listDialogues, ListDialoguesRequest())
      guard page.dialogues.isEmpty else { throw Failure("an empty registry answered with dialogues") }
    }
  }
}

/// How long the daemon took to start.
struct StartReport: Report {
  let benchmark: String
  let starts: Int
  let readyMilliseconds: Spread
  let answeredMilliseconds: Spread

  var table: String {
    let rows = [
      ["plenaryd --data :memory:", "ms"],
      ["from spawn to the ready line", readyMilliseconds.text],
      ["from spawn to the first answer", answeredMilliseconds.text],
    ]
    return """
      Start of plenaryd: median of \(starts) (least-most)

      \(TextTable.lines(rows))

      """
  }
}
