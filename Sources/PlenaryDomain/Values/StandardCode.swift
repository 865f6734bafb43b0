/// The codes of public lists that fields hold, by the names that AIP-143 gives to such fields.
///
/// A code is accepted in any letter case and kept in its canonical one.
package enum StandardCode: Sendable {
  /// An ISO 3166-1 alpha-2 code of a country, `MY`.
  case region
  /// A UN M49 code of an area, `142`.
  case m49
  /// A BCP-47 tag of a language, `zh-Hant`.
  case language
  /// A name of the IANA time zone database, `Asia/Bangkok`.
  case timeZone

  /// The code that a field with this name holds; nil if it holds none.
  package init?(fieldName: String) {
    switch fieldName {
    case "region_code": self = .region
    case "language_code", "language_codes", "language", "original_language": self = .language
    case "time_zone": self = .timeZone
    default:
      guard fieldName.hasSuffix("m49_code") else { return nil }
      self = .m49
    }
  }

  /// What a code looks like, in words.
  package var rule: String {
    switch self {
    case .region: "an ISO 3166-1 alpha-2 code such as `MY`"
    case .m49: "a UN M49 code of three digits such as `142`"
    case .language: "a BCP-47 language tag such as `en` or `zh-Hant`"
    case .timeZone: "a name of the IANA time zone database such as `Asia/Bangkok`"
    }
  }

  /// The code in canonical form; nil if the text cannot be one.
  package func canonical(_ text: String) -> String? {
    switch self {
    case .region:
      text.utf8.count == 2 && text.utf8.allSatisfy(\.isLetter) ? text.uppercased() : nil
    case .m49:
      text.utf8.count == 3 && text.utf8.allSatisfy(\.isDigit) ? text : nil
    case .language:
      LanguageTag(text)?.description
    case .timeZone:
      Self.isZoneName(text) ? text : nil
    }
  }

  /// `Area/Location`, perhaps of three parts, or a single name such as `UTC`.
  private static func isZoneName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return (1...3).contains(parts.count) && text.utf8.count <= 64
      && parts.allSatisfy { part in
        part.utf8.first?.isLetter == true
          && part.utf8.allSatisfy { $0.isLetter || $0.isDigit || "+-_".utf8.contains($0) }
      }
  }
}
