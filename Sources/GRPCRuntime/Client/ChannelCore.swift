internal import HTTP2
internal import NIOCore
internal import SocketTransport

/// What a channel consists of on its event loop: the connection, the calls that wait for one, and the deadlines.
/// `ChannelState` decides, this performs.
///
/// Invariants:
/// - It is touched on `eventLoop` alone.
/// - A call is in `waiting` or on a connection until it is over; `openCalls` counts both.
/// - `connections` holds every connection that has not ended; only `current` is given new calls.
final class ChannelCore {
  let eventLoop: any EventLoop
  let configuration: ChannelConfiguration
  private let target: TransportAddress
  private let tls: TLSClientCredentials?
  private let clock: any RuntimeClock
  private let headersTemplate: HTTP2HeaderList

  private var state = ChannelState()
  private var backoff: ConnectionBackoff
  private var current: HTTP2Connection?
  private var connections: [ObjectIdentifier: HTTP2Connection] = [:]
  /// What servers said with GOAWAY, for as long as the connection lives.
  private var farewells: [ObjectIdentifier: String] = [:]
  private var isConnecting = false
  private var waiting: [ClientCall] = []
  private var openCalls = 0
  private var lastCallID = 0
  private var deadlines = DeadlineSet<ClientCall>()
  private var deadlineTimer: RuntimeTimer?
  private var reconnectTimer: RuntimeTimer?
  private var whenClosed: CheckedContinuation<Void, Never>?

  init(
    target: TransportAddress, configuration: ChannelConfiguration, tls: TLSClientCredentials?,
    clock: any RuntimeClock, random: @escaping @Sendable (ClosedRange<Double>) -> Double, eventLoop: any EventLoop
  ) {
    self.target = target
    self.configuration = configuration
    self.tls = tls
    self.clock = clock
    self.eventLoop = eventLoop
    backoff = ConnectionBackoff(
      initial: configuration.reconnectDelayInitial, max: configuration.reconnectDelayMax, random: random)
    headersTemplate = RequestHeaders.template(for: target, tls: configuration.tls)
  }

  /// The status of calls whose connection is lost below them: why, or what the server said before.
  func connectionLost(_ connection: HTTP2Connection?) -> GRPCStatus {
    let why = connection?.lossReason.map { ": \($0)" } ?? ""
    return GRPCStatus(
      .unavailable, "the connection to \(target) was lost\(why)\(farewell(of: connection))", origin: .transport)
  }

  /// What the server said when it left, as the end of a message; empty when it said nothing.
  func farewell(of connection: HTTP2Connection?) -> String {
    connection.flatMap { farewells[ObjectIdentifier($0)] }.map { "; the server said \($0)" } ?? ""
  }

  func connectionSays(_ connection: HTTP2Connection, _ code: HTTP2ErrorCode, _ debugText: String) {
    let words = [code == .noError ? "" : "\(code)", debugText].filter { !$0.isEmpty }
    if !words.isEmpty { farewells[ObjectIdentifier(connection)] = words.joined(separator: ", ") }
  }

  /// Counts a new call and numbers it.
  func callCreated() -> Int {
    openCalls += 1
    lastCallID += 1
    return lastCallID
  }

  func requestHeaders(for plan: CallPlan) -> HTTP2HeaderList {
    RequestHeaders.list(headersTemplate, plan, timeRemaining: plan.deadline?.remaining(at: clock.now))
  }
}

// MARK: Calls

extension ChannelCore {
  /// Begins a call, for the first time or once more.
  func begin(_ call: ClientCall) {
    if let deadline = call.plan.deadline {
      guard deadline > clock.now else { return call.fail(.deadlinePassed) }
      scheduleDeadlines(deadlines.add(call, id: call.id, deadline: deadline))
    }
    switch state.call(waitsForReady: call.plan.options.waitsForReady) {
    case .begin:
      guard let current else { preconditionFailure("a ready channel has a connection") }
      call.begin(on: current)
    case .wait: waiting.append(call)
    case .waitAndConnect:
      waiting.append(call)
      connect()
    case .fail(let status): call.fail(status)
    }
  }

  func callIsOver(_ call: ClientCall) {
    if call.plan.deadline != nil { deadlines.remove(id: call.id) }
    waiting.removeAll { $0 === call }
    openCalls -= 1
    shutDownIfIdle()
  }

  private func beginWaiting() {
    let calls = waiting
    waiting = []
    for call in calls where call.outcome == nil { begin(call) }
  }

  private func scheduleDeadlines(_ deadline: Deadline?) {
    guard let deadline else { return }
    let core = NIOLoopBound(self, eventLoop: eventLoop)
    deadlineTimer?.cancel()
    deadlineTimer = clock.schedule(at: deadline, on: eventLoop) { core.value.expireCalls() }
  }

  private func expireCalls() {
    let (expired, next) = deadlines.expire(at: clock.now)
    for call in expired { call.fail(.deadlinePassed) }
    scheduleDeadlines(next)
  }
}

// MARK: Connections

extension ChannelCore {
  private func connect() {
    let core = NIOLoopBound(self, eventLoop: eventLoop)
    let target = target
    let http2 = configuration.http2
    let tls = tls
    let timeout = TimeAmount.nanoseconds(configuration.connectTimeout.nanosecondsClamped)
    isConnecting = true
    Task.immediate(executorPreference: LoopTaskExecutor(eventLoop)) {
      do throws(TransportError) {
        let connection = try await HTTP2Connector.connect(
          to: target, group: core.eventLoop, configuration: http2, timeout: timeout, tls: tls
        ) { ClientConnection($0, core: core.value) }
        core.value.connected(connection)
      } catch {
        core.value.connectingFailed(error)
      }
    }
  }

  private func connected(_ connection: HTTP2Connection) {
    isConnecting = false
    defer { finishClosing() }
    guard connection.isOpen else {
      return connectingFailed(TransportError(.failed, "\(target) closed the connection at once"))
    }
    connections[ObjectIdentifier(connection)] = connection
    guard state.connected() else { return connection.shutdown() }
    backoff.succeeded()
    current = connection
    beginWaiting()
  }

  private func connectingFailed(_ error: TransportError) {
    isConnecting = false
    defer { finishClosing() }
    let reason = GRPCStatus(.unavailable, error.message, origin: .transport)
    guard state.failed(reason) else { return }
    let core = NIOLoopBound(self, eventLoop: eventLoop)
    reconnectTimer = clock.schedule(at: clock.now.advanced(by: backoff.failed()), on: eventLoop) {
      core.value.pauseEnded()
    }
    for call in waiting where !call.plan.options.waitsForReady { call.fail(reason) }
  }

  private func pauseEnded() {
    if state.pauseEnded(someoneWaits: !waiting.isEmpty) { connect() }
  }

  /// A connection takes no more calls.
  func connectionLeaves(_ connection: HTTP2Connection) {
    guard current === connection else { return }
    current = nil
    if state.left(someoneWaits: !waiting.isEmpty) { connect() }
  }

  /// A connection has ended, and with it all its calls.
  func connectionEnded(_ connection: HTTP2Connection, _ end: HTTP2ConnectionEnd) {
    connections.removeValue(forKey: ObjectIdentifier(connection))
    farewells.removeValue(forKey: ObjectIdentifier(connection))
    connectionLeaves(connection)
    finishClosing()
  }
}

// MARK: The end

extension ChannelCore {
  /// Takes no new calls, lets those under way finish for `grace`, then ends them; `done` is resumed when nothing is left.
  func close(grace: Duration, done: CheckedContinuation<Void, Never>) {
    precondition(!state.isClosed, "the channel is closed twice")
    state.close()
    whenClosed = done
    for call in waiting { call.fail(GRPCStatus(.unavailable, "the channel was closed")) }
    reconnectTimer?.cancel()
    let core = NIOLoopBound(self, eventLoop: eventLoop)
    reconnectTimer = clock.schedule(at: clock.now.advanced(by: grace), on: eventLoop) { core.value.terminate() }
    shutDownIfIdle()
    finishClosing()
  }

  private func shutDownIfIdle() {
    guard state.isClosed, openCalls == 0 else { return }
    for connection in connections.values { connection.shutdown() }
  }

  private func terminate() {
    for connection in connections.values { connection.terminate(.noError) }
  }

  private func finishClosing() {
    guard state.isClosed, !isConnecting, connections.isEmpty, let done = whenClosed.take() else { return }
    reconnectTimer?.cancel()
    deadlineTimer?.cancel()
    done.resume()
  }
}
