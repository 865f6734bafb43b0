package import HTTP2
package import NIOCore

/// What a connection tells the layer above; everything is called on the connection's event loop.
package protocol HTTP2ConnectionDelegate: HTTP2SessionDelegate {
  /// The peer has begun what it has not ended: a header list, or taking what was written for it. Who wants to give it
  /// only so much time looks at the connection from time to time from here on.
  func connectionWaits()

  /// The connection is over: nothing more is said. Called exactly once; all its streams were closed before.
  func connectionClosed(_ end: HTTP2ConnectionEnd)

  /// The socket is closed too: what was said last has left as far as the peer took it. Called once and last.
  func socketClosed()
}

extension HTTP2ConnectionDelegate {
  package func connectionWaits() {
    // Only who sets a limit to it needs to know.
  }

  package func socketClosed() {
    // Most have nothing to do behind `connectionClosed`.
  }
}

/// How a connection ended.
package enum HTTP2ConnectionEnd: Hashable, Sendable {
  /// Both sides had finished, or the peer went away between calls.
  case finished
  /// A rule or a limit was broken.
  case failed(HTTP2Error)
  /// The connection broke below HTTP/2.
  case lost(String)
}

/// One HTTP/2 connection: a NIO channel, and the session its bytes go through. It is the only handler of its channel,
/// behind TLS where there is TLS.
///
/// One read becomes one `receive`; all that is to be sent when the reading is done leaves in one write. Commands given
/// inside an event, or in one turn of the event loop, leave together. While the peer does not take what was written,
/// nothing is produced and nothing is read, so what waits for a slow peer is bounded by the write buffer's mark here and
/// by the session's limits above.
///
///     opening ──active──▶ open ──finished or failed──▶ lingering ──peer's end, or time──▶ closed
///                           └──────────────── connection lost ─────────────────────────────▲
///
/// Invariants
/// - Everything is touched on `eventLoop` alone.
/// - `delegate` is set while `open`; it is told of the end exactly once. `formerDelegate` is set while `lingering`.
/// - `closing` is the one timer: of a graceful end, of the last words, or of lingering.
/// - `lingering`: our side is shut; what the peer still sends is read and dropped, so that the system does not destroy our
///   last frames together with it.
// SENDABLE: all state is touched on `eventLoop` only, which every command asserts; `let` properties are Sendable.
package final class HTTP2Connection: ChannelInboundHandler, @unchecked Sendable {
  package typealias InboundIn = ByteBuffer
  package typealias OutboundOut = ByteBuffer

  package let eventLoop: any EventLoop
  /// Starts tasks on `eventLoop`.
  package let executor: LoopTaskExecutor
  /// Who the peer is, where TLS or the system says so.
  package let peerIdentity: PeerIdentity?
  private let session: HTTP2Session
  private let makeDelegate: @Sendable (HTTP2Connection) -> any HTTP2ConnectionDelegate
  private let timing: HTTP2ConnectionTiming
  private var delegate: (any HTTP2ConnectionDelegate)?
  private var formerDelegate: (any HTTP2ConnectionDelegate)?
  private var context: ChannelHandlerContext?
  private var phase = Phase.opening
  private var isReading = false
  private var isReadPaused = false
  private var isFlushing = false
  private var isFlushScheduled = false
  private var lost: String?
  private var closing: Scheduled<Void>?
  private var bytesWritten = 0

  /// When something last came from the peer, by the connection's clock.
  package private(set) var receivedAt: UInt64

  /// What the last write needed: a good guess for the next.
  private var writeBytesExpected = 512

  private enum Phase {
    case opening, open, lingering, closed
  }

  package init(
    role: HTTP2Session.Role, configuration: HTTP2Configuration, timing: HTTP2ConnectionTiming = .init(),
    on eventLoop: any EventLoop, memory: HTTP2Memory = HTTP2Memory(), peerIdentity: PeerIdentity? = nil,
    makeDelegate: @escaping @Sendable (HTTP2Connection) -> any HTTP2ConnectionDelegate
  ) {
    self.eventLoop = eventLoop
    self.peerIdentity = peerIdentity
    executor = LoopTaskExecutor(eventLoop)
    session = HTTP2Session(role: role, configuration: configuration, memory: memory)
    self.timing = timing
    receivedAt = timing.now()
    self.makeDelegate = makeDelegate
  }

  /// The peer's address as text, for logs; empty when the system does not know it.
  package var peer: String {
    context.map { TransportAddress.text(ofPeer: $0.remoteAddress) } ?? ""
  }

  /// Why the connection was lost below HTTP/2, if it was.
  package var lossReason: String? { lost }

  /// The peer's host as text, the same for all its connections; nil when it has none.
  package var peerHost: String? {
    context?.remoteAddress?.ipAddress
  }

  /// Whether streams can still be opened and served.
  package var isOpen: Bool { phase == .open }
}

/// How long a connection waits.
package struct HTTP2ConnectionTiming: Sendable {
  /// For the peer's end after ours, before the socket is closed.
  package var linger: TimeAmount = .seconds(1)

  /// For a peer that has not taken all of our last frames, each time it takes nothing.
  package var backlogStall: TimeAmount = .seconds(5)

  /// For the round trip between the two steps of a graceful end.
  package var shutdownRoundTrip: TimeAmount = .seconds(5)

  /// A monotonic time in nanoseconds, by which the limits of the session and of the layer above are measured.
  package var now: @Sendable () -> UInt64 = { NIODeadline.now().uptimeNanoseconds }

  package init() {}
}

// MARK: Commands

/// The commands of `HTTP2Session`, to be given on the event loop. What they queue leaves when the current read, or the
/// current turn of the loop, is over.
extension HTTP2Connection {
  /// See `HTTP2Session.submitRequest`.
  package func submitRequest(
    _ headers: HTTP2HeaderList, endStream: Bool, delegate: any HTTP2StreamDelegate
  ) throws(HTTP2Error) -> HTTP2StreamID {
    flushSoon()
    guard phase != .lingering, phase != .closed else {
      throw HTTP2Error(.local, .refusedStream, "the connection is closed")
    }
    return try session.submitRequest(headers, endStream: endStream, delegate: delegate)
  }

  /// See `HTTP2Session.sendHeaders`.
  package func sendHeaders(_ stream: HTTP2StreamID, _ headers: HTTP2HeaderList, endStream: Bool) throws(HTTP2Error) {
    flushSoon()
    try session.sendHeaders(stream, headers, endStream: endStream)
  }

  /// See `HTTP2Session.sendData`.
  @discardableResult
  package func sendData(_ stream: HTTP2StreamID, _ payload: HTTP2Payload) throws(HTTP2Error) -> Int {
    flushSoon()
    return try session.sendData(stream, payload)
  }

  /// See `HTTP2Session.sendResponse`.
  package func sendResponse(
    _ stream: HTTP2StreamID, _ headers: HTTP2HeaderList, _ payload: HTTP2Payload, _ trailers: HTTP2HeaderList
  ) throws(HTTP2Error) {
    flushSoon()
    try session.sendResponse(stream, headers, payload, trailers)
  }

  /// See `HTTP2Session.sendTrailers`.
  package func sendTrailers(_ stream: HTTP2StreamID, _ trailers: HTTP2HeaderList) throws(HTTP2Error) {
    flushSoon()
    try session.sendTrailers(stream, trailers)
  }

  /// See `HTTP2Session.endSending`.
  package func endSending(_ stream: HTTP2StreamID) {
    flushSoon()
    session.endSending(stream)
  }

  /// See `HTTP2Session.reset`.
  package func reset(_ stream: HTTP2StreamID, _ code: HTTP2ErrorCode) {
    flushSoon()
    session.reset(stream, code)
  }

  /// See `HTTP2Session.consume`.
  package func consume(_ stream: HTTP2StreamID, _ count: Int) {
    flushSoon()
    session.consume(stream, count)
  }

  /// See `HTTP2Session.queuedBytes`.
  package func queuedBytes(_ stream: HTTP2StreamID) -> Int {
    session.queuedBytes(stream)
  }

  /// Streams that are open.
  package var openStreams: Int { session.openStreams }

  /// See `HTTP2Session.ping`.
  package func ping(_ payload: UInt64) {
    flushSoon()
    session.ping(payload)
  }

  /// Lets the open streams finish and takes no new ones; then closes. A second call does nothing.
  ///
  /// `debugText` is for the peer: why.
  package func shutdown(debugText: String = "") {
    guard phase == .open else { return }
    flushSoon()
    session.beginShutdown(debugText: debugText)
    guard closing == nil else { return }
    closing = eventLoop.scheduleTask(in: timing.shutdownRoundTrip) {
      self.session.finishShutdown()
      self.flushSoon()
    }
  }

  /// Tells the peer why and closes; open streams end with `.connection`.
  package func terminate(_ code: HTTP2ErrorCode, debugText: String = "") {
    flushSoon()
    session.terminate(code, debugText: debugText)
    closeSoon()
  }

  /// `terminate` for an error, which is what the delegate is told then.
  package func fail(_ error: HTTP2Error) {
    flushSoon()
    session.fail(error)
    closeSoon()
  }

  /// `fail` for a peer that would not hear of it: nothing is sent any more.
  package func abort(_ error: HTTP2Error) {
    session.fail(error)
    context?.close(promise: nil)
  }

  /// The last words are queued; a peer that takes nothing cannot hold the connection with that.
  private func closeSoon() {
    guard phase == .open else { return }
    closing?.cancel()
    closing = eventLoop.scheduleTask(in: timing.linger) {
      self.context?.close(promise: nil)
    }
  }
}

// MARK: Watching

/// What the layer above looks at to know whether the peer still does its part.
extension HTTP2Connection {
  /// See `HTTP2Session.queuedBytes`.
  package var queuedBytes: Int { session.queuedBytes }

  /// Whether nothing is read, because the peer does not take what was written.
  package var isReadingPaused: Bool { isReadPaused }

  /// See `HTTP2Session.unfinishedHeadersSince`.
  package var unfinishedHeadersSince: UInt64? { session.unfinishedHeadersSince }

  /// Whether nothing of ours keeps the peer from sending on this stream.
  package func mayReceive(_ stream: HTTP2StreamID) -> Bool {
    !isReadPaused && session.mayReceive(stream)
  }

  /// See `HTTP2Session.forEachStream`.
  package func forEachStream(_ body: (HTTP2StreamID, any HTTP2StreamDelegate, HTTP2StreamBacklog) -> Void) {
    session.forEachStream(body)
  }

  /// What was written and lies below, and what of it the system has taken so far.
  package var backlog: HTTP2StreamBacklog {
    // `try?`: a channel that does not know, or is closed, has nothing that waits.
    let waiting = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    return HTTP2StreamBacklog(bytesWaiting: waiting, bytesTaken: bytesWritten - waiting)
  }
}

// MARK: Reading

extension HTTP2Connection {
  /// Reads from the socket in one wakeup: enough to gather, few enough to be fair to other connections.
  static let readsPerWakeup: UInt = 2

  package func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { open(context) }
  }

  package func handlerRemoved(context: ChannelHandlerContext) {
    end()
    self.context = nil
  }

  package func channelActive(context: ChannelHandlerContext) {
    open(context)
    context.fireChannelActive()
  }

  private func open(_ context: ChannelHandlerContext) {
    guard phase == .opening else { return }
    phase = .open
    delegate = makeDelegate(self)
    flush()
    context.read()
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase == .open, let delegate else { return }
    isReading = true
    let buffer = unwrapInboundIn(data)
    let now = timing.now()
    receivedAt = now
    do throws(HTTP2Error) {
      // SAFETY: the session reads the bytes while it is called and keeps nothing of them.
      try unsafe buffer.withUnsafeReadableBytes { bytes throws(HTTP2Error) in
        unsafe try session.receive(bytes, now: now, delegate: delegate)
      }
    } catch {
      // The session has queued its GOAWAY and is finished: nothing else of this peer is looked at.
      flush()
      closeSoon()
    }
  }

  package func channelReadComplete(context: ChannelHandlerContext) {
    isReading = false
    flush()
    if session.unfinishedHeadersSince != nil { delegate?.connectionWaits() }
    readMore(context)
  }

  private func readMore(_ context: ChannelHandlerContext) {
    guard phase == .lingering || context.channel.isWritable else {
      isReadPaused = true
      delegate?.connectionWaits()
      return
    }
    isReadPaused = false
    context.read()
  }

  package func channelWritabilityChanged(context: ChannelHandlerContext) {
    guard context.channel.isWritable else { return }
    flush()
    if isReadPaused { readMore(context) }
  }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    lost = TLSFailure.loss(error)
    context.close(promise: nil)
  }

  package func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    phase = .closed
    closing?.cancel()
    closing = nil
    tellEnd()
    formerDelegate.take()?.socketClosed()
  }

  /// Tells everybody once: streams first, then the connection's delegate.
  private func tellEnd() {
    session.abandon()
    let delegate = self.delegate
    self.delegate = nil
    formerDelegate = delegate ?? formerDelegate
    if let failure = session.failure {
      delegate?.connectionClosed(.failed(failure))
    } else {
      delegate?.connectionClosed(lost.map { .lost($0) } ?? .finished)
    }
  }
}

// MARK: Writing

extension HTTP2Connection {
  /// The most that one write takes.
  private static let writeBytesMax = 64 * 1024

  private func flushSoon() {
    eventLoop.assertInEventLoop()
    guard !isReading, !isFlushing, !isFlushScheduled, phase == .open else { return }
    isFlushScheduled = true
    eventLoop.execute {
      self.isFlushScheduled = false
      self.flush()
    }
  }

  private func flush() {
    guard phase == .open, !isFlushing, let context, let delegate else { return }
    isFlushing = true
    defer { isFlushing = false }
    while context.channel.isWritable {
      let buffer = produce(context, delegate)
      guard buffer.readableBytes > 0 else { break }
      bytesWritten += buffer.readableBytes
      context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
      // The write may have met the end of the connection.
      guard phase == .open else { return }
    }
    if session.isFinished { linger(context) }
  }

  // SAFETY: the session writes into the room it is lent, and says how much.
  private func produce(_ context: ChannelHandlerContext, _ delegate: any HTTP2ConnectionDelegate) -> ByteBuffer {
    let capacity = max(writeBytesExpected, min(session.queuedBytes, Self.writeBytesMax))
    var buffer = context.channel.allocator.buffer(capacity: capacity)
    while buffer.readableBytes < Self.writeBytesMax {
      let written = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 512) { room in
        unsafe session.produce(into: room, delegate: delegate)
      }
      // What did not fill the room was everything.
      guard written > 0, buffer.writableBytes == 0 else { break }
    }
    writeBytesExpected = min(max(buffer.readableBytes, 512), Self.writeBytesMax)
    return buffer
  }

  private func linger(_ context: ChannelHandlerContext) {
    phase = .lingering
    closing?.cancel()
    closing = nil
    tellEnd()
    // An empty write is done when all before it are.
    let written = eventLoop.makePromise(of: Void.self)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    written.futureResult.whenComplete { _ in self.lingerForPeer() }
    if phase == .lingering && closing == nil { lingerForBacklog(taken: nil) }
    if isReadPaused { readMore(context) }
  }

  /// Everything was written: what is left is the peer's end.
  private func lingerForPeer() {
    guard phase == .lingering else { return }
    context?.close(mode: .output, promise: nil)
    closing?.cancel()
    closing = eventLoop.scheduleTask(in: timing.linger) {
      self.context?.close(promise: nil)
    }
  }

  /// A slow peer gets the rest as long as it takes some of it from time to time.
  private func lingerForBacklog(taken: Int?) {
    let takenNow = backlog.bytesTaken
    guard taken != takenNow else {
      context?.close(promise: nil)
      return
    }
    closing = eventLoop.scheduleTask(in: timing.backlogStall) { self.lingerForBacklog(taken: takenNow) }
  }
}
