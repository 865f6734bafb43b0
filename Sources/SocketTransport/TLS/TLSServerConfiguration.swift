/// How a server proves who it is on TCP, and what it asks of its clients.
///
/// TLS 1.2 and 1.3 are spoken, 1.2 with the AEAD suites that HTTP/2 permits (RFC 9113 appendix A); a client has to offer
/// the protocol `h2`. Unix sockets do without TLS: the system says who is on the other side.
public struct TLSServerConfiguration: Hashable, Sendable {
  /// What is asked of a client.
  public enum ClientCertificates: String, Hashable, Sendable, CaseIterable {
    /// No certificate.
    case off
    /// A certificate that holds, or none.
    case optional
    /// A certificate that holds.
    case required
  }

  /// A PEM file: the server's certificate, then those that lead from it to an authority.
  public var certificateFile: String

  /// A PEM file with the private key of the first certificate, not encrypted.
  public var keyFile: String

  /// A PEM file with the authorities that may sign the certificates of clients.
  public var clientAuthorityFile: String?

  /// More such files, each of an authority of its own. A handler is told which of them signed a client's certificate
  /// (`PeerCertificate.authorityFiles`), so that it can be said for whom an authority speaks. Each has to hold the very
  /// certificates that sign those of clients, and those that lead from them to the authority's own.
  public var clientAuthorityFiles: [String] = []

  /// Whether clients show certificates.
  public var clientCertificates = ClientCertificates.off

  /// How long a client may take from connecting to the end of the handshake.
  public var handshakeTimeout: Duration = .seconds(10)

  /// Handshakes that may be under way at once, the clients that have said nothing yet included. One more is closed at once.
  public var handshakesMax = 2048

  /// The longest ClientHello accepted, the heads of its records included.
  public var clientHelloBytesMax = 16 * 1024

  /// Makes a configuration that asks clients for nothing.
  public init(certificateFile: String, keyFile: String) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }
}
