/// A method with the handler that answers it, its message types erased to bytes.
package final class Route: Sendable {
  /// The full name of the service.
  package let service: String

  /// `:path` on the wire.
  package let path: String

  /// Which sides send a stream of messages.
  package let kind: MethodKind

  /// What runs for a call.
  package let handler: Handler

  /// A handler, by when it starts. It returns its response if the method has exactly one, and nil after a stream of them.
  package enum Handler: Sendable {
    /// It starts when the single request has arrived whole.
    case afterRequest(@Sendable ([UInt8], any MessageSink, CallContext) async throws -> EncodedMessage?)
    /// It starts with the call and reads requests as they arrive.
    case fromStart(@Sendable (MessageInbox, any MessageSink, CallContext) async throws -> EncodedMessage?)
  }

  /// Makes a route.
  package init(service: String, path: String, kind: MethodKind, handler: Handler) {
    self.service = service
    self.path = path
    self.kind = kind
    self.handler = handler
  }
}
