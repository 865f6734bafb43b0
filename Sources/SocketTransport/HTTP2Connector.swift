package import HTTP2
package import NIOCore
internal import NIOPosix

/// Makes HTTP/2 connections as a client.
package enum HTTP2Connector {
  /// Connects, and returns as soon as streams can be opened; the peer's settings may still be under way.
  ///
  /// `makeDelegate` is called on the connection's loop, one of `group`. With `tls`, the handshake is part of connecting,
  /// and of its time.
  ///
  /// - Throws: `.refused`, `.timedOut`, `.unresolved`, `.permissionDenied`, `.untrusted` or `.failed`, with the address in
  ///   the message.
  package static func connect(
    to address: TransportAddress, group: any EventLoopGroup, configuration: HTTP2Configuration,
    timeout: TimeAmount = .seconds(10), tls: TLSClientCredentials? = nil,
    makeDelegate: @escaping @Sendable (HTTP2Connection) -> any HTTP2ConnectionDelegate
  ) async throws(TransportError) -> HTTP2Connection {
    let deadline = NIODeadline.now() + timeout
    let handshakes = TLSClientHandshakes()
    let bootstrap = ClientBootstrap(group: group)
      .connectTimeout(timeout)
      .channelOption(.autoRead, value: false)
      .channelOption(.maxMessagesPerRead, value: HTTP2Connection.readsPerWakeup)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if case .tcp = address { try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1) }
          let connection = HTTP2Connection(
            role: .client, configuration: configuration, on: channel.eventLoop, makeDelegate: makeDelegate)
          if let tls {
            let result = try tls.secure(channel, to: address, deadline: deadline, for: connection)
            handshakes.add(result, in: channel)
          } else {
            try channel.pipeline.syncOperations.addHandler(connection)
          }
        }
      }
    do {
      let channel =
        switch address {
        case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
        case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
        }
      guard tls == nil else { return try await handshakes.result(in: channel).get() }
      return try await channel.pipeline.handler(type: HTTP2Connection.self).get()
    } catch {
      throw (error as? TransportError) ?? TransportError(connectingTo: address, error)
    }
  }
}
