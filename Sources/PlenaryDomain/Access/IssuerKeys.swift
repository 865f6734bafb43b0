internal import Crypto
internal import CryptoExtras
internal import Foundation
internal import ProtobufRuntime

/// The public keys of an issuer of identity tokens: a JWK Set (RFC 7517).
package struct IssuerKeys: Sendable {
  /// The most keys of a set, and the most bytes of its text.
  static let countMax = 100
  package static let byteCountMax = 1 << 20

  fileprivate enum Key: Sendable {
    case p256(P256.Signing.PublicKey)
    case p384(P384.Signing.PublicKey)
    case rsa(_RSA.Signing.PublicKey)
    case ed25519(Curve25519.Signing.PublicKey)
  }

  fileprivate struct Entry: Sendable {
    let id: String?
    let algorithm: String?
    let key: Key
  }

  private let entries: [Entry]

  /// Why a set cannot be used, and what to do.
  package struct Malformed: Error, CustomStringConvertible {
    package let description: String
  }

  /// Reads a set. Keys that are not for signatures, or of a kind that is not known here, are left out.
  package init(json: [UInt8]) throws(Malformed) {
    guard json.count <= Self.byteCountMax else {
      throw Malformed(description: "has more than \(Self.byteCountMax) bytes; give the issuer's JWK Set alone")
    }
    let node: JSONNode
    do throws(ProtoJSONError) {
      node = try JSONParser.parse(json, nestingMax: 10)
    } catch {
      throw Malformed(description: "is no JSON: \(error)")
    }
    guard case .array(let keys)? = node.member("keys")?.value else {
      throw Malformed(description: "is no JWK Set, as it has no list `keys`; fetch the issuer's jwks_uri")
    }
    guard keys.count <= Self.countMax else {
      throw Malformed(description: "has \(keys.count) keys; at most \(Self.countMax) are allowed")
    }
    entries = keys.compactMap(Self.entry)
    guard !entries.isEmpty else {
      throw Malformed(
        description: "has no key that can be used: EC P-256 or P-384, RSA of 2048 bits or more, or Ed25519")
    }
  }

  /// How many there are that can be used.
  package var count: Int { entries.count }

  /// Whether there is a key of this name.
  func holds(_ keyID: String) -> Bool { entries.contains { $0.id == keyID } }

  /// The most keys that are tried for one token. Only one that does not say by which it is signed can meet with more.
  static let triedMax = 8

  /// Whether one of the keys has signed these bytes (RFC 7518 §3). Ways of signing that are not known here have not; so none
  /// have without a key, and none with a key that both sides know.
  func hasSigned(_ bytes: [UInt8], _ signature: [UInt8], algorithm: String, keyID: String?) -> Bool {
    let candidates = entries.lazy.filter { entry in
      (keyID == nil || entry.id == keyID) && (entry.algorithm == nil || entry.algorithm == algorithm)
        && entry.key.signs(by: algorithm)
    }
    return candidates.prefix(Self.triedMax).contains { $0.key.hasSigned(bytes, signature, algorithm) }
  }

  private static func entry(_ node: JSONNode) -> Entry? {
    guard (node.member("use")?.text ?? "sig") == "sig", let key = key(node) else { return nil }
    return Entry(id: node.member("kid")?.text, algorithm: node.member("alg")?.text, key: key)
  }

  /// RFC 7518 §6, RFC 8037 §2.
  private static func key(_ node: JSONNode) -> Key? {
    func bytes(_ name: String) -> [UInt8]? {
      node.member(name)?.text.flatMap { Base64.decode(Array($0.utf8), allowsURLAlphabet: true) }
    }
    do {
      switch (node.member("kty")?.text, node.member("crv")?.text) {
      case ("EC", "P-256"):
        guard let x = bytes("x"), let y = bytes("y"), x.count == 32, y.count == 32 else { return nil }
        return .p256(try P256.Signing.PublicKey(rawRepresentation: x + y))
      case ("EC", "P-384"):
        guard let x = bytes("x"), let y = bytes("y"), x.count == 48, y.count == 48 else { return nil }
        return .p384(try P384.Signing.PublicKey(rawRepresentation: x + y))
      case ("OKP", "Ed25519"):
        guard let x = bytes("x") else { return nil }
        return .ed25519(try Curve25519.Signing.PublicKey(rawRepresentation: x))
      case ("RSA", _):
        guard let n = bytes("n"), let e = bytes("e"), n.drop(while: { $0 == 0 }).count >= 256 else { return nil }
        return .rsa(try _RSA.Signing.PublicKey(n: n, e: e))
      default: return nil
      }
    } catch {
      // A key that is none has signed nothing.
      return nil
    }
  }
}

extension IssuerKeys.Key {
  /// Whether it is of the kind that a way of signing takes.
  fileprivate func signs(by algorithm: String) -> Bool {
    switch self {
    case .p256: algorithm == "ES256"
    case .p384: algorithm == "ES384"
    case .ed25519: algorithm == "EdDSA"
    case .rsa: algorithm.hasPrefix("RS") || algorithm.hasPrefix("PS")
    }
  }

  fileprivate func hasSigned(_ bytes: [UInt8], _ signature: [UInt8], _ algorithm: String) -> Bool {
    switch (self, algorithm) {
    case (.p256(let key), "ES256"):
      // What cannot be read has not been signed; the same below.
      guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
      return key.isValidSignature(signature, for: bytes)
    case (.p384(let key), "ES384"):
      // As above.
      guard let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
      return key.isValidSignature(signature, for: bytes)
    case (.ed25519(let key), "EdDSA"): return key.isValidSignature(signature, for: bytes)
    case (.rsa(let key), _): return Self.hasSigned(bytes, .init(rawRepresentation: signature), algorithm, key)
    default: return false
    }
  }

  private static func hasSigned(
    _ bytes: [UInt8], _ signature: _RSA.Signing.RSASignature, _ algorithm: String, _ key: _RSA.Signing.PublicKey
  ) -> Bool {
    switch algorithm {
    case "RS256": key.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
    case "RS384": key.isValidSignature(signature, for: SHA384.hash(data: bytes), padding: .insecurePKCS1v1_5)
    case "RS512": key.isValidSignature(signature, for: SHA512.hash(data: bytes), padding: .insecurePKCS1v1_5)
    case "PS256": key.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .PSS)
    case "PS384": key.isValidSignature(signature, for: SHA384.hash(data: bytes), padding: .PSS)
    case "PS512": key.isValidSignature(signature, for: SHA512.hash(data: bytes), padding: .PSS)
    default: false
    }
  }
}

extension JSONNode {
  /// The value of a member; nil if it is no object, or has none of the name.
  func member(_ name: String) -> JSONNode? {
    guard case .object(let members) = value else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The text that it is; nil if it is none.
  var text: String? {
    if case .string(let text) = value { text } else { nil }
  }

  /// The microseconds since 1970 that it is as a NumericDate (RFC 7519 §2); nil if it is none that can be counted.
  var numericDate: Int64? {
    guard case .number(let text) = value, let seconds = Double(text), abs(seconds) < 1e12 else { return nil }
    return Int64(seconds * 1_000_000)
  }
}
