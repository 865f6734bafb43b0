internal import CNghttp2

/// One end of one HTTP/2 connection (RFC 9113), without sockets and without a clock: bytes in become events, commands
/// become bytes out.
///
/// Events go to the delegates passed to `receive` and `produce`, and to the delegate of each stream, while those calls run.
/// Commands only queue; nothing leaves before `produce`. All commands may be given from inside an event.
///
/// Who owns a session calls it from one place at a time. It is a handle: nghttp2 needs its state at a fixed address, and
/// a command given from inside an event must not wait for the event to end, so no method is `mutating`.
///
/// ## Commands on a dead stream
/// A stream can die between a decision and its command: by a reset, a GOAWAY, the end of the connection. So these are
/// ignored when the stream is closed or has been reset, and are the only ones that are: `sendHeaders`, `sendData`,
/// `sendTrailers`, `sendResponse`, `endSending`, `reset`, `consume`. Everything else that is asked out of order is a bug of the layer
/// above and stops the process.
// SAFETY: buffers are lent by the caller for one call each, and handed on as they are.
package struct HTTP2Session: ~Copyable {
  package enum Role: Sendable {
    case server, client
  }

  private let core: SessionCore

  /// Makes a session. What nghttp2 needs comes from `memory`, which sessions of one event loop share.
  package init(role: Role, configuration: HTTP2Configuration, memory: HTTP2Memory = HTTP2Memory()) {
    core = SessionCore(role: role, configuration: configuration, memory: memory)
    core.announceSettings()
  }

  deinit {
    core.dispose()
  }

  // MARK: Bytes

  /// Takes bytes that came from the peer and tells what they mean.
  ///
  /// - Parameter now: a monotonic time in nanoseconds, for the abuse counters.
  /// - Throws: the reason why the connection cannot go on. A GOAWAY with its code is queued: produce what is left, send
  ///   it, and close. Further bytes are ignored.
  package func receive(
    _ bytes: UnsafeRawBufferPointer, now: UInt64, delegate: any HTTP2SessionDelegate
  ) throws(HTTP2Error) {
    unsafe try core.receive(bytes, now: now, delegate: delegate)
  }

  /// Moves bytes for the peer into `buffer`, as many as there are and fit; returns how many.
  package func produce(into buffer: UnsafeMutableRawBufferPointer, delegate: any HTTP2SessionDelegate) -> Int {
    unsafe core.produce(into: buffer, delegate: delegate)
  }

  /// `receive` for bytes in an array.
  package func receive(_ bytes: [UInt8], now: UInt64, delegate: any HTTP2SessionDelegate) throws(HTTP2Error) {
    try unsafe bytes.withUnsafeBufferPointer { bytes throws(HTTP2Error) in
      unsafe try core.receive(UnsafeRawBufferPointer(bytes), now: now, delegate: delegate)
    }
  }

  /// `produce` into an array of at most `count` bytes.
  package func produce(atMost count: Int, delegate: any HTTP2SessionDelegate) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { room, initialized in
      unsafe initialized = core.produce(into: UnsafeMutableRawBufferPointer(room), delegate: delegate)
    }
  }

  /// Whether there is something to produce.
  package var wantsToSend: Bool { core.wantsToSend }

  /// Whether both sides have nothing more to say: send what was produced and close.
  package var isFinished: Bool { core.isFinished }

  /// Why the session closes the connection, when it does so for an error.
  package var failure: HTTP2Error? { core.failure }

  /// Tells all open streams that the connection has ended below them. The session does nothing from here on.
  package func abandon() {
    core.abandon()
  }

  // MARK: Streams

  /// Streams that are open, requests that wait for the peer's permission included.
  package var openStreams: Int { core.openStreams }

  /// Begins a request (client). It waits while the peer's limit of concurrent streams is reached.
  ///
  /// - Throws: `.limit` when the header list is longer than `sentHeaderListBytesMax`, or when the connection has no
  ///   stream numbers left or is closing.
  package func submitRequest(
    _ headers: HTTP2HeaderList, endStream: Bool, delegate: any HTTP2StreamDelegate
  ) throws(HTTP2Error) -> HTTP2StreamID {
    try core.submitRequest(headers, endStream: endStream, delegate: delegate)
  }

  /// Sends the response headers (server), once.
  ///
  /// - Throws: `.limit` when the list is longer than `sentHeaderListBytesMax`; the stream is as before.
  package func sendHeaders(_ stream: HTTP2StreamID, _ headers: HTTP2HeaderList, endStream: Bool) throws(HTTP2Error) {
    try core.sendHeaders(stream, headers, endStream: endStream)
  }

  /// Sends a whole response (server): the headers, one payload and the trailers, in one command.
  ///
  /// - Throws: `.limit` when one of the lists is longer than `sentHeaderListBytesMax`, or the session holds
  ///   `queuedBytesMax` already; nothing is sent then.
  package func sendResponse(
    _ stream: HTTP2StreamID, _ headers: HTTP2HeaderList, _ payload: HTTP2Payload, _ trailers: HTTP2HeaderList
  ) throws(HTTP2Error) {
    try core.sendResponse(stream, headers, payload, trailers)
  }

  /// Queues bytes of the body behind those already queued; headers come first.
  ///
  /// - Throws: `.limit` when the session holds `queuedBytesMax` already; nothing is queued then.
  /// - Returns: the bytes that now wait on this stream, zero on a dead one.
  @discardableResult
  package func sendData(_ stream: HTTP2StreamID, _ payload: HTTP2Payload) throws(HTTP2Error) -> Int {
    try core.sendData(stream, payload)
  }

  /// Ends our side with a header list behind the queued body (server).
  ///
  /// If the client has not ended its side, RST_STREAM(NO_ERROR) follows, so that it stops sending (RFC 9113 §8.1).
  ///
  /// - Throws: `.limit` when the list is longer than `sentHeaderListBytesMax`; the stream is as before.
  package func sendTrailers(_ stream: HTTP2StreamID, _ trailers: HTTP2HeaderList) throws(HTTP2Error) {
    try core.sendTrailers(stream, trailers)
  }

  /// Ends our side behind the queued body (END_STREAM on DATA).
  package func endSending(_ stream: HTTP2StreamID) {
    core.endSending(stream)
  }

  /// Ends the stream at once, in both directions; what is queued is dropped.
  package func reset(_ stream: HTTP2StreamID, _ code: HTTP2ErrorCode) {
    core.reset(stream, code)
  }

  /// Gives back the room that `count` received bytes occupied, so that the peer may send as many more.
  ///
  /// What a delegate has not consumed when its stream closes, the session consumes for it.
  package func consume(_ stream: HTTP2StreamID, _ count: Int) {
    core.consume(stream, count)
  }

  /// Bytes that wait to be sent on this stream.
  package func queuedBytes(_ stream: HTTP2StreamID) -> Int {
    core.queuedBytes(stream)
  }

  // MARK: Watching

  /// Bytes that wait to be sent on all streams together.
  package var queuedBytes: Int { core.queuedBytes }

  /// When a header list began to arrive that has not ended; nil when there is none.
  package var unfinishedHeadersSince: UInt64? { core.unfinishedHeadersSince }

  /// Whether the windows let the peer send on this stream.
  package func mayReceive(_ stream: HTTP2StreamID) -> Bool {
    core.mayReceive(stream)
  }

  /// Tells of every open stream that has a delegate. The body may give commands, and must not close the session.
  package func forEachStream(_ body: (HTTP2StreamID, any HTTP2StreamDelegate, HTTP2StreamBacklog) -> Void) {
    core.forEachStream(body)
  }

  // MARK: Connection

  /// Sends a PING with these eight bytes; its acknowledgement comes as `pingAcknowledged`.
  package func ping(_ payload: UInt64) {
    core.ping(payload)
  }

  /// Begins a graceful end (RFC 9113 §6.8): a server announces that it will go, and names the last stream it takes one
  /// round trip later, so that requests under way are not lost; a client names it at once. Open streams go on; when
  /// they have ended, `isFinished` becomes true. A second call does nothing. `debugText` goes with each GOAWAY.
  package func beginShutdown(debugText: String = "") {
    core.beginShutdown(debugText: debugText)
  }

  /// Names the last stream without waiting for the round trip, in case the peer does not answer.
  package func finishShutdown() {
    core.finishShutdown()
  }

  /// Ends the connection now: GOAWAY with `code`, and nothing more is read. Produce, send, close.
  package func terminate(_ code: HTTP2ErrorCode, debugText: String = "") {
    core.terminate(code, debugText: debugText)
  }

  /// `terminate` with an error, which becomes the session's `failure`.
  package func fail(_ error: HTTP2Error) {
    core.fail(error)
  }
}
