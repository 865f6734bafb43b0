internal import Crypto
internal import Foundation

/// The public half of a key that backups are sealed to: whoever has it makes backups, and opens none.
package struct SealingKey: Hashable, Sendable, CustomStringConvertible {
  /// The text is no key.
  package struct Malformed: Error, CustomStringConvertible {
    /// What it should be.
    package let description: String
  }

  /// The bytes of a key.
  package static let byteCount = 32

  private static let form = "plenary-backup-key+"

  /// The key.
  package let bytes: [UInt8]

  /// The key of some bytes; nil if it has another number of them.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads a key as it was written down.
  /// - Throws: `Malformed`.
  package init(_ text: String) throws(Malformed) {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard text.hasPrefix(Self.form), let bytes = Data(base64Encoded: String(text.dropFirst(Self.form.count))),
      let key = SealingKey(bytes: Array(bytes))
    else { throw Malformed(description: "it is no key of the form \(Self.form)KEY") }
    self = key
  }

  /// The key as it is written down.
  package var description: String { Self.form + Data(bytes).base64EncodedString() }

  /// What the key is called in manifests: the beginning of its SHA-256.
  package var id: String {
    SHA256.hash(data: bytes).prefix(8).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

/// The secret half of a key that backups are sealed to.
package struct UnsealingKey: Sendable {
  private static let form = "PRIVATE+plenary-backup-key+"

  /// The public half.
  package let sealing: SealingKey

  fileprivate let key: Curve25519.KeyAgreement.PrivateKey

  /// Makes a key of 32 random bytes.
  /// - Throws: `SealingKey.Malformed` if there are not 32 bytes.
  package init(seed: [UInt8]) throws(SealingKey.Malformed) {
    do {
      key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: seed)
    } catch {
      throw SealingKey.Malformed(description: "a key is made of \(SealingKey.byteCount) bytes")
    }
    guard let sealing = SealingKey(bytes: Array(key.publicKey.rawRepresentation)) else {
      throw SealingKey.Malformed(description: "a key is made of \(SealingKey.byteCount) bytes")
    }
    self.sealing = sealing
  }

  /// Reads a key as it was written down.
  /// - Throws: `SealingKey.Malformed`, which says nothing of the key itself.
  package init(_ text: String) throws(SealingKey.Malformed) {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard text.hasPrefix(Self.form), let seed = Data(base64Encoded: String(text.dropFirst(Self.form.count))) else {
      throw SealingKey.Malformed(description: "it is no key of the form \(Self.form)KEY")
    }
    try self.init(seed: Array(seed))
  }

  /// The key as it is written down. Whoever has it can open what is sealed to its public half.
  package var secretText: String { Self.form + key.rawRepresentation.base64EncodedString() }
}

/// What is sealed cannot be opened with the key, is not as it was sealed, or belongs to something else.
package struct SealBroken: Error {}

/// Seals a text part by part, with HPKE (RFC 9180) over X25519, HKDF-SHA256 and ChaCha20-Poly1305.
///
/// Each part is sealed under its number, and the last one says that it is: what is left out, put in another order or added
/// does not open. What the text is about is sealed in with it, so that it opens beside nothing else.
package struct Sealer {
  fileprivate static let suite = HPKE.Ciphersuite.Curve25519_SHA256_ChachaPoly

  /// How many bytes a part is longer once it is sealed.
  package static let overhead = 16

  private var sender: HPKE.Sender

  /// The bytes that whoever opens the parts has to be given: the share of the key agreement.
  package let share: [UInt8]

  /// The length of a share.
  package static let shareByteCount = 32

  /// Begins to seal to a key.
  /// - Throws: `SealBroken` if nothing can be sealed to the key.
  package init(to key: SealingKey, about header: [UInt8]) throws(SealBroken) {
    do {
      let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: key.bytes)
      sender = try HPKE.Sender(recipientKey: recipient, ciphersuite: Self.suite, info: Data(header))
    } catch {
      throw SealBroken()
    }
    share = Array(sender.encapsulatedKey)
  }

  /// Seals the next part.
  /// - Throws: `SealBroken` if there are too many.
  package mutating func seal(_ part: [UInt8], isLast: Bool) throws(SealBroken) -> [UInt8] {
    do {
      return Array(try sender.seal(part, authenticating: [isLast ? 1 : 0]))
    } catch {
      throw SealBroken()
    }
  }
}

/// Opens what a `Sealer` has sealed.
package struct Opener {
  private var recipient: HPKE.Recipient

  /// Begins to open, with the secret half of the key that the text is sealed to.
  /// - Throws: `SealBroken` if the share cannot be one.
  package init(_ key: UnsealingKey, share: [UInt8], about header: [UInt8]) throws(SealBroken) {
    do {
      recipient = try HPKE.Recipient(
        privateKey: key.key, ciphersuite: Sealer.suite, info: Data(header), encapsulatedKey: Data(share))
    } catch {
      throw SealBroken()
    }
  }

  /// Opens the next part.
  /// - Throws: `SealBroken` if it is not that part, or the key is another one.
  package mutating func open(_ part: [UInt8], isLast: Bool) throws(SealBroken) -> [UInt8] {
    do {
      return Array(try recipient.open(part, authenticating: [isLast ? 1 : 0]))
    } catch {
      throw SealBroken()
    }
  }
}
