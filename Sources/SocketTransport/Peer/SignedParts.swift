internal import Crypto
internal import CryptoExtras

/// Something that an authority has signed, as X.509 has it: a certificate or a list of those that were taken back
/// (RFC 5280 §4.1.1 and §5.1.1).
struct SignedParts: Sendable {
  /// What is signed: the content of a SEQUENCE.
  let content: ArraySlice<UInt8>

  /// In which way, as it is said beside the signature: an AlgorithmIdentifier.
  let algorithm: ArraySlice<UInt8>

  /// What is signed with tag and length, in which way, and the signature.
  private let encoded: ArraySlice<UInt8>
  private let identifier: ArraySlice<UInt8>
  private let signature: ArraySlice<UInt8>

  /// Takes it apart; nil when the bytes are no such thing, or more.
  init?(_ der: ArraySlice<UInt8>) {
    var outermost = DERReader(der)
    guard var parts = outermost.sequence(), outermost.isEmpty, let signed = parts.element(), signed.tag == 0x30,
      let algorithm = parts.element(), algorithm.tag == 0x30,
      // A BIT STRING of whole bytes.
      let bits = parts.element(), bits.tag == 0x03, bits.content.first == 0, parts.isEmpty
    else { return nil }
    var choice = DERReader(algorithm.content)
    guard let identifier = choice.element(), identifier.tag == 0x06 else { return nil }
    content = signed.content
    encoded = signed.encoded
    self.algorithm = algorithm.encoded
    self.identifier = identifier.content
    signature = bits.content.dropFirst()
  }

  /// Whether a key has signed them, a SubjectPublicKeyInfo. Ways of signing that are not known here have not.
  func isSigned(with publicKey: ArraySlice<UInt8>) -> Bool {
    let key = Array(publicKey)
    return switch Array(identifier) {
    case Self.ecdsa + [0x02]: isECDSA(SHA256.hash(data: Array(encoded)), key)
    case Self.ecdsa + [0x03]: isECDSA(SHA384.hash(data: Array(encoded)), key)
    case Self.ecdsa + [0x04]: isECDSA(SHA512.hash(data: Array(encoded)), key)
    case Self.rsa + [0x0B]: isRSA(SHA256.hash(data: Array(encoded)), key)
    case Self.rsa + [0x0C]: isRSA(SHA384.hash(data: Array(encoded)), key)
    case Self.rsa + [0x0D]: isRSA(SHA512.hash(data: Array(encoded)), key)
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
        .isValidSignature(Array(signature), for: Array(encoded))
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
