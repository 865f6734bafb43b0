/// The identifiers that other registers give to organizations.
package enum RegisterIdentifier {
  /// Whether the text is the address of a record of the Research Organization Registry: `https://ror.org/0`, six
  /// characters of Crockford's base 32, and two check digits (ISO/IEC 7064, MOD 97-10) over all seven.
  package static func isROR(_ text: String) -> Bool {
    let prefix = "https://ror.org/"
    let id = Array(text.dropFirst(prefix.count).utf8)
    guard text.hasPrefix(prefix), id.count == 9, id[0] == UInt8(ascii: "0") else { return false }
    var number = 0
    for byte in id.prefix(7) {
      guard let digit = base32.firstIndex(of: byte) else { return false }
      number = number * 32 + digit
    }
    guard id[7...].allSatisfy(\.isDigit) else { return false }
    let check = Int(id[7] - 0x30) * 10 + Int(id[8] - 0x30)
    return check == 98 - (number * 100) % 97
  }

  /// Whether the text has the shape of an identifier of the International Aid Transparency Initiative: the code of an
  /// agency, a hyphen and a number.
  package static func isIATI(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count >= 2
      && parts.allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { $0.isUppercaseLetter || $0.isDigit }
      }
  }

  /// Whether the text names an item of Wikidata: `Q` and a number.
  package static func isWikidata(_ text: String) -> Bool {
    let digits = text.dropFirst().utf8
    return text.hasPrefix("Q") && digits.allSatisfy(\.isDigit) && digits.first.map { $0 != UInt8(ascii: "0") } == true
  }

  /// The digits of Crockford's base 32, in the lower case that the registry writes.
  private static let base32 = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
}
