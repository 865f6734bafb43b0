internal import GRPCRuntime

// The keys of the server: what it allows, and what it does for its callers.

extension ConfigurationKey {
  /// As large as a byte count may be set: more than any machine has.
  private static let bytesMax = 1 << 40

  /// The times that a limit may be set to.
  private static let times: ClosedRange<Duration> = .milliseconds(100) ... .seconds(365 * 24 * 3600)

  /// The server as a whole.
  static let server: [ConfigurationKey] = [
    .count(
      "server.threads", 1...256, \.server.threads, "The event loops: threads, each with its share of the connections."),
    .duration(
      "server.grace", .zero ... .seconds(3600), \.grace, "How long calls under way may take once the daemon stops."),
    .count(
      "server.concurrent_handlers_max", 1...10_000_000, \.server.concurrentHandlersMax,
      "Calls that may be worked on at once; one more ends with RESOURCE_EXHAUSTED. Health checks are always answered."),
    .bytes(
      "server.memory_bytes_max", 64 << 10...bytesMax, \.server.memoryBytesMax,
      "Memory that the calls of all connections may hold. A connection may hold as much of it as is left for all others; "
        + "what needs more ends with RESOURCE_EXHAUSTED."),
    .count(
      "server.connections_max", 1...10_000_000, \.server.connectionsMax,
      "Connections that may be open at once; one more is told so and closed."),
    .optionalCount(
      "server.connections_per_peer_max", 1...10_000_000, \.server.connectionsPerPeerMax,
      "Connections that may be open at once from one host."),
  ]

  /// Single calls.
  static let calls: [ConfigurationKey] = [
    .bytes(
      "server.request_message_bytes_max", 1...bytesMax, \.server.requestMessageBytesMax,
      "The longest request message, also after decompression; a longer one ends its call with RESOURCE_EXHAUSTED."),
    .bytes(
      "server.header_list_bytes_max", 1024...16 << 20, \.server.headerListBytesMax,
      "The longest list of request headers, counted as names, values and 32 bytes for each."),
    .bytes(
      "server.call_window_bytes", 1024...Int(Int32.max), \.server.callWindowBytes,
      "Request bytes of one call that may be under way and not read by its handler."),
    .bytes(
      "server.call_queue_bytes_max", 1024...bytesMax, \.server.callQueueBytesMax,
      "Response bytes that may wait on one call; the handler waits until its caller has taken some."),
    .duration(
      "server.request_stall_max", times, \.server.requestStallMax,
      "How long a caller may leave its request unfinished without sending anything."),
    .duration(
      "server.response_stall_max", times, \.server.responseStallMax,
      "How long a caller may take nothing of an answer that waits for it."),
    ConfigurationKey(
      "server.response_encoding", .choice(["\(MessageEncoding.identity)", "\(MessageEncoding.gzip)"]),
      "How responses are compressed for callers that can read it.",
      read: { .text("\($0.server.responseEncoding)") },
      write: { configuration, value in
        if case .text(let text) = value, let encoding = MessageEncoding(named: text) {
          configuration.server.responseEncoding = encoding
        }
      }),
    .bytes(
      "server.compressed_bytes_min", 0...bytesMax, \.server.compressedBytesMin,
      "The shortest response that is compressed; shorter ones gain nothing."),
  ]

  /// Single connections.
  static let connections: [ConfigurationKey] = [
    .count(
      "server.concurrent_calls_max", 1...65_536, \.server.concurrentCallsMax,
      "Calls that one connection may have open at once."),
    .bytes(
      "server.connection_window_bytes", 65_535...Int(Int32.max), \.server.connectionWindowBytes,
      "Request bytes of one connection that may be under way and not read by handlers."),
    .bytes(
      "server.connection_memory_bytes_max", 64 << 10...bytesMax, \.server.connectionMemoryBytesMax,
      "Memory that the calls of one connection may hold: unread requests, waiting responses, headers."),
    .duration(
      "server.handshake_timeout", times, \.server.handshakeTimeout,
      "How long a new connection may take to begin HTTP/2."),
    .duration(
      "server.headers_timeout", times, \.server.headersTimeout,
      "How long a header list may take from its first byte to its last."),
    .duration(
      "server.keepalive_interval", times, \.server.keepaliveInterval,
      "The silence after which the server asks whether its peer lives."),
    .duration(
      "server.keepalive_timeout", times, \.server.keepaliveTimeout,
      "How long the peer may take to answer that, before the connection is closed and its calls are cancelled."),
    .duration(
      "server.ping_interval_min", .zero...times.upperBound, \.server.pingIntervalMin,
      "The shortest time between two PINGs of a client that has calls."),
    .duration(
      "server.ping_interval_min_without_calls", .zero...times.upperBound, \.server.pingIntervalMinWithoutCalls,
      "The shortest time between two PINGs of a client without calls."),
    .count(
      "server.ping_strikes_max", 0...1000, \.server.pingStrikesMax,
      "PINGs that come too early and are forgiven; one more ends the connection."),
    .optionalDuration(
      "server.connection_idle_max", times, \.server.connectionIdleMax,
      "How long a connection may be without calls before it is asked to leave."),
    .optionalDuration(
      "server.connection_age_max", times, \.server.connectionAgeMax,
      "How old a connection may become, give or take a tenth, before it is asked to leave."),
    .duration(
      "server.connection_age_grace", .zero...times.upperBound, \.server.connectionAgeGrace,
      "How long the calls of a connection that was asked to leave for its age may go on."),
  ]
}
