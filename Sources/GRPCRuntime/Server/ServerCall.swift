internal import HTTP2
internal import NIOCore
internal import SocketTransport

/// One call on the server: it turns the events of its stream into messages, runs the handler, and turns what the handler
/// does into frames. `ServerCallState` decides, this performs.
///
/// Invariants:
/// - It is touched on its connection's event loop alone; a handler reaches it through `LoopBoundSink` and `NIOLoopBound`.
/// - The handler starts at most once, and its task is cancelled when the call is over before the handler is.
/// - `outcome` is set once, when the call is over; nothing is sent after that.
/// - `heldBytes` is what the connection was told that this call holds: `unread`, and its headers while it is not over.
final class ServerCall: SendingCall {
  let stream: HTTP2StreamID
  let deadline: Deadline?
  var writers = WaitingWriters()

  private let connection: ServerConnection
  private let head: RequestHead
  let startedAt: Deadline
  private var state: ServerCallState
  private var deframer: MessageDeframer
  private var credit = ReceiveCredit()
  private var unread = UnreadBytes()
  private var heldBytes = 0
  private var receivedBytes = 0
  private var requestWatch = StallWatch()
  private var responseWatch = StallWatch()
  private var inbox: MessageInbox?
  private var context: CallContext?
  private var task: Task<Void, Never>?
  private var isHandlerRunning = false
  private var isStreamClosed = false
  private var compresses = false
  private var outcome: GRPCStatus?
  private var leave: CallLeave?
  private var leaveWatch: LeaveWatch?

  init(stream: HTTP2StreamID, head: consuming RequestHead, connection: ServerConnection) {
    self.stream = stream
    self.connection = connection
    connection.load.callMade()
    startedAt = connection.readingAt
    deadline = head.timeout.map(startedAt.advanced(by:))
    state = ServerCallState(kind: head.route.kind)
    deframer = MessageDeframer(
      messageBytesMax: connection.server.configuration.requestMessageBytesMax, encoding: head.encoding)
    self.head = head
  }

  deinit { connection.load.callGone() }

  private var id: CallID { CallID(connection: connection.number, stream: stream.number) }

  /// Whether it asks if the server lives.
  var isHealthCheck: Bool { head.route.isHealthCheck }

  /// Whether nothing is left to wait for.
  var isOver: Bool { outcome != nil }

  /// Begins the call, once its headers have come.
  func begin() {
    hold()
    if let timeout = head.timeout, timeout <= .zero {
      end(.deadlinePassed)
    } else if isLetIn(), case .fromStart(let handler) = head.route.handler {
      let inbox = makeInbox()
      self.inbox = inbox
      run(.stream(inbox)) { sink, context in try await handler(inbox, sink, context) }
    }
  }

  /// Asks the gate, if there is one, and ends the call if it is not let in. What can last goes on being watched over.
  private func isLetIn() -> Bool {
    guard let gate = connection.server.configuration.gate else { return true }
    let arrival = CallArrival(head.route, head.metadata, connection.origin)
    do throws(GRPCStatus) {
      leave = try gate.admit(arrival)
      guard arrival.isStream else { return true }
      let call = NIOLoopBound(self, eventLoop: connection.eventLoop)
      leaveWatch = gate.watch(arrival) { status in call.eventLoop.execute { call.value.abort(status) } }
    } catch {
      end(error)
    }
    return outcome == nil
  }

  /// Ends the call from this side, as its deadline has come or the server cannot wait any longer.
  func abort(_ status: GRPCStatus) {
    end(status)
  }
}

// MARK: The request

extension ServerCall: HTTP2StreamDelegate {
  func headersReceived(_ headers: borrowing HTTP2HeaderBlock) {
    // Only clients receive response headers.
  }

  func dataReceived(_ bytes: Span<UInt8>) {
    // What comes behind the answer is for nobody.
    guard outcome == nil else { return connection.http2.consume(stream, bytes.count) }
    receivedBytes += bytes.count
    // What a handler reads message by message is credited as it reads; everything else as it comes.
    let isRead = inbox != nil
    var offset = 0
    while true {
      let start = offset
      let action = deframer.read(bytes, from: &offset)
      if isRead { credit.arrived(offset - start) }
      unread.arrived(offset - start)
      switch action {
      case .needsMore:
        connection.http2.consume(stream, isRead ? credit.settle() : bytes.count)
        if let refusal = holdIfAllowed() { end(refusal) }
        return
      case .message(let message):
        perform(state.received(message))
      case .fail(let status):
        end(status)
        return
      }
    }
  }

  func trailersReceived(_ trailers: borrowing HTTP2HeaderBlock) {
    // gRPC has no request trailers; the end of the stream, which comes with them, is what counts.
  }

  func endReceived() {
    perform(state.ended(betweenMessages: deframer.isBetweenMessages))
  }

  private func perform(_ action: ServerCallState.RequestAction) {
    switch action {
    case .wait: break
    case .start(let request): start(request)
    case .deliver(let message):
      let charge = credit.completed()
      unread.completed(charge: charge)
      inbox?.put(message, charge: charge)
    case .finishRequests: inbox?.finish()
    case .refuse(let status): end(status)
    }
  }

  private func makeInbox() -> MessageInbox {
    let call = NIOLoopBound(self, eventLoop: connection.eventLoop)
    return MessageInbox(compressor: connection.server.compressor) { charge in
      if call.eventLoop.inEventLoop {
        call.value.requestRead(charge)
      } else {
        call.eventLoop.execute { call.value.requestRead(charge) }
      }
    }
  }

  private func requestRead(_ charge: Int) {
    connection.http2.consume(stream, credit.read(charge))
    unread.read(charge: charge)
    hold()
  }
}

// MARK: The handler

extension ServerCall {
  private func start(_ request: ReceivedMessage) {
    unread.clear()
    do throws(GRPCStatus) {
      try connection.review(head, leave, since: startedAt)
      let bytes = try connection.server.compressor.contents(of: request)
      if let ready = readyAnswer(to: bytes) { return answer(ready.message, ready.headers.list) }
      if let refusal = connection.refusalOfHandler(for: head.route) { return end(refusal) }
      let arrival = CallContext.RequestArrival.single(isCompressed: request.isCompressed)
      switch head.route.handler {
      case .fromStart: break
      case .immediate(let handler) where !connection.server.hasInterceptors:
        runAtOnce(handler, bytes, makeContext(arrival, sink: nil))
      case .immediate(let handler):
        hold()
        run(arrival) { _, context in try handler(bytes, context) }
      case .afterRequest(let handler):
        hold()
        run(arrival) { sink, context in try await handler(bytes, sink, context) }
      }
    } catch {
      end(error)
    }
  }

  /// An answer that needs no handler. There is none where interceptors are to see the call, or answers are compressed.
  private func readyAnswer(to request: [UInt8]) -> ReadyAnswer? {
    guard let ready = head.route.ready, connection.server.allowsReadyAnswers else { return nil }
    return ready(request, leave)
  }

  private func makeContext(_ request: CallContext.RequestArrival, sink: (any MessageSink)?) -> CallContext {
    CallContext(
      id: id, route: head.route, requestMetadata: head.metadata, deadline: deadline, origin: connection.origin,
      request: request, sink: sink, leave: leave)
  }

  /// Runs a handler that waits for nothing, and answers with what it returns or throws.
  private func runAtOnce(_ handler: Route.ImmediateHandler, _ request: [UInt8], _ context: CallContext) {
    do {
      let response = try handler(request, context)
      if context.isPlain { return answerPlainly(response) }
      respond(.success(response), context)
    } catch {
      respond(.failure(error), context)
    }
  }

  /// Answers with what a handler has come to that set something in its context.
  private func respond(_ outcome: Result<EncodedMessage, any Error>, _ context: CallContext) {
    self.context = context
    if context.wantsInitialMetadata { sendInitialMetadata() }
    switch outcome {
    case .success(let response):
      _ = send(response)
      end(.ok)
    case .failure(let error): end(connection.status(for: error, id, head.route))
    }
    self.context = nil
  }

  /// Starts the handler's task. It runs at once, here, until it waits for something, and goes on on this event loop.
  private func run(_ request: CallContext.RequestArrival, _ handler: @escaping CallHandler.ErasedHandler) {
    let call = NIOLoopBound(self, eventLoop: connection.eventLoop)
    let sink = LoopBoundSink(call)
    let context = makeContext(request, sink: sink)
    self.context = context
    isHandlerRunning = true
    connection.load.addHandlers(1)
    let handler = intercepted(handler)
    let task = Task.immediate(executorPreference: connection.http2.executor) {
      do {
        let response = try await handler(sink, context)
        call.value.handlerReturned(response)
      } catch {
        call.value.handlerThrew(error)
      }
    }
    if isHandlerRunning { self.task = task }
  }

  /// The handler inside of the interceptors, if there are any.
  private func intercepted(_ handler: @escaping CallHandler.ErasedHandler) -> CallHandler.ErasedHandler {
    let interceptors = connection.server.configuration.interceptors
    guard !interceptors.isEmpty else { return handler }
    return { sink, context in try await CallHandler(interceptors[...], context, sink, handler).run().response }
  }

  private func handlerReturned(_ response: EncodedMessage?) {
    handlerEnds()
    if let response { answer(response) } else { end(.ok) }
    context = nil
  }

  private func handlerThrew(_ error: any Error) {
    handlerEnds()
    switch error {
    case _ where outcome != nil: break
    case CallCut.stream: reset(CallCut.streamStatus)
    case CallCut.connection: connection.http2.abort(CallCut.connectionError)
    default: end(connection.status(for: error, id, head.route))
    }
    context = nil
  }

  private func handlerEnds() {
    isHandlerRunning = false
    connection.load.addHandlers(-1)
    task = nil
    if isStreamClosed { connection.abandonedHandlerEnded() }
  }
}

// MARK: The response

extension ServerCall {
  func sendInitialMetadata() {
    guard state.sendHeaders() == .send else { return }
    do throws(HTTP2Error) {
      try sendHeaders()
    } catch {
      fail(error)
    }
  }

  func send(_ message: EncodedMessage) -> SendOutcome {
    if let outcome { return .over(outcome) }
    if let refusal = connection.refusal(of: message.count) {
      end(refusal)
      return .over(refusal)
    }
    do throws(HTTP2Error) {
      switch state.sendMessage() {
      case .drop: return .over(.taskCancelled)
      case .sendWithHeaders: try sendHeaders()
      case .send: break
      }
      let message = compresses ? connection.server.compressor.compressed(message) : message
      let waiting = try connection.http2.send(message, on: stream)
      connection.settleMemory()
      return waiting > connection.server.configuration.callQueueBytesMax ? .full : .sent
    } catch {
      return .over(fail(error))
    }
  }

  /// Answers with the one response of a call: what the handler wants in the headers and trailers, and OK.
  private func answer(_ response: EncodedMessage) {
    guard outcome == nil else { return }
    if let context, context.isPlain, state.holdsHeaders { return answerPlainly(response) }
    _ = send(response)
    end(.ok)
  }

  /// Answers with nothing in the headers and trailers but what gRPC puts there.
  private func answerPlainly(_ response: EncodedMessage) {
    answer(response, ResponseHeaders.list(Metadata(), listsEncodings: head.encoding != .identity))
  }

  /// Sends a whole answer that ends with OK and has no trailing metadata.
  private func answer(_ response: EncodedMessage, _ headers: HTTP2HeaderList) {
    // The request is no longer held, though the connection was not told yet.
    if let refusal = connection.refusal(of: response.count + bytesToHold - heldBytes) { return end(refusal) }
    guard state.sendMessage() == .sendWithHeaders else { return }
    do throws(HTTP2Error) {
      if response.rest.isEmpty {
        _ = state.finish()
        try connection.http2.sendAnswer(stream, headers, response, StatusHeaders.okTrailers)
        over(.ok)
      } else {
        try connection.http2.sendHeaders(stream, headers, endStream: false)
        _ = try connection.http2.send(response, on: stream)
        end(.ok)
      }
    } catch {
      fail(error)
    }
  }

  func queueDrained() {
    connection.settleMemory()
    writers.resumeAll()
  }

  private func sendHeaders() throws(HTTP2Error) {
    let response = context?.responseHead
    compresses = head.acceptsGzip && response?.encoding == .gzip
    let headers = ResponseHeaders.list(
      response?.initial ?? Metadata(), encoding: compresses ? .gzip : .identity,
      listsEncodings: head.encoding != .identity)
    try connection.http2.sendHeaders(stream, headers, endStream: false)
  }

  /// A limit of this side was met in the middle of the answer: what the caller has got is no whole answer.
  @discardableResult
  private func fail(_ error: HTTP2Error) -> GRPCStatus {
    let status = GRPCStatus(.resourceExhausted, error.message)
    connection.http2.reset(stream, status.resetCode)
    over(status)
    return status
  }

  /// Sends the status, if the call is not over.
  private func end(_ status: GRPCStatus) {
    guard outcome == nil else { return }
    let metadata = context?.trailingMetadata ?? Metadata()
    do throws(HTTP2Error) {
      try sendStatus(status, metadata)
      over(status)
    } catch {
      fail(error)
    }
  }

  private func sendStatus(_ status: GRPCStatus, _ metadata: Metadata) throws(HTTP2Error) {
    // Metadata the handler set for the headers is not lost: they go out before the status.
    if state.holdsHeaders, context?.initialMetadata.isEmpty == false, state.sendHeaders() == .send {
      try sendHeaders()
    }
    switch state.finish() {
    case .drop: return
    case .send:
      try wholeOrShort(status, metadata) { status, metadata throws(HTTP2Error) in
        try connection.http2.sendTrailers(stream, StatusHeaders.trailers(status, metadata))
      }
    case .sendWithHeaders:
      var metadata = metadata
      if head.encoding != .identity {
        metadata.appendReserved(MessageEncoding.acceptList, for: "grpc-accept-encoding")
      }
      try wholeOrShort(status, metadata) { status, metadata throws(HTTP2Error) in
        try connection.http2.sendHeaders(stream, StatusHeaders.trailersOnly(status, metadata), endStream: true)
      }
    }
  }

  /// Details and metadata can be longer than a header list may be; the code has to arrive in any case.
  private func wholeOrShort(
    _ status: GRPCStatus, _ metadata: Metadata, _ send: (GRPCStatus, Metadata) throws(HTTP2Error) -> Void
  ) throws(HTTP2Error) {
    do throws(HTTP2Error) {
      try send(status, metadata)
    } catch {
      try send(StatusHeaders.shortened(status), Metadata())
    }
  }

  func streamClosed(_ closure: HTTP2StreamClosure) {
    isStreamClosed = true
    if isHandlerRunning { connection.handlerAbandoned() }
    connection.streamOfCallClosed()
    guard outcome == nil else { return }
    // The wire is gone, so nothing is sent any more: only the handler and the observer hear of it.
    _ = state.finish()
    let status =
      switch closure.origin {
      case .connection: GRPCStatus(.cancelled, "the connection to the caller was lost", origin: .transport)
      case .local: GRPCStatus(.internal, "the caller broke a rule of HTTP/2: \(closure.code)", origin: .transport)
      case .peer, .completed: GRPCStatus(.cancelled, "the caller gave up: \(closure.code)", origin: .peer)
      }
    over(status)
  }

  private func over(_ status: GRPCStatus) {
    outcome = status
    leave?.account?.callIsOver(isStream: head.route.isStream)
    leaveWatch.take()?.cancel()
    task?.cancel()
    inbox?.fail(status)
    inbox = nil
    writers.resumeAll(throwing: status)
    unread.clear()
    hold()
    connection.callIsOver(self)
    if let observer = connection.server.observer, observer.hearsCalls {
      observer.callFinished(
        FinishedCall(
          id: id, method: head.route.path, peer: connection.peer, status: status,
          duration: connection.server.clock.now.remaining(at: startedAt)))
    }
  }
}

// MARK: Limits

extension ServerCall {
  /// What this call holds: what came and was not read, and its headers while it is not over.
  private var bytesToHold: Int { outcome == nil ? unread.count + head.headerListBytes : 0 }

  /// Tells the connection what this call holds now.
  private func hold() {
    let change = bytesToHold - heldBytes
    guard change != 0 else { return }
    heldBytes += change
    connection.hold(change)
  }

  /// The same where it may be too much: returns why it may not hold so much.
  private func holdIfAllowed() -> GRPCStatus? {
    let change = bytesToHold - heldBytes
    let refusal = change > 0 ? connection.refusal(of: change) : nil
    hold()
    return refusal
  }

  /// Looks whether the caller stands still in its request, or in taking the answer.
  func watch(_ backlog: HTTP2StreamBacklog, now: Deadline) {
    let configuration = connection.server.configuration
    // While the whole connection takes nothing, no single stream is to blame.
    let isAnswerWaiting = backlog.bytesWaiting > 0 && !connection.http2.isReadingPaused
    if responseWatch.isStalled(
      progress: backlog.bytesTaken, isWaiting: isAnswerWaiting, limit: configuration.responseStallMax, now: now)
    {
      reset(
        GRPCStatus(.resourceExhausted, "the caller took nothing of the answer for \(configuration.responseStallMax)"))
    } else if requestWatch.isStalled(
      progress: receivedBytes, isWaiting: awaitsRequest && connection.http2.mayReceive(stream),
      limit: configuration.requestStallMax, now: now)
    {
      end(GRPCStatus(.deadlineExceeded, "the request did not go on for \(configuration.requestStallMax)"))
    }
  }

  /// Whether the caller owes us the rest of something it has begun. Between the messages of a stream it owes nothing.
  private var awaitsRequest: Bool {
    outcome == nil && !state.requestEnded && (head.route.kind.hasOneRequest || !deframer.isBetweenMessages)
  }

  private func reset(_ status: GRPCStatus) {
    connection.http2.reset(stream, status.resetCode)
    if outcome == nil { over(status) }
  }
}
