internal import Foundation
internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Understands a filter: finds its fields, reads its values, and gives to the indexes what they can answer.
struct FilterCompiler {
  /// The kind whose records are filtered.
  let kind: Kind

  /// The day of the read, in UTC.
  let today: CivilDay

  /// Whether deleted records are among them, whose state is not the one in the index.
  let includesDeleted: Bool

  /// The themes below those that the filter names.
  var narrowerThemes: [String: Set<String>] = [:]

  /// A filter that is understood: steps that must all hold.
  struct Filter: Sendable {
    /// The steps.
    var steps: [Step] = []

    /// Whether no index narrows down the records, so that every one of the kind has to be looked at.
    var isScan: Bool {
      steps.contains { $0.predicate != nil } && steps.allSatisfy { $0.selections.isEmpty && $0.search == nil }
    }

    /// The words that every record has, for the search index; nil if the filter asks for none.
    var search: SearchQuery? {
      let queries = steps.compactMap(\.search)
      return queries.isEmpty ? nil : SearchQuery(all: queries)
    }

    /// What is left to be looked up in each record; nil if that is nothing.
    var predicate: FilterPredicate? {
      let parts = steps.compactMap(\.predicate)
      return parts.isEmpty ? nil : .all(parts)
    }
  }

  /// One of the parts of a filter that must all hold.
  struct Step: Sendable {
    /// The part as it was understood.
    let text: String

    /// What the store finds in its indexes; a record must be in each.
    let selections: [FilterSelection]

    /// What is left to be looked up in each record; nil if the indexes tell all.
    let predicate: FilterPredicate?

    /// The words that it looks for, if that is all it does.
    var search: SearchQuery? {
      if case .search(let match, _)? = predicate { match.query } else { nil }
    }
  }

  /// A part of a filter that is understood.
  private struct Part {
    let predicate: FilterPredicate
    var selections: [FilterSelection] = []

    /// Whether what is selected is just what the predicate holds for.
    var isExact: Bool { !selections.isEmpty && selections.allSatisfy(\.isExact) }
  }

  /// Understands a filter.
  /// - Throws: `filterSyntax`, `filterFieldUnknown`, `tlpLabelInvalid`.
  func compile(_ expression: FilterExpression) throws(DomainError) -> Filter {
    var filter = Filter()
    for part in Self.conjuncts(of: expression) {
      let compiled = try compiled(part)
      filter.steps.append(
        Step(
          text: part.description, selections: compiled.selections,
          predicate: compiled.isExact ? nil : compiled.predicate))
    }
    return filter
  }

  /// The parts that must all hold, whatever parentheses they stand in.
  private static func conjuncts(of expression: FilterExpression) -> [FilterExpression] {
    guard case .all(let parts) = expression else { return [expression] }
    return parts.flatMap(conjuncts)
  }

  private func compiled(_ expression: FilterExpression) throws(DomainError) -> Part {
    switch expression {
    case .all(let parts):
      let compiled = try compiled(parts)
      // Where one part is found by no index, those of the others are not all that there is to it.
      let isExact = compiled.allSatisfy(\.isExact)
      let selections = compiled.flatMap(\.selections).map {
        FilterSelection(alternatives: $0.alternatives, isExact: $0.isExact && isExact)
      }
      return Part(predicate: .all(compiled.map(\.predicate)), selections: selections)
    case .any(let parts):
      let compiled = try compiled(parts)
      return Part(predicate: .any(compiled.map(\.predicate)), selections: Self.union(compiled))
    case .not(let part):
      return Part(predicate: .not(try compiled(part).predicate))
    case .restriction(let restriction):
      if let condition = kind.conditions.first(where: { [$0.name] == restriction.path }) {
        return try compiled(condition.expression(restriction, on: today))
      }
      let path = try path(of: restriction)
      let test = FieldTest(path: path, test: try test(restriction, path))
      let selection = FilterSelection(
        test, text: restriction.description, kind: kind, includesDeleted: includesDeleted)
      return Part(predicate: .test(test), selections: selection.map { [$0] } ?? [])
    case .call(let call):
      let found = try function(call)
      return Part(predicate: found.predicate, selections: found.selections)
    case .literal(let value):
      try checkPattern(value)
      let pieces = value.pieces.map(\.precomposedStringWithCanonicalMapping)
      return Part(predicate: .mention(WildcardPattern([""] + pieces + [""], ignoringCase: true)))
    }
  }

  private func compiled(_ parts: [FilterExpression]) throws(DomainError) -> [Part] {
    var results: [Part] = []
    for part in parts { results.append(try compiled(part)) }
    return results
  }

  /// What is found by one or another of some parts; nothing if one of them is found by no index.
  private static func union(_ parts: [Part]) -> [FilterSelection] {
    let chosen = parts.compactMap { part in
      part.selections.min { $0.alternatives.count < $1.alternatives.count }
    }
    let alternatives = chosen.flatMap(\.alternatives)
    guard chosen.count == parts.count, alternatives.count <= FilterSelection.alternativeCountMax else { return [] }
    let isExact = parts.allSatisfy { $0.isExact && $0.selections.count == 1 }
    return [FilterSelection(alternatives: alternatives, isExact: isExact)]
  }
}

extension FilterCompiler {
  private func path(of restriction: FilterRestriction) throws(DomainError) -> ValuePath {
    var names = restriction.path
    // Texts are kept by languages in canonical form.
    for index in names.indices.dropFirst() where Self.languageMaps.contains(names[index - 1]) {
      names[index] = LanguageTag(names[index])?.description ?? names[index]
    }
    do {
      return try ValuePath(names, in: kind.message.descriptor)
    } catch {
      let field = restriction.path.joined(separator: ".").clipped
      let candidates = error.candidates + (error.index == 0 ? kind.conditions.map(\.name) : [])
      let suggestion = Suggestion.closest(to: names[error.index], among: candidates)
      var metadata = ["field": field]
      metadata["suggestion"] = suggestion
      throw .filter(
        .filterFieldUnknown,
        "a \(kind.noun) has no field `\(field)`" + (suggestion.map { "; did you mean `\($0)`?" } ?? ""),
        at: restriction.pathPosition, metadata: metadata)
    }
  }

  private static let languageMaps: Set = ["values", "origins"]

  private func test(_ restriction: FilterRestriction, _ path: ValuePath) throws(DomainError) -> FieldTest.Test {
    let argument = restriction.argument
    let comparator = restriction.comparator
    if comparator == .has, argument.isStar { return .isSet }
    if case .map = path.valueType {
      guard comparator == .has, !argument.isPattern else {
        throw invalid(restriction, "`\(path.text)` is a map; ask for a key of it with `:`, or compare the value of one")
      }
      let isLanguage = Self.languageMaps.contains(path.field.name)
      return .key(isLanguage ? LanguageTag(argument.text)?.description ?? argument.text : argument.text)
    }
    guard !path.isRepeated || comparator == .has else {
      throw invalid(restriction, "`\(path.text)` can have several values; ask for one of them with `:`")
    }
    let form = ComparisonForm(path)
    if argument.isPattern { return try pattern(restriction, form) }
    switch form {
    case .text: return .text(comparator, argument.text.precomposedStringWithCanonicalMapping)
    case .code(let code):
      guard let canonical = code.canonical(argument.text) else {
        throw notA(code.rule, restriction, suggestion: code.suggestion(for: argument.text))
      }
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
      let date = try self.date(argument)
      return comparator.dateComparison.map { .date($0, date) } ?? .dateOtherThan(date)
    case .time: return try time(restriction)
    case .opaque:
      throw invalid(restriction, "`\(path.text)` is not a single value; compare one of its fields, or ask `:*`")
    }
  }

  /// Wildcards are for text, and text is either like a pattern or not.
  private func pattern(_ restriction: FilterRestriction, _ form: ComparisonForm) throws(DomainError) -> FieldTest.Test {
    guard [.equal, .notEqual, .has].contains(restriction.comparator) else {
      throw invalid(
        restriction, "with `*` in it a value is compared with =, != or `:`; write `\\*` for the sign itself")
    }
    try checkPattern(restriction.argument)
    let pieces = restriction.argument.pieces.map(\.precomposedStringWithCanonicalMapping)
    let isWanted = restriction.comparator != .notEqual
    switch form {
    case .text: return .pattern(WildcardPattern(pieces), isWanted: isWanted)
    case .code: return .pattern(WildcardPattern(pieces, ignoringCase: true), isWanted: isWanted)
    case .symbol:
      let keys = pieces.map { $0.uppercased().filter { $0 != " " } }
      return .pattern(WildcardPattern(keys), isWanted: isWanted)
    default:
      throw invalid(restriction, "`*` stands for any text, and this is not a field of text")
    }
  }

  private func checkPattern(_ value: FilterValue) throws(DomainError) {
    let max = WildcardPattern.byteCountMax
    guard value.text.utf8.count <= max else {
      throw .filterSyntax(
        "what is looked for within texts has at most \(max) bytes", at: value.position, metadata: ["max": "\(max)"])
    }
  }

  /// The date that a value says.
  func date(_ value: FilterValue) throws(DomainError) -> PartialDate {
    guard let date = PartialDate(value.text) else {
      throw notA("a date written as 2017, 2017-05 or 2017-05-29", value)
    }
    return date
  }

  private func enumeration(_ restriction: FilterRestriction, _ path: ValuePath) throws(DomainError) -> Int32 {
    guard case .enumeration(let type) = path.valueType else { preconditionFailure("the form says it is an enum") }
    let text = restriction.argument.text
    if let number = type.descriptor.number(named: text) { return number }
    if type == PlenaryAPI.Marking.Label.self, text.uppercased().hasPrefix("TLP:") {
      return try label(restriction.argument)
    }
    let names = type.descriptor.values.dropFirst().map(\.name)
    let suggestion = Suggestion.closest(to: text, among: names)
    let hint = suggestion.map { "did you mean \($0)?" } ?? "it is one of \(names.joined(separator: ", "))"
    throw invalid(
      restriction, "`\(text.clipped)` is no value of `\(path.text)`; \(hint)", suggestion: suggestion)
  }

  private func label(_ value: FilterValue) throws(DomainError) -> Int32 {
    do {
      return try TLPLabel.label(value.text, field: "filter").rawValue
    } catch {
      throw .filter(
        error.reason, error.violations.first?.message ?? error.message, at: value.position, metadata: error.metadata)
    }
  }

  private func time(_ restriction: FilterRestriction) throws(DomainError) -> FieldTest.Test {
    // Unquoted, the colons of a time would be comparators, so a time is always quoted.
    guard let date = try? Date(restriction.argument.text, strategy: .iso8601) else {  // Any failure is the caller's.
      throw notA("a time in quotation marks, written as \"2018-11-07T09:00:00Z\"", restriction)
    }
    return .time(restriction.comparator, seconds: Int64(date.timeIntervalSince1970.rounded(.down)), nanos: 0)
  }

  private func notA(_ what: String, _ restriction: FilterRestriction, suggestion: String? = nil) -> DomainError {
    notA(what, restriction.argument, suggestion: suggestion)
  }

  /// What to say about a value that is not what it should be.
  func notA(_ what: String, _ value: FilterValue, suggestion: String? = nil) -> DomainError {
    let hint = suggestion.map { "; did you mean `\($0)`?" } ?? ""
    var metadata = ["value": value.text.clipped]
    metadata["suggestion"] = suggestion
    return .filterSyntax("`\(value.text.clipped)` is not \(what)\(hint)", at: value.position, metadata: metadata)
  }

  private func invalid(
    _ restriction: FilterRestriction, _ message: String, suggestion: String? = nil
  ) -> DomainError {
    var metadata = ["value": restriction.argument.text.clipped]
    metadata["suggestion"] = suggestion
    return .filterSyntax(message, at: restriction.argument.position, metadata: metadata)
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
}
