internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// The functions of filters.
enum FilterFunction: String, CaseIterable {
  /// `under(themes/x)`: themes below that one; of other kinds, what names that theme or one below it.
  case under
  /// `overlaps(2018-01-25, 2018-02-01)`: what has a day in common with these, both included.
  case overlaps
  /// `within_m49("142")`: what has a country or an area in that area.
  case withinM49 = "within_m49"
  /// `search("internet OR \"best practices\"")`: what has these words in its texts.
  case search

  /// How the function is written.
  var example: String {
    switch self {
    case .under: "under(themes/x)"
    case .overlaps: "overlaps(2018-01-25, 2018-02-01)"
    case .withinM49: "within_m49(\"142\")"
    case .search: "search(\"internet\")"
    }
  }

  /// How many arguments it has.
  fileprivate var argumentCount: Int { self == .overlaps ? 2 : 1 }

  /// The function of a call.
  init(_ call: FilterCall) throws(DomainError) {
    guard let function = FilterFunction(rawValue: call.name) else {
      let names = Self.allCases.map(\.rawValue)
      let suggestion = Suggestion.closest(to: call.name, among: names)
      var metadata = ["value": call.name.clipped]
      metadata["suggestion"] = suggestion
      throw .filterSyntax(
        "there is no function `\(call.name.clipped)`"
          + (suggestion.map { "; did you mean `\($0)`?" } ?? "; there are \(names.joined(separator: ", "))"),
        at: call.position, metadata: metadata)
    }
    guard call.arguments.count == function.argumentCount else {
      throw .filterSyntax(
        "`\(function.rawValue)` has \(function.argumentCount) argument(s), as in `\(function.example)`",
        at: call.position)
    }
    self = function
  }
}

extension FilterExpression {
  /// The calls in the filter, in order.
  var calls: [FilterCall] {
    switch self {
    case .all(let parts), .any(let parts): parts.flatMap(\.calls)
    case .not(let part): part.calls
    case .call(let call): [call]
    case .restriction, .literal: []
    }
  }
}

extension FilterCompiler {
  /// What a function tells of the kind's records: what to look up in each, and what the indexes find.
  func function(
    _ call: FilterCall
  ) throws(DomainError) -> (predicate: FilterPredicate, selections: [FilterSelection]) {
    switch try FilterFunction(call) {
    case .under: try under(call)
    case .overlaps: try overlaps(call)
    case .withinM49: try withinM49(call)
    case .search: (try search(call), [])
    }
  }

  /// The words are looked up in each record, the search index tells in which.
  private func search(_ call: FilterCall) throws(DomainError) -> FilterPredicate {
    guard !kind.searchedFields.isEmpty else { throw notFor(call, "has no texts that are searched") }
    let argument = call.arguments[0]
    do throws(SearchQuery.Malformed) {
      return .search(SearchMatch(query: try SearchQuery(argument.text)), kind)
    } catch {
      var metadata = ["value": argument.text.clipped, "search_position": "\(error.position)"]
      metadata["max"] = error.max.map { "\($0)" }
      throw .filterSyntax("in the search: \(error.message)", at: argument.position, metadata: metadata)
    }
  }

  private func under(
    _ call: FilterCall
  ) throws(DomainError) -> (predicate: FilterPredicate, selections: [FilterSelection]) {
    let theme = call.arguments[0].text
    let below = narrowerThemes[theme, default: []]
    let isTheme = kind.message == Theme.self
    let paths = kind.references.filter { reference in
      reference.targets == [Theme.descriptor.resource?.type ?? ""] && (!isTheme || reference.path.text == "broader")
    }.map(\.path)
    guard !paths.isEmpty else { throw notFor(call, "names no themes") }
    return anyOf(paths.map { ($0, below.union([theme])) })
  }

  private func withinM49(
    _ call: FilterCall
  ) throws(DomainError) -> (predicate: FilterPredicate, selections: [FilterSelection]) {
    let code = call.arguments[0].text
    guard let areas = AreaCode.within(code) else {
      throw notA(StandardCode.m49.rule, call.arguments[0], suggestion: StandardCode.m49.suggestion(for: code))
    }
    let regions = AreaCode.regions(within: code)
    let tests: [(path: ValuePath, texts: Set<String>)] = Self.codePaths(in: kind.message.descriptor, []).compactMap {
      guard let path = try? ValuePath($0, in: kind.message.descriptor) else { return nil }  // They come from there.
      switch ComparisonForm(path) {
      case .code(.region): return (path, regions)
      case .code(.m49): return (path, areas)
      default: return nil
      }
    }
    guard !tests.isEmpty else { throw notFor(call, "has no country or area") }
    return anyOf(tests)
  }

  private func overlaps(
    _ call: FilterCall
  ) throws(DomainError) -> (predicate: FilterPredicate, selections: [FilterSelection]) {
    let (first, last) = (try date(call.arguments[0]), try date(call.arguments[1]))
    guard let index = kind.period else {
      throw notFor(call, "has no `\(FilterPredicate.periodFields.start)` and `\(FilterPredicate.periodFields.end)`")
    }
    guard first.firstDay <= last.lastDay else {
      throw notA("a day on or after \(first)", call.arguments[1])
    }
    let alternatives = index.alternatives(first: first.firstDay, last: last.lastDay)
    return (
      .overlap(first: first.firstDay, last: last.lastDay),
      [FilterSelection(alternatives: alternatives, isExact: false)]
    )
  }

  /// What holds where one of the paths has one of its texts.
  private func anyOf(
    _ tests: [(path: ValuePath, texts: Set<String>)]
  ) -> (predicate: FilterPredicate, selections: [FilterSelection]) {
    let predicate = FilterPredicate.any(tests.map { .test(FieldTest(path: $0.path, test: .oneOf($0.texts))) })
    var alternatives: [FilterSelection.Alternative] = []
    var isExact = true
    for (path, texts) in tests {
      guard let index = kind.indexes.first(where: { $0.path.text == path.text }) else { return (predicate, []) }
      let selection = FilterSelection.oneOf(texts, in: index)
      alternatives += selection.alternatives
      isExact = isExact && selection.isExact
    }
    guard alternatives.count <= FilterSelection.alternativeCountMax else { return (predicate, []) }
    return (predicate, [FilterSelection(alternatives: alternatives, isExact: isExact)])
  }

  /// The paths of codes in a message and in the messages in it.
  private static func codePaths(in descriptor: MessageDescriptor, _ outer: [String]) -> [[String]] {
    descriptor.fields.flatMap { field -> [[String]] in
      let path = outer + [field.name]
      if StandardCode(fieldName: field.name) != nil { return [path] }
      guard outer.isEmpty, !field.isMap, let message = field.type.valueMessage else { return [] }
      return codePaths(in: message.descriptor, path)
    }
  }

  private func notFor(_ call: FilterCall, _ why: String) -> DomainError {
    .filter(
      .filterFieldUnknown, "`\(call.name)` is not for this kind: a \(kind.noun) \(why)", at: call.position,
      metadata: ["field": call.name])
  }
}
