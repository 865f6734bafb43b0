public import SocketTransport
internal import Synchronization

/// What a handler knows about its call besides the messages.
///
/// When the caller gives up, the deadline passes or the connection is lost, the handler's task is cancelled; nothing
/// else needs to be watched.
public final class CallContext: Sendable {
  /// Names the call in logs.
  public let id: CallID

  /// The method's path: `/plenary.v1.DialogueService/GetDialogue`.
  public var method: String { route.path }

  /// The metadata the caller sent.
  public let requestMetadata: Metadata

  /// When the caller stops waiting, if it said so.
  public let deadline: Deadline?

  /// The other end of the connection: `127.0.0.1:50412`, or `unix:` and a path.
  public var peer: String { origin.peer }

  /// Who is at the other end: the certificate that a TLS client has shown, or the process behind a Unix socket. Nil for a
  /// client that has shown none, and for one on a TCP connection without TLS.
  public var peerIdentity: PeerIdentity? { origin.peerIdentity }

  /// The leave to make the call, and on whose behalf it is made; nil if the server has no gate.
  public let leave: CallLeave?

  private let route: Route
  private let origin: Origin
  private let singleIsCompressed: Bool
  private let inbox: MessageInbox?
  private let sink: (any MessageSink)?
  private let response: Mutex<ResponseHead>

  /// Makes the context of a call. Without a sink, as for a handler that waits for nothing, what it asks to be sent early is
  /// only noted.
  package init(
    id: CallID, route: Route, requestMetadata: Metadata, deadline: Deadline?, origin: Origin, request: RequestArrival,
    sink: (any MessageSink)?, leave: CallLeave? = nil
  ) {
    self.id = id
    self.leave = leave
    self.route = route
    self.requestMetadata = requestMetadata
    self.deadline = deadline
    self.origin = origin
    switch request {
    case .single(let isCompressed):
      singleIsCompressed = isCompressed
      inbox = nil
    case .stream(let inbox):
      singleIsCompressed = false
      self.inbox = inbox
    }
    response = Mutex(ResponseHead(encoding: origin.responseEncoding))
    self.sink = sink
  }

  /// The time until the deadline, or nil when there is none. Negative once it has passed.
  public var timeRemaining: Duration? {
    deadline?.remaining(at: origin.clock.now)
  }

  /// Metadata for the headers of the answer. What is set after they were sent has no effect.
  public var initialMetadata: Metadata {
    get { response.withLock { $0.initial } }
    set { response.withLock { $0.initial = newValue } }
  }

  /// Metadata for the trailers, sent with the status, whatever it is.
  public var trailingMetadata: Metadata {
    get { response.withLock { $0.trailing } }
    set { response.withLock { $0.trailing = newValue } }
  }

  /// How the responses may be compressed; at first what `ServerConfiguration.responseEncoding` says. It goes out with the
  /// headers, so setting it later has no effect, and a caller that does not list gzip in its `grpc-accept-encoding` gets
  /// everything as it is. `ResponseWriter` can leave out single messages.
  public var responseEncoding: MessageEncoding {
    get { response.withLock { $0.encoding } }
    set { response.withLock { $0.encoding = newValue } }
  }

  /// Whether the request came compressed; in a stream of requests, the one that was read last.
  public var isRequestCompressed: Bool {
    inbox?.lastWasCompressed ?? singleIsCompressed
  }

  /// Sends the headers now. Without it they wait for the first message, so that an error before it travels alone.
  public func sendInitialMetadata() {
    if let sink { sink.sendInitialMetadata() } else { response.withLock { $0.isWantedEarly = true } }
  }
}

extension CallContext {
  /// What all calls of a connection have in common.
  package final class Origin: Sendable {
    let peer: String
    let peerIdentity: PeerIdentity?
    let responseEncoding: MessageEncoding
    let clock: any RuntimeClock

    package init(
      peer: String, peerIdentity: PeerIdentity?, responseEncoding: MessageEncoding, clock: any RuntimeClock
    ) {
      self.peer = peer
      self.peerIdentity = peerIdentity
      self.responseEncoding = responseEncoding
      self.clock = clock
    }
  }

  /// Where the requests of a call are.
  package enum RequestArrival {
    /// There is one and it has come, compressed or not.
    case single(isCompressed: Bool)
    /// They come one after the other.
    case stream(MessageInbox)
  }

  /// What the handler wants in the headers, and in the trailers.
  package struct ResponseHead: Sendable {
    package var initial = Metadata()
    package var trailing = Metadata()
    package var encoding: MessageEncoding
    /// Whether the headers are to go out before there is an answer, asked for by a handler that has no sink.
    package var isWantedEarly = false
  }

  /// Whether the handler has set nothing, and responses are not compressed.
  package var isPlain: Bool {
    response.withLock { $0.initial.isEmpty && $0.trailing.isEmpty && $0.encoding == .identity && !$0.isWantedEarly }
  }

  /// Whether a handler without a sink wants the headers sent in any case.
  package var wantsInitialMetadata: Bool {
    response.withLock { $0.isWantedEarly }
  }

  /// Everything the handler has set so far.
  package var responseHead: ResponseHead {
    response.withLock { $0 }
  }
}
