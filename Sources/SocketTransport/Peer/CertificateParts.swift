internal import Crypto
internal import CryptoExtras

/// The parts of a certificate by which one is seen to have signed another (RFC 5280 §4.1), each in DER.
struct CertificateParts: Sendable {
  /// The names of whoever has signed it, and of whom it is for.
  let issuer: ArraySlice<UInt8>
  let subject: ArraySlice<UInt8>

  /// What is signed, in which way, and the signature.
  private let signed: ArraySlice<UInt8>
  private let algorithm: ArraySlice<UInt8>
  private let signature: ArraySlice<UInt8>

  /// The key that it is about.
  private let publicKey: ArraySlice<UInt8>

  /// Takes a certificate apart; nil when the bytes are none.
  init?(_ der: [UInt8]) {
    var outermost = DERReader(der[...])
    guard var certificate = outermost.sequence(), let signed = certificate.element(), signed.tag == 0x30,
      var algorithm = certificate.sequence(), let identifier = algorithm.element(), identifier.tag == 0x06,
      // A BIT STRING of whole bytes.
      let bits = certificate.element(), bits.tag == 0x03, bits.content.first == 0
    else { return nil }
    var fields = DERReader(signed.content)
    // [0] version, which may be missing; then serial number and algorithm.
    fields.skip(tag: 0xA0)
    guard fields.element() != nil, fields.element() != nil, let issuer = fields.element(), fields.element() != nil,
      let subject = fields.element(), let publicKey = fields.element()
    else { return nil }
    self.issuer = issuer.encoded
    self.subject = subject.encoded
    self.signed = signed.encoded
    self.algorithm = identifier.content
    self.signature = bits.content.dropFirst()
    self.publicKey = publicKey.encoded
  }

  /// Whether the key of another certificate has signed this one. Ways of signing that are not known here have not.
  func isSigned(withKeyOf signer: CertificateParts) -> Bool {
    let key = Array(signer.publicKey)
    return switch Array(algorithm) {
    case Self.ecdsa + [0x02]: isECDSA(SHA256.hash(data: Array(signed)), key)
    case Self.ecdsa + [0x03]: isECDSA(SHA384.hash(data: Array(signed)), key)
    case Self.ecdsa + [0x04]: isECDSA(SHA512.hash(data: Array(signed)), key)
    case Self.rsa + [0x0B]: isRSA(SHA256.hash(data: Array(signed)), key)
    case Self.rsa + [0x0C]: isRSA(SHA384.hash(data: Array(signed)), key)
    case Self.rsa + [0x0D]: isRSA(SHA512.hash(data: Array(signed)), key)
    case Self.ed25519: isEd25519(key)
    default: false
    }
  }

  /// RFC 5758 §3.2: ecdsa-with-SHA256 and its sisters, up to the last number.
  private static let ecdsa: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03]

  /// RFC 8017 appendix A.2.4: sha256WithRSAEncryption and its sisters, up to the last number.
  private static let rsa: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]

  /// RFC 8410 §3.
  private static let ed25519: [UInt8] = [0x2B, 0x65, 0x70]

  /// RFC 8410 §4: what stands before the 32 bytes of a key.
  private static let ed25519Head: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

  private func isECDSA(_ digest: some Digest, _ key: [UInt8]) -> Bool {
    let signature = Array(signature)
    return holds {
      try P256.Signing.PublicKey(derRepresentation: key)
        .isValidSignature(P256.Signing.ECDSASignature(derRepresentation: signature), for: digest)
    }
      || holds {
        try P384.Signing.PublicKey(derRepresentation: key)
          .isValidSignature(P384.Signing.ECDSASignature(derRepresentation: signature), for: digest)
      }
      || holds {
        try P521.Signing.PublicKey(derRepresentation: key)
          .isValidSignature(P521.Signing.ECDSASignature(derRepresentation: signature), for: digest)
      }
  }

  private func isRSA(_ digest: some Digest, _ key: [UInt8]) -> Bool {
    let signature = _RSA.Signing.RSASignature(rawRepresentation: Array(signature))
    return holds {
      try _RSA.Signing.PublicKey(derRepresentation: key)
        .isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5)
    }
  }

  private func isEd25519(_ key: [UInt8]) -> Bool {
    guard key.starts(with: Self.ed25519Head) else { return false }
    return holds {
      try Curve25519.Signing.PublicKey(rawRepresentation: key.dropFirst(Self.ed25519Head.count))
        .isValidSignature(Array(signature), for: Array(signed))
    }
  }

  /// A key that is of another kind, or a signature that cannot be read, has signed nothing.
  private func holds(_ check: () throws -> Bool) -> Bool {
    do {
      return try check()
    } catch {
      return false
    }
  }
}
