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
  /// Each accepted connection lives on one loop of `group`; `makeDelegate` is called there.
  ///
  /// - Throws: `.addressInUse` when another process listens there, `.permissionDenied`, `.unresolved` or `.failed`.
  package static func listen(
    on address: TransportAddress, group: any EventLoopGroup, configuration: HTTP2Configuration,
    timing: HTTP2ConnectionTiming = .init(), socketFileMode: UInt32 = UnixSocketFile.ownerOnly,
    makeDelegate: @escaping @Sendable (HTTP2Connection) -> any HTTP2ConnectionDelegate
  ) async throws(TransportError) -> HTTP2Listener {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.autoRead, value: false)
      .childChannelOption(.maxMessagesPerRead, value: HTTP2Connection.readsPerWakeup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if case .tcp = address { try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1) }
          try channel.pipeline.syncOperations.addHandler(
            HTTP2Connection(
              role: .server, configuration: configuration, timing: timing, on: channel.eventLoop,
              makeDelegate: makeDelegate))
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
