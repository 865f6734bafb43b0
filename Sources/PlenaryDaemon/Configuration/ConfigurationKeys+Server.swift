internal import GRPCRuntime

// The keys of the server: what it allows, and what it does for its callers.

extension ConfigurationKey {
  /// As large as a byte count may be set: more than any machine has.
  private static let bytesMax = 1 << 40

  /// The server as a whole.
  static let server: [ConfigurationKey] = [
    .count(
      "server.threads", 1...256, \.server.threads, "The event loops: threads, each with its share of the connections."),
    .duration(
      "server.grace", .zero ... .seconds(3600), \.grace, "How long calls under way may take once the daemon stops."),
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
    .count(
      "server.concurrent_calls_max", 1...65_536, \.server.concurrentCallsMax,
      "Calls that one connection may have open at once."),
    .bytes(
      "server.connection_window_bytes", 65_535...Int(Int32.max), \.server.connectionWindowBytes,
      "Request bytes of one connection that may be under way and not read by handlers."),
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
}
