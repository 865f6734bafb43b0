internal import PlenaryStore

/// How a query is answered: what is walked through, and what is tested on each record found.
struct ListPlan {
  /// The walks, in each partition, whose common records are the candidates.
  let tracks: [IndexRun.Track]

  /// What a candidate's own entries must satisfy besides.
  let residual: [Query.Condition]

  /// Whether the walks go through the list's own order; else the candidates have to be sorted.
  let isInOrder: Bool

  /// Walks in the order of the list.
  init(inOrder query: Query) {
    switch query.order {
    case .key:
      self.init(byKey: query)
    case .field(let field):
      // A field that orders has one value a record, so all that is asked of it is asked of that value.
      let (own, others) = query.conditions.split { $0.field == field }
      let range = own.reduce(IndexRange.all) { $0.intersection($1.test.range) }
      let track = IndexRun.Track(
        field: field, range: range, direction: IndexRun.Direction(query.direction), scope: nil)
      self.init(tracks: [track], residual: others, isInOrder: true)
    }
  }

  /// Walks through what has the values that the query asks for, in the order of keys; for a query in another order, a
  /// way that pays if they are few. Nil if the query asks for no value.
  init?(byValue query: Query) {
    guard case .field = query.order, query.conditions.contains(where: \.test.isEquality) else { return nil }
    self.init(byKey: query)
  }

  private init(byKey query: Query) {
    let (equalities, others) = query.conditions.split { $0.test.isEquality }
    precondition(!equalities.isEmpty, "a list by key needs a condition that is an equality")
    let isInOrder = query.order == .key
    let direction = isInOrder ? IndexRun.Direction(query.direction) : .up
    let tracks = equalities.map { condition in
      IndexRun.Track(
        field: condition.field, range: condition.test.range, direction: direction, scope: query.scope)
    }
    self.init(tracks: tracks, residual: others, isInOrder: isInOrder)
  }

  private init(tracks: [IndexRun.Track], residual: [Query.Condition], isInOrder: Bool) {
    self.tracks = tracks
    self.residual = residual
    self.isInOrder = isInOrder
  }
}

extension IndexRun.Direction {
  fileprivate init(_ direction: Query.Direction) {
    self = direction == .ascending ? .up : .down
  }
}

extension Query.Test {
  /// The values that pass. The least bytes after a value are the value and 0x00.
  var range: IndexRange {
    switch self {
    case .equals(let value): IndexRange(lower: value.bytes, upper: value.bytes + [0x00])
    case .within(let range): range
    }
  }

  /// Whether a single value passes.
  var isEquality: Bool {
    if case .equals = self { true } else { false }
  }
}

extension Sequence {
  /// The elements that satisfy the predicate, and those that do not.
  fileprivate func split(_ isFirst: (Element) -> Bool) -> ([Element], [Element]) {
    reduce(into: ([], [])) { halves, element in
      if isFirst(element) { halves.0.append(element) } else { halves.1.append(element) }
    }
  }
}
