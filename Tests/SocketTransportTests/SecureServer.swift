import GRPCRuntime
import GRPCTestKit
import NIOCore
import NIOPosix
import ProtobufRuntime
import SocketTransport
import Synchronization
import TestProtos

/// A server that speaks TLS and tells its callers who they are.
struct SecureServer {
  let authority: TestAuthority
  let loopback: LoopbackServer
  let events: ConnectionEvents
  /// Calls that reached the handler.
  let calls: Counter

  /// Runs `body` with a server whose certificate is for `localhost` and 127.0.0.1.
  static func run(
    certificate: TestCertificate? = nil, authority: TestAuthority,
    _ change: (inout TLSServerConfiguration) -> Void = { _ in }, _ body: (SecureServer) async throws -> Void
  ) async throws {
    let certificate = try certificate ?? authority.issue("server")
    var tls = TLSServerConfiguration(certificateFile: certificate.certificate, keyFile: certificate.key)
    change(&tls)
    var configuration = ServerConfiguration()
    configuration.tls = tls
    let events = ConnectionEvents()
    let calls = Counter()
    try await LoopbackServer.run(.tellingIdentity(calls), configuration: configuration, observer: events) { loopback in
      try await body(SecureServer(authority: authority, loopback: loopback, events: events, calls: calls))
    }
  }

  /// What a client that trusts `authority` is told about itself, in one call on a connection of its own.
  func identity(_ change: (inout TLSClientConfiguration) -> Void = { _ in }) async throws -> String {
    try await withChannel(change) { try await askIdentity($0) }
  }

  /// Runs `body` with a channel whose client trusts `authority`.
  func withChannel<Result>(
    _ change: (inout TLSClientConfiguration) -> Void = { _ in }, _ body: (GRPCChannel) async throws -> Result
  ) async throws -> Result {
    var tls = TLSClientConfiguration()
    tls.authorityFile = authority.certificate
    change(&tls)
    var configuration = ChannelConfiguration()
    configuration.tls = tls
    return try await loopback.withChannel(configuration: configuration, body)
  }

  /// A connection on which the client says nothing.
  func connectSilently() async throws -> any Channel {
    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(to: SocketAddress(ipAddress: "127.0.0.1", port: loopback.address.port ?? 0)).get()
  }

  /// The error of a call that cannot be made.
  func failure(_ change: (inout TLSClientConfiguration) -> Void = { _ in }) async throws -> GRPCStatus {
    do {
      return GRPCStatus(.ok, try await identity(change))
    } catch let status as GRPCStatus {
      return status
    }
  }
}

extension TransportAddress {
  fileprivate var port: Int? {
    guard case .tcp(_, let port) = self else { return nil }
    return port
  }
}

/// What a server tells the caller about itself.
func askIdentity(_ channel: GRPCChannel) async throws -> String {
  try await KitEchoClient(channel).say(KitEchoMsg()).text
}

/// Counts, from any thread.
final class Counter: Sendable {
  private let count = Mutex(0)

  var value: Int { count.withLock { $0 } }

  func increment() {
    count.withLock { $0 += 1 }
  }
}

extension Router {
  static func tellingIdentity(_ calls: Counter) -> Router {
    var router = Router()
    router.register(
      KitEchoDefinition.say,
      unary: { _, context in
        calls.increment()
        return KitEchoMsg.with { $0.text = text(of: context.peerIdentity) }
      })
    return router
  }

  private static func text(of identity: PeerIdentity?) -> String {
    switch identity {
    case .certificate(let certificate):
      ([certificate.subject] + certificate.uris + certificate.dnsNames + certificate.emails + certificate.authorityFiles)
        .joined(separator: " ")
    case .process(let process): "process \(process.uid) \(process.gid) \(process.pid)"
    case nil: "nobody"
    }
  }
}

/// Keeps what a server's observer hears of connections.
final class ConnectionEvents: ServerObserver {
  /// Why clients were refused, one after another.
  let refusals: AsyncStream<String>
  private let refusal: AsyncStream<String>.Continuation
  private let log = Mutex<[String]>([])

  /// Warnings about certificates, and why connections were lost.
  var lines: [String] { log.withLock { $0 } }

  init() {
    (refusals, refusal) = AsyncStream.makeStream()
  }

  /// The next refusal.
  func nextRefusal() async -> String? {
    await refusals.first { _ in true }
  }

  func connectionOpened(_ connection: UInt64, peer: String) {
    // Calls show it.
  }

  func connectionClosed(_ connection: UInt64, peer: String, reason: String?) {
    if let reason { log.withLock { $0.append(reason) } }
  }

  func connectionRefused(peer: String, reason: String) {
    refusal.yield(reason)
  }

  func certificateIsOutOfDate(_ message: String) {
    log.withLock { $0.append(message) }
  }

  var hearsCalls: Bool { false }

  func callFinished(_ call: FinishedCall) {
    // The caller tells.
  }

  func handlerFailed(_ call: CallID, method: String, peer: String, error: any Error) {
    log.withLock { $0.append("\(error)") }
  }
}
