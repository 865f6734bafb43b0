public import ProtobufRuntime

/// Sends the responses of a server-streaming or bidirectional call.
public struct ResponseWriter<Message: ProtobufMessage>: Sendable {
  private let sink: any MessageSink

  package init(_ sink: any MessageSink) {
    self.sink = sink
  }

  /// Sends one response. Waits while the caller is too slow to take what is already queued.
  ///
  /// Throws the status of the call when it is over, and `CANCELLED` when the task is cancelled while it waits.
  public func write(_ message: Message) async throws(GRPCStatus) {
    try await sink.write(MessageCoding.encode(message))
  }

  /// Sends one response that is encoded already; otherwise like `write(_:)`.
  public func write(encoded message: EncodedMessage) async throws(GRPCStatus) {
    try await sink.write(message)
  }
}
