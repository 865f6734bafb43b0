import GRPCRuntime
import Testing

@Suite struct ClientCallStateTests {
  private let ok = GRPCStatus(.ok, origin: .peer)
  private let notFound = GRPCStatus(.notFound, "no", origin: .peer)

  @Test func `a single response is seen with its status and not before`() {
    var state = ClientCallState(kind: .unary)
    #expect(state.headers(status: nil) == .wait)
    #expect(state.message([1]) == .wait)
    #expect(state.trailers(status: ok) == .wait)
    #expect(state.ended(betweenMessages: true) == .finish(ok, response: [1]))
  }

  @Test func `a response before an error is dropped`() {
    var state = ClientCallState(kind: .unary)
    _ = state.headers(status: nil)
    _ = state.message([1])
    _ = state.trailers(status: notFound)
    #expect(state.ended(betweenMessages: true) == .finish(notFound, response: nil))
  }

  @Test func `a stream of responses is delivered as it comes`() {
    var state = ClientCallState(kind: .serverStreaming)
    _ = state.headers(status: nil)
    #expect(state.message([1]) == .deliver([1]))
    #expect(state.message([2]) == .deliver([2]))
    _ = state.trailers(status: ok)
    #expect(state.ended(betweenMessages: true) == .finish(ok, response: nil))
  }

  @Test func `a status in the headers is the whole answer`() {
    var state = ClientCallState(kind: .unary)
    #expect(state.headers(status: notFound) == .wait)
    #expect(state.ended(betweenMessages: true) == .finish(notFound, response: nil))
  }

  @Test func `an OK without the one response is an error`() {
    var state = ClientCallState(kind: .clientStreaming)
    _ = state.headers(status: ok)
    #expect(state.ended(betweenMessages: true).failure == .unimplemented)
  }

  @Test func `two responses where one belongs are an error`() {
    var state = ClientCallState(kind: .unary)
    _ = state.headers(status: nil)
    _ = state.message([1])
    #expect(state.message([2]).failure == .unimplemented)
  }

  @Test func `an end without a status is an error`() {
    var state = ClientCallState(kind: .unary)
    _ = state.headers(status: nil)
    _ = state.message([1])
    #expect(state.ended(betweenMessages: true).failure == .internal)
  }

  @Test func `an end inside of a message is an error in spite of an OK`() {
    var state = ClientCallState(kind: .serverStreaming)
    _ = state.headers(status: nil)
    _ = state.trailers(status: ok)
    #expect(state.ended(betweenMessages: false).failure == .internal)
  }

  @Test func `an answer that is not gRPC ends the call at once`() {
    var state = ClientCallState(kind: .unary)
    let refusal = GRPCStatus(httpStatus: 503)
    #expect(state.headers(status: refusal) == .fail(refusal))
    #expect(refusal.code == .unavailable)
  }

  @Test func `nothing has begun before the first headers`() {
    var state = ClientCallState(kind: .unary)
    #expect(!state.hasBegun)
    _ = state.headers(status: nil)
    #expect(state.hasBegun)
  }
}

extension ClientCallState.Action {
  /// The code of the error it ends the call with.
  fileprivate var failure: GRPCStatus.Code? {
    switch self {
    case .fail(let status): status.code
    case .finish(let status, nil) where status.code != .ok: status.code
    default: nil
    }
  }
}
