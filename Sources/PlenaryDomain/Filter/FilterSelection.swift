internal import PlenaryStore
internal import ProtobufRuntime

/// What the store finds in its indexes: the records for which one of some conditions holds.
struct FilterSelection: Sendable {
  /// The most conditions that one selection has; what would need more is found by whether there is a value at all.
  static let alternativeCountMax = 256

  /// One of the conditions.
  struct Alternative: Sendable {
    /// What the store is asked.
    let condition: Query.Condition

    /// The path of the index.
    let path: String

    /// The condition in words.
    let text: String
  }

  /// The conditions.
  let alternatives: [Alternative]

  /// Whether the records found are just those for which the part of the filter holds; else there are more.
  let isExact: Bool

  /// The values at an index that are one of some texts.
  static func oneOf(_ texts: Set<String>, in index: PathIndex) -> FilterSelection {
    guard texts.count <= alternativeCountMax else {
      let range: IndexRange = index.path.isRepeated ? .all : .above(.unset)
      let condition = Query.Condition(index.field, .within(range))
      return FilterSelection(
        alternatives: [.init(condition: condition, path: index.path.text, text: "\(index.path.text):*")],
        isExact: false)
    }
    return FilterSelection(
      alternatives: texts.sorted().compactMap { text in
        index.form.indexValue(.string(text)).map {
          .init(
            condition: .init(index.field, .equals($0)), path: index.path.text, text: "\(index.path.text) = \(text)")
        }
      }, isExact: true)
  }

  /// What one comparison selects; nil if no index answers it.
  init?(_ test: FieldTest, text: String, kind: Kind, includesDeleted: Bool) {
    guard let index = kind.indexes.first(where: { $0.path.text == test.path.text }),
      // The state of a deleted record is not the one in the index.
      test.path.text != "state" || !includesDeleted, let found = Self.test(test.test, index)
    else { return nil }
    self.init(
      alternatives: [.init(condition: .init(index.field, found.test), path: index.path.text, text: text)],
      isExact: found.isExact)
  }

  /// A selection by conditions.
  init(alternatives: [Alternative], isExact: Bool) {
    self.alternatives = alternatives
    self.isExact = isExact
  }

  private static func test(_ test: FieldTest.Test, _ index: PathIndex) -> (test: Query.Test, isExact: Bool)? {
    switch test {
    case .isSet:
      (.within(index.path.isRepeated ? .all : .above(.unset)), true)
    case .text(let comparator, let text):
      Self.text(comparator, text, index)
    case .pattern(let pattern, true):
      prefix(pattern, index)
    case .number(let comparator, let number):
      Self.number(comparator, number, index)
    case .date(let comparison, let date):
      Self.date(comparison, date)
    default:
      nil
    }
  }

  private static func text(
    _ comparator: FilterComparator, _ text: String, _ index: PathIndex
  ) -> (test: Query.Test, isExact: Bool)? {
    guard let value = index.form.indexValue(.string(text)) else { return nil }
    let isWhole = text.utf8.count < ComparisonForm.indexedTextByteCountMax
    if [.equal, .has].contains(comparator) { return (.equals(value), isWhole) }
    guard isWhole, let range = comparator.range(value) else { return nil }
    return (.within(range.intersection(.above(.unset))), true)
  }

  /// What begins with the first piece of a pattern.
  private static func prefix(_ pattern: WildcardPattern, _ index: PathIndex) -> (test: Query.Test, isExact: Bool)? {
    guard !pattern.ignoresCase, let first = pattern.pieces.first, !first.isEmpty,
      first.count < ComparisonForm.indexedTextByteCountMax
    else { return nil }
    let value = IndexValue.string(String(decoding: first, as: UTF8.self)).bytes.dropLast()
    let range = IndexRange(lower: Array(value), upper: value + [0xFF])
    return (.within(range), pattern.pieces.count == 2 && pattern.pieces[1].isEmpty)
  }

  private static func number(
    _ comparator: FilterComparator, _ number: Double, _ index: PathIndex
  ) -> (test: Query.Test, isExact: Bool)? {
    guard index.form == .enumeration || index.form == .integer, number > 0,
      let value = Int64(exactly: number).map({ IndexValue.integer($0) }), let range = comparator.range(value)
    else { return nil }
    // Nothing is indexed for 0, which the comparisons with a lower bound of more than 0 do not hold for.
    guard [.equal, .has, .greater, .greaterOrEqual].contains(comparator) else { return nil }
    return ([.equal, .has].contains(comparator) ? .equals(value) : .within(range), true)
  }

  /// Dates stand in the index by their first days; what depends on last days is looked up as well.
  private static func date(
    _ comparison: PartialDate.Comparison, _ date: PartialDate
  ) -> (test: Query.Test, isExact: Bool)? {
    switch comparison {
    case .equal:
      return (.equals(value(date)), true)
    case .greaterOrEqual:
      return from(date.firstDay).map { (.within($0), true) }
    case .greater:
      return from(date.lastDay.next).map { (.within($0), true) }
    case .less, .lessOrEqual:
      return (.within(through(date.lastDay)), false)
    }
  }

  private static func value(_ date: PartialDate) -> IndexValue {
    .date(year: date.year, month: date.month, day: date.day)
  }

  /// The dates that begin on a day or later; nil if the calendar ends before it.
  private static func from(_ day: CivilDay) -> IndexRange? {
    PartialDate.coarsest(beginning: day).map { .from(value($0)) }
  }

  /// The dates that begin on a day or before.
  private static func through(_ day: CivilDay) -> IndexRange {
    let last = day.date
    return IndexRange.through(.date(year: last.year, month: last.month, day: last.day))
      .intersection(.above(.unset))
  }
}

extension FilterComparator {
  /// The run of index values that compare so to a value; nil for `!=`.
  fileprivate func range(_ value: IndexValue) -> IndexRange? {
    switch self {
    case .equal, .has: .equal(to: value)
    case .less: .below(value)
    case .lessOrEqual: .through(value)
    case .greater: .above(value)
    case .greaterOrEqual: .from(value)
    case .notEqual: nil
    }
  }
}
