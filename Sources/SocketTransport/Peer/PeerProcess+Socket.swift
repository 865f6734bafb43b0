internal import Glibc
internal import NIOCore

extension PeerProcess {
  /// Asks the system who connected to a Unix socket; nil when it does not say.
  static func atOtherEnd(of channel: any Channel) -> EventLoopFuture<PeerIdentity?> {
    guard let socket = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeSucceededFuture(nil)
    }
    // SO_PEERCRED fills exactly this structure, and the type of the result says so.
    let credentials: EventLoopFuture<SocketCredentials> = socket.unsafeGetSocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
    // A caller whose identity is not known has none; whoever needs one refuses the call.
    return credentials.map { PeerIdentity.process(PeerProcess(uid: $0.uid, gid: $0.gid, pid: $0.pid)) }
      .recover { _ in nil }
  }
}

/// `struct ucred` of the system, which its headers keep to themselves: three numbers of 32 bits in this order.
private struct SocketCredentials {
  var pid: Int32
  var uid: UInt32
  var gid: UInt32
}
