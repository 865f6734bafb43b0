/// A method with the handler that answers it, its message types erased to bytes.
package struct Route: Sendable {
  /// The full name of the service.
  package let service: String

  /// `:path` on the wire.
  package let path: String

  /// What runs for a call.
  package let handler: Handler

  /// The four shapes of a handler. A single request has arrived whole before the handler starts; a single response goes
  /// out with the status when the handler returns.
  package enum Handler: Sendable {
    case unary(@Sendable ([UInt8], CallContext) async throws -> EncodedMessage)
    case serverStreaming(@Sendable ([UInt8], any MessageSink, CallContext) async throws -> Void)
    case clientStreaming(@Sendable (MessageInbox, CallContext) async throws -> EncodedMessage)
    case bidirectional(@Sendable (MessageInbox, any MessageSink, CallContext) async throws -> Void)
  }
}
