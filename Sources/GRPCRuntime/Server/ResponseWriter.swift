public import ProtobufRuntime

/// Sends the responses of a server-streaming or bidirectional call.
public struct ResponseWriter<Message: ProtobufMessage>: Sendable {
  private let sink: any MessageSink

  package init(_ sink: any MessageSink) {
    self.sink = sink
  }

  /// Sends one response. Waits while the caller is too slow to take what is already queued.
  ///
  /// Without `compressed` it goes as it is, whatever `CallContext.responseEncoding` says. Say so for what is compressed
  /// already, and for a secret beside text that the caller chooses.
  ///
  /// Throws the status of the call when it is over, and `CANCELLED` when the task is cancelled while it waits.
  public func write(_ message: Message, compressed: Bool = true) async throws(GRPCStatus) {
    var encoded = try MessageCoding.encode(message)
    if !compressed { encoded.isCompressible = false }
    try await sink.write(encoded, patience: nil)
  }

  /// Sends one response that is encoded already and says itself whether it may be compressed; otherwise like `write(_:)`.
  ///
  /// - Parameter patience: Lets others end the waiting; the response is queued all the same, and `CANCELLED` is thrown.
  public func write(encoded message: EncodedMessage, patience: WritePatience? = nil) async throws(GRPCStatus) {
    try await sink.write(message, patience: patience)
  }
}
