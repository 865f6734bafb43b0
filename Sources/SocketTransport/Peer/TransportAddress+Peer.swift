internal import NIOCore

extension TransportAddress {
  /// A peer's address for logs; empty when the system does not know it.
  static func text(ofPeer address: SocketAddress?) -> String {
    guard let address else { return "" }
    guard let host = address.ipAddress else { return "unix" }
    return TransportAddress.tcp(host: host, port: address.port ?? 0).description
  }
}
