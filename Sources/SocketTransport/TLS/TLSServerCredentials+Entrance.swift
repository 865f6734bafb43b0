internal import NIOCore
internal import NIOSSL

extension TLSServerCredentials {
  /// Has an accepted channel speak TLS, and HTTP/2 once that is agreed on.
  ///
  ///     socket ─ TLSEntrance ─ NIOSSLServerHandler ─ TLSHandshake ─ HTTP2Connection
  ///               until done                          until done     when done
  func guardEntrance(
    of channel: any Channel, refused: @escaping @Sendable (String, String) -> Void,
    makeConnection: @escaping (PeerIdentity?) -> HTTP2Connection
  ) throws {
    let refusal = TLSRefusal { reason in refused(TransportAddress.text(ofPeer: channel.remoteAddress), reason) }
    let entrance = TLSEntrance(self, refusal: refusal) { context in
      let current = self.current
      let tls = NIOSSLServerHandler(context: current.context)
      let entrance = context.handler
      let handshake = TLSHandshake { context, result in
        do {
          try result.get()
          let connection = makeConnection(try current.identity(of: tls))
          let pipeline = context.pipeline.syncOperations
          try pipeline.addHandler(connection, position: .after(context.handler))
          for passed in [context.handler, entrance] {
            if let passed = passed as? any RemovableChannelHandler { pipeline.removeHandler(passed, promise: nil) }
          }
        } catch {
          refusal.tell(TLSFailure.refusal(error))
          // TLS closes when it has failed itself; what was found out behind it is ended here.
          if !(error is NIOSSLError) { context.close(promise: nil) }
        }
      }
      try context.pipeline.syncOperations.addHandlers([tls, handshake], position: .after(entrance))
    }
    try channel.pipeline.syncOperations.addHandler(entrance)
  }
}

extension TLSServerCredentials.Current {
  /// Who the client is. A session that is resumed may be older than its certificate, so its time is looked at again.
  fileprivate func identity(of tls: NIOSSLHandler) throws -> PeerIdentity? {
    guard configuration.clientCertificates != .off else { return nil }
    guard let certificate = tls.peerCertificate else {
      guard configuration.clientCertificates == .optional else {
        throw TransportError(.untrusted, "it shows no certificate")
      }
      return nil
    }
    guard certificate.validity == .valid else { throw TransportError(.untrusted, "its certificate is out of date") }
    guard let peer = PeerCertificate(certificate, authorities: authorities) else {
      throw TransportError(.untrusted, "its certificate cannot be read")
    }
    return .certificate(peer)
  }
}
