import GRPCRuntime
import Testing

@Suite struct ServerCallStateTests {
  @Test(arguments: [MethodKind.unary, .serverStreaming])
  func `one request and the end start the handler`(kind: MethodKind) {
    var state = ServerCallState(kind: kind)
    #expect(state.received([1]) == .wait)
    #expect(state.ended(betweenMessages: true) == .start([1]))
  }

  @Test(arguments: [MethodKind.unary, .serverStreaming])
  func `a method that takes one request refuses none and two`(kind: MethodKind) {
    var none = ServerCallState(kind: kind)
    #expect(none.ended(betweenMessages: true).refusal == .unimplemented)
    var two = ServerCallState(kind: kind)
    _ = two.received([1])
    #expect(two.received([2]).refusal == .unimplemented)
  }

  @Test(arguments: [MethodKind.clientStreaming, .bidirectional])
  func `a stream of requests is delivered as it comes`(kind: MethodKind) {
    var state = ServerCallState(kind: kind)
    #expect(state.received([1]) == .deliver([1]))
    #expect(state.received([2]) == .deliver([2]))
    #expect(state.ended(betweenMessages: true) == .finishRequests)
  }

  @Test(arguments: [MethodKind.unary, .serverStreaming, .clientStreaming, .bidirectional])
  func `the end inside of a message is refused`(kind: MethodKind) {
    var state = ServerCallState(kind: kind)
    #expect(state.ended(betweenMessages: false).refusal == .internal)
  }

  @Test func `headers wait for the first message`() {
    var state = ServerCallState(kind: .bidirectional)
    #expect(state.holdsHeaders)
    #expect(state.sendMessage() == .sendWithHeaders)
    #expect(state.sendMessage() == .send)
    #expect(state.sendHeaders() == .drop)
    #expect(state.finish() == .send)
  }

  @Test func `headers go out early when asked for`() {
    var state = ServerCallState(kind: .bidirectional)
    #expect(state.sendHeaders() == .send)
    #expect(state.sendMessage() == .send)
    #expect(state.finish() == .send)
  }

  @Test func `a status before any message goes alone`() {
    var state = ServerCallState(kind: .unary)
    #expect(state.finish() == .sendWithHeaders)
  }

  @Test func `after the status nothing is sent and nothing started`() {
    var state = ServerCallState(kind: .unary)
    _ = state.received([1])
    _ = state.finish()
    #expect(state.ended(betweenMessages: true) == .wait)
    #expect(state.received([2]) == .wait)
    #expect(state.sendHeaders() == .drop)
    #expect(state.sendMessage() == .drop)
    #expect(state.finish() == .drop)
  }
}

extension ServerCallState.RequestAction {
  /// The code of the status it refuses with.
  fileprivate var refusal: GRPCStatus.Code? {
    if case .refuse(let status) = self { status.code } else { nil }
  }
}
