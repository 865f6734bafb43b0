internal import HTTP2
internal import NIOCore
internal import SocketTransport
internal import Synchronization

/// What all connections of a server share.
final class ServerParts: Sendable {
  let routes: RouteTable
  let configuration: ServerConfiguration
  let compressor: MessageCompressor
  let clock: any RuntimeClock
  let observer: (any ServerObserver)?
  let hasInterceptors: Bool
  let allowsReadyAnswers: Bool
  let load: ServerLoad
  private let connectionsMade = Atomic<UInt64>(0)
  /// A number from -0.1 to 0.1, by which the age of each connection differs.
  let ageJitter: @Sendable () -> Double

  init(
    routes: RouteTable, configuration: ServerConfiguration, clock: any RuntimeClock,
    observer: (any ServerObserver)?, load: ServerLoad, ageJitter: @escaping @Sendable () -> Double
  ) {
    self.routes = routes
    self.configuration = configuration
    self.clock = clock
    self.observer = observer
    self.load = load
    self.ageJitter = ageJitter
    compressor = configuration.compressor
    hasInterceptors = !configuration.interceptors.isEmpty
    allowsReadyAnswers = configuration.allowsReadyAnswers
  }

  /// The number of a new connection.
  func nextConnection() -> UInt64 { connectionsMade.wrappingAdd(1, ordering: .relaxed).newValue }

  var admission: Admission {
    Admission(handlersMax: configuration.concurrentHandlersMax, memoryBytesMax: configuration.memoryBytesMax)
  }
}

/// One connection of a server: it turns requests into calls.
///
/// Invariants:
/// - It is touched on its event loop alone.
/// - `abandonedHandlers` counts the handlers that still run although their stream is closed. They keep their place among
///   the calls a connection may have, so that resetting streams does not start handlers without end (CVE-2023-44487).
/// - `onDone` is called once, when the socket is closed and all handlers have ended.
/// - There is one timer, at `timerAt`, for everything that is waited for; it is moved forward, and never back.
/// - `heldBytes` is what its calls hold; `reportedBytes` is what `load` was told, responses that wait included.
final class ServerConnection {
  let server: ServerParts
  let http2: HTTP2Connection
  /// What all its calls have in common.
  let origin: CallContext.Origin
  /// Its number among the connections of the server.
  let number: UInt64
  private var metadata = MetadataReader()
  /// The part of the server's load that lies on this event loop.
  let load: LoopLoad
  private let loadElsewhere: [LoopLoad]

  private let onDone: () -> Void
  private var abandonedHandlers = 0
  private(set) var isClosed = false
  private var isSocketClosed = false
  private var heldBytes = 0
  private var reportedBytes = 0
  var deadlines = DeadlineSet<ServerCall>()
  var timer: RuntimeTimer?
  var timerAt: Deadline?
  var handshakeEnds: Deadline?
  var keepalive: Keepalive
  var lifetime: ConnectionLifetime
  var writeWatch = StallWatch()
  /// Whether the timer comes often enough to see that somebody stands still.
  var isSweeping = false
  /// Calls with a deadline that began in this turn of the event loop. Most are over before it ends.
  private var callsToWatch: [ServerCall] = []

  init(_ http2: HTTP2Connection, _ server: ServerParts, onDone: @escaping () -> Void) {
    self.http2 = http2
    self.server = server
    self.onDone = onDone
    origin = CallContext.Origin(
      peer: http2.peer, peerIdentity: http2.peerIdentity, responseEncoding: server.configuration.responseEncoding,
      clock: server.clock)
    number = server.nextConnection()
    load = server.load.part(of: http2.eventLoop)
    loadElsewhere = server.load.parts(besides: load)
    let now = server.clock.now
    let configuration = server.configuration
    handshakeEnds = now.advanced(by: configuration.handshakeTimeout)
    keepalive = Keepalive(interval: configuration.keepaliveInterval, timeout: configuration.keepaliveTimeout)
    lifetime = ConnectionLifetime(
      bornAt: now, idleMax: configuration.connectionIdleMax, ageMax: configuration.connectionAgeMax,
      ageGrace: configuration.connectionAgeGrace, jitter: server.ageJitter())
    load.connectionMade()
    server.observer?.connectionOpened(number, peer: peer)
    wake(by: [handshakeEnds, lifetime.check(now: now).next].compactMap { $0 }.min() ?? now)
  }

  deinit {
    load.connectionGone()
  }

  var peer: String { origin.peer }

  var eventLoop: any EventLoop { http2.eventLoop }

  /// When what is being read came.
  var readingAt: Deadline { Deadline(nanoseconds: Int64(clamping: http2.receivedAt)) }

  /// A call has its outcome; its handler may still run.
  func callIsOver(_ call: ServerCall) {
    if call.deadline != nil { deadlines.remove(id: Int(call.stream.number)) }
  }

  /// A stream closed and its handler still runs.
  func handlerAbandoned() {
    abandonedHandlers += 1
  }

  /// A handler ended whose stream had closed before.
  func abandonedHandlerEnded() {
    abandonedHandlers -= 1
    doneIfNothingIsLeft()
  }

  private func doneIfNothingIsLeft() {
    if isSocketClosed && abandonedHandlers == 0 { onDone() }
  }

  /// The stream of a call closed.
  func streamOfCallClosed() {
    settleMemory()
    guard lifetime.watchesIdleness, http2.openStreams == 0 else { return }
    if let deadline = lifetime.becameIdle(at: server.clock.now) { wake(by: deadline) }
  }
}

// MARK: Load

extension ServerConnection {
  /// The load of the server as admission sees it.
  private var loadNow: Admission.Load {
    var now = Admission.Load(handlers: load.handlers, memoryBytes: load.memoryBytes)
    for part in loadElsewhere {
      now.handlers += part.handlers
      now.memoryBytes += part.memoryBytes
    }
    return now
  }

  /// Why no more handlers may run; nil when they may.
  func refusalOfHandler(for route: Route) -> GRPCStatus? {
    server.admission.refusal(ofHandlerAt: loadNow, isHealthCheck: route.isHealthCheck)
  }

  /// A call holds so many bytes more than before, or less.
  func hold(_ change: Int) {
    heldBytes += change
    settleMemory()
  }

  /// Why the calls of this connection may not hold so many bytes more; nil when they may.
  func refusal(of count: Int) -> GRPCStatus? {
    guard heldBytes + http2.queuedBytes + count <= server.configuration.connectionMemoryBytesMax else {
      return GRPCStatus(.resourceExhausted, "the calls of this connection hold as many bytes as they may")
    }
    return server.admission.refusal(of: count, held: heldBytes + http2.queuedBytes, at: loadNow)
  }

  /// Brings the server's count of bytes up to date. Responses leave without a word, so whatever may have let some leave
  /// calls this.
  func settleMemory() {
    let bytes = heldBytes + http2.queuedBytes
    guard bytes != reportedBytes else { return }
    load.addMemory(bytes - reportedBytes)
    reportedBytes = bytes
  }
}

extension ServerConnection: HTTP2ConnectionDelegate {
  func streamOpened(
    _ stream: HTTP2StreamID, headers: borrowing HTTP2HeaderBlock, endStream: Bool
  ) -> (any HTTP2StreamDelegate)? {
    guard http2.openStreams + abandonedHandlers <= Int(server.configuration.concurrentCallsMax) else { return nil }
    do throws(RequestHead.Refusal) {
      return begin(
        ServerCall(stream: stream, head: try RequestHead(of: headers, server.routes, &metadata), connection: self))
    } catch {
      return refuse(stream, error.answer)
    }
  }

  private func begin(_ call: ServerCall) -> ServerCall {
    let held = heldBytes + http2.queuedBytes
    if let refusal = server.admission.refusal(at: loadNow, held: held, isHealthCheck: call.isHealthCheck) {
      call.abort(refusal)
      return call
    }
    lifetime.becameBusy()
    if !isSweeping { sweep(from: call.startedAt) }
    call.begin()
    if call.deadline != nil && !call.isOver { watch(call) }
    return call
  }

  private func refuse(_ stream: HTTP2StreamID, _ headers: HTTP2HeaderList) -> RefusedStream {
    do throws(HTTP2Error) {
      try http2.sendHeaders(stream, headers, endStream: true)
    } catch {
      http2.reset(stream, error.code)
    }
    return RefusedStream()
  }

  func settingsReceived(_ settings: HTTP2PeerSettings) {
    // The session obeys them; that they have come is the end of the handshake.
    handshakeEnds = nil
  }

  func pingAcknowledged(_ payload: UInt64) {
    // Whatever comes keeps the connection alive, and this came.
  }

  func goAwayReceived(lastStream: Int32, code: HTTP2ErrorCode, debugText: String) {
    // A client that goes away finishes its calls or resets them; both arrive as events of their streams.
  }

  func connectionClosed(_ end: HTTP2ConnectionEnd) {
    isClosed = true
    timer?.cancel()
    server.observer?.connectionClosed(number, peer: peer, reason: end.reason)
  }

  func connectionWaits() {
    watchWaiting()
  }

  func socketClosed() {
    isSocketClosed = true
    doneIfNothingIsLeft()
  }
}

// MARK: Deadlines

extension ServerConnection {
  private func watch(_ call: ServerCall) {
    callsToWatch.append(call)
    guard callsToWatch.count == 1 else { return }
    let connection = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.execute { connection.value.watchCalls() }
  }

  private func watchCalls() {
    for call in callsToWatch where !call.isOver {
      guard let deadline = call.deadline else { continue }
      if let next = deadlines.add(call, id: Int(call.stream.number), deadline: deadline) { wake(by: next) }
    }
    callsToWatch.removeAll(keepingCapacity: true)
  }
}

/// Hears the rest of a stream that was answered at once. The session consumes its bytes when it closes.
private final class RefusedStream: HTTP2StreamDelegate {
  func headersReceived(_ headers: borrowing HTTP2HeaderBlock) {}
  func dataReceived(_ bytes: Span<UInt8>) {}
  func trailersReceived(_ trailers: borrowing HTTP2HeaderBlock) {}
  func endReceived() {}
  func queueDrained() {}
  func streamClosed(_ closure: HTTP2StreamClosure) {}
}

extension HTTP2ConnectionEnd {
  /// Why the connection ended, or nil when both sides had finished.
  var reason: String? {
    switch self {
    case .finished: nil
    case .failed(let error): error.description
    case .lost(let what): what
    }
  }
}
