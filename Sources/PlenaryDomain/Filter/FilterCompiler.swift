internal import Foundation
internal import PlenaryStore
internal import ProtobufRuntime

/// Understands the comparisons of a filter: finds their fields, reads their values, and gives to the index what it can
/// answer.
struct FilterCompiler {
  /// The kind whose records are filtered.
  let kind: Kind

  /// Whether deleted records are among them, whose state is not the one in the index.
  let includesDeleted: Bool

  /// A filter that is understood.
  struct Filter: Sendable {
    /// What the store answers from its index.
    var conditions: [Query.Condition] = []

    /// What is left to be looked up in each record.
    var predicates: [FilterPredicate] = []
  }

  /// Understands a filter.
  /// - Throws: `filterSyntax`, `filterFieldUnknown`.
  func compile(_ text: String) throws(DomainError) -> Filter {
    var filter = Filter()
    for restriction in try FilterParser.parse(text) {
      let path = try path(of: restriction)
      let predicate = FilterPredicate(path: path, test: try test(restriction, path))
      let condition = condition(for: predicate)
      if let condition { filter.conditions.append(condition.condition) }
      if condition?.isExact != true { filter.predicates.append(predicate) }
    }
    return filter
  }

  private func path(of restriction: FilterRestriction) throws(DomainError) -> ValuePath {
    do {
      return try ValuePath(restriction.path, in: kind.message.descriptor)
    } catch {
      let name = restriction.path[error.index]
      let suggestion = Suggestion.closest(to: name, among: error.candidates)
      var metadata = ["field": restriction.path.joined(separator: "."), "position": "\(restriction.pathPosition)"]
      metadata["suggestion"] = suggestion
      throw DomainError(
        .init(
          "filter", .filterFieldUnknown,
          "a \(kind.noun) has no field `\(restriction.path.joined(separator: "."))`"
            + (suggestion.map { "; did you mean `\($0)`?" } ?? ""),
          metadata: metadata))
    }
  }

  private func test(_ restriction: FilterRestriction, _ path: ValuePath) throws(DomainError) -> FilterPredicate.Test {
    let argument = restriction.argument
    if restriction.comparator == .has, argument.text == "*", !argument.isQuoted { return .isSet }
    guard !path.isRepeated || restriction.comparator == .has else {
      throw invalid(restriction, "`\(path.text)` can have several values; ask for one of them with `:`")
    }
    guard argument.isQuoted || !argument.text.contains("*") else {
      throw invalid(restriction, "wildcards are not understood; put the value in quotation marks if it has a *")
    }
    let comparator = restriction.comparator
    switch ComparisonForm(path) {
    case .text: return .text(comparator, argument.text.precomposedStringWithCanonicalMapping)
    case .code(let code):
      guard let canonical = code.canonical(argument.text) else { throw notA(code.rule, restriction) }
      return .text(comparator, canonical)
    case .symbol:
      guard let symbol = MandateSymbol(argument.text) else {
        throw notA("the symbol of a document such as `S/RES/2129 (2013)`", restriction)
      }
      return .text(comparator, symbol.key)
    case .integer:
      guard let number = Int64(argument.text) else { throw notA("a whole number", restriction) }
      return .number(comparator, Double(number))
    case .number:
      guard let number = Double(argument.text), number.isFinite else { throw notA("a number", restriction) }
      return .number(comparator, number)
    case .boolean:
      guard ["true", "false"].contains(argument.text) else { throw notA("true or false", restriction) }
      return .number(comparator, argument.text == "true" ? 1 : 0)
    case .enumeration: return .number(comparator, Double(try enumeration(restriction, path)))
    case .date:
      guard let date = PartialDate(argument.text) else {
        throw notA("a date written as 2017, 2017-05 or 2017-05-29", restriction)
      }
      return comparator.dateComparison.map { .date($0, date) } ?? .dateOtherThan(date)
    case .time: return try time(restriction)
    case .opaque:
      throw invalid(restriction, "`\(path.text)` is not a single value; compare one of its fields, or ask `:*`")
    }
  }

  private func enumeration(_ restriction: FilterRestriction, _ path: ValuePath) throws(DomainError) -> Int32 {
    guard case .enumeration(let type) = path.valueType else { preconditionFailure("the form says it is an enum") }
    if let number = type.descriptor.number(named: restriction.argument.text) { return number }
    let names = type.descriptor.values.dropFirst().map(\.name)
    let suggestion = Suggestion.closest(to: restriction.argument.text, among: names)
    let hint = suggestion.map { "did you mean \($0)?" } ?? "it is one of \(names.joined(separator: ", "))"
    throw invalid(
      restriction, "`\(restriction.argument.text.clipped)` is no value of `\(path.text)`; \(hint)",
      suggestion: suggestion)
  }

  private func time(_ restriction: FilterRestriction) throws(DomainError) -> FilterPredicate.Test {
    // Unquoted, the colons of a time would be comparators, so a time is always quoted.
    guard let date = try? Date(restriction.argument.text, strategy: .iso8601) else {  // Any failure is the caller's.
      throw notA("a time in quotation marks, written as \"2018-11-07T09:00:00Z\"", restriction)
    }
    return .time(restriction.comparator, seconds: Int64(date.timeIntervalSince1970.rounded(.down)), nanos: 0)
  }

  private func notA(_ what: String, _ restriction: FilterRestriction) -> DomainError {
    invalid(restriction, "`\(restriction.argument.text.clipped)` is not \(what)")
  }

  private func invalid(
    _ restriction: FilterRestriction, _ message: String, suggestion: String? = nil
  ) -> DomainError {
    var metadata = ["value": restriction.argument.text.clipped]
    metadata["suggestion"] = suggestion
    return .filterSyntax(message, at: restriction.argumentPosition, metadata: metadata)
  }
}

extension FilterCompiler {
  /// What the store can answer from its index, and whether that is all there is to the comparison.
  private func condition(for predicate: FilterPredicate) -> (condition: Query.Condition, isExact: Bool)? {
    guard let index = kind.indexes.first(where: { $0.path.text == predicate.path.text }) else { return nil }
    if predicate.path.text == "state", includesDeleted { return nil }
    switch predicate.test {
    case .text(.equal, let text), .text(.has, let text):
      guard let value = index.form.indexValue(.string(text)) else { return nil }
      let isWhole = text.utf8.count < ComparisonForm.indexedTextByteCountMax
      return (.init(index.field, .equals(value)), isWhole)
    case .number(let comparator, let number) where index.form == .enumeration || index.form == .integer:
      guard number != 0, let value = Int64(exactly: number).map({ IndexValue.integer($0) }) else { return nil }
      guard let range = comparator.range(value) else { return nil }
      // Nothing is indexed for 0, which the comparisons with a lower bound of more than 0 do not hold for.
      guard number > 0, [.equal, .has, .greater, .greaterOrEqual].contains(comparator) else { return nil }
      let test: Query.Test = [.equal, .has].contains(comparator) ? .equals(value) : .within(range)
      return (.init(index.field, test), true)
    case .date(let comparison, let date):
      return condition(index, comparison, date)
    default:
      return nil
    }
  }

  /// Dates stand in the index by their first days; what depends on last days is looked up as well.
  private func condition(
    _ index: PathIndex, _ comparison: PartialDate.Comparison, _ date: PartialDate
  ) -> (condition: Query.Condition, isExact: Bool)? {
    func value(_ date: PartialDate) -> IndexValue { .date(year: date.year, month: date.month, day: date.day) }
    switch comparison {
    case .equal:
      return (.init(index.field, .equals(value(date))), true)
    case .greaterOrEqual:
      guard let bound = PartialDate.coarsest(beginning: date.firstDay) else { return nil }
      return (.init(index.field, .within(.from(value(bound)))), true)
    case .greater:
      guard let bound = PartialDate.coarsest(beginning: date.lastDay.next) else { return nil }
      return (.init(index.field, .within(.from(value(bound)))), true)
    case .less, .lessOrEqual:
      let last = date.lastDay.date
      let bound = IndexRange.through(.date(year: last.year, month: last.month, day: last.day))
      return (.init(index.field, .within(bound.intersection(.above(.unset)))), false)
    }
  }
}

extension FilterComparator {
  /// How dates are compared; nil for `!=`.
  fileprivate var dateComparison: PartialDate.Comparison? {
    switch self {
    case .equal, .has: .equal
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    case .notEqual: nil
    }
  }

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
