/// The rules of one call on the server: which messages a request may have, and what goes out in which order.
///
///     request:   open ──END_STREAM──▶ ended
///     response:  held ──headers──▶ begun ──trailers──▶ finished
///                  └────────trailers only────────────────▲
///
/// Headers are held back until there is a message or the handler asks for them, so that an error before that travels
/// alone and the caller may safely try again (gRPC A6).
package struct ServerCallState {
  /// What a request message, or the end of the request, leads to.
  package enum RequestAction: Equatable {
    /// Nothing: it is kept, or the call is over.
    case wait
    /// The single request is complete: run the handler with it.
    case start(ReceivedMessage)
    /// One more request for the running handler.
    case deliver(ReceivedMessage)
    /// The running handler has had every request.
    case finishRequests
    /// The request breaks the rules of its method; answer with this status.
    case refuse(GRPCStatus)
  }

  /// What sending something takes.
  package enum ResponseAction: Equatable {
    /// It goes out as it is.
    case send
    /// The headers go out first.
    case sendWithHeaders
    /// The answer is finished; it is dropped.
    case drop
  }

  private enum Response {
    case held, begun, finished
  }

  private let kind: MethodKind
  private var request: ReceivedMessage?
  private var response = Response.held
  /// Whether END_STREAM has come.
  package private(set) var requestEnded = false

  /// Makes the state of a call that begins.
  package init(kind: MethodKind) {
    self.kind = kind
  }

  /// Whether the status has been sent.
  package var isFinished: Bool { response == .finished }

  /// Whether the headers have not been sent.
  package var holdsHeaders: Bool { response == .held }

  /// A whole request message came.
  package mutating func received(_ message: ReceivedMessage) -> RequestAction {
    if isFinished { return .wait }
    guard kind.hasOneRequest else { return .deliver(message) }
    // gRPC statuscodes: a unary request with two messages is UNIMPLEMENTED.
    guard request == nil else {
      return .refuse(GRPCStatus(.unimplemented, "the method takes one request, the caller sent more"))
    }
    request = message
    return .wait
  }

  /// The caller has sent everything. `betweenMessages` is false when it stopped inside of one.
  package mutating func ended(betweenMessages: Bool) -> RequestAction {
    requestEnded = true
    if isFinished { return .wait }
    guard betweenMessages else {
      return .refuse(GRPCStatus(.internal, "the request ends in the middle of a message"))
    }
    guard kind.hasOneRequest else { return .finishRequests }
    guard let request = request.take() else {
      return .refuse(GRPCStatus(.unimplemented, "the method takes one request, the caller sent none"))
    }
    return .start(request)
  }

  /// The handler asks for the headers to go out.
  package mutating func sendHeaders() -> ResponseAction {
    guard response == .held else { return .drop }
    response = .begun
    return .send
  }

  /// A response message is to go out.
  package mutating func sendMessage() -> ResponseAction {
    switch response {
    case .held:
      response = .begun
      return .sendWithHeaders
    case .begun: return .send
    case .finished: return .drop
    }
  }

  /// The status is to go out. `sendWithHeaders` means that it goes alone: Trailers-Only.
  package mutating func finish() -> ResponseAction {
    defer { response = .finished }
    switch response {
    case .held: return .sendWithHeaders
    case .begun: return .send
    case .finished: return .drop
    }
  }
}
