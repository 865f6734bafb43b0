package import HTTP2
public import SocketTransport

/// The limits and choices of a client channel. Every limit has a default.
public struct ChannelConfiguration: Sendable {
  /// The longest response message accepted. Longer ones end the call with `RESOURCE_EXHAUSTED`. Holds
  /// for the length on the wire and, once more, for what a compressed one inflates to.
  public var responseMessageBytesMax = 4 * 1024 * 1024

  /// The longest list of response headers accepted, counted as HTTP/2 does: names, values and 32 bytes for each.
  public var headerListBytesMax = 16 * 1024

  /// Unread response bytes one call may have under way.
  public var callWindowBytes: Int32 = 256 * 1024

  /// Unread response bytes the connection may have under way.
  public var connectionWindowBytes: Int32 = 4 * 1024 * 1024

  /// Request bytes that may wait on one call; writing more waits until the server has taken some.
  public var callQueueBytesMax = 32 * 1024

  /// How long connecting may take.
  public var connectTimeout: Duration = .seconds(20)

  /// The pause after the first failure to connect. Each further failure makes it 1.6 times as long.
  public var reconnectDelayInitial: Duration = .seconds(1)

  /// The longest pause between two attempts to connect.
  public var reconnectDelayMax: Duration = .seconds(120)

  /// The shortest request that is worth compressing, where `CallOptions.requestEncoding` says so: 1024 bytes unless set
  /// otherwise, from 0 (all).
  public var compressedBytesMin = 1024

  /// What every call passes, the outermost first. None unless set.
  public var interceptors: [any ClientInterceptor] = []

  /// How the channel speaks TLS; without it, it speaks in clear. For TCP targets only.
  public var tls: TLSClientConfiguration?

  /// Makes the default configuration.
  public init() {}

  package var compressor: MessageCompressor {
    MessageCompressor(inflatedBytesMax: responseMessageBytesMax, compressedBytesMin: compressedBytesMin)
  }

  /// The part that HTTP/2 enforces.
  package var http2: HTTP2Configuration {
    var http2 = HTTP2Configuration()
    http2.streamWindowBytes = callWindowBytes
    http2.connectionWindowBytes = connectionWindowBytes
    http2.headerListBytesMax = headerListBytesMax
    http2.concurrentStreamsMax = 0
    http2.queuedBytesLow = callQueueBytesMax
    return http2
  }
}
