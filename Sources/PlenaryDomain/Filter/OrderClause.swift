/// One field of an `order_by`, as it was written.
package struct OrderClause: Hashable, Sendable {
  /// The path of the field.
  package let path: String

  /// Whether the greatest value comes first.
  package let isDescending: Bool

  /// The most fields in an order.
  private static let countMax = 8

  /// The longest order, in bytes.
  package static let byteCountMax = 1024

  /// Reads an order of AIP-132: `start_date desc, ordinal`; an empty one has no fields.
  package static func parse(_ text: String) throws(DomainError) -> [OrderClause] {
    guard text.utf8.count <= byteCountMax else {
      throw DomainError(
        .init(
          "order_by", .textTooLong, "it has \(text.utf8.count) bytes; an order has at most \(byteCountMax)",
          metadata: ["max": "\(byteCountMax)"]))
    }
    guard !text.allSatisfy(\.isWhitespace) else { return [] }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count <= countMax else { throw invalid(text, "it has more than \(countMax) fields") }
    var clauses: [OrderClause] = []
    for part in parts {
      let words = part.split(whereSeparator: \.isWhitespace)
      guard let path = words.first, words.count == 1 || words.count == 2 && ["asc", "desc"].contains(words[1]) else {
        throw invalid(text, "`\(part)` is not a field, perhaps with ` desc` after it")
      }
      guard !clauses.contains(where: { $0.path == path }) else { throw invalid(text, "`\(path)` stands in it twice") }
      clauses.append(OrderClause(path: String(path), isDescending: words.last == "desc"))
    }
    return clauses
  }

  private static func invalid(_ text: String, _ problem: String) -> DomainError {
    DomainError(
      .init(
        "order_by", .filterSyntax,
        "`\(text.clipped)` is not an order: \(problem); write it as `start_date desc,ordinal`",
        metadata: ["value": text.clipped]))
  }
}
