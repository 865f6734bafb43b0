/// The symbol of a document, such as `S/RES/2129 (2013)`.
package struct MandateSymbol: Hashable, Sendable {
  /// The symbol in canonical form: one space before a parenthesis and no other, and its series in capitals.
  package let canonical: String

  /// What symbols are compared by: capitals without spaces.
  package let key: String

  /// The year in parentheses at the end; nil if it has none.
  package let year: Int?

  /// The longest symbol, in bytes; that of a document with many parts has less than half as many.
  private static let byteCountMax = 200

  /// Reads a symbol in any letter case, with or without spaces; nil if it is not one.
  package init?(_ text: String) {
    guard text.utf8.count <= Self.byteCountMax else { return nil }
    let compact = text.filter { $0 != " " }
    let body = compact.prefix { $0 != "(" }
    let segments = body.split(separator: "/", omittingEmptySubsequences: false)
    guard segments.count >= 2, segments.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isAllowed) }) else {
      return nil
    }
    let parenthesis = compact.dropFirst(body.count)
    if parenthesis.isEmpty {
      year = nil
    } else {
      guard parenthesis.hasSuffix(")"), let date = PartialDate(parenthesis.dropFirst().dropLast()), date.month == 0
      else { return nil }
      year = date.year
    }
    key = compact.uppercased()
    // The parts of a document, as in `/Add.1`, are the only ones not written in capitals.
    let series = segments.map { $0.contains(".") ? String($0).capitalizedASCII : $0.uppercased() }
    canonical = series.joined(separator: "/") + (parenthesis.isEmpty ? "" : " " + parenthesis)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    byte.isLetter || byte.isDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
  }
}

extension String {
  /// The first character in upper case, the others in lower case.
  fileprivate var capitalizedASCII: String { prefix(1).uppercased() + dropFirst().lowercased() }
}
