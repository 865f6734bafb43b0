internal import NIOSSL

extension PeerCertificate {
  /// Reads what callers are told, and which of the authorities have signed it; nil when the certificate cannot be written or
  /// its subject cannot be read, which the library has done before.
  init?(_ certificate: NIOSSLCertificate, authorities: [ClientAuthority] = []) {
    // `try?`: a certificate that cannot be encoded is no identity, and is treated like that.
    guard let der = try? certificate.toDERBytes(), let subject = DistinguishedName.subject(ofCertificate: der),
      let parts = CertificateParts(der)
    else { return nil }
    notAfter = Int64(certificate.notValidAfter)
    let signers = authorities.map { (file: $0.file, digests: $0.signers(of: parts)) }.filter { !$0.digests.isEmpty }
    authorityFiles = signers.map(\.file)
    self.signers = Dictionary(signers.map { ($0.file, $0.digests) }) { $0.union($1) }
    issuer = Array(parts.issuer)
    serialNumber = Array(parts.serialNumber)
    self.der = der
    self.subject = subject.description
    let names = certificate._subjectAlternativeNames()
    func texts(_ type: _SubjectAlternativeName.NameType) -> [String] {
      names.filter { $0.nameType == type }.compactMap(Self.text)
    }
    uris = texts(.uri)
    dnsNames = texts(.dnsName)
    emails = texts(.email)
  }

  /// RFC 5280 §4.2.1.6: these names are of printable ASCII. Another is left out, so that it can never look like one.
  // SAFETY: the bytes are read while the name that holds them is borrowed.
  private static func text(_ name: _SubjectAlternativeName) -> String? {
    unsafe name.contents.withUnsafeBufferPointer { bytes in
      guard unsafe bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
      return unsafe String(decoding: bytes, as: UTF8.self)
    }
  }
}
