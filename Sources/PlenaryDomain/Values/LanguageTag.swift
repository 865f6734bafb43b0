/// The language of a text, a BCP-47 tag in canonical letter case: `en`, `zh-Hant`, `pt-BR`.
///
/// Well-formedness is that of RFC 5646 §2.1, without the irregular tags that it grandfathers. A language with two
/// codes, or a newer one, has the code in use in the canonical form (§4.5): `he` for `iw`, `yue` for `zh-yue`.
package struct LanguageTag: Hashable, Sendable, CustomStringConvertible {
  /// The longest tag, in characters.
  private static let lengthMax = 100

  /// The tag.
  package let description: String

  /// Whether language, script and region are registered. Variants, extensions and what is for private use are taken as
  /// they are.
  package let isRegistered: Bool

  /// Reads a tag in any letter case; nil if it is malformed.
  package init?(_ text: some StringProtocol) {
    let bytes = text.utf8
    guard bytes.count <= Self.lengthMax, bytes.allSatisfy({ $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") })
    else { return nil }
    var subtags = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)[...]
    var canonical: [String] = []
    guard Self.takeLanguage(&subtags, &canonical) else { return nil }
    Self.takeScriptAndRegion(&subtags, &canonical)
    guard Self.takeVariants(&subtags, &canonical), Self.takeExtensions(&subtags, &canonical), subtags.isEmpty else {
      return nil
    }
    Self.replaceAlias(&canonical)
    description = canonical.joined(separator: "-")
    isRegistered = Self.isRegistered(canonical)
  }

  /// The registered tag that one which is not, or not well-formed, most likely stands for; nil if none is near.
  static func suggestion(for text: String) -> String? {
    let parts = text.replacing("_", with: "-").split(separator: "-", omittingEmptySubsequences: false)
    guard let first = parts.first else { return nil }
    let alias = CodeTable.languageAliases.row(first.lowercased()).map { [$0[1]] } ?? [first]
    guard let tag = LanguageTag((alias + parts.dropFirst()).joined(separator: "-")), tag.isRegistered,
      tag.description != text
    else { return nil }
    return tag.description
  }

  /// RFC 5646 §4.5: a language by its preferred code. One that is merely too long is no tag, and not replaced.
  private static func replaceAlias(_ canonical: inout [String]) {
    for count in [2, 1] where canonical.count >= count {
      let language = canonical.prefix(count).joined(separator: "-")
      if let alias = CodeTable.languageAliases.row(language), alias[2] == "deprecated" {
        canonical.replaceSubrange(0..<count, with: [String(alias[1])])
        return
      }
    }
  }

  private static func isRegistered(_ canonical: [String]) -> Bool {
    guard var language = canonical.first, language != "x" else { return true }
    var rest = canonical.dropFirst()
    if language.utf8.count == 3, ("qaa"..."qtz").contains(language) { language = "und" }
    guard CodeTable.languages.contains(language) else { return false }
    if let script = rest.first, script.utf8.count == 4, isAlpha(script[...]) {
      guard CodeTable.scripts.contains(script.lowercased()) || ("Qaaa"..."Qabx").contains(script) else { return false }
      rest.removeFirst()
    }
    guard let region = rest.first else { return true }
    // An extended language that is left here is one whose language is not known to have it.
    if region.utf8.count == 3, isAlpha(region[...]) { return false }
    if region.utf8.count == 2 { return CodeTable.regions.contains(region) }
    guard region.utf8.count == 3 else { return true }
    // Areas have numbers in tags, countries have letters.
    return CodeTable.areas.contains(region) && !CodeTable.regions.rows.contains { $0[2] == region }
  }

  private typealias Subtags = ArraySlice<Substring>

  /// `language = 2*3ALPHA ["-" extlang] / 4*8ALPHA`, or nothing before a private use subtag.
  private static func takeLanguage(_ subtags: inout Subtags, _ canonical: inout [String]) -> Bool {
    guard let first = subtags.first else { return false }
    if first == "x" { return subtags.count > 1 }
    guard isAlpha(first), (2...8).contains(first.utf8.count) else { return false }
    canonical.append(String(subtags.removeFirst()))
    guard first.utf8.count <= 3 else { return true }
    for _ in 0..<3 {
      guard let next = subtags.first, isAlpha(next), next.utf8.count == 3 else { break }
      canonical.append(String(subtags.removeFirst()))
    }
    return true
  }

  /// `script = 4ALPHA`, written `Hant`; `region = 2ALPHA / 3DIGIT`, written `BR`.
  private static func takeScriptAndRegion(_ subtags: inout Subtags, _ canonical: inout [String]) {
    if let next = subtags.first, isAlpha(next), next.utf8.count == 4 {
      canonical.append(next.prefix(1).uppercased() + next.dropFirst())
      subtags.removeFirst()
    }
    if let next = subtags.first, isAlpha(next) && next.utf8.count == 2 || isNumeric(next) && next.utf8.count == 3 {
      canonical.append(next.uppercased())
      subtags.removeFirst()
    }
  }

  /// `variant = 5*8alphanum / (DIGIT 3alphanum)`; none may be repeated.
  private static func takeVariants(_ subtags: inout Subtags, _ canonical: inout [String]) -> Bool {
    var seen: Set<Substring> = []
    while let next = subtags.first,
      (5...8).contains(next.utf8.count) || next.utf8.count == 4 && next.utf8.first?.isDigit == true
    {
      guard seen.insert(next).inserted else { return false }
      canonical.append(String(subtags.removeFirst()))
    }
    return true
  }

  /// `extension = singleton 1*("-" (2*8alphanum))`; `privateuse = "x" 1*("-" (1*8alphanum))`, which ends the tag.
  private static func takeExtensions(_ subtags: inout Subtags, _ canonical: inout [String]) -> Bool {
    var seen: Set<Substring> = []
    while let singleton = subtags.first, singleton.utf8.count == 1 {
      guard seen.insert(singleton).inserted else { return false }
      let isPrivate = singleton == "x"
      canonical.append(String(subtags.removeFirst()))
      let values = subtags.prefix { ((isPrivate ? 1 : 2)...8).contains($0.utf8.count) }
      guard !values.isEmpty else { return false }
      canonical += values.map(String.init)
      subtags.removeFirst(values.count)
    }
    return true
  }

  private static func isAlpha(_ subtag: Substring) -> Bool { subtag.utf8.allSatisfy(\.isLetter) }
  private static func isNumeric(_ subtag: Substring) -> Bool { subtag.utf8.allSatisfy(\.isDigit) }
}
