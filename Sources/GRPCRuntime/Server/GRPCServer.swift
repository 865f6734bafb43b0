internal import HTTP2
internal import NIOCore
internal import NIOPosix
package import SocketTransport
internal import Synchronization

/// Answers gRPC calls on TCP and Unix sockets.
///
///     let server = GRPCServer(router: router)
///     print(try await server.listen(on: "127.0.0.1:7443"))
///     ...
///     await server.stop(grace: .seconds(10))
///
/// A handler starts on the event loop of its connection and resumes there, so it must not block; what blocks belongs on
/// an executor of its own.
public final class GRPCServer: Sendable {
  private let parts: ServerParts
  private let group: MultiThreadedEventLoopGroup
  private let state: Mutex<State>

  private struct State {
    var listeners: [HTTP2Listener] = []
    var register: ConnectionRegister<HTTP2Connection>
    var isStopping = false
    /// Read when the first TCP address is listened on.
    var tls: TLSServerCredentials?
    /// Resumed when the last connection is gone, or when waiting any longer is no use.
    var whenEmpty: CheckedContinuation<Void, Never>?
  }

  /// Makes a server that does not listen yet. Limits outside of their bounds (`ServerConfiguration.violations`) are a
  /// mistake in the program and stop it.
  public convenience init(
    router: Router, configuration: ServerConfiguration = ServerConfiguration(), observer: (any ServerObserver)? = nil
  ) {
    self.init(
      router: router, configuration: configuration, observer: observer, clock: SystemClock(),
      random: { Double.random(in: $0) })
  }

  /// Makes a server that lives by another clock and another chance.
  package init(
    router: Router, configuration: ServerConfiguration, observer: (any ServerObserver)?, clock: any RuntimeClock,
    random: @escaping @Sendable (ClosedRange<Double>) -> Double = { _ in 0 }
  ) {
    let violations = configuration.violations
    precondition(violations.isEmpty, violations.joined(separator: "; "))
    group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.threads)
    parts = ServerParts(
      routes: RouteTable(router.routes), configuration: configuration, clock: clock, observer: observer,
      load: ServerLoad(group), ageJitter: { random(-0.1...0.1) })
    state = Mutex(
      State(
        register: ConnectionRegister(
          connectionsMax: configuration.connectionsMax, perHostMax: configuration.connectionsPerPeerMax)))
  }

  /// Starts to listen on `HOST:PORT`, `[IPV6]:PORT`, `:PORT` (loopback) or `unix:PATH`, and returns the address with the
  /// port the system chose if it was 0. May be called for several addresses.
  ///
  /// Throws an error whose description is one line: what, where, and what to do.
  @discardableResult
  public func listen(on address: String) async throws -> String {
    try await listen(on: TransportAddress(parsing: address)).description
  }

  /// Starts to listen on an address.
  package func listen(on address: TransportAddress) async throws(TransportError) -> TransportAddress {
    let observer = parts.observer
    var timing = HTTP2ConnectionTiming()
    timing.now = { [clock = parts.clock] in UInt64(clamping: clock.now.nanoseconds) }
    let listener = try await HTTP2Listener.listen(
      on: address, group: group, configuration: parts.configuration.http2, timing: timing,
      tls: try tlsCredentials(for: address), refused: { observer?.connectionRefused(peer: $0, reason: $1) }
    ) { connection in
      self.accept(connection)
    }
    let isStopping = state.withLock { state in
      if !state.isStopping { state.listeners.append(listener) }
      return state.isStopping
    }
    if isStopping { await listener.stop() }
    return listener.address
  }

  /// Reads the files of the TLS configuration again, for the connections to come; those that are open, and their calls, go
  /// on with what they have. It blocks while it reads.
  ///
  /// - Parameter configuration: What is to hold from now on; the configuration as it was if it is nil.
  ///
  /// Throws an error whose description is one line: the file, what is wrong with it, and what to do. Then nothing has
  /// changed. A server that speaks no TLS has nothing to reload, and does not throw.
  public func reloadTLS(_ configuration: TLSServerConfiguration? = nil) throws {
    guard let tls = state.withLock({ $0.tls }) else { return }
    try tls.reload(configuration) { parts.observer?.certificateIsOutOfDate($0) }
  }

  /// Stops: takes no new connections and no new calls, lets the calls under way finish for `grace`, then cancels them.
  /// Returns when every handler has ended, so a handler that ignores its cancellation holds it up. Call it once.
  public func stop(grace: Duration) async {
    let listeners = state.withLock { state in
      precondition(!state.isStopping, "the server is stopped twice")
      state.isStopping = true
      return state.listeners
    }
    for listener in listeners { await listener.stop() }
    forEachConnection { $0.shutdown() }
    let timer = parts.clock.schedule(at: parts.clock.now.advanced(by: grace), on: group.next()) {
      self.forEachConnection { $0.terminate(.noError) }
    }
    await waitUntilEmpty()
    timer.cancel()
    // `try?`: it fails only when the group was shut down before, and nobody else has it.
    try? await group.shutdownGracefully()
  }
}

extension GRPCServer {
  /// Whether the server was stopped.
  package var isStopping: Bool {
    state.withLock { $0.isStopping }
  }

  private func tlsCredentials(for address: TransportAddress) throws(TransportError) -> TLSServerCredentials? {
    guard case .tcp = address, let configuration = parts.configuration.tls else { return nil }
    if let known = state.withLock({ $0.tls }) { return known }
    let tls = try TLSServerCredentials(configuration) { parts.observer?.certificateIsOutOfDate($0) }
    // Of two listeners that begin at once, the first decides: what is reloaded has to be what all of them use.
    return state.withLock { state in
      state.tls = state.tls ?? tls
      return state.tls
    }
  }

  /// How much of the server is in memory; nothing behind `stop`.
  package var census: ServerCensus { parts.load.census }

  private func accept(_ http2: HTTP2Connection) -> any HTTP2ConnectionDelegate {
    let id = ObjectIdentifier(http2)
    let (refusal, isStopping) = state.withLock { state in
      (state.register.open(http2, id: id, host: http2.peerHost), state.isStopping)
    }
    if let refusal {
      parts.observer?.connectionRefused(peer: http2.peer, reason: refusal.reason)
      http2.terminate(.noError, debugText: "too_many_connections")
      return RefusedConnection()
    }
    if isStopping { http2.eventLoop.execute { http2.shutdown() } }
    return ServerConnection(http2, parts) { self.forget(id) }
  }

  private func forget(_ id: ObjectIdentifier) {
    let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
      state.register.close(id: id)
      return state.register.isEmpty ? state.whenEmpty.take() : nil
    }
    waiting?.resume()
  }

  private func forEachConnection(_ body: @escaping @Sendable (HTTP2Connection) -> Void) {
    for connection in state.withLock({ $0.register.connections }) {
      connection.eventLoop.execute { body(connection) }
    }
  }

  private func waitUntilEmpty() async {
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLock { state in
        if !state.register.isEmpty { state.whenEmpty = continuation }
        return state.register.isEmpty
      }
      if isEmpty { continuation.resume() }
    }
  }
}
