public import ProtobufRuntime

/// The requests of a client-streaming or bidirectional call, in the order the caller sent them.
///
/// Reading a message gives the caller credit to send more, so a handler that reads slowly slows its caller down and
/// nobody else. One task reads at a time. Iteration ends when the caller has sent everything; it throws a `GRPCStatus`
/// when the call is over before that, or when a message cannot be decoded.
public struct RequestStream<Message: ProtobufMessage>: AsyncSequence, Sendable {
  private let inbox: MessageInbox

  package init(_ inbox: MessageInbox) {
    self.inbox = inbox
  }

  /// Reads on from where the last reader stopped.
  public func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(inbox: inbox)
  }

  /// Reads the requests of one call.
  public struct AsyncIterator: AsyncIteratorProtocol {
    let inbox: MessageInbox

    /// The next request, or nil when the caller has sent everything.
    public mutating func next() async throws(GRPCStatus) -> Message? {
      guard let bytes = try await inbox.next() else { return nil }
      return try MessageCoding.decode(Message.self, from: bytes)
    }
  }
}
