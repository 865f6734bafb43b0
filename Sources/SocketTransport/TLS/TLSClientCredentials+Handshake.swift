internal import NIOCore
internal import NIOSSL
internal import Synchronization

extension TLSClientCredentials {
  /// Has a channel that is not connected yet speak TLS, and then HTTP/2 through `connection`. The result succeeds with
  /// it when streams can be opened, and fails with a `TransportError`.
  ///
  ///     socket ─ NIOSSLClientHandler ─ TLSHandshake ─ HTTP2Connection
  ///                                     until done     when done
  func secure(
    _ channel: any Channel, to address: TransportAddress, deadline: NIODeadline, for connection: HTTP2Connection
  ) throws -> EventLoopFuture<HTTP2Connection> {
    let tls = try NIOSSLClientHandler(context: context, serverHostname: serverName)
    let promise = channel.eventLoop.makePromise(of: HTTP2Connection.self)
    let handshake = TLSHandshake { context, result in
      do {
        try result.get()
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(connection, position: .after(context.handler))
        pipeline.removeHandler(context: context, promise: nil)
        promise.succeed(connection)
      } catch {
        let certificate = tls.peerCertificate
        promise.fail(TLSFailure.connecting(to: address, error, self, certificate: certificate))
        context.close(promise: nil)
      }
    }
    try channel.pipeline.syncOperations.addHandlers([tls, handshake])
    let bound = NIOLoopBound(handshake, eventLoop: channel.eventLoop)
    let timer = channel.eventLoop.scheduleTask(deadline: deadline) {
      bound.value.fail(TransportError(.timedOut, "\(address) does not answer the TLS handshake"))
    }
    promise.futureResult.whenComplete { _ in timer.cancel() }
    return promise.futureResult
  }
}

/// The handshakes of one attempt to connect, which may try several addresses of a host at once.
final class TLSClientHandshakes: Sendable {
  private let results = Mutex<[ObjectIdentifier: EventLoopFuture<HTTP2Connection>]>([:])

  /// Notes how the handshake in `channel` will end.
  func add(_ result: EventLoopFuture<HTTP2Connection>, in channel: any Channel) {
    results.withLock { $0[ObjectIdentifier(channel)] = result }
  }

  /// How the handshake ends in the channel that was connected first.
  func result(in channel: any Channel) -> EventLoopFuture<HTTP2Connection> {
    guard let result = results.withLock({ $0[ObjectIdentifier(channel)] }) else {
      preconditionFailure("a channel that was never initialized")
    }
    return result
  }
}
