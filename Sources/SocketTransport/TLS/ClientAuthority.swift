internal import NIOSSL

/// An authority that is known by its file: whichever of the certificates in it has signed that of a client, the authority
/// has spoken for the client.
///
/// That the certificate leads to an authority that is trusted here was found out before, by the TLS library, which does not
/// tell to which. Therefore the signature is looked at once more. Names alone say nothing: one authority could make another
/// of the same name below itself.
struct ClientAuthority: Sendable {
  /// The PEM file, as it is named in the configuration.
  let file: String

  /// Those of its certificates that sign others.
  private let signers: [CertificateParts]

  /// All certificates of the file, for the TLS library to trust.
  let certificates: [NIOSSLCertificate]

  /// Reads the file; `warn` is told of certificates that are out of date.
  init(file path: String, _ warn: (String) -> Void) throws(TransportError) {
    let file = TLSFile(path: path, purpose: "client authority")
    certificates = try file.certificates()
    file.warnOfDates(certificates, warn)
    var signers: [CertificateParts] = []
    for certificate in certificates {
      // `try?`: a certificate that cannot be encoded again can sign nothing that could be looked at.
      guard let der = try? certificate.toDERBytes(), let parts = CertificateParts(der) else {
        throw file.failure("holds a certificate that cannot be read; was it cut off or edited?")
      }
      signers.append(parts)
    }
    self.file = path
    self.signers = signers
  }

  /// Whether one of its certificates has signed this one.
  func hasSigned(_ certificate: CertificateParts) -> Bool {
    signers.contains { $0.subject == certificate.issuer && certificate.isSigned(withKeyOf: $0) }
  }
}
