/// Who is at the other end of a connection, as far as something that cannot be talked out of it says so.
public indirect enum PeerIdentity: Hashable, Sendable {
  /// TLS: the certificate that the peer has the key of, signed by an authority that is trusted here.
  case certificate(PeerCertificate)

  /// A Unix socket: the process that connected, as the system knows it.
  case process(PeerProcess)
}

/// A peer's certificate. It was verified: the signatures up to a trusted authority, the time, the purpose.
public struct PeerCertificate: Hashable, Sendable {
  /// The whole certificate, in DER.
  public let der: [UInt8]

  /// The subject as RFC 4514 writes it: `CN=indexer,O=Example`. Empty when there is none.
  public let subject: String

  /// The names of kind URI, in the certificate's order: `spiffe://example.org/indexer`.
  public let uris: [String]

  /// The names of kind DNS.
  public let dnsNames: [String]

  /// The names of kind e-mail address.
  public let emails: [String]

  /// The second after which it is out of date, in seconds since 1970.
  public let notAfter: Int64

  /// The files of the named authorities that have signed it (`TLSServerConfiguration.clientAuthorityFiles`).
  public let authorityFiles: [String]

  /// The name of whoever has signed it, in DER, and the number that it is known by there: the content of an INTEGER.
  let issuer: [UInt8]
  let serialNumber: [UInt8]

  /// The digests of the very certificates that have signed it, by the files of the named authorities.
  let signers: [String: Set<[UInt8]>]
}

/// A process at the other end of a Unix socket, at the moment it connected.
public struct PeerProcess: Hashable, Sendable {
  /// Its effective user.
  public let uid: UInt32

  /// Its effective group.
  public let gid: UInt32

  /// Its number. It may have ended since, and another may have got the number: good for logs, not for decisions.
  public let pid: Int32
}
