import ArgumentParser
import Foundation
import GRPCProtos
import GRPCRuntime
import GRPCServices
import SocketTransport
import TestProtos

/// A server for foreign test suites: the interop service and `kit.v1.Echo` on the runtime.
@main
struct TestServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grpc-testserver", abstract: "Serves grpc.testing.TestService and kit.v1.Echo.",
    discussion: "Exit codes: 0 it served and was stopped, 1 it could not serve, 2 the arguments are wrong.")

  @Option(
    help: "Where to listen: HOST:PORT, :PORT or unix:PATH; port 0 picks one.",
    transform: TransportAddress.init(parsing:))
  var listen = TransportAddress.tcp(host: "127.0.0.1", port: 0)

  @Option(help: "The longest request message accepted, in bytes.")
  var maxMessage = 4 * 1024 * 1024

  @Option(help: "Event loops.")
  var threads = 1

  @Option(help: "Seconds that calls under way may take after SIGTERM.")
  var grace = 10

  static var _errorPrefix: String { "error: " }

  static func main() async {
    let server: TestServer
    do { server = try parse() } catch { Foundation.exit(report(error, failureCode: 2)) }
    do { try await server.run() } catch { Foundation.exit(report(error, failureCode: 1)) }
  }

  func validate() throws {
    guard maxMessage > 0 else { throw ValidationError("--max-message must be positive") }
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1024") }
    guard grace >= 0 else { throw ValidationError("--grace must not be negative") }
  }

  func run() async throws {
    var configuration = ServerConfiguration()
    configuration.requestMessageBytesMax = maxMessage
    configuration.threads = threads
    configuration.compressedBytesMin = 0
    var router = Router()
    router.register(testingTestService: InteropHandler())
    router.register(kitEcho: EchoHandler())
    let health = HealthService(services: router.services)
    router.register(grpcHealth: health)
    router.registerReflection([TestProtoFiles.descriptors])
    let server = GRPCServer(router: router, configuration: configuration)
    let terminated = await TerminationSignals()
    let address = try await server.listen(on: listen)
    try Self.printReady(address)
    await terminated.wait()
    health.drain()
    await server.stop(grace: .seconds(grace))
  }

  /// Tells why it does not serve, or gives the help that was asked for, and returns the exit code.
  private static func report(_ error: any Error, failureCode: Int32) -> Int32 {
    let isHelp = exitCode(for: error) == .success
    let output = isHelp ? FileHandle.standardOutput : FileHandle.standardError
    output.write(Data("\(fullMessage(for: error))\n".utf8))
    return isHelp ? 0 : failureCode
  }

  private static func printReady(_ address: TransportAddress) throws {
    struct Ready: Encodable {
      let event = "ready"
      let listen: String
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Not `print`: the line has to be there at once for whoever waits for it.
    FileHandle.standardOutput.write(try encoder.encode(Ready(listen: address.description)) + Data("\n".utf8))
  }
}
