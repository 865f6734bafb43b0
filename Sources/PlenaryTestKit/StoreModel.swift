import PlenaryStore

/// What a store should hold, in the plainest form: every state of every record, by revision.
struct StoreModel {
  /// A record's version.
  struct Version {
    let revision: Revision
    let state: RecordState
    let content: Content
  }

  private(set) var histories: [String: [Version]] = [:]
  private(set) var head = Revision.zero

  /// Does what a store should do with a mutation that it accepts; false if it should not.
  mutating func apply(_ mutation: Mutation) -> Bool {
    let name = mutation.key.name
    let last = histories[name]?.last
    let next: (RecordState, Content)
    switch (mutation, last?.state, last?.content) {
    case (.put(_, let content), let state, _): next = (state ?? .live, content)
    case (.softDelete, .live, let content?): next = (.softDeleted, content)
    case (.undelete, .softDeleted, let content?): next = (.live, content)
    case (.purge, _?, _):
      head = Revision(head.number + 1)
      histories[name] = nil
      return true
    default: return false
    }
    head = Revision(head.number + 1)
    histories[name, default: []].append(Version(revision: head, state: next.0, content: next.1))
    return true
  }

  /// The version of a record that a viewer sees at a revision.
  func version(_ name: String, as viewer: Viewer, at revision: Revision) -> Version? {
    guard let history = histories[name], let now = history.last, viewer.sees(now.content.marking),
      let then = history.last(where: { $0.revision <= revision }), viewer.sees(then.content.marking)
    else { return nil }
    return then
  }

  /// The keys that a list should show.
  func names(_ query: Query, as viewer: Viewer, at revision: Revision) -> [String] {
    var found: [(value: IndexValue, name: String)] = []
    for name in histories.keys where name.hasPrefix(query.scope.text) {
      guard let version = version(name, as: viewer, at: revision),
        version.state == .live || query.includesDeleted
      else { continue }
      let entries = version.content.entries
      let holds = query.conditions.allSatisfy { condition in
        entries.contains { $0.field == condition.field && Self.passes($0.value, condition.test) }
      }
      let isInUnions = query.unions.allSatisfy { union in
        union.contains { condition in
          entries.contains { $0.field == condition.field && Self.passes($0.value, condition.test) }
        }
      }
      guard holds, isInUnions else { continue }
      switch query.order {
      case .key: found.append((.unset, name))
      case .field(let field):
        for entry in Set(entries) where entry.field == field { found.append((entry.value, name)) }
      }
    }
    let sorted = found.sorted { ($0.value, $0.name) < ($1.value, $1.name) }
    return (query.direction == .ascending ? sorted : sorted.reversed()).map(\.name)
  }

  private static func passes(_ value: IndexValue, _ test: Query.Test) -> Bool {
    switch test {
    case .equals(let expected): value == expected
    case .within(let range): range.contains(value)
    }
  }
}

extension StoreModel {
  /// A change such as a busy registry makes, of one of a few records.
  static func anyMutation(_ numbers: inout SeededNumbers) -> Mutation {
    let collection = ["a/x/", "a/y/", "b/"].randomElement(using: &numbers) ?? ""
    let name = collection + String(Int.random(in: 0..<12, using: &numbers))
    switch Int.random(in: 0..<20, using: &numbers) {
    case 0, 1: return .softDelete(StoreTrial.key(name))
    case 2: return .undelete(StoreTrial.key(name))
    case 3: return .purge(StoreTrial.key(name))
    default:
      let rank = Int.random(in: 0..<4, using: &numbers)
      var entries = [IndexEntry(StoreTrial.Field.rank, rank == 0 ? .unset : .integer(Int64(rank - 2)))]
      for _ in 0..<Int.random(in: 0..<4, using: &numbers) {
        entries.append(StoreTrial.tag(["red", "green", "blue"].randomElement(using: &numbers) ?? ""))
      }
      if Bool.random(using: &numbers) { entries += StoreTrial.day(Int64.random(in: 0..<70, using: &numbers)) }
      let isOpen = Int.random(in: 0..<3, using: &numbers) > 0
      let marking = isOpen ? StoreTrial.open : StoreTrial.closed
      return StoreTrial.put(name, String(numbers.next()), marking: marking, entries)
    }
  }

  /// Queries that take each way through the indexes, alone and together.
  static let queries: [Query] = {
    let red = Query.Condition(StoreTrial.Field.tag, .equals(.string("red")))
    let blue = Query.Condition(StoreTrial.Field.tag, .equals(.string("blue")))
    let low = Query.Condition(StoreTrial.Field.rank, .within(.through(.integer(0))))
    let high = Query.Condition(StoreTrial.Field.rank, .within(.above(.integer(0))))
    let selections = [
      [StoreTrial.members], [red], [red, blue], [StoreTrial.members, low], [red, high],
      [blue, red, StoreTrial.members],
    ]
    var queries: [Query] = []
    for conditions in selections + [[], [low], [low, high]] {
      for direction in [Query.Direction.ascending, .descending] {
        for scope in ["", "a/", "a/y/"].compactMap(KeyPrefix.init) {
          for order in [Query.Order.key, .field(StoreTrial.Field.rank)] {
            // A list by key needs an equality.
            if order == .key, !selections.contains(conditions) { continue }
            queries.append(
              Query(
                scope: scope, conditions: conditions, order: order, direction: direction,
                includesDeleted: queries.count % 3 == 0))
            for unions in [[[red, blue]], [[low, blue]], [[red, low], [blue, high]]] where queries.count % 2 == 0 {
              guard var query = queries.last else { continue }
              query.unions = unions
              queries.append(query)
            }
          }
        }
      }
    }
    return queries + spans
  }()

  /// Lists by key of what is in a span of days, which follows from the weeks that this touches.
  private static let spans: [Query] = {
    var queries: [Query] = []
    for (first, last): (Int64, Int64) in [(0, 6), (3, 9), (3, 40), (0, 69), (65, 200), (80, 90)] {
      let days = IndexRange.from(.integer(first)).intersection(.through(.integer(last)))
      let weeks = IndexRange.from(.integer(first / 7)).intersection(.through(.integer(last / 7)))
      for direction in [Query.Direction.ascending, .descending] {
        var query = Query(
          conditions: [StoreTrial.members, Query.Condition(StoreTrial.Field.day, .within(days))], direction: direction,
          includesDeleted: first == 3)
        query.implied = [Query.Condition(StoreTrial.Field.week, .within(weeks))]
        queries.append(query)
        query.conditions[1] = Query.Condition(StoreTrial.Field.day, .within(.from(.integer(first))))
        query.implied = [Query.Condition(StoreTrial.Field.week, .within(.from(.integer(first / 7))))]
        queries.append(query)
      }
    }
    return queries
  }()
}
