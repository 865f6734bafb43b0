internal import ArgumentParser
internal import Foundation

/// `plenary-bench harness`
struct HarnessBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "harness",
    abstract: "The start and the end of plenary-harness with the example, again and again, and what is left.")

  @OptionGroup var programs: Programs
  @OptionGroup var output: OutputOptions

  @Option(help: "How often plenary-harness is started.")
  var count = 100

  func validate() throws {
    guard (1...100_000).contains(count) else { throw ValidationError("--count must be from 1 to 100000") }
  }

  func run() async throws {
    let program = try programs.harness()
    var ready: [Double] = []
    var stopped: [Double] = []
    var leftovers = Leftovers()
    // The first start reads the program from the disk.
    for round in -1..<count {
      let start = ContinuousClock.now
      let server = try MeasuredServer.start([program, "--example", "--clock", "manual"], named: "plenary-harness")
      let isReady = ContinuousClock.now
      leftovers.expectEnd(of: server.processID, port: try server.port)
      let code = server.stop()
      guard code == 0 else { throw Failure("plenary-harness ended with exit code \(code) instead of 0") }
      guard round >= 0 else { continue }
      ready.append((isReady - start) / .milliseconds(1))
      stopped.append((ContinuousClock.now - isReady) / .milliseconds(1))
    }
    let left = leftovers.found()
    output.print(
      HarnessReport(
        benchmark: "harness", count: count, readyMilliseconds: Spread(ready), stopMilliseconds: Spread(stopped),
        processesLeft: left.processes.count, placesLeft: left.places.count, portsLeft: left.ports.count))
    guard left.processes.isEmpty, left.places.isEmpty, left.ports.isEmpty else {
      throw Failure("left behind: processes \(left.processes), places \(left.places), ports \(left.ports)")
    }
  }
}

/// What processes that have ended may have left: themselves, directories of stores in memory, open ports, and open files of
/// this process.
private struct Leftovers {
  private static let memory = "/dev/shm"

  private var processes: Set<pid_t> = []
  private var ports: Set<UInt16> = []

  mutating func expectEnd(of process: pid_t, port: UInt16) {
    processes.insert(process)
    ports.insert(port)
  }

  func found() -> (processes: [pid_t], places: [String], ports: [UInt16]) {
    (processes.filter { kill($0, 0) == 0 }.sorted(), places(), listening().intersection(ports).sorted())
  }

  /// The directories whose lock names one of the processes.
  private func places() -> [String] {
    // A system without the directory keeps nothing there.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: Self.memory)) ?? []
    return names.filter { name in
      guard name.hasPrefix("plenary-memory-"), name.hasSuffix(".lock") else { return false }
      // One that is gone meanwhile is not left.
      let text = (try? String(contentsOfFile: "\(Self.memory)/\(name)", encoding: .utf8)) ?? ""
      return pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)).map(processes.contains) ?? false
    }
  }

  /// The TCP ports that somebody listens on.
  private func listening() -> Set<UInt16> {
    // Where there is no such file, nothing is known.
    let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
    return Set(
      table.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        guard words.count > 3, words[3] == "0A" else { return nil }
        return words[1].split(separator: ":").last.flatMap { UInt16($0, radix: 16) }
      })
  }
}

/// How long the test daemon took to start and to end, and what was left.
private struct HarnessReport: Report {
  let benchmark: String
  let count: Int
  let readyMilliseconds: Spread
  let stopMilliseconds: Spread
  let processesLeft: Int
  let placesLeft: Int
  let portsLeft: Int

  var table: String {
    let rows = [
      ["plenary-harness --example --clock manual", "ms"],
      ["from spawn to the ready line", readyMilliseconds.text],
      ["from SIGTERM to its end", stopMilliseconds.text],
    ]
    return """
      Start and end of plenary-harness: median of \(count) (least-most)

      \(TextTable.lines(rows))

      left: \(processesLeft) processes, \(placesLeft) directories, \(portsLeft) open ports

      """
  }
}
