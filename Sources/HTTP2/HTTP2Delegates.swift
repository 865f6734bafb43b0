/// What a session tells about the connection. Called only inside `HTTP2Session.receive`, `produce` and `abandon`.
///
/// Every command of the session may be given from inside an event, except those three.
package protocol HTTP2SessionDelegate: AnyObject {
  /// A server received a whole, valid request header list: who hears the rest of this stream? Nil refuses it with
  /// REFUSED_STREAM, which tells the client that nothing was begun (RFC 9113 §8.7).
  func streamOpened(
    _ stream: HTTP2StreamID, headers: borrowing HTTP2HeaderBlock, endStream: Bool
  ) -> (any HTTP2StreamDelegate)?

  /// The peer announced its settings, or changed them.
  func settingsReceived(_ settings: HTTP2PeerSettings)

  /// The peer answered the PING that carried these eight bytes.
  func pingAcknowledged(_ payload: UInt64)

  /// The peer will take no stream above `lastStream`; those it did not take close with REFUSED_STREAM. `debugText` is
  /// what it says about that, cut and made printable.
  func goAwayReceived(lastStream: Int32, code: HTTP2ErrorCode, debugText: String)
}

/// What a session tells about one stream, in this order: headers, data, trailers, end, closed. Closed comes exactly once
/// and is the last.
package protocol HTTP2StreamDelegate: AnyObject {
  /// A client received the final response headers; informational ones (1xx) are dropped.
  func headersReceived(_ headers: borrowing HTTP2HeaderBlock)

  /// Part of the body. Its bytes occupy the windows until they are consumed with `HTTP2Session.consume`.
  func dataReceived(_ bytes: Span<UInt8>)

  /// The header list behind the body.
  func trailersReceived(_ trailers: borrowing HTTP2HeaderBlock)

  /// The peer will send nothing more on this stream (END_STREAM).
  func endReceived()

  /// The bytes waiting to be sent have fallen to `HTTP2Configuration.queuedBytesLow`, after having been above.
  func queueDrained()

  /// The stream is gone; commands naming it are ignored from here on.
  func streamClosed(_ closure: HTTP2StreamClosure)
}

/// How a stream ended.
package struct HTTP2StreamClosure: Hashable, Sendable {
  package enum Origin: Hashable, Sendable {
    /// Both sides had said everything.
    case completed
    /// The peer reset the stream, or refused it with GOAWAY.
    case peer
    /// We reset the stream: at the wish of the layer above, or because the peer broke a rule on it.
    case local
    /// The connection ended below it.
    case connection
  }

  package let origin: Origin
  package let code: HTTP2ErrorCode

  package init(_ origin: Origin, _ code: HTTP2ErrorCode) {
    self.origin = origin
    self.code = code
  }
}

/// The settings of the peer that the layers above can act on.
package struct HTTP2PeerSettings: Hashable, Sendable {
  /// Streams we may have open at once; requests past it wait in the session.
  package let concurrentStreamsMax: UInt32
  /// The longest header list the peer promises to accept.
  package let headerListBytesMax: UInt32

  package init(concurrentStreamsMax: UInt32, headerListBytesMax: UInt32) {
    self.concurrentStreamsMax = concurrentStreamsMax
    self.headerListBytesMax = headerListBytesMax
  }
}

/// What of a stream waits for the peer to take it.
package struct HTTP2StreamBacklog: Hashable, Sendable {
  package let bytesWaiting: Int
  /// What the peer was sent of the body so far.
  package let bytesTaken: Int

  package init(bytesWaiting: Int, bytesTaken: Int) {
    self.bytesWaiting = bytesWaiting
    self.bytesTaken = bytesTaken
  }
}
