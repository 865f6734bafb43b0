/// Runs around the handlers of a server: to authenticate, to measure, to refuse.
///
///     struct Timing: ServerInterceptor {
///       func intercept(_ call: CallContext, handler: CallHandler) async throws -> HandlerOutcome {
///         let start = ContinuousClock.now
///         defer { report(call.method, start.duration(to: .now)) }
///         return try await handler.run()
///       }
///     }
///
/// Order: the first of `ServerConfiguration.interceptors` is the outermost. It begins first and ends last; running its
/// `handler` runs the next one, and the handler of the method behind the last. A call with one request gets to its
/// interceptors once that request has come, a call with a stream of requests as soon as it begins; a call that is refused
/// before it has a handler (no such method, malformed, past its deadline) never does.
///
/// Errors: a thrown error is handled as if the handler had thrown it, so a `GRPCStatus` goes to the caller, and without
/// running `handler` it goes there instead of an answer. What the inner ones throw comes out of `run()` as they threw it,
/// and may be thrown on or replaced. Metadata set on the call goes out in either case.
///
/// Cancellation: all run in the task of the call, on the event loop of its connection, so they must not block. When the
/// caller gives up, the deadline passes or the connection is lost, that task is cancelled and the status is settled: what
/// is thrown or returned after that reaches nobody. `ServerObserver` hears the status that every call had in the end.
/// Since it is one task, a task-local value set around `run()` reaches the handler.
public protocol ServerInterceptor: Sendable {
  /// Answers the call by running `handler`, at most once, or refuses it by throwing.
  func intercept(_ call: CallContext, handler: CallHandler) async throws -> HandlerOutcome
}

/// The rest of the way to the handler, for an interceptor to run.
public struct CallHandler: Sendable {
  private let interceptors: ArraySlice<any ServerInterceptor>
  private let context: CallContext
  private let sink: any MessageSink
  private let body: ErasedHandler

  /// The handler of a route, once a request is bound to it.
  package typealias ErasedHandler = @Sendable (any MessageSink, CallContext) async throws -> EncodedMessage?

  package init(
    _ interceptors: ArraySlice<any ServerInterceptor>, _ context: CallContext, _ sink: any MessageSink,
    _ body: @escaping ErasedHandler
  ) {
    self.interceptors = interceptors
    self.context = context
    self.sink = sink
    self.body = body
  }

  /// Runs the inner interceptors and the handler to their end. When it returns, the handler has succeeded.
  ///
  /// Throws what they throw: a `GRPCStatus`, or an error that becomes one behind the outermost interceptor.
  public func run() async throws -> HandlerOutcome {
    guard let next = interceptors.first else { return HandlerOutcome(response: try await body(sink, context)) }
    return try await next.intercept(context, handler: CallHandler(interceptors.dropFirst(), context, sink, body))
  }
}

/// What a handler that succeeded comes to. Only running it gives one, so that no call succeeds without its answer.
public struct HandlerOutcome: Sendable {
  /// The response, if the method has exactly one.
  package let response: EncodedMessage?
}
