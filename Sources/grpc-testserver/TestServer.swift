import ArgumentParser
import Foundation
import Glibc
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

  @Option(
    help: "A PEM file with the server's certificate chain: TCP addresses speak TLS. SIGHUP reads all files again.")
  var tlsCert: String?

  @Option(help: "A PEM file with the certificate's private key.")
  var tlsKey: String?

  @Option(help: "A PEM file with the authorities of client certificates, which are required.")
  var tlsCa: String?

  @Option(
    help: "Whether clients show certificates: off, optional or required; required is the default with --tls-ca.",
    transform: Self.clientCertificates)
  var tlsClientAuth: TLSServerConfiguration.ClientCertificates?

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
    guard (tlsCert == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-cert and --tls-key belong together")
    }
    guard tlsCert != nil || tlsCa == nil && tlsClientAuth == nil else {
      throw ValidationError("--tls-ca and --tls-client-auth need --tls-cert and --tls-key")
    }
  }

  func run() async throws {
    var configuration = ServerConfiguration()
    configuration.requestMessageBytesMax = maxMessage
    configuration.threads = threads
    configuration.compressedBytesMin = 0
    configuration.tls = tls
    var router = Router()
    router.register(testingTestService: InteropHandler())
    let echo = EchoHandler()
    router.register(kitEcho: echo)
    router.replace(KitEchoDefinition.say, immediate: { try echo.sayAtOnce($0, context: $1) })
    let health = HealthService(services: router.services)
    router.register(grpcHealth: health)
    router.registerReflection([TestProtoFiles.descriptors])
    let server = GRPCServer(router: router, configuration: configuration, observer: TestServerObserver())
    let signals = await CaughtSignals(SIGTERM, SIGINT, SIGHUP)
    let address = try await server.listen(on: listen)
    try Self.print(Event(event: "ready", listen: address.description))
    for await signal in signals.numbers {
      guard signal == SIGHUP else { break }
      try Self.reload(server)
    }
    health.drain()
    await server.stop(grace: .seconds(grace))
    let counts = echo.stat
    try Self.print(
      Event(
        event: "stopped", started: counts.started, finished: counts.finished, cancelled: counts.cancelled))
  }

  /// Tells why it does not serve, or gives the help that was asked for, and returns the exit code.
  private static func report(_ error: any Error, failureCode: Int32) -> Int32 {
    let isHelp = exitCode(for: error) == .success
    let output = isHelp ? FileHandle.standardOutput : FileHandle.standardError
    output.write(Data("\(fullMessage(for: error))\n".utf8))
    return isHelp ? 0 : failureCode
  }

  private var tls: TLSServerConfiguration? {
    guard let tlsCert, let tlsKey else { return nil }
    var tls = TLSServerConfiguration(certificateFile: tlsCert, keyFile: tlsKey)
    tls.clientAuthorityFile = tlsCa
    tls.clientCertificates = tlsClientAuth ?? (tlsCa == nil ? .off : .required)
    return tls
  }

  private static func clientCertificates(
    _ text: String
  ) throws -> TLSServerConfiguration.ClientCertificates {
    guard let choice = TLSServerConfiguration.ClientCertificates(rawValue: text) else {
      throw ValidationError("it is off, optional or required")
    }
    return choice
  }

  private static func reload(_ server: GRPCServer) throws {
    do {
      try server.reloadTLS()
      try Self.print(Event(event: "reloaded"))
    } catch let error as TransportError {
      try Self.print(Event(event: "reload failed", error: error.message))
    }
  }

  private struct Event: Encodable {
    let event: String
    var listen: String?
    var error: String?
    /// What became of the handlers of `kit.v1.Echo`, in all.
    var started: Int64?
    var finished: Int64?
    var cancelled: Int64?
  }

  private static func print(_ event: Event) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Not `Swift.print`: the line has to be there at once for whoever waits for it.
    FileHandle.standardOutput.write(try encoder.encode(event) + Data("\n".utf8))
  }
}

/// Writes what a test may want to know of connections to the standard error.
private struct TestServerObserver: ServerObserver {
  func connectionOpened(_ connection: UInt64, peer: String) {}

  func connectionClosed(_ connection: UInt64, peer: String, reason: String?) {
    if let reason { tell("closed \(peer): \(reason)") }
  }

  func connectionRefused(peer: String, reason: String) {
    tell("refused \(peer): \(reason)")
  }

  func certificateIsOutOfDate(_ message: String) {
    tell("warning: \(message)")
  }

  var hearsCalls: Bool { false }

  func callFinished(_ call: FinishedCall) {}

  func handlerFailed(_ call: CallID, method: String, peer: String, error: any Error) {
    tell("\(method) failed: \(error)")
  }

  private func tell(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
  }
}
