internal import Crypto
internal import Foundation

/// What a key signs notes for.
package enum KeyUse: UInt8, Sendable {
  /// A log's own checkpoints: Ed25519 over the text.
  case log = 0x01
  /// Checkpoints of others, with the time: the C2SP specification "tlog-cosignature", version 1.
  case cosigner = 0x04
}

/// The public half of a key for notes, in the form `name+id+key` that the C2SP specification "signed-note" has.
package struct VerificationKey: Hashable, Sendable, CustomStringConvertible {
  /// Why something is no key.
  package struct Malformed: Error, CustomStringConvertible {
    /// In one line.
    package let description: String
  }

  /// Whose key it is.
  package let name: String

  /// What it signs.
  package let use: KeyUse

  /// The key of Ed25519, 32 bytes.
  package let bytes: [UInt8]

  init(name: String, use: KeyUse, bytes: [UInt8]) {
    self.name = name
    self.use = use
    self.bytes = bytes
  }

  /// Reads a key.
  /// - Throws: `Malformed`.
  package init(_ text: String) throws(Malformed) {
    let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, KeyName.isAllowed(parts[0]), let coded = Data(base64Encoded: String(parts[2])),
      coded.count == 33, let use = coded.first.flatMap(KeyUse.init(rawValue:))
    else { throw Malformed(description: "it is no key of the form name+id+key for Ed25519") }
    self.init(name: String(parts[0]), use: use, bytes: Array(coded.dropFirst()))
    guard idText == parts[1].lowercased() else {
      throw Malformed(description: "its id is not the one of its name and bytes; a part of it was changed")
    }
  }

  /// The first four bytes of SHA-256 of name and key.
  package var id: [UInt8] {
    Array(SHA256.hash(data: Array(name.utf8) + [0x0A, use.rawValue] + bytes).prefix(4))
  }

  package var description: String { "\(name)+\(idText)+\(Data([use.rawValue] + bytes).base64EncodedString())" }

  /// Whether one of its signatures stands under a note and is right; for a cosigner's, when it signed.
  package func verifies(_ note: SignedNote) -> Bool { signingTimes(of: note) != nil }

  /// Whether a signature over bytes is right that were signed for a use other than notes.
  package func verifies(_ signature: [UInt8], over bytes: [UInt8], for use: SignedUse) -> Bool {
    // Bytes that are no key verify nothing.
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: self.bytes) else { return false }
    return key.isValidSignature(signature, for: use.message(bytes))
  }

  /// When it signed a note, in seconds since the Unix epoch: of a log's key, which says no time, nothing; nil if none of
  /// its signatures is right.
  package func signingTimes(of note: SignedNote) -> [UInt64]? {
    // Bytes that are no key verify nothing.
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return nil }
    var times: [UInt64] = []
    var isFound = false
    for signature in note.signatures(of: self) {
      switch use {
      case .log:
        if key.isValidSignature(signature.bytes, for: Array(note.text.utf8)) { isFound = true }
      case .cosigner:
        guard signature.bytes.count == 72 else { continue }
        let time = signature.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let message = Array(Cosignature.message(note.text, time: time).utf8)
        if key.isValidSignature(Array(signature.bytes.dropFirst(8)), for: message) {
          isFound = true
          times.append(time)
        }
      }
    }
    return isFound ? times : nil
  }

  private var idText: String { id.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

enum Cosignature {
  static func message(_ text: String, time: UInt64) -> String { "cosignature/v1\ntime \(time)\n" + text }
}

/// A key that signs notes. It is written down as `PRIVATE+KEY+name+id+key`.
package struct SigningKey: Sendable {
  /// The public half.
  package let verification: VerificationKey

  private let key: Curve25519.Signing.PrivateKey

  /// Makes a key of 32 random bytes.
  /// - Throws: `VerificationKey.Malformed` if the name cannot be a key's, or there are not 32 bytes.
  package init(name: String, use: KeyUse, seed: [UInt8]) throws(VerificationKey.Malformed) {
    guard KeyName.isAllowed(name) else {
      throw VerificationKey.Malformed(
        description:
          "`\(name.prefix(80))` cannot be the name of a key: it is of 1 to \(KeyName.byteCountMax) characters of "
          + "ASCII without spaces and +")
    }
    do {
      key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    } catch {
      throw VerificationKey.Malformed(description: "a key is made of 32 bytes")
    }
    verification = VerificationKey(name: name, use: use, bytes: Array(key.publicKey.rawRepresentation))
  }

  /// Reads a key as it was written down.
  /// - Throws: `VerificationKey.Malformed`, which says nothing of the key itself.
  package init(_ text: String) throws(VerificationKey.Malformed) {
    let parts = text.split(separator: "+", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0] == "PRIVATE", parts[1] == "KEY",
      let coded = Data(base64Encoded: parts[4].trimmingCharacters(in: .newlines)), coded.count == 33,
      let use = coded.first.flatMap(KeyUse.init(rawValue:))
    else { throw VerificationKey.Malformed(description: "it is no key of the form PRIVATE+KEY+name+id+key") }
    try self.init(name: String(parts[2]), use: use, seed: Array(coded.dropFirst()))
    guard verification.description.split(separator: "+")[1] == parts[3] else {
      throw VerificationKey.Malformed(
        description: "its id is not the one of its name and bytes; a part of it was changed")
    }
  }

  /// The key as it is written down. Whoever has it can sign.
  package var secretText: String {
    let id = verification.description.split(separator: "+")[1]
    let coded = Data([verification.use.rawValue] + key.rawRepresentation).base64EncodedString()
    return "PRIVATE+KEY+\(verification.name)+\(id)+\(coded)"
  }

  /// Signs a note.
  ///
  /// - Parameter time: When, in seconds since the Unix epoch; only what a cosigner signs holds it.
  package func sign(_ note: inout SignedNote, time: UInt64) {
    let bytes: [UInt8]
    switch verification.use {
    case .log: bytes = signature(of: note.text)
    case .cosigner:
      let coded = (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) }
      bytes = coded + signature(of: Cosignature.message(note.text, time: time))
    }
    note.add(SignedNote.Signature(name: verification.name, keyID: verification.id, bytes: bytes))
  }

  /// Signs bytes for a use other than notes.
  package func signature(over bytes: [UInt8], for use: SignedUse) -> [UInt8] { signature(of: use.message(bytes)) }

  /// 32 bytes that follow from the key and from others, and that tell nobody anything who has not got the key.
  func derived(_ use: String, from bytes: [UInt8]) -> [UInt8] {
    let secret = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: key.rawRepresentation), info: Array(use.utf8), outputByteCount: 32)
    return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: secret))
  }

  private func signature(of text: String) -> [UInt8] { signature(of: Array(text.utf8)) }

  private func signature(of bytes: [UInt8]) -> [UInt8] {
    do {
      return Array(try key.signature(for: bytes))
    } catch {
      preconditionFailure("a key of Ed25519 signs whatever there is: \(error)")
    }
  }
}
