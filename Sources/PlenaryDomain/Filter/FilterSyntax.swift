/// The comparators of AIP-160.
package enum FilterComparator: String, CaseIterable, Sendable {
  // The longer ones first: the lexer takes the first that fits.
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case notEqual = "!="
  case less = "<"
  case greater = ">"
  case equal = "="
  /// On a list: one of its elements is equal. On a map: it has the key. On anything, with `*`: it is set.
  case has = ":"
}

/// A filter as it was written: what holds for the records that it selects.
package indirect enum FilterExpression: Hashable, Sendable {
  /// All of these hold; with none of them, everything does.
  case all([FilterExpression])
  /// One of these holds.
  case any([FilterExpression])
  /// This does not hold.
  case not(FilterExpression)
  /// A field compares so.
  case restriction(FilterRestriction)
  /// A function is true.
  case call(FilterCall)
  /// Some text of the record has this in it.
  case literal(FilterValue)
}

/// A value as it was written.
package struct FilterValue: Hashable, Sendable {
  /// What stands between the `*` that stand for anything; one piece if there is none.
  package let pieces: [String]

  /// Whether it stood within quotation marks.
  package let isQuoted: Bool

  /// Where it is written, in characters from 0.
  package let position: Int

  /// The value as one text.
  package var text: String { pieces.joined(separator: "*") }

  /// Whether it has a `*` that stands for anything.
  package var isPattern: Bool { pieces.count > 1 }

  /// Whether it is a `*` alone.
  var isStar: Bool { pieces == ["", ""] && !isQuoted }
}

/// One comparison of a filter, as it was written.
package struct FilterRestriction: Hashable, Sendable {
  /// The field, as the names on the way to it; a name in quotation marks may be the key of a map.
  package let path: [String]

  /// Where the field is written, in characters from 0.
  package let pathPosition: Int

  /// How it is compared.
  package let comparator: FilterComparator

  /// What it is compared with.
  package let argument: FilterValue
}

/// A call of a function, as it was written.
package struct FilterCall: Hashable, Sendable {
  /// The name of the function.
  package let name: String

  /// Where the call is written, in characters from 0.
  package let position: Int

  /// What it is given.
  package let arguments: [FilterValue]
}

extension FilterExpression: CustomStringConvertible {
  /// The filter with everything in its place: AND and OR written out, groups in parentheses.
  package var description: String { text(within: false) }

  private func text(within group: Bool) -> String {
    switch self {
    case .all(let parts): joined(parts, " AND ", group)
    case .any(let parts): joined(parts, " OR ", group)
    case .not(let part): "NOT \(part.text(within: true))"
    case .restriction(let restriction): restriction.description
    case .call(let call): "\(call.name)(\(call.arguments.map(\.description).joined(separator: ", ")))"
    case .literal(let value): value.description
    }
  }

  private func joined(_ parts: [FilterExpression], _ word: String, _ group: Bool) -> String {
    let text = parts.map { $0.text(within: parts.count > 1 || group) }.joined(separator: word)
    return group && parts.count != 1 ? "(\(text))" : text
  }
}

extension FilterRestriction: CustomStringConvertible {
  package var description: String {
    let path = path.map { FilterValue.isPlain($0) ? $0 : "`\($0.putting("`", before: "`"))`" }
    let name = path.joined(separator: ".")
    return comparator == .has ? "\(name):\(argument)" : "\(name) \(comparator.rawValue) \(argument)"
  }
}

extension FilterValue: CustomStringConvertible {
  package var description: String {
    if !isQuoted, isPattern || Self.isPlain(text) { return text }
    let escaped = pieces.map { $0.putting("\\", before: "\\", "\"", "*") }
    return "\"\(escaped.joined(separator: "*"))\""
  }

  /// Whether a text can stand without quotation marks.
  fileprivate static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && !["AND", "OR", "NOT"].contains(text) && !text.hasPrefix("-")
      && text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_/+".unicodeScalars.contains($0))
      }
  }
}

extension String {
  /// The text with a sign before each of some others, whatever marks combine with them.
  fileprivate func putting(_ sign: Unicode.Scalar, before others: Unicode.Scalar...) -> String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if others.contains(scalar) { result.append(sign) }
      result.append(scalar)
    }
    return String(result)
  }
}
