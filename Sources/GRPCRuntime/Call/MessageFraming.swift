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
    let length = message.count
    guard length <= Self.messageBytesMax else {
      throw HTTP2Error(.limit, .internalError, "a message is longer than 4 GiB")
    }
    let prefix = UInt64(message.isCompressed ? 1 : 0) << 32 | UInt64(length)
    var waiting = try sendData(stream, HTTP2Payload(prefix: prefix, prefixCount: 5, body: message.first))
    for segment in message.rest {
      waiting = try sendData(stream, HTTP2Payload(segment))
    }
    return waiting
  }
}
