internal import ArgumentParser
internal import Foundation
internal import PlenaryClient
internal import PlenaryTestKit

/// The program: `plenary-harness`.
@main
struct PlenaryHarness: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plenary-harness",
    abstract: "A registry for test suites in any language.",
    discussion: """
      It listens on a port that it picks, and prints one line of JSON when it
      serves: {"address":"127.0.0.1:41234","event":"ready","pid":4711,…}. The
      service plenary.testing.v1.Harness beside the registry sets the clock,
      puts states back, has calls fail and records them.

      It ends at SIGTERM and SIGINT, when its standard input is a pipe that is
      closed, and when the process that started it is gone. Of a registry in
      memory nothing is left.

      Examples:

        plenary-harness --example
        plenary-harness --example --clock manual --seed 7
        plenary-harness --clock 2026-03-01T09:00:00Z --unix-socket /tmp/p.sock
        plenary-harness --data ./registry --port 7443

      In Python:

        harness = subprocess.Popen(["plenary-harness", "--example"],
                                   stdin=PIPE, stdout=PIPE)
        ready = json.loads(harness.stdout.readline())
        channel = grpc.insecure_channel(ready["address"])

      Exit codes: 0 it was stopped, 1 it could not serve, 2 the arguments are
      wrong.
      """)

  @Flag(help: "Begin with the example that Plenary comes with.")
  var example = false

  @Option(help: ArgumentHelp("The port of 127.0.0.1 to listen on; 0 picks one.", valueName: "port"))
  var port: UInt16 = 0

  @Option(help: ArgumentHelp("Listen on this Unix socket, and on no port.", valueName: "path"))
  var unixSocket: String?

  @Option(
    help: ArgumentHelp(
      "Keep the records in this directory, in a directory `registry` of its own.", valueName: "directory"))
  var data: String?

  @Flag(help: "Keep the records in memory for this run only, which is the default.")
  var memory = false

  @Option(help: ArgumentHelp("What the ids follow from: the same calls give the same ids.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "The clock of the registry: system, manual (it stands at 2026-01-01T00:00:00Z until it is moved), or a time at "
        + "which it stands.", valueName: "clock"),
    transform: Self.clock)
  var clock = HarnessClock.Start.system

  @Option(
    help: ArgumentHelp("Print the line to this file descriptor instead of the standard output.", valueName: "number"))
  var readyFd: Int32?

  static var _errorPrefix: String { "error: " }

  static func main() async {
    let harness: PlenaryHarness
    do { harness = try parse() } catch { Foundation.exit(report(error, failureCode: 2)) }
    do { try await harness.run() } catch { Foundation.exit(report(error, failureCode: 1)) }
  }

  func validate() throws {
    guard data == nil || !memory else { throw ValidationError("--data and --memory contradict each other; give one") }
    guard unixSocket == nil || port == 0 else {
      throw ValidationError("--port and --unix-socket contradict each other; give one")
    }
    if let readyFd, readyFd < 1 || fcntl(readyFd, F_GETFD) < 0 {
      throw ValidationError("--ready-fd \(readyFd) is not open")
    }
  }

  func run() async throws {
    // What it makes is for its own user.
    umask(0o077)
    // Before the ready line, since whoever reads that may be gone at once.
    let endings = await Endings()
    var options = Harness.Options()
    options.example = example
    options.clock = clock
    options.seed = seed
    options.directory = data
    options.listen = unixSocket.map { "unix:\($0)" } ?? "127.0.0.1:\(port)"
    let harness = try await Harness.start(options)
    do {
      try ReadyLine(address: harness.address, seed: seed).print(to: readyFd ?? 1)
    } catch {
      await harness.stop()
      throw error
    }
    for await _ in endings.events { break }
    // Without it, what watches may be gone as soon as there is something to wait for.
    withExtendedLifetime(endings) {}
    await harness.stop()
  }

  private static func clock(_ text: String) throws -> HarnessClock.Start {
    switch text {
    case "system": return .system
    case "manual": return .manual
    default:
      do {
        return .manual(at: try ProtoJSON.decode(ProtobufTimestamp.self, from: Array("\"\(text)\"".utf8)))
      } catch {
        throw ValidationError("it is system, manual or a time such as 2026-03-01T09:00:00Z")
      }
    }
  }

  /// Tells why it does not serve, or gives the help that was asked for, and returns the exit code.
  private static func report(_ error: any Error, failureCode: Int32) -> Int32 {
    let isHelp = exitCode(for: error) == .success
    let output = isHelp ? FileHandle.standardOutput : FileHandle.standardError
    output.write(Data("\(fullMessage(for: error))\n".utf8))
    return isHelp ? 0 : failureCode
  }
}

/// The line of JSON that tells whoever started it that it serves, and where.
private struct ReadyLine: Encodable {
  let event = "ready"
  let address: String
  /// The same under the name that `plenaryd` gives it.
  let listen: String
  let pid = ProcessInfo.processInfo.processIdentifier
  let seed: UInt64

  init(address: String, seed: UInt64) {
    self.address = address
    listen = address
    self.seed = seed
  }

  /// At once and whole, for whoever waits for it.
  func print(to descriptor: Int32) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    try output.write(contentsOf: try encoder.encode(self) + Data("\n".utf8))
  }
}
