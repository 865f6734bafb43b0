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

  /// Looks for an answer to the single request that needs no handler; nil if there is none.
  package let ready: Ready?

  /// Finds an answer in the bytes of a request. It runs on the event loop, so it must not block.
  package typealias Ready = @Sendable ([UInt8], CallLeave?) -> ReadyAnswer?

  /// Whether it asks if the server lives. It is answered whatever the load is.
  package let isHealthCheck: Bool

  /// Whether requests or answers come one after another.
  var isStream: Bool { kind != .unary }

  /// A handler that answers its request before it returns. It runs on the event loop, so it must not block.
  package typealias ImmediateHandler = @Sendable ([UInt8], CallContext) throws -> EncodedMessage

  /// A handler, by when it starts. It returns its response if the method has exactly one, and nil after a stream of them.
  package enum Handler: Sendable {
    /// It starts when the single request has arrived whole.
    case afterRequest(@Sendable ([UInt8], any MessageSink, CallContext) async throws -> EncodedMessage?)
    /// It runs where the single request is read, and waits for nothing.
    case immediate(ImmediateHandler)
    /// It starts with the call and reads requests as they arrive.
    case fromStart(@Sendable (MessageInbox, any MessageSink, CallContext) async throws -> EncodedMessage?)
  }

  /// Makes a route.
  package init(service: String, path: String, kind: MethodKind, ready: Ready? = nil, handler: Handler) {
    self.ready = ready
    self.service = service
    self.path = path
    self.kind = kind
    self.handler = handler
    isHealthCheck = path == "/grpc.health.v1.Health/Check"
  }
}
