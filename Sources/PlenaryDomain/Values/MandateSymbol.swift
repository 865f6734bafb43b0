/// The symbol of a document, such as `S/RES/2129 (2013)`.
///
/// The series of the Security Council and of the General Assembly are known by their grammar: `S/RES/<n> (<yyyy>)`,
/// `S/PRST/<yyyy>/<n>`, `S/<yyyy>/<n>`, `A/RES/<session>/<n>`, `A/<session>/<n>`, each with `/Rev.n`, `/Add.n` or `/Corr.n`
/// behind it. Of other organs, and other series of these two, it is known that they are segments between slashes.
package struct MandateSymbol: Hashable, Sendable {
  /// The symbol in canonical form: one space before a parenthesis and no other, and its series in capitals.
  package let canonical: String

  /// What symbols are compared by: capitals without spaces.
  package let key: String

  /// The year that the symbol tells; nil if it tells none.
  package let year: Int?

  /// The longest symbol, in bytes; that of a document with many parts has less than half as many.
  private static let byteCountMax = 200

  /// The parts of a document that follow its symbol, the only segments not written in capitals.
  private static let parts = ["Rev", "Add", "Corr"]

  /// Reads a symbol in any letter case, with or without spaces; nil if it is not one.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.byteCountMax else { return nil }
    let compact = text.filter { $0 != " " }
    let body = compact.prefix { $0 != "(" }
    let tail = compact.dropFirst(body.count)
    let parenthesis = tail.prefix { $0 != "/" }
    let segments = body.split(separator: "/", omittingEmptySubsequences: false).map { $0.uppercased() }
    guard segments.count >= 2, segments.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isAllowed) }),
      let inner = Self.parts(in: segments[2...]), let outer = Self.outerParts(tail.dropFirst(parenthesis.count)),
      let stated = Self.year(inParenthesis: parenthesis)
    else { return nil }
    let series = segments.prefix(segments.count - inner.count)
    guard let told = Self.year(of: Array(series), stated.number) else { return nil }
    year = told.number
    let written = series + inner
    canonical =
      written.joined(separator: "/") + (parenthesis.isEmpty ? "" : " " + parenthesis) + outer.map { "/\($0)" }.joined()
    key = canonical.uppercased().filter { $0 != " " }
  }

  /// The year that a part of a symbol tells, or that it rightly tells none.
  private struct Year {
    let number: Int?

    init(_ number: Int?) { self.number = number }
  }

  /// What the grammar of a series says of its year; nil if the segments break it.
  private static func year(of series: [String], _ parenthesis: Int?) -> Year? {
    func number(_ index: Int) -> Int? {
      series.indices.contains(index) && series[index].utf8.allSatisfy(\.isDigit) ? Int(series[index]) : nil
    }
    func isNumber(_ index: Int) -> Bool { number(index) != nil }
    switch (series[0], series[1]) {
    case ("S", "RES"):
      return series.count == 3 && isNumber(2) && parenthesis != nil ? Year(parenthesis) : nil
    case ("S", "PRST"):
      guard series.count == 4, let year = yearNumber(series[2]), isNumber(3), parenthesis == nil else { return nil }
      return Year(year)
    case ("A", "RES"):
      return series.count == 4 && isNumber(2) && isNumber(3) && parenthesis == nil ? Year(nil) : nil
    case ("S", let second) where second.utf8.allSatisfy(\.isDigit):
      guard series.count == 3, let year = yearNumber(second), isNumber(2), parenthesis == nil else { return nil }
      return Year(year)
    case ("A", let second) where second.utf8.allSatisfy(\.isDigit):
      return series.count == 3 && isNumber(2) && parenthesis == nil ? Year(nil) : nil
    default:
      return Year(parenthesis)
    }
  }

  private static func yearNumber(_ text: String) -> Int? {
    guard let date = PartialDate(text), date.month == 0 else { return nil }
    return date.year
  }

  private static func year(inParenthesis text: Substring) -> Year? {
    guard !text.isEmpty else { return Year(nil) }
    guard text.hasSuffix(")"), let year = yearNumber(String(text.dropFirst().dropLast())) else { return nil }
    return Year(year)
  }

  /// The parts at the end of the segments, as they are written; nil if one of them is none.
  private static func parts(in segments: ArraySlice<String>) -> [String]? {
    let parts = segments.drop { !$0.contains(".") }
    let written = parts.compactMap(part)
    return written.count == parts.count ? written : nil
  }

  /// The parts behind a parenthesis.
  private static func outerParts(_ tail: Substring) -> [String]? {
    guard !tail.isEmpty else { return [] }
    let segments = tail.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { $0.uppercased() }
    let written = segments.compactMap(part)
    return written.count == segments.count ? written : nil
  }

  /// `Add.1`; nil for what is no part of a document.
  private static func part(_ segment: String) -> String? {
    let halves = segment.split(separator: ".", omittingEmptySubsequences: false)
    guard halves.count == 2, !halves[1].isEmpty, halves[1].utf8.allSatisfy(\.isDigit),
      let name = parts.first(where: { $0.uppercased() == halves[0] })
    else { return nil }
    return "\(name).\(halves[1])"
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    byte.isLetter || byte.isDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
  }
}
