internal import PlenaryStore

/// How a query is answered: what is walked through, and what is tested on each record found.
struct ListPlan {
  /// The walks, in each partition, whose common records are the candidates.
  let tracks: [IndexRun.Track]

  /// What a candidate's own entries must satisfy besides.
  let residual: [Query.Condition]

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
      self.init(tracks: [track], residual: others)
    }
  }

  /// Walks through what the query asks for in another order than its own, a way that pays if that is little: for a list
  /// in the order of a field through what has the values that it asks for, for one by key through a range that it asks
  /// for. Nil if it asks for no such thing.
  init?(gathering query: Query) {
    switch query.order {
    case .field:
      guard query.conditions.contains(where: \.test.isEquality) else { return nil }
      self.init(byKey: query)
    case .key:
      guard let index = query.conditions.firstIndex(where: { !$0.test.isEquality }) else { return nil }
      // The others may concern the same field: a record with several values can satisfy each by another one.
      var others = query.conditions
      let wanted = others.remove(at: index)
      let track = IndexRun.Track(field: wanted.field, range: wanted.test.range, direction: .up, scope: nil)
      self.init(tracks: [track], residual: others)
    }
  }

  private init(byKey query: Query) {
    let (equalities, others) = query.conditions.split { $0.test.isEquality }
    precondition(!equalities.isEmpty, "a list by key needs a condition that is an equality")
    let direction = query.order == .key ? IndexRun.Direction(query.direction) : .up
    let tracks = equalities.map { condition in
      IndexRun.Track(
        field: condition.field, range: condition.test.range, direction: direction, scope: query.scope)
    }
    self.init(tracks: tracks, residual: others)
  }

  private init(tracks: [IndexRun.Track], residual: [Query.Condition]) {
    self.tracks = tracks
    self.residual = residual
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
}

extension Sequence {
  /// The elements that satisfy the predicate, and those that do not.
  fileprivate func split(_ isFirst: (Element) -> Bool) -> ([Element], [Element]) {
    reduce(into: ([], [])) { halves, element in
      if isFirst(element) { halves.0.append(element) } else { halves.1.append(element) }
    }
  }
}
