internal import HTTP2
internal import NIOCore
internal import SocketTransport

/// The one timer of a connection, and what it looks at: the deadlines of calls, the peer that does not begin, does not
/// finish or does not live, and how long the connection may stay. Value types decide, this performs.
extension ServerConnection {
  /// Sees to it that the timer comes by then.
  func wake(by deadline: Deadline) {
    guard !isClosed else { return }
    if let timerAt, timerAt <= deadline { return }
    let connection = NIOLoopBound(self, eventLoop: eventLoop)
    timer?.cancel()
    timerAt = deadline
    timer = server.clock.schedule(at: deadline, on: eventLoop) { connection.value.timerCame() }
  }

  /// From here on the timer looks at who stands still, until nobody can.
  func sweep(from now: Deadline) {
    isSweeping = true
    wake(by: now.advanced(by: sweepInterval))
  }

  /// The peer has begun something that it has not ended.
  func watchWaiting() {
    if let headersEnd { wake(by: headersEnd) }
    if !isSweeping { sweep(from: server.clock.now) }
  }

  private var sweepInterval: Duration {
    min(server.configuration.requestStallMax, server.configuration.responseStallMax) / 4
  }

  private var headersEnd: Deadline? {
    http2.unfinishedHeadersSince.map {
      Deadline(nanoseconds: Int64(clamping: $0)).advanced(by: server.configuration.headersTimeout)
    }
  }

  private func timerCame() {
    guard !isClosed else { return }
    timerAt = nil
    let now = server.clock.now
    let (expired, deadlineNext) = deadlines.expire(at: now)
    for call in expired { call.abort(.deadlinePassed) }
    if let failure = peerFailure(at: now) { return http2.fail(failure) }
    if isSweeping && !sweepStreams(at: now) { return }
    guard let keepaliveNext = checkKeepalive(at: now) else { return }
    let lifetimeNext = checkLifetime(at: now)
    let sweepNext = isSweeping ? now.advanced(by: sweepInterval) : nil
    let all = [deadlineNext, handshakeEnds, headersEnd, sweepNext, lifetimeNext].compactMap { $0 }
    wake(by: all.reduce(keepaliveNext, min))
  }

  /// What the peer has begun and should have ended by now.
  private func peerFailure(at now: Deadline) -> HTTP2Error? {
    if let handshakeEnds, now >= handshakeEnds {
      return HTTP2Error(.limit, .settingsTimeout, "the peer did not begin in time", debugText: "handshake_timeout")
    }
    if let headersEnd, now >= headersEnd {
      return HTTP2Error(
        .limit, .enhanceYourCalm, "the peer did not finish a header list in time", debugText: "headers_timeout")
    }
    return nil
  }

  /// Looks at every stream, and at the connection as a whole. False when that was its end.
  private func sweepStreams(at now: Deadline) -> Bool {
    let backlog = http2.backlog
    let isWaiting = backlog.bytesWaiting > 0
    if writeWatch.isStalled(
      progress: backlog.bytesTaken, isWaiting: isWaiting, limit: server.configuration.responseStallMax, now: now)
    {
      http2.abort(HTTP2Error(.limit, .enhanceYourCalm, "the peer takes nothing of what is sent to it"))
      return false
    }
    http2.forEachStream { _, delegate, backlog in (delegate as? ServerCall)?.watch(backlog, now: now) }
    isSweeping = isWaiting || http2.openStreams > 0 || http2.unfinishedHeadersSince != nil
    return true
  }

  /// Returns when to look again, or nil when the peer is dead.
  private func checkKeepalive(at now: Deadline) -> Deadline? {
    let receivedAt = Deadline(nanoseconds: Int64(clamping: http2.receivedAt))
    let (action, next) = keepalive.check(receivedAt: receivedAt, now: now)
    switch action {
    case .wait: break
    case .ping: http2.ping(Self.keepalivePing)
    case .close:
      http2.fail(HTTP2Error(.limit, .noError, "the peer does not answer", debugText: "keepalive_timeout"))
      return nil
    }
    return next
  }

  /// "keepaliv".
  private static let keepalivePing: UInt64 = 0x6b65_6570_616c_6976

  private func checkLifetime(at now: Deadline) -> Deadline? {
    let (action, next) = lifetime.check(now: now)
    switch action {
    case .stay: break
    case .leave(let reason): http2.shutdown(debugText: reason)
    case .end: http2.terminate(.noError)
    }
    return next
  }
}
