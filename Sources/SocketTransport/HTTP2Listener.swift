package import HTTP2
package import NIOCore
internal import NIOPosix

/// Accepts HTTP/2 connections on one address.
package final class HTTP2Listener: Sendable {
  /// Where it listens; a port chosen by the system is filled in.
  package let address: TransportAddress
  private let channel: any Channel
  private let socketFile: UnixSocketFile?

  private init(address: TransportAddress, channel: any Channel, socketFile: UnixSocketFile?) {
    self.address = address
    self.channel = channel
    self.socketFile = socketFile
  }

  /// Starts to listen.
  ///
  /// Each accepted connection lives on one loop of `group`; `makeDelegate` is called there. With `tls`, that is when a TLS
  /// handshake has succeeded; `refused` hears of those that do not, with the peer and the reason, and, without a peer,
  /// of times when the system has nothing left to accept connections with.
  ///
  /// - Throws: `.addressInUse` when another process listens there, `.permissionDenied`, `.unresolved` or `.failed`.
  package static func listen(
    on address: TransportAddress, group: any EventLoopGroup, configuration: HTTP2Configuration,
    timing: HTTP2ConnectionTiming = .init(), socketFileMode: UInt32 = UnixSocketFile.ownerOnly,
    tls: TLSServerCredentials? = nil, refused: @escaping @Sendable (String, String) -> Void = { _, _ in },
    makeDelegate: @escaping @Sendable (HTTP2Connection) -> any HTTP2ConnectionDelegate
  ) async throws(TransportError) -> HTTP2Listener {
    let memories = LoopMemories(group)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(AcceptPause { refused("", $0) })
        }
      }
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.maxMessagesPerRead, value: HTTP2Connection.readsPerWakeup)
      .childChannelInitializer { channel in
        @Sendable func connection(_ identity: PeerIdentity?) -> HTTP2Connection {
          HTTP2Connection(
            role: .server, configuration: configuration, timing: timing, on: channel.eventLoop,
            memory: memories.memory(of: channel.eventLoop), peerIdentity: identity, makeDelegate: makeDelegate)
        }
        guard case .tcp = address else {
          return PeerProcess.atOtherEnd(of: channel).flatMapThrowing { identity in
            try channel.pipeline.syncOperations.addHandler(connection(identity))
          }
        }
        return channel.eventLoop.makeCompletedFuture {
          try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
          if let tls {
            try tls.guardEntrance(of: channel, refused: refused, makeConnection: connection)
          } else {
            try channel.pipeline.syncOperations.addHandler(connection(nil))
          }
        }
      }
    switch address {
    case .tcp(let host, let port):
      do {
        let channel = try await bootstrap.bind(host: host, port: port).get()
        let bound = TransportAddress.tcp(host: host, port: channel.localAddress?.port ?? port)
        return HTTP2Listener(address: bound, channel: channel, socketFile: nil)
      } catch {
        throw TransportError(listeningOn: address, error)
      }
    case .unix(let path):
      let file = UnixSocketFile(path: path)
      let descriptor = try file.bind(mode: socketFileMode)
      do {
        let channel = try await bootstrap.withBoundSocket(descriptor).get()
        return HTTP2Listener(address: address, channel: channel, socketFile: file)
      } catch {
        file.remove()
        throw TransportError(listeningOn: address, error)
      }
    }
  }

  /// Takes no further connections; those accepted go on. A second call does nothing.
  package func stop() async {
    socketFile?.remove()
    // `try?`: closing fails only when the channel is closed already, which is what is wanted.
    try? await channel.close()
  }
}
