internal import Crypto
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
  private let signers: [Signer]

  /// A certificate, with the SHA-256 of it.
  private struct Signer {
    let parts: CertificateParts
    let digest: [UInt8]

    func hasSigned(_ certificate: CertificateParts) -> Bool {
      parts.subject == certificate.issuer && certificate.isSigned(withKeyOf: parts)
    }
  }

  /// All certificates of the file, for the TLS library to trust.
  let certificates: [NIOSSLCertificate]

  /// Reads the file; `warn` is told of certificates that are out of date.
  init(file path: String, _ warn: (String) -> Void) throws(TransportError) {
    let file = TLSFile(path: path, purpose: "client authority")
    certificates = try file.certificates()
    file.warnOfDates(certificates, warn)
    var signers: [Signer] = []
    for certificate in certificates {
      // `try?`: a certificate that cannot be encoded again can sign nothing that could be looked at.
      guard let der = try? certificate.toDERBytes(), let parts = CertificateParts(der) else {
        throw file.failure("holds a certificate that cannot be read; was it cut off or edited?")
      }
      signers.append(Signer(parts: parts, digest: Array(SHA256.hash(data: der))))
    }
    self.file = path
    self.signers = signers
  }

  /// The digests of those of its certificates that have signed this one.
  func signers(of certificate: CertificateParts) -> Set<[UInt8]> {
    Set(signers.filter { $0.hasSigned(certificate) }.map(\.digest))
  }

  /// The key of that of its certificates which has signed a list; nil if none has.
  func publicKey(ofSignerOf list: RevocationList) -> ArraySlice<UInt8>? {
    signers.first { $0.parts.subject == list.issuer && list.isSigned(with: $0.parts.publicKey) }?.parts.publicKey
  }

  /// The digests of those of its certificates by which nothing is signed any more: they were taken back, or all were that
  /// have signed them.
  func withdrawn(where isTakenBack: (CertificateParts) -> Bool) -> Set<[UInt8]> {
    var withdrawn = Set(signers.filter { isTakenBack($0.parts) }.map(\.digest))
    while !withdrawn.isEmpty {
      let more = signers.filter { signer in
        let above = signers.filter { $0.digest != signer.digest && $0.hasSigned(signer.parts) }
        return !withdrawn.contains(signer.digest) && !above.isEmpty
          && above.allSatisfy { withdrawn.contains($0.digest) }
      }
      guard !more.isEmpty else { break }
      withdrawn.formUnion(more.map(\.digest))
    }
    return withdrawn
  }
}
