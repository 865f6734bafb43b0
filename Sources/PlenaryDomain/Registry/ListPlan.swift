internal import PlenaryStore
internal import ProtobufRuntime

/// How a list is read: what the store selects and orders, and what is left to be ordered here.
struct ListPlan {
  /// The kind that is listed.
  let kind: Kind

  /// What the store is asked.
  let query: Query

  /// The filter, as far as it is more than the scope.
  let filter: FilterCompiler.Filter

  /// The day that the filter counts as today.
  let today: CivilDay

  /// The revision that the filter was understood at, and that the list has to show; nil if any will do.
  let revision: Revision?

  /// Whether records that are equal in the order follow by name backwards: names run the way of the last field, as they
  /// do in the store's indexes.
  var settlesTiesBackwards: Bool { sorting.last?.isDescending ?? false }

  /// The order that has to be made once all records are known; empty if the store keeps the order.
  let sorting: [(index: PathIndex, isDescending: Bool)]

  /// Whether the order looks at fields that follow from the version of a record, which no stored body holds.
  var sortsByVersion: Bool { sorting.contains { $0.index.path.isOfVersion } }

  /// Whether the filter rests on the hierarchy of themes, which has to stay as it is until what was found is written.
  var restsOnThemes = false

  /// Plans a list.
  ///
  /// - Parameters:
  ///   - kind: The kind that is listed.
  ///   - today: The day by which the filter was understood.
  ///   - scope: The beginning of the names.
  ///   - filter: The filter, understood.
  ///   - revision: The revision that it was understood at, if it rests on records.
  ///   - candidates: Where the words are found that the filter asks for.
  ///   - encoder: What completes records for filters over fields that follow from the version.
  /// - Throws: `filterSyntax`, `filterFieldUnknown`.
  init(
    _ kind: Kind, today: CivilDay, scope: KeyPrefix, filter: FilterCompiler.Filter, at revision: Revision?,
    orderBy: String, showsDeleted: Bool, candidates: SearchCandidates?, encoder: RecordEncoder
  ) throws(DomainError) {
    self.kind = kind
    self.filter = filter
    self.today = today
    self.revision = revision
    var query = Query(scope: scope, conditions: [], includesDeleted: showsDeleted)
    for selection in filter.steps.flatMap(\.selections) {
      let conditions = selection.alternatives.map(\.condition)
      if conditions.count == 1 { query.conditions += conditions } else { query.unions.append(conditions) }
    }
    query.conditions = Self.joined(query.conditions, kind)
    query.candidates = candidates
    query.implied = Self.implied(by: query.conditions, kind)
    if let predicate = filter.predicate { query.predicate = Self.predicate(predicate, kind, encoder) }

    let clauses = try OrderClause.parse(orderBy)
    var sorting: [(index: PathIndex, isDescending: Bool)] = []
    for clause in clauses { sorting.append((try Self.index(clause, kind), clause.isDescending)) }
    if let first = sorting.first, sorting.count == 1 {
      query.direction = first.isDescending ? .descending : .ascending
      if first.index.path.text == "name" {
        sorting = []
      } else if kind.indexes.contains(where: { $0.field == first.index.field }) {
        query.order = .field(first.index.field)
        sorting = []
      } else {
        query.direction = .ascending
      }
    }
    // Only records of the kind have a value of one of its fields, so where one is walked through, nothing more need be
    // asked; else all of the kind are.
    if query.order == .key, !query.conditions.contains(where: \.test.isEquality) {
      query.conditions.insert(.init(kind.membership, .equals(.unset)), at: 0)
    }
    self.query = query
    self.sorting = sorting
  }

  /// The conditions, what is asked of a field with one value joined: from one date on and until another is one range,
  /// and the store can read through that alone.
  private static func joined(_ conditions: [Query.Condition], _ kind: Kind) -> [Query.Condition] {
    conditions.reduce(into: []) { joined, condition in
      guard case .within(let range) = condition.test,
        kind.indexes.first(where: { $0.field == condition.field })?.path.isRepeated == false,
        let index = joined.firstIndex(where: { $0.field == condition.field }),
        case .within(let other) = joined[index].test
      else { return joined.append(condition) }
      joined[index] = Query.Condition(condition.field, .within(range.intersection(other)))
    }
  }

  /// What follows from ranges of dates for their years, months or days.
  private static func implied(by conditions: [Query.Condition], _ kind: Kind) -> [Query.Condition] {
    conditions.compactMap { condition in
      guard case .within(let range) = condition.test else { return nil }
      return kind.indexes.first { $0.field == condition.field }?.span?.implied(by: range)
    }
  }

  private static func predicate(
    _ predicate: FilterPredicate, _ kind: Kind, _ encoder: RecordEncoder
  ) -> @Sendable (StoredRecord) -> Bool {
    // What is shown to nobody does not decide either.
    let needsVersion = predicate.needsVersion || kind.hiddenField != nil
    return { record in
      let bytes = needsVersion ? encoder.bytes(of: record, kind) : record.body
      // A record that cannot be read satisfies nothing; reading it by name tells why.
      guard let filtered = try? FilteredRecord(bytes, kind) else { return false }
      return predicate.holds(for: filtered)
    }
  }

  private static func index(_ clause: OrderClause, _ kind: Kind) throws(DomainError) -> PathIndex {
    let descriptor = kind.message.descriptor
    let names = clause.path.split(separator: ".").map(String.init)
    guard let path = try? ValuePath(names, in: descriptor) else {  // The suggestion below says what is wrong.
      let candidates = descriptor.fields.map(\.name)
      let suggestion = Suggestion.closest(to: names.last ?? "", among: candidates)
      var metadata = ["field": clause.path]
      metadata["suggestion"] = suggestion
      throw DomainError(
        .init(
          "order_by", .filterFieldUnknown,
          "a \(kind.noun) has no field `\(clause.path)`" + (suggestion.map { "; did you mean `\($0)`?" } ?? ""),
          metadata: metadata))
    }
    let form = ComparisonForm(path)
    // Of what follows from the version only the times have an order; the others are tokens that mean nothing to a reader.
    let isToken = path.isOfVersion && form != .time
    guard !path.isRepeated, form != .opaque, names.count <= 2, !path.field.isMap, !isToken else {
      throw DomainError(
        .init(
          "order_by", .filterFieldUnknown, "lists cannot be ordered by `\(clause.path)`; choose a field with one value",
          metadata: ["field": clause.path]))
    }
    return PathIndex(path, kind: kind.recordField.number)
  }
}
