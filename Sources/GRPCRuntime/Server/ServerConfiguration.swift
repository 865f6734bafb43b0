package import HTTP2
public import SocketTransport

/// The limits and choices of a server. Every limit has a default, and what it may be set to stands in `bounds`.
public struct ServerConfiguration: Sendable {
  // MARK: One call

  /// The longest request message accepted. Longer ones end the call with `RESOURCE_EXHAUSTED`. Holds for the
  /// length on the wire and, once more, for what a compressed one inflates to.
  public var requestMessageBytesMax = 4 * 1024 * 1024

  /// The longest list of request headers accepted, counted as HTTP/2 does: names, values and 32 bytes for each.
  public var headerListBytesMax = 16 * 1024

  /// Unread request bytes one call may have under way.
  public var callWindowBytes: Int32 = 64 * 1024

  /// Response bytes that may wait on one call; writing more waits until the caller has taken some.
  public var callQueueBytesMax = 32 * 1024

  /// How long a caller may leave its request unfinished without sending anything, while nothing of ours holds it back.
  /// Behind it the call ends with `DEADLINE_EXCEEDED`. It is noticed up to a quarter of it later.
  public var requestStallMax: Duration = .seconds(60)

  /// How long a caller may take nothing of an answer that waits for it. Behind it the call is reset; when the whole
  /// connection takes nothing, it is closed. It is noticed up to a quarter of it later.
  public var responseStallMax: Duration = .seconds(60)

  // MARK: One connection

  /// Calls one connection may have open at once. A handler that runs on after its caller gave up still counts.
  public var concurrentCallsMax: UInt32 = 256

  /// Unread request bytes one connection may have under way. Twice the windows of all its calls together, because room is
  /// given back in halves: so handlers that read slowly never hold up the calls beside them.
  public var connectionWindowBytes: Int32 = 32 * 1024 * 1024

  /// Memory that the calls of one connection may hold: unread requests, waiting responses, headers. A call that needs
  /// more ends with `RESOURCE_EXHAUSTED`.
  public var connectionMemoryBytesMax = 24 * 1024 * 1024

  /// How long a new connection may take to begin: its preface and first SETTINGS.
  public var handshakeTimeout: Duration = .seconds(10)

  /// How long a header list may take from its first byte to its last.
  public var headersTimeout: Duration = .seconds(10)

  /// The silence after which the server asks by PING whether its peer lives.
  public var keepaliveInterval: Duration = .seconds(2 * 3600)

  /// How long the peer may take to answer that, or to send anything else. Behind it the connection is closed and its
  /// calls are cancelled.
  public var keepaliveTimeout: Duration = .seconds(20)

  /// The shortest time between two PINGs of a client while it has calls. What the server sends allows one at once.
  public var pingIntervalMin: Duration = .seconds(300)

  /// The shortest time between two PINGs of a client without calls.
  public var pingIntervalMinWithoutCalls: Duration = .seconds(2 * 3600)

  /// PINGs that come too early and are forgiven; one more ends the connection with `too_many_pings`.
  public var pingStrikesMax = 2

  /// How long a connection may be without calls before it is asked to leave; nil lets it stay.
  public var connectionIdleMax: Duration?

  /// How old a connection may become before it is asked to leave, give or take a tenth, so that connections that began
  /// together do not end together; nil lets it stay.
  public var connectionAgeMax: Duration?

  /// How long the calls of a connection that was asked to leave for its age may go on.
  public var connectionAgeGrace: Duration = .seconds(60)

  // MARK: The server

  /// Handlers that may run at once. A call beyond it ends with `RESOURCE_EXHAUSTED` at once; health checks still run.
  public var concurrentHandlersMax = 16_384

  /// Memory that the calls of all connections may hold together. A connection may hold as much of it as is left for all
  /// others; a call that needs more ends with `RESOURCE_EXHAUSTED`, and so does a new one beside it.
  public var memoryBytesMax = 48 * 1024 * 1024

  /// Connections that may be open at once. One more is told so (GOAWAY, `too_many_connections`) and closed.
  public var connectionsMax = 16_384

  /// Connections that may be open at once from one host; nil sets no limit. Unix sockets have no host.
  public var connectionsPerPeerMax: Int?

  /// Event loops, each a thread with its own share of the connections.
  public var threads = 1

  /// How the server speaks TLS on TCP; without it, it speaks in clear. Unix sockets are not concerned.
  public var tls: TLSServerConfiguration?

  /// Turns an error that is no `GRPCStatus` into the status the caller sees. The default tells it nothing.
  public var statusForError: @Sendable (any Error) -> GRPCStatus = { _ in
    GRPCStatus(.unknown, "the handler failed")
  }

  /// How responses are compressed where the handler does not choose: `.identity`, not at all, unless set to `.gzip`. A
  /// caller that does not list gzip gets them as they are. The work is done on the connection's event loop.
  public var responseEncoding = MessageEncoding.identity

  /// The shortest response that is worth compressing, whoever chose to: 1024 bytes unless set otherwise, from 0 (all).
  public var compressedBytesMin = 1024

  /// What runs around every handler, the outermost first. None unless set.
  public var interceptors: [any ServerInterceptor] = []

  /// Decides which calls are let in. Without it, as unless set, all are.
  public var gate: (any CallGate)?

  /// Makes the default configuration.
  public init() {}

  package var compressor: MessageCompressor {
    MessageCompressor(inflatedBytesMax: requestMessageBytesMax, compressedBytesMin: compressedBytesMin)
  }

  /// Whether calls may be answered without a handler: nothing is done to all of them on the way.
  var allowsReadyAnswers: Bool { interceptors.isEmpty && responseEncoding == .identity }

  /// The part that HTTP/2 enforces.
  package var http2: HTTP2Configuration {
    var http2 = HTTP2Configuration()
    http2.streamWindowBytes = callWindowBytes
    http2.connectionWindowBytes = connectionWindowBytes
    http2.headerListBytesMax = headerListBytesMax
    http2.concurrentStreamsMax = concurrentCallsMax
    http2.queuedBytesLow = callQueueBytesMax
    http2.queuedBytesMax = connectionMemoryBytesMax
    http2.keepalivePings = PingLimits(
      intervalMin: UInt64(clamping: pingIntervalMin.nanosecondsClamped),
      intervalMinWithoutStreams: UInt64(clamping: pingIntervalMinWithoutCalls.nanosecondsClamped),
      strikesMax: pingStrikesMax)
    return http2
  }
}
