package import HTTP2
public import SocketTransport

/// The limits and choices of a server. Every limit has a default.
public struct ServerConfiguration: Sendable {
  /// The longest request message accepted. Longer ones end the call with `RESOURCE_EXHAUSTED`. Holds for the
  /// length on the wire and, once more, for what a compressed one inflates to.
  public var requestMessageBytesMax = 4 * 1024 * 1024

  /// The longest list of request headers accepted, counted as HTTP/2 does: names, values and 32 bytes for each.
  public var headerListBytesMax = 16 * 1024

  /// Calls one connection may have open at once. A handler that runs on after its caller gave up still counts.
  public var concurrentCallsMax: UInt32 = 256

  /// Unread request bytes one call may have under way.
  public var callWindowBytes: Int32 = 256 * 1024

  /// Unread request bytes one connection may have under way.
  public var connectionWindowBytes: Int32 = 1024 * 1024

  /// Response bytes that may wait on one call; writing more waits until the caller has taken some.
  public var callQueueBytesMax = 32 * 1024

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
    return http2
  }
}
