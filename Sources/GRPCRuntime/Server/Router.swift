public import ProtobufRuntime

/// The methods a server answers, by path. Generated code registers the methods of a service.
///
/// Registering a path twice, or a handler whose shape is not the method's kind, is a mistake in the program and stops it.
public struct Router: Sendable {
  package private(set) var routes: [Route] = []
  private var paths: Set<String> = []

  /// Makes a router without methods.
  public init() {}

  /// Makes a router of the routes of another one, each replaced by what stands for it.
  package init(_ other: Router, _ replacement: (Route) -> Route) {
    for route in other.routes {
      let route = replacement(route)
      precondition(paths.insert(route.path).inserted, "\(route.path) is registered twice")
      routes.append(route)
    }
  }

  /// The full names of the services that have methods here, sorted.
  public var services: [String] {
    Set(routes.map(\.service)).sorted()
  }

  /// Registers a unary method.
  public mutating func register<Request: ProtobufMessage, Response: ProtobufMessage>(
    _ method: MethodDescriptor<Request, Response>,
    unary handler: @escaping @Sendable (Request, CallContext) async throws -> Response
  ) {
    add(
      method, kind: .unary,
      .afterRequest { bytes, _, context in
        let request = try MessageCoding.decode(Request.self, from: bytes)
        return try MessageCoding.encode(await handler(request, context))
      })
  }

  /// Registers a unary method whose handler returns the response already encoded: stored bytes are copied into the frame.
  ///
  /// - Parameter ready: Looks for an answer in the bytes of the request before they are decoded, such as one that is in
  ///   memory. It sees neither metadata nor deadline, only the leave to make the call if the server has a gate, and must
  ///   not block; on nil, which says nothing, the handler runs.
  public mutating func register<Request: ProtobufMessage, Response: ProtobufMessage>(
    _ method: MethodDescriptor<Request, Response>,
    ready: (@Sendable (_ request: [UInt8], _ leave: CallLeave?) -> ReadyAnswer?)? = nil,
    encoded handler: @escaping @Sendable (Request, CallContext) async throws -> EncodedMessage
  ) {
    add(
      method, kind: .unary, ready: ready,
      .afterRequest { bytes, _, context in
        try await handler(MessageCoding.decode(Request.self, from: bytes), context)
      })
  }

  /// Gives a unary method that is registered a handler that answers at once, in place of the one it has.
  ///
  /// It runs on the event loop of its connection, where the request is read, without a task of its own, which is most of
  /// what a short call costs. So it must neither block nor compute for long: all calls of that loop stand still meanwhile.
  /// Nothing cancels it. With interceptors, which may wait, it runs in a task behind them, as every other handler does.
  public mutating func replace<Request: ProtobufMessage, Response: ProtobufMessage>(
    _ method: MethodDescriptor<Request, Response>,
    immediate handler: @escaping @Sendable (Request, CallContext) throws -> Response
  ) {
    guard let index = routes.firstIndex(where: { $0.path == method.path }), method.kind == .unary else {
      preconditionFailure("\(method.path) is no unary method that is registered")
    }
    routes[index] = Route(
      service: method.service, path: method.path, kind: method.kind,
      handler: .immediate { bytes, context in
        try MessageCoding.encode(handler(MessageCoding.decode(Request.self, from: bytes), context))
      })
  }

  /// Registers a server-streaming method.
  public mutating func register<Request: ProtobufMessage, Response: ProtobufMessage>(
    _ method: MethodDescriptor<Request, Response>,
    serverStreaming handler: @escaping @Sendable (Request, ResponseWriter<Response>, CallContext) async throws -> Void
  ) {
    add(
      method, kind: .serverStreaming,
      .afterRequest { bytes, sink, context in
        try await handler(MessageCoding.decode(Request.self, from: bytes), ResponseWriter(sink), context)
        return nil
      })
  }

  /// Registers a client-streaming method.
  public mutating func register<Request: ProtobufMessage, Response: ProtobufMessage>(
    _ method: MethodDescriptor<Request, Response>,
    clientStreaming handler: @escaping @Sendable (RequestStream<Request>, CallContext) async throws -> Response
  ) {
    add(
      method, kind: .clientStreaming,
      .fromStart { inbox, _, context in
        try MessageCoding.encode(await handler(RequestStream(inbox), context))
      })
  }

  /// Registers a bidirectional method.
  public mutating func register<Request: ProtobufMessage, Response: ProtobufMessage>(
    _ method: MethodDescriptor<Request, Response>,
    bidirectional handler:
      @escaping @Sendable (RequestStream<Request>, ResponseWriter<Response>, CallContext) async throws -> Void
  ) {
    add(
      method, kind: .bidirectional,
      .fromStart { inbox, sink, context in
        try await handler(RequestStream(inbox), ResponseWriter(sink), context)
        return nil
      })
  }

  private mutating func add<Request, Response>(
    _ method: MethodDescriptor<Request, Response>, kind: MethodKind, ready: Route.Ready? = nil,
    _ handler: Route.Handler
  ) {
    precondition(method.kind == kind, "\(method.path) is \(method.kind), its handler \(kind)")
    precondition(paths.insert(method.path).inserted, "\(method.path) is registered twice")
    routes.append(Route(service: method.service, path: method.path, kind: kind, ready: ready, handler: handler))
  }
}
