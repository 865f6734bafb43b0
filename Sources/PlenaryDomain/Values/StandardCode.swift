internal import ProtobufRuntime

/// The codes of public lists that fields hold, by the names that AIP-143 gives to such fields.
///
/// A code is accepted in any letter case and kept in its canonical one, if the list has it.
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

  /// What a code is, in words.
  package var rule: String {
    switch self {
    case .region: "an ISO 3166-1 alpha-2 code such as `MY`"
    case .m49: "a UN M49 code such as `142`"
    case .language: "a BCP-47 language tag such as `en` or `zh-Hant`"
    case .timeZone: "a name of the IANA time zone database such as `Asia/Bangkok`"
    }
  }

  /// The longest text that is looked up.
  private static let byteCountMax = 100

  /// The code in canonical form; nil if the list does not have it.
  package func canonical(_ text: String) -> String? {
    guard text.utf8.count <= Self.byteCountMax else { return nil }
    return switch self {
    case .region: CodeTable.regions.row(text.uppercased()).map { String($0[0]) }
    case .m49: CodeTable.areas.row(text).map { String($0[0]) }
    case .language: LanguageTag(text).flatMap { $0.isRegistered ? $0.description : nil }
    case .timeZone: CodeTable.timeZones.row(text.lowercased()).map { String($0[1]) }
    }
  }

  /// The code that a text which is none most likely stands for; nil if none is near.
  package func suggestion(for text: String) -> String? {
    guard text.utf8.count <= Suggestion.wordByteCountMax else { return nil }
    switch self {
    case .region: return Self.region(for: text)
    case .m49:
      if let number = AreaCode.number(ofRegion: text.uppercased()) { return number }
      return Self.code(named: text, in: Self.areaNames)
    case .language: return LanguageTag.suggestion(for: text)
    case .timeZone: return Self.zone(for: text)
    }
  }

  private static func region(for text: String) -> String? {
    let code = text.uppercased()
    if let alias = CodeTable.regionAliases.row(code) { return String(alias[1]) }
    if let region = CodeTable.regions.rows.first(where: { $0[1] == code || $0[2] == code }) { return String(region[0]) }
    return Self.code(named: text, in: Self.regionNames)
  }

  /// The code of what is called so, or nearly so.
  private static func code(named text: String, in named: [(code: String, name: String)]) -> String? {
    // A code with one wrong letter is near to many.
    guard text.utf8.count > 3, let name = closest(to: text, among: named.lazy.map(\.name)) else { return nil }
    return named.first { $0.name == name }?.code
  }

  /// The nearest of the names that begin alike: an import may ask for those of many wrong codes, and to compare with
  /// every name of a register would make that long.
  private static func closest(to text: String, among names: some Sequence<String>) -> String? {
    let beginning = text.prefix(2).lowercased()
    return Suggestion.closest(to: text, among: names.filter { $0.prefix(2).lowercased() == beginning })
  }

  private static let regionNames = CodeTable.regions.rows.flatMap { row in
    row[3...].map { (code: String(row[0]), name: String($0)) }
  }
  private static let areaNames = CodeTable.areas.rows.map { (code: String($0[0]), name: String($0[1])) }
  private static let zoneNames = CodeTable.timeZones.rows.map { String($0[1]) }

  /// The zone with nearly that name, or of that place.
  private static func zone(for text: String) -> String? {
    if let name = closest(to: text, among: zoneNames) { return name }
    let place = text.lowercased().replacing(" ", with: "_")
    return CodeTable.timeZones.rows.first { $0[0].hasSuffix("/\(place)") }.map { String($0[1]) }
  }
}

extension StandardCode {
  /// What to say about a text that is none of these codes.
  func unknown(_ text: String, at field: String) -> DomainError.FieldViolation {
    let suggestion = suggestion(for: text)
    var metadata = ["value": text.clipped]
    metadata["suggestion"] = suggestion
    return .init(
      field, .codeUnknown,
      "`\(text.clipped)` is not \(rule)" + (suggestion.map { "; did you mean `\($0)`?" } ?? ""), metadata: metadata)
  }
}
