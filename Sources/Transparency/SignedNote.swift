internal import Crypto
internal import Foundation

/// A text with signatures under it, in the form of the C2SP specification "signed-note": lines, an empty line, and a line
/// for each signature.
///
/// Anybody can add a signature, and whoever reads it looks for those of the keys that it trusts.
package struct SignedNote: Hashable, Sendable {
  /// One signature.
  package struct Signature: Hashable, Sendable {
    /// The name of the key.
    package let name: String

    /// The four bytes that tell keys of one name apart.
    package let keyID: [UInt8]

    /// What the key has made of the text.
    package let bytes: [UInt8]
  }

  /// Why something is no note.
  package struct Malformed: Error, CustomStringConvertible {
    /// In one line.
    package let description: String
  }

  /// The most bytes of a note.
  package static let byteCountMax = 64 << 10

  /// The most signatures of a note.
  package static let signatureCountMax = 100

  /// What is signed: one or more lines, each with its end.
  package let text: String

  /// The signatures, in the order in which they stand under it.
  package private(set) var signatures: [Signature]

  /// A text that nobody has signed yet.
  package init(text: String) {
    self.text = text
    signatures = []
  }

  /// Reads a note.
  /// - Throws: `Malformed`.
  package init(reading note: String) throws(Malformed) {
    guard note.utf8.count <= Self.byteCountMax else {
      throw Malformed(description: "a note has at most \(Self.byteCountMax) bytes")
    }
    guard let gap = note.range(of: "\n\n", options: [.backwards, .literal]), note.hasSuffix("\n") else {
      throw Malformed(description: "it is no signed note: there is no empty line with signatures below it")
    }
    text = String(note[..<gap.lowerBound]) + "\n"
    signatures = []
    for line in note[gap.upperBound...].dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
      let parts = line.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "\u{2014}", KeyName.isAllowed(parts[1]),
        let bytes = Data(base64Encoded: String(parts[2])), bytes.count > 4
      else { throw Malformed(description: "`\(line.prefix(80))` is no line of a signature") }
      signatures.append(
        Signature(name: String(parts[1]), keyID: Array(bytes.prefix(4)), bytes: Array(bytes.dropFirst(4))))
      guard signatures.count <= Self.signatureCountMax else {
        throw Malformed(description: "a note has at most \(Self.signatureCountMax) signatures")
      }
    }
  }

  /// The whole note as it is written down.
  package var description: String {
    text + "\n"
      + signatures.map { signature in
        "\u{2014} \(signature.name) \(Data(signature.keyID + signature.bytes).base64EncodedString())\n"
      }.joined()
  }

  /// Adds a signature, in place of another one of the same key.
  package mutating func add(_ signature: Signature) {
    signatures.removeAll { $0.name == signature.name && $0.keyID == signature.keyID }
    signatures.append(signature)
  }

  /// The signatures of a key.
  package func signatures(of key: VerificationKey) -> [Signature] {
    signatures.filter { $0.name == key.name && $0.keyID == key.id }
  }
}

/// What keys of notes can be called.
enum KeyName {
  /// The most bytes of a name.
  static let byteCountMax = 255

  static func isAllowed(_ name: some StringProtocol) -> Bool {
    !name.isEmpty && name.utf8.count <= byteCountMax
      && name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F && $0 != "+" }
  }
}
