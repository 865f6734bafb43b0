internal import NIOCore
internal import NIOPosix
public import ProtobufRuntime
package import SocketTransport

/// Calls methods on one server, over one connection that is made when the first call needs it and made anew when it is
/// lost.
///
///     let channel = try GRPCChannel(target: "127.0.0.1:7443")
///     let dialogue = try await channel.unary(getDialogue, request, options: CallOptions(timeout: .seconds(5)))
///     await channel.close()
///
/// Cancelling the task that makes a call cancels the call. A call fails with `UNAVAILABLE` while the server cannot be
/// reached, unless its options say that it waits.
public final class GRPCChannel: Sendable {
  private let core: NIOLoopBoundBox<ChannelCore>
  private let clock: any RuntimeClock
  private let compressor: MessageCompressor
  private let interceptors: [any ClientInterceptor]

  /// Makes a channel to `HOST:PORT`, `[IPV6]:PORT`, `:PORT` (loopback) or `unix:PATH`. It does not connect yet.
  ///
  /// With TLS it reads the files of its configuration now, and blocks while it does.
  ///
  /// Throws an error whose description says what is wrong with the target or with a file.
  public convenience init(target: String, configuration: ChannelConfiguration = ChannelConfiguration()) throws {
    try self.init(
      target: try TransportAddress(parsing: target), configuration: configuration, clock: SystemClock(),
      random: { Double.random(in: $0) })
  }

  /// Makes a channel that lives by another clock and another chance.
  package init(
    target: TransportAddress, configuration: ChannelConfiguration, clock: any RuntimeClock,
    random: @escaping @Sendable (ClosedRange<Double>) -> Double
  ) throws(TransportError) {
    var tls: TLSClientCredentials?
    if let configuration = configuration.tls { tls = try TLSClientCredentials(configuration, for: target) }
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    self.clock = clock
    compressor = configuration.compressor
    interceptors = configuration.interceptors
    core = NIOLoopBoundBox.makeBoxSendingValue(
      ChannelCore(
        target: target, configuration: configuration, tls: tls, clock: clock, random: random, eventLoop: eventLoop),
      eventLoop: eventLoop)
  }

  /// Closes the channel: new calls fail, those under way may finish for `grace` and end with `UNAVAILABLE` after it.
  /// Returns when nothing of the channel is left running. Call it once.
  public func close(grace: Duration = .seconds(30)) async {
    await withCheckedContinuation { done in
      core.eventLoop.execute { self.core.value.close(grace: grace, done: done) }
    }
  }
}

// MARK: Calls

extension GRPCChannel {
  /// Calls a unary method.
  ///
  /// Throws the call's status when it is not OK, and `CANCELLED` when the task is cancelled.
  public func unary<Request: ProtobufMessage, Response: ProtobufMessage>(
    _ method: MethodDescriptor<Request, Response>, _ request: Request, options: CallOptions = CallOptions()
  ) async throws(GRPCStatus) -> Response {
    let request = try MessageCoding.encode(request)
    let place =
      interceptors.isEmpty
      ? begin(method, options, request: request) : try await beginIntercepted(method, options, request: request)
    return try await response(of: place)
  }

  /// Calls a server-streaming method. The call begins when the responses are iterated, once for each iteration.
  public func serverStreaming<Request: ProtobufMessage, Response: ProtobufMessage>(
    _ method: MethodDescriptor<Request, Response>, _ request: Request, options: CallOptions = CallOptions()
  ) throws(GRPCStatus) -> ResponseStream<Response> {
    let request = try MessageCoding.encode(request)
    guard interceptors.isEmpty else {
      return ResponseStream(later: { () async throws(GRPCStatus) in
        .init(try await self.beginIntercepted(method, options, request: request))
      })
    }
    return ResponseStream { .init(self.begin(method, options, request: request)) }
  }

  /// Calls a client-streaming method. `body` sends the requests; when it returns, they are complete.
  ///
  /// Throws the call's status when it is not OK, `CANCELLED` when the task is cancelled, and what `body` throws, which
  /// cancels the call.
  public func clientStreaming<Request: ProtobufMessage, Response: ProtobufMessage>(
    _ method: MethodDescriptor<Request, Response>, options: CallOptions = CallOptions(),
    isolation: isolated (any Actor)? = #isolation,
    _ body: (RequestWriter<Request>) async throws -> Void
  ) async throws -> Response {
    let place =
      interceptors.isEmpty
      ? begin(method, options, request: nil) : try await beginIntercepted(method, options, request: nil)
    do {
      try await body(RequestWriter(place))
    } catch let status as GRPCStatus where status.code == .ok {
      // The server has answered without waiting for the rest.
    } catch {
      place.cancel()
      throw error
    }
    // Whoever is cancelled has not said all there was to say, and a server must not take it for that.
    guard !Task.isCancelled else {
      place.cancel()
      throw GRPCStatus.taskCancelled
    }
    place.finishRequests()
    return try await response(of: place)
  }

  /// Calls a bidirectional method. `body` sends the requests and reads the responses in whatever order the method wants;
  /// when it returns, what is left of the call is cancelled.
  ///
  /// Throws what `body` throws.
  public func bidirectional<Request: ProtobufMessage, Response: ProtobufMessage, Result>(
    _ method: MethodDescriptor<Request, Response>, options: CallOptions = CallOptions(),
    isolation: isolated (any Actor)? = #isolation,
    _ body: (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
  ) async throws -> Result {
    let place =
      interceptors.isEmpty
      ? begin(method, options, request: nil) : try await beginIntercepted(method, options, request: nil)
    defer { place.cancel() }
    let lease = ResponseStream<Response>.Lease(place)
    return try await body(RequestWriter(place), ResponseStream { lease })
  }

  private func begin<Request, Response>(
    _ method: MethodDescriptor<Request, Response>, _ options: CallOptions, request: EncodedMessage?
  ) -> ClientCallPlace {
    begin(method, options, deadline: options.timeout.map { clock.now.advanced(by: $0) }, request, nil)
  }

  private func beginIntercepted<Request, Response>(
    _ method: MethodDescriptor<Request, Response>, _ options: CallOptions, request: EncodedMessage?
  ) async throws(GRPCStatus) -> ClientCallPlace {
    let start = clock.now
    let call = OutgoingCall(method: method.path, kind: method.kind, options: options)
    let (options, passed) = try await PassedInterceptors.passing(interceptors, call)
    return begin(method, options, deadline: options.timeout.map { start.advanced(by: $0) }, request, passed)
  }

  private func begin<Request, Response>(
    _ method: MethodDescriptor<Request, Response>, _ options: CallOptions, deadline: Deadline?,
    _ request: EncodedMessage?, _ passed: PassedInterceptors?
  ) -> ClientCallPlace {
    let compresses = request != nil && options.requestEncoding == .gzip
    return ClientCallPlace(
      CallPlan(
        path: method.path, kind: method.kind, options: options, deadline: deadline,
        request: compresses ? request.map(compressor.compressed) : request, compressor: compressor,
        interceptors: passed),
      core: core)
  }

  private func response<Response: ProtobufMessage>(
    of place: ClientCallPlace
  ) async throws(GRPCStatus) -> Response {
    do throws(GRPCStatus) {
      guard let bytes = try await place.inbox.next() else {
        preconditionFailure("a call with one response succeeds with it or not at all")
      }
      return try MessageCoding.decode(Response.self, from: bytes)
    } catch {
      // If the task was cancelled, the call still runs.
      place.cancel()
      throw error
    }
  }
}
