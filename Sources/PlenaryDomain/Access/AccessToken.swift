internal import Crypto

/// A token by which a client proves who it is: 256 random bits in letters and digits.
///
///     plen_<52 characters: the secret><7 characters: its check digits>
///
/// The beginning is there for scanners that look for secrets in files, and the check digits so that they find no other.
/// The registry keeps a digest and never the token: of a value that nobody can guess, that gives nothing away.
package struct AccessToken: Sendable, CustomStringConvertible {
  /// What every token begins with.
  package static let prefix = "plen_"

  /// The random bytes of a token.
  package static let secretByteCount = 32

  /// The bytes of a digest.
  package static let digestByteCount = 32

  private static let secretCount = 52
  private static let checkCount = 7

  /// The characters of a token.
  package static let characterCount = prefix.utf8.count + secretCount + checkCount

  /// The token itself, to be shown once.
  package let text: String

  /// A token of random bytes.
  package init(secret: [UInt8]) {
    precondition(secret.count == Self.secretByteCount, "a token has \(Self.secretByteCount) random bytes")
    let body = Self.prefix + Self.base32(secret)
    text = body + Self.checkDigits(of: body)
  }

  /// Reads a token; nil if the text is none, or was copied wrongly.
  package init?(parsing text: String) {
    guard text.utf8.count == Self.characterCount, text.hasPrefix(Self.prefix),
      Self.checkDigits(of: String(text.dropLast(Self.checkCount))) == text.suffix(Self.checkCount)
    else { return nil }
    self.text = text
  }

  /// What is kept of it.
  package var digest: [UInt8] { Self.digest(of: text) }

  /// What would be kept of a text if it was a token; nil if it is not as long as one. Whoever looks that up need not check
  /// the digits.
  package static func digest(ofToken text: some StringProtocol) -> [UInt8]? {
    text.utf8.count == characterCount ? digest(of: text) : nil
  }

  private static func digest(of text: some StringProtocol) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

  /// Not the token, so that it gets into no log by accident.
  package var description: String { Self.prefix + "…" }

  /// What a token is told from others by: the first characters of its digest.
  package static func id(ofDigest digest: [UInt8]) -> String { base32(Array(digest.prefix(5))) }

  /// Whether two digests are the same, in a time that does not depend on where they differ.
  package static func isSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(left, right) { difference |= one ^ other }
    return difference == 0
  }

  private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// Five bits a character, the last ones filled up with zeros.
  private static func base32(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var (bits, bitCount) = (UInt32(0), 0)
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      bitCount += 8
      while bitCount >= 5 {
        bitCount -= 5
        text.append(alphabet[Int(bits >> UInt32(bitCount) & 31)])
      }
    }
    if bitCount > 0 { text.append(alphabet[Int(bits << UInt32(5 - bitCount) & 31)]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// The CRC-32 of the text (ISO 3309, as in gzip).
  private static func checkDigits(of text: String) -> String {
    var check = UInt32.max
    for byte in text.utf8 {
      check ^= UInt32(byte)
      for _ in 0..<8 { check = check & 1 == 1 ? check >> 1 ^ 0xEDB8_8320 : check >> 1 }
    }
    check = ~check
    return base32(stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: check >> UInt32($0)) })
  }
}
