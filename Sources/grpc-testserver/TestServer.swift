import ArgumentParser
import Foundation
import GRPCProtos
import GRPCRuntime
import GRPCServices
import TestProtos

/// A server for foreign test suites: the interop service and `kit.v1.Echo` on the runtime.
@main
struct TestServer: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grpc-testserver", abstract: "Serves grpc.testing.TestService and kit.v1.Echo.")

  @Option(help: "Where to listen: HOST:PORT, :PORT or unix:PATH; port 0 picks one.")
  var listen = "127.0.0.1:0"

  @Option(help: "The longest request message accepted, in bytes.")
  var maxMessage = 4 * 1024 * 1024

  @Option(help: "Event loops.")
  var threads = 1

  @Option(help: "Seconds that calls under way may take after SIGTERM.")
  var grace = 10

  func validate() throws {
    guard maxMessage > 0 else { throw ValidationError("--max-message must be positive") }
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be from 1 to 1024") }
    guard grace >= 0 else { throw ValidationError("--grace must not be negative") }
  }

  func run() async throws {
    var configuration = ServerConfiguration()
    configuration.requestMessageBytesMax = maxMessage
    configuration.threads = threads
    var router = Router()
    router.register(testingTestService: InteropHandler())
    router.register(kitEcho: EchoHandler())
    let health = HealthService(services: router.services)
    router.register(grpcHealth: health)
    router.registerReflection([TestProtoFiles.descriptors])
    let server = GRPCServer(router: router, configuration: configuration)
    let terminated = TerminationSignals()
    let address = try await server.listen(on: listen)
    try Self.printReady(address)
    await terminated.wait()
    health.drain()
    await server.stop(grace: .seconds(grace))
  }

  private static func printReady(_ address: String) throws {
    struct Ready: Encodable {
      let event = "ready"
      let listen: String
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Not `print`: the line has to be there at once for whoever waits for it.
    FileHandle.standardOutput.write(try encoder.encode(Ready(listen: address)) + Data("\n".utf8))
  }
}
