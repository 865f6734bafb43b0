package import SocketTransport

extension TransportAddress {
  /// A Unix socket that nobody listens on and nobody else will: a free port may be another server's a moment later.
  package static func unusedSocket() -> TransportAddress {
    .unix(path: "/tmp/plenary-test-\(UInt64.random(in: 0 ... .max)).sock")
  }

  /// A port that nobody listens on: the system never hands it out, and its service, tcpmux, is not run any more.
  package static let silentPort = TransportAddress.tcp(host: "127.0.0.1", port: 1)
}
