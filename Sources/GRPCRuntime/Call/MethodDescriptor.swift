/// A method: its path and the types that travel, which are messages. Generated code declares one a method.
///
/// What takes a descriptor asks that its types are messages. The descriptor itself does not: a program has hundreds of them, and
/// the runtime would prove it of each with a search through all conformances, which took more than half of a daemon's start.
public struct MethodDescriptor<Request, Response>: Sendable {
  /// The full name of the service, such as `plenary.v1.DialogueService`.
  public let service: String

  /// The name of the method, such as `GetDialogue`.
  public let method: String

  /// Which sides send a stream of messages.
  public let kind: MethodKind

  /// `:path` on the wire: `/plenary.v1.DialogueService/GetDialogue`.
  public let path: String

  /// Describes a method.
  public init(service: String, method: String, kind: MethodKind) {
    self.service = service
    self.method = method
    self.kind = kind
    self.path = "/\(service)/\(method)"
  }
}

/// Which sides of a call send a stream of messages.
public enum MethodKind: Sendable, Hashable {
  /// One request, one response.
  case unary
  /// A stream of requests, one response.
  case clientStreaming
  /// One request, a stream of responses.
  case serverStreaming
  /// A stream each way.
  case bidirectional

  /// Whether the caller sends exactly one request.
  package var hasOneRequest: Bool { self == .unary || self == .serverStreaming }

  /// Whether the handler sends exactly one response when it succeeds.
  package var hasOneResponse: Bool { self == .unary || self == .clientStreaming }
}
