internal import HTTP2
internal import SocketTransport

extension HTTP2Connection {
  /// The longest message that the four length bytes of a prefix can name.
  private static let messageBytesMax = Int(UInt32.max)

  /// Queues a message behind its prefix and returns the bytes that now wait on the stream.
  ///
  /// gRPC PROTOCOL-HTTP2, "Requests": the flag byte, 1 for compressed, then the length in four bytes, big-endian. The
  /// segments are sent as they are; nothing joins them before the frames are cut.
  func send(_ message: EncodedMessage, on stream: HTTP2StreamID) throws(HTTP2Error) -> Int {
    var waiting = try sendData(stream, Self.payload(message))
    for segment in message.rest {
      waiting = try sendData(stream, HTTP2Payload(segment))
    }
    return waiting
  }

  /// Sends an answer whole: its headers, a message in one piece, and its trailers.
  func sendAnswer(
    _ stream: HTTP2StreamID, _ headers: HTTP2HeaderList, _ message: EncodedMessage, _ trailers: HTTP2HeaderList
  ) throws(HTTP2Error) {
    precondition(message.rest.isEmpty, "a message in several segments is sent behind its headers")
    try sendResponse(stream, headers, Self.payload(message), trailers)
  }

  /// The first segment of a message behind its prefix.
  private static func payload(_ message: EncodedMessage) throws(HTTP2Error) -> HTTP2Payload {
    let length = message.count
    guard length <= messageBytesMax else {
      throw HTTP2Error(.limit, .internalError, "a message is longer than 4 GiB")
    }
    let prefix = UInt64(message.isCompressed ? 1 : 0) << 32 | UInt64(length)
    return HTTP2Payload(prefix: prefix, prefixCount: 5, body: message.first)
  }
}
