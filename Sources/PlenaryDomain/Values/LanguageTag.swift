/// The language of a text, a BCP-47 tag in canonical letter case: `en`, `zh-Hant`, `pt-BR`.
///
/// Well-formedness is that of RFC 5646 §2.1, without the irregular tags that it grandfathers; whether the subtags are
/// registered is not looked up.
package struct LanguageTag: Hashable, Sendable, CustomStringConvertible {
  /// The longest tag, in characters.
  private static let lengthMax = 100

  /// The tag.
  package let description: String

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
    description = canonical.joined(separator: "-")
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
