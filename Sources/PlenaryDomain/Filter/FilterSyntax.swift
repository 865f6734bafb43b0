/// The comparators of AIP-160.
package enum FilterComparator: String, CaseIterable, Sendable {
  // The longer ones first: the lexer takes the first that fits.
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case notEqual = "!="
  case less = "<"
  case greater = ">"
  case equal = "="
  /// On a list: one of its elements is equal. On anything, with `*`: it is set.
  case has = ":"
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
  package let argument: Argument

  /// Where that is written, in characters from 0.
  package let argumentPosition: Int

  /// A value to compare with.
  package struct Argument: Hashable, Sendable {
    /// The value.
    package let text: String

    /// Whether it stood within quotation marks, so that `*` in it means itself.
    package let isQuoted: Bool
  }
}
