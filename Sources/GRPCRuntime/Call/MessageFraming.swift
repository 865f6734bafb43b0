internal import HTTP2
internal import SocketTransport

extension HTTP2Connection {
  /// The longest message that the four length bytes of a prefix can name.
  private static let messageBytesMax = Int(UInt32.max)

  /// Queues a message behind its prefix and returns the bytes that now wait on the stream.
  ///
  /// gRPC PROTOCOL-HTTP2, "Requests": the flag byte, 0 for uncompressed, then the length in four bytes, big-endian. The
  /// segments are sent as they are; nothing joins them before the frames are cut.
  func send(_ message: EncodedMessage, on stream: HTTP2StreamID) throws(HTTP2Error) -> Int {
    let length = message.count
    guard length <= Self.messageBytesMax else {
      throw HTTP2Error(.limit, .internalError, "a message is longer than 4 GiB")
    }
    var waiting = try sendData(stream, HTTP2Payload(prefix: UInt64(length), prefixCount: 5, body: message.first))
    for segment in message.rest {
      waiting = try sendData(stream, HTTP2Payload(segment))
    }
    return waiting
  }
}
