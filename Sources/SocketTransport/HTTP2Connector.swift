package import HTTP2
package import NIOCore
internal import NIOPosix

/// Makes HTTP/2 connections as a client.
package enum HTTP2Connector {
  /// Connects, and returns as soon as streams can be opened; the peer's settings may still be under way.
  ///
  /// `makeDelegate` is called on the connection's loop, one of `group`.
  ///
  /// - Throws: `.refused`, `.timedOut`, `.unresolved`, `.permissionDenied` or `.failed`, with the address in the message.
  package static func connect(
    to address: TransportAddress, group: any EventLoopGroup, configuration: HTTP2Configuration,
    timeout: TimeAmount = .seconds(10),
    makeDelegate: @escaping @Sendable (HTTP2Connection) -> any HTTP2ConnectionDelegate
  ) async throws(TransportError) -> HTTP2Connection {
    let bootstrap = ClientBootstrap(group: group)
      .connectTimeout(timeout)
      .channelOption(.autoRead, value: false)
      .channelOption(.maxMessagesPerRead, value: HTTP2Connection.readsPerWakeup)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if case .tcp = address { try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1) }
          try channel.pipeline.syncOperations.addHandler(
            HTTP2Connection(
              role: .client, configuration: configuration, on: channel.eventLoop, makeDelegate: makeDelegate))
        }
      }
    do {
      let channel =
        switch address {
        case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
        case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
        }
      return try await channel.pipeline.handler(type: HTTP2Connection.self).get()
    } catch {
      throw TransportError(connectingTo: address, error)
    }
  }
}
