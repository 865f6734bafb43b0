internal import HTTP2
internal import NIOCore
internal import SocketTransport

/// One call on the client: it sends the requests, and turns the events of its stream into responses and a status.
/// `ClientCallState` decides, this performs.
///
///     waiting ──connection──▶ running ──status──▶ over
///        ▲──refused, not begun──┘
///
/// Invariants:
/// - It is touched on the channel's event loop alone.
/// - `outcome` is set once; after that nothing is sent, and the inbox has its end.
/// - What ends the call on the wire ends the inbox in order, behind the responses that came before it. Only what this
///   side decides, a deadline, a cancellation or a close, drops responses that nobody has read.
final class ClientCall: SendingCall {
  /// Its number among the calls of the channel.
  let id: Int
  let plan: CallPlan
  var writers = WaitingWriters()

  /// Nil once the call is over: the inbox leads back here, and its reader keeps it as long as it is needed.
  private var inbox: MessageInbox?
  private let core: ChannelCore
  private var state: ClientCallState
  private var deframer: MessageDeframer
  private var credit = ReceiveCredit()
  private var connection: HTTP2Connection?
  private var stream: HTTP2StreamID?
  private var attempts = 0
  /// Requests written before there was a stream to send them on.
  private var unsent: [EncodedMessage] = []
  private var hasSent = false
  private var requestsFinished: Bool
  private var trailers = Metadata()
  private(set) var outcome: GRPCStatus?

  /// A refused stream was not begun, so the call may try another one; a server that refuses again is left alone.
  private static let attemptsMax = 3

  init(_ plan: CallPlan, inbox: MessageInbox, core: ChannelCore) {
    self.plan = plan
    self.inbox = inbox
    self.core = core
    id = core.callCreated()
    state = ClientCallState(kind: plan.kind)
    deframer = MessageDeframer(messageBytesMax: core.configuration.responseMessageBytesMax)
    requestsFinished = plan.request != nil
  }

  /// Begins on a connection.
  func begin(on connection: HTTP2Connection) {
    attempts += 1
    self.connection = connection
    do throws(HTTP2Error) {
      let stream = try connection.submitRequest(core.requestHeaders(for: plan), endStream: false, delegate: self)
      self.stream = stream
      if let request = plan.request {
        try transmit(request, stream, connection)
      } else {
        try transmitUnsent(stream, connection)
      }
      if requestsFinished { connection.endSending(stream) }
    } catch {
      fail(GRPCStatus(error.origin == .limit ? .resourceExhausted : .unavailable, error.message, origin: .transport))
    }
  }

  /// The caller gives up.
  func cancel() {
    fail(.taskCancelled)
  }

  /// Ends the call with a status of this side: its deadline has come, or there is no connection for it.
  func fail(_ status: GRPCStatus) {
    abort(status, dropsUnread: true)
  }
}

// MARK: Requests

extension ClientCall {
  func send(_ message: EncodedMessage) -> SendOutcome {
    if let outcome { return .over(outcome) }
    precondition(!requestsFinished, "a request is written after the last one")
    guard let stream, let connection else {
      unsent.append(message)
      return .full
    }
    do throws(HTTP2Error) {
      let waiting = try transmit(message, stream, connection)
      return waiting > core.configuration.callQueueBytesMax ? .full : .sent
    } catch {
      let status = GRPCStatus(.resourceExhausted, error.message)
      fail(status)
      return .over(status)
    }
  }

  func sendInitialMetadata() {
    // A client's headers go out when the call begins.
  }

  func finishRequests() {
    guard !requestsFinished else { return }
    requestsFinished = true
    if outcome == nil, let stream { connection?.endSending(stream) }
  }

  private func transmitUnsent(_ stream: HTTP2StreamID, _ connection: HTTP2Connection) throws(HTTP2Error) {
    var waiting = 0
    for message in unsent { waiting = try transmit(message, stream, connection) }
    unsent = []
    if waiting <= core.configuration.callQueueBytesMax { writers.resumeAll() }
  }

  @discardableResult
  private func transmit(
    _ message: EncodedMessage, _ stream: HTTP2StreamID, _ connection: HTTP2Connection
  ) throws(HTTP2Error) -> Int {
    hasSent = true
    return try connection.send(message, on: stream)
  }

  func queueDrained() {
    writers.resumeAll()
  }
}

// MARK: Responses

extension ClientCall: HTTP2StreamDelegate {
  func headersReceived(_ headers: borrowing HTTP2HeaderBlock) {
    guard outcome == nil else { return }
    let head = ResponseHead(headers)
    if head.status == nil {
      plan.options.onInitialMetadata?(head.metadata)
      deframer = MessageDeframer(
        messageBytesMax: core.configuration.responseMessageBytesMax, encoding: head.encoding)
    } else {
      trailers = head.metadata
    }
    perform(state.headers(status: head.status))
  }

  func dataReceived(_ bytes: Span<UInt8>) {
    guard outcome == nil else { return consume(bytes.count) }
    let isRead = !plan.kind.hasOneResponse
    var offset = 0
    while outcome == nil {
      let start = offset
      let action = deframer.read(bytes, from: &offset)
      if isRead { credit.arrived(offset - start) }
      switch action {
      case .needsMore: return consume(isRead ? credit.settle() : bytes.count)
      case .message(let message): perform(state.message(message))
      case .fail(let status): refuse(status)
      }
    }
  }

  func trailersReceived(_ trailers: borrowing HTTP2HeaderBlock) {
    guard outcome == nil else { return }
    do throws(GRPCStatus) {
      self.trailers = try Metadata(receiving: trailers)
      perform(state.trailers(status: StatusHeaders.status(in: trailers)))
    } catch {
      refuse(error)
    }
  }

  func endReceived() {
    guard outcome == nil else { return }
    perform(state.ended(betweenMessages: deframer.isBetweenMessages))
  }

  func streamClosed(_ closure: HTTP2StreamClosure) {
    stream = nil
    guard outcome == nil else { return }
    if closure.code == .refusedStream, closure.origin == .peer, mayBeginAgain {
      return core.begin(self)
    }
    let status =
      switch closure.origin {
      case .connection: core.connectionLost(connection)
      case .local, .peer, .completed: GRPCStatus(resetCode: closure.code, farewell: core.farewell(of: connection))
      }
    over(status, response: nil)
  }

  /// The reader has taken a response.
  func responseRead(_ charge: Int) {
    consume(credit.read(charge))
  }

  /// REFUSED_STREAM says that the server has not begun the call (RFC 9113 §8.7), so trying again is safe as long as
  /// everything that was sent can be sent again.
  private var mayBeginAgain: Bool {
    attempts < Self.attemptsMax && !state.hasBegun && (plan.request != nil || !hasSent)
  }

  private func perform(_ action: ClientCallState.Action) {
    switch action {
    case .wait: break
    case .deliver(let message): inbox?.put(message, charge: credit.completed())
    case .fail(let status): refuse(status)
    case .finish(let status, let response): over(status, response: response)
    }
  }

  /// The server has broken a rule: nothing more of its answer is wanted. What came before that holds.
  private func refuse(_ status: GRPCStatus) {
    abort(status, dropsUnread: false)
  }

  private func abort(_ status: GRPCStatus, dropsUnread: Bool) {
    guard outcome == nil else { return }
    if let stream { connection?.reset(stream, .cancel) }
    over(status, response: nil, dropsUnread: dropsUnread)
  }

  private func consume(_ count: Int) {
    if let stream { connection?.consume(stream, count) }
  }

  private func over(_ status: GRPCStatus, response: ReceivedMessage?, dropsUnread: Bool = false) {
    guard outcome == nil else { return }
    outcome = status
    unsent = []
    // The server has answered without waiting for the rest of the requests.
    if !requestsFinished, let stream { connection?.reset(stream, .noError) }
    core.callIsOver(self)
    plan.options.onTrailingMetadata?(trailers)
    plan.interceptors?.end(status, trailers)
    if status.code == .ok {
      if let response { inbox?.put(response, charge: 0) }
      inbox?.finish()
    } else if dropsUnread {
      inbox?.fail(status)
    } else {
      inbox?.finish(with: status)
    }
    inbox = nil
    writers.resumeAll(throwing: status)
  }
}
