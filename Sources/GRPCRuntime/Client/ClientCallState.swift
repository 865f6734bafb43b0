/// The rules of one call on the client: what a response may consist of, and what it comes to.
///
///     waiting ──headers──▶ begun ──trailers──▶ ended
///        └────────trailers only──────────────────▲
///
/// A single response is held back until its status is known, so that it is never seen together with an error.
package struct ClientCallState {
  /// What an event leads to.
  package enum Action: Equatable {
    /// Nothing yet.
    case wait
    /// One more response for the reader.
    case deliver(ReceivedMessage)
    /// The call is over; `response` is the single response of a call that succeeded.
    case finish(GRPCStatus, response: ReceivedMessage?)
    /// The response breaks the protocol: reset the stream and end the call with this status.
    case fail(GRPCStatus)
  }

  private enum Response {
    case waiting, begun, ended
  }

  private let kind: MethodKind
  private var phase = Response.waiting
  private var response: ReceivedMessage?
  private var status: GRPCStatus?

  /// Makes the state of a call that begins.
  package init(kind: MethodKind) {
    self.kind = kind
  }

  /// Whether anything of a response has come; a call without any may be tried again elsewhere.
  package var hasBegun: Bool { phase != .waiting }

  /// The first headers came; with a status when they are all there is.
  package mutating func headers(status: GRPCStatus?) -> Action {
    phase = .begun
    self.status = status
    // Something that is no gRPC may go on with a long body that nobody wants.
    if let status, status.origin == .transport { return .fail(status) }
    return .wait
  }

  /// A whole response message came.
  package mutating func message(_ message: ReceivedMessage) -> Action {
    guard phase == .begun, status == nil else {
      return .fail(GRPCStatus(.internal, "the server sent a message behind its status", origin: .transport))
    }
    guard kind.hasOneResponse else { return .deliver(message) }
    // gRPC statuscodes: a response cardinality violation is UNIMPLEMENTED.
    guard response == nil else {
      return .fail(GRPCStatus(.unimplemented, "the server sent more than the one response", origin: .transport))
    }
    response = message
    return .wait
  }

  /// The trailers came.
  package mutating func trailers(status: GRPCStatus?) -> Action {
    self.status = status
    return .wait
  }

  /// The server has sent everything. `betweenMessages` is false when it stopped inside of one.
  package mutating func ended(betweenMessages: Bool) -> Action {
    phase = .ended
    guard let status else {
      return .finish(
        GRPCStatus(.internal, "the server ended the call without a status", origin: .transport), response: nil)
    }
    guard status.code == .ok else { return .finish(status, response: nil) }
    guard betweenMessages else {
      return .finish(
        GRPCStatus(.internal, "the response ends in the middle of a message", origin: .transport), response: nil)
    }
    if kind.hasOneResponse && response == nil {
      return .finish(
        GRPCStatus(.unimplemented, "the server sent no response with its OK", origin: .transport), response: nil)
    }
    return .finish(status, response: response)
  }
}
