internal import PlenaryStore

/// A way to find the records of a query: what is walked through, and what is tested on each record found.
struct ListPlan {
  /// The ways to a candidate: in each partition it is what all walks of one of them have in common.
  let ways: [[IndexRun.Track]]

  /// Whether all ways are in the order of keys.
  var isByKey: Bool { ways.allSatisfy { $0[0].scope != nil } }

  /// What a candidate's own entries must satisfy besides: one condition at least of each group.
  let residual: [[Query.Condition]]

  /// The most values that a list by key goes through at once, for records that have one of them.
  private static let mergedMax = 32

  /// The most ways of gathering that are tried.
  private static let gatheringMax = 8

  /// Walks in the order of the list.
  init(inOrder query: Query) {
    switch query.order {
    case .key:
      // A union that is gone through by its values need not be tested.
      let merged = query.mergedUnion(countMax: Self.mergedMax)
      self.init(
        byKey: query, through: merged.map { query.groups[$0] },
        testing: merged.map { query.unions.without($0 - query.conditions.count) } ?? query.unions)
    case .field(let field):
      // A field that orders has one value a record, so all that is asked of it is asked of that value.
      let (own, others) = query.conditions.split { $0.field == field }
      let range = own.reduce(IndexRange.all) { $0.intersection($1.test.range) }
      let track = IndexRun.Track(
        field: field, range: range, direction: IndexRun.Direction(query.direction), scope: nil)
      self.init(ways: [[track]], residual: others.map { [$0] } + query.unions)
    }
  }

  /// Ways to all that belongs to a query in another order than its own, which pay if that is little: through the values
  /// that it asks for, through a range, through each of several values. What its own order goes straight to is left out.
  static func gatherings(of query: Query) -> [ListPlan] {
    let groups = query.groups
    var plans: [ListPlan] = []
    if query.order != .key {
      let (values, others) = query.conditions.split { $0.test.isEquality && .field($0.field) != query.order }
      let tracks = values.map { $0.track(.up, in: query.scope) }
      if !tracks.isEmpty { plans.append(ListPlan(ways: [tracks], residual: others.map { [$0] } + query.unions)) }
    }
    let merged = query.order == .key ? query.mergedUnion(countMax: mergedMax) : nil
    for (index, group) in groups.enumerated() where index != merged {
      if group.count == 1, group[0].test.isEquality || .field(group[0].field) == query.order { continue }
      plans.append(ListPlan(ways: group.map { [$0.track(.up, in: query.scope)] }, residual: groups.without(index)))
    }
    return Array(plans.prefix(gatheringMax))
  }

  /// Walks in the order of a list by key through each of some values of a field, one of which all that is listed has.
  init(byKey query: Query, through values: [IndexValue], of field: IndexField) {
    self.init(
      byKey: query, through: values.map { Query.Condition(field, .equals($0)) }, testing: query.unions)
  }

  /// Walks through the values that the query asks for, and with them through each of several others if there are such.
  private init(byKey query: Query, through alternatives: [Query.Condition]?, testing unions: [[Query.Condition]]) {
    let (equalities, others) = query.conditions.split(\.test.isEquality)
    let direction = IndexRun.Direction(query.direction)
    guard let alternatives else {
      precondition(!equalities.isEmpty, "a list by key needs a condition that is an equality")
      self.init(
        ways: [equalities.map { $0.track(direction, in: query.scope) }], residual: others.map { [$0] } + unions)
      return
    }
    // What all records of a kind have is cheaper to test than to walk through.
    let (tested, walked) = equalities.split { $0.test == .equals(.unset) }
    let shared = walked.map { $0.track(direction, in: query.scope) }
    self.init(
      ways: alternatives.map { [$0.track(direction, in: query.scope)] + shared },
      residual: (tested + others).map { [$0] } + unions)
  }

  /// The plan of a list whose candidates come from elsewhere: all that it asks for is looked up in each.
  init(amongOthers query: Query) {
    self.init(ways: [], residual: query.groups)
  }

  private init(ways: [[IndexRun.Track]], residual: [[Query.Condition]]) {
    self.ways = ways
    self.residual = residual
  }
}

extension Query {
  /// What the entries of a record must satisfy: one condition at least of each group.
  fileprivate var groups: [[Condition]] { conditions.map { [$0] } + unions }

  /// The group whose values a list by key can go through at once, if there is one.
  fileprivate func mergedUnion(countMax: Int) -> Int? {
    unions.firstIndex { $0.count <= countMax && $0.allSatisfy(\.test.isEquality) }.map { conditions.count + $0 }
  }
}

extension Query.Condition {
  /// The walk through what satisfies the condition. Only the entries of a single value are in the order of keys, and so
  /// can begin and end with a scope.
  fileprivate func track(_ direction: IndexRun.Direction, in scope: KeyPrefix) -> IndexRun.Track {
    IndexRun.Track(field: field, range: test.range, direction: direction, scope: test.isEquality ? scope : nil)
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

extension Array {
  /// The others.
  fileprivate func without(_ index: Int) -> [Element] { Array(self[..<index] + self[(index + 1)...]) }
}

extension Sequence {
  /// The elements that satisfy the predicate, and those that do not.
  fileprivate func split(_ isFirst: (Element) -> Bool) -> ([Element], [Element]) {
    reduce(into: ([], [])) { halves, element in
      if isFirst(element) { halves.0.append(element) } else { halves.1.append(element) }
    }
  }
}
