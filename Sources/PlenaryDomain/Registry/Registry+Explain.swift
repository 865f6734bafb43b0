internal import PlenaryStore
internal import ProtobufRuntime

/// How a list would be read.
package struct FilterExplanation: Sendable {
  /// Where the order of the list comes from.
  package enum Order: Sendable {
    /// From the names.
    case name
    /// From the index of the field.
    case index
    /// It is made of all the records found.
    case sorting
  }

  /// One of the parts of the filter that must all hold.
  package struct Step: Sendable {
    /// The part as it was understood.
    package let expression: String

    /// The paths of the indexes that narrow it down; none if it is looked up in each record.
    package let indexes: [String]

    /// What is found in the indexes.
    package let ranges: [String]

    /// Whether the indexes tell all there is to it, so that nothing is looked up in the records.
    package let isExact: Bool
  }

  /// The filter as it was understood.
  package let filter: String

  /// Its parts.
  package let steps: [Step]

  /// Whether every record of the kind below the parent has to be looked at.
  package let isScan: Bool

  /// Where the order comes from.
  package let order: Order

  /// The revision that was looked at.
  package let revision: String
}

extension Registry {
  /// Says how a list would be read.
  /// - Throws: `resourceTypeUnknown` and what `list` throws about filter, order and parent.
  package func explain(
    resourceType: String, parent: String, filter: String, orderBy: String, showsDeleted: Bool, as caller: Caller
  ) async throws(DomainError) -> FilterExplanation {
    guard let kind = kinds.kind(ofType: resourceType) else {
      let suggestion = Suggestion.closest(to: resourceType, among: kinds.kinds.map(\.resourceType))
      var metadata = ["value": resourceType.clipped]
      metadata["suggestion"] = suggestion
      throw DomainError(
        .init(
          "resource_type", .resourceTypeUnknown,
          "there is no kind `\(resourceType.clipped)`" + (suggestion.map { "; did you mean `\($0)`?" } ?? ""),
          metadata: metadata))
    }
    // Without a parent, the records of all parents are meant.
    let parent = parent.isEmpty ? (kind.pattern.parent?.anyName ?? "") : parent
    let plan = try await plan(
      kind, parent: parent, filter: filter, orderBy: orderBy, showsDeleted: showsDeleted, as: caller, at: nil)
    let steps = plan.filter.steps.map { step in
      let alternatives = step.selections.flatMap(\.alternatives)
      let words = search == nil ? nil : step.search?.description
      let paths = words.map { _ in ["search"] } ?? alternatives.map(\.path)
      return FilterExplanation.Step(
        expression: step.text, indexes: Set(paths + Self.spans(of: paths, in: plan, kind)).sorted(),
        ranges: words.map { [$0] } ?? alternatives.map(\.text), isExact: step.predicate == nil)
    }
    let order: FilterExplanation.Order =
      if !plan.sorting.isEmpty { .sorting } else if plan.query.order == .key { .name } else { .index }
    let shown: Revision = if let revision = plan.revision { revision } else { try await head() }
    return FilterExplanation(
      filter: try FilterParser.parse(filter).description, steps: steps, isScan: plan.filter.isScan, order: order,
      revision: text(shown, for: caller))
  }

  /// The coarser indexes of the dates at some paths that a list in the order of names can be read by.
  private static func spans(of paths: [String], in plan: ListPlan, _ kind: Kind) -> [String] {
    guard plan.query.order == .key else { return [] }
    let implied = Set(plan.query.implied.map(\.field))
    return kind.indexes.filter { paths.contains($0.path.text) }.flatMap { index -> [String] in
      guard let span = index.span else { return [] }
      return [("year", span.years), ("month", span.months)].filter { implied.contains($0.1) }.map {
        "\(index.path.text).\($0.0)"
      }
    }
  }
}
