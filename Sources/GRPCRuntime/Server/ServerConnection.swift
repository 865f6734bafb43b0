internal import HTTP2
internal import NIOCore
internal import SocketTransport

/// What all connections of a server share.
struct ServerParts: Sendable {
  let routes: RouteTable
  let configuration: ServerConfiguration
  let compressor: MessageCompressor
  let clock: any RuntimeClock
  let observer: (any ServerObserver)?
}

/// One connection of a server: it turns requests into calls.
///
/// Invariants:
/// - It is touched on its event loop alone.
/// - `abandonedHandlers` counts the handlers that still run although their stream is closed. They keep their place among
///   the calls a connection may have, so that resetting streams does not start handlers without end (CVE-2023-44487).
/// - `onDone` is called once, when the connection has ended and so have all handlers.
final class ServerConnection {
  let server: ServerParts
  let http2: HTTP2Connection
  let peer: String

  private let onDone: () -> Void
  private var abandonedHandlers = 0
  private var isClosed = false
  private var deadlines = DeadlineSet<ServerCall>()
  private var deadlineTimer: RuntimeTimer?
  /// Calls with a deadline that began in this turn of the event loop. Most are over before it ends.
  private var callsToWatch: [ServerCall] = []

  init(_ http2: HTTP2Connection, _ server: ServerParts, onDone: @escaping () -> Void) {
    self.http2 = http2
    self.server = server
    self.onDone = onDone
    peer = http2.peer
    server.observer?.connectionOpened(peer: peer)
  }

  var eventLoop: any EventLoop { http2.eventLoop }

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
    if isClosed && abandonedHandlers == 0 { onDone() }
  }
}

extension ServerConnection: HTTP2ConnectionDelegate {
  func streamOpened(
    _ stream: HTTP2StreamID, headers: borrowing HTTP2HeaderBlock, endStream: Bool
  ) -> (any HTTP2StreamDelegate)? {
    guard http2.openStreams + abandonedHandlers <= Int(server.configuration.concurrentCallsMax) else { return nil }
    switch RequestHead.judge(headers, server.routes) {
    case .call(let head):
      return begin(ServerCall(stream: stream, head: head, connection: self))
    case .refuseHTTP(let list):
      return refuse(stream, list)
    case .refuse(let status, let metadata):
      return refuse(stream, StatusHeaders.trailersOnly(status, metadata))
    }
  }

  private func begin(_ call: ServerCall) -> ServerCall {
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
    // The session obeys them; nothing above it depends on them.
  }

  func pingAcknowledged(_ payload: UInt64) {
    // Keepalive pings will be answered here.
  }

  func goAwayReceived(lastStream: Int32, code: HTTP2ErrorCode) {
    // A client that goes away finishes its calls or resets them; both arrive as events of their streams.
  }

  func connectionClosed(_ end: HTTP2ConnectionEnd) {
    isClosed = true
    deadlineTimer?.cancel()
    server.observer?.connectionClosed(peer: peer, reason: end.reason)
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
      schedule(deadlines.add(call, id: Int(call.stream.number), deadline: deadline))
    }
    callsToWatch.removeAll(keepingCapacity: true)
  }

  private func schedule(_ deadline: Deadline?) {
    guard let deadline, !isClosed else { return }
    let connection = NIOLoopBound(self, eventLoop: eventLoop)
    deadlineTimer?.cancel()
    deadlineTimer = server.clock.schedule(at: deadline, on: eventLoop) { connection.value.expireCalls() }
  }

  private func expireCalls() {
    let (expired, next) = deadlines.expire(at: server.clock.now)
    for call in expired { call.abort(.deadlinePassed) }
    schedule(next)
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
