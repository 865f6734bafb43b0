internal import PlenaryStore

// Lists whose records are found by ranges of values, or by one of several values.
//
// Such values do not come in the order of the list. If they are few, their keys are gathered and put in order for each
// page; the cost of that has a limit. If they are many, the list is read in its own order and what does not belong to it
// is passed over: among so many that is seldom much.
extension ListScan {
  /// The most index entries that are gathered for a page in the order of keys, and for one in another order, for which
  /// each of the records is read.
  static let gatheredMax = 10_000
  static let gatheredInOrderMax = 1000

  /// The most selections that are tried; a record is tested against the others.
  private static let triedMax = 8

  /// The keys of the query's narrowest selection, unless all of them have too many or the list's own walk is as good.
  func narrowest() throws(Fault) -> Set<String>? {
    let selections = selections
    guard selections.contains(where: { $0.count > 1 || !$0.allSatisfy(\.test.isEquality) }) else { return nil }
    var countMax = query.order == .key ? Self.gatheredMax : Self.gatheredInOrderMax
    var narrowest: Set<String>?
    for selection in selections.prefix(Self.triedMax) {
      guard let keys = try keys(of: selection, countMax: countMax) else { continue }
      narrowest = keys
      // Another one pays only if it is shorter.
      guard keys.count > pageRecords else { break }
      countMax = keys.count - 1
    }
    return narrowest
  }

  /// A page of the records with these keys that belong to the list.
  func selected(_ keys: Set<String>, after place: IndexPlace?, limit: PageLimit) throws(Fault) -> Page {
    var builder = PageBuilder(limit: limit)
    switch query.order {
    case .key:
      let isUp = query.direction == .ascending
      let rest = place.map { place in keys.filter { isUp ? place.key < $0 : $0 < place.key } } ?? keys
      for key in rest.sorted(by: { isUp ? $0 < $1 : $1 < $0 }) where !builder.isFull {
        let place = IndexPlace(value: [], key: key)
        if let row = try accepted(key, residual: query.conditions) {
          builder.accept(row.record, at: place)
        } else {
          builder.reject(at: place)
        }
      }
    case .field(let field):
      var rows: [(place: IndexPlace, row: VersionRow)] = []
      for key in keys {
        guard let row = try accepted(key, residual: query.conditions, needsEntries: true) else { continue }
        for entry in try EntryCoding.decode(row.entries) where entry.field == field {
          let found = IndexPlace(value: entry.value.bytes, key: key)
          if place.map({ precedes($0, found) }) ?? true { rows.append((found, row)) }
        }
      }
      for (place, row) in rows.sorted(by: { precedes($0.place, $1.place) }) where !builder.isFull {
        builder.accept(row.record, at: place)
      }
    }
    return builder.page(at: past ?? transaction.head)
  }

  /// What can be gathered: the unions, and the conditions but those that every record of a kind satisfies and those
  /// on the field of the order, which the list's own walk goes straight to.
  private var selections: [[Query.Condition]] {
    let single = query.conditions.filter { condition in
      condition.test != .equals(.unset) && query.order != .field(condition.field)
    }
    return single.map { [$0] } + query.unions
  }

  /// The keys for which one of the conditions holds; nil if there are too many.
  private func keys(of conditions: [Query.Condition], countMax: Int) throws(Fault) -> Set<String>? {
    var keys: Set<String> = []
    for condition in conditions {
      let isEquality = condition.test.isEquality
      let track = IndexRun.Track(
        field: condition.field, range: condition.test.range, direction: .up, scope: isEquality ? query.scope : nil)
      for partition in try visiblePartitions(of: condition.field) {
        let run = try IndexRun(
          track, in: partition, after: nil, at: past, chunkSize: pageRecords + 1, transaction.statements)
        // Of a field with several values a record has several entries, each of which is read.
        var entryCount = 0
        while let place = run.current {
          try checkPatience()
          entryCount += 1
          if query.scope.contains(Key(stored: place.key)) { keys.insert(place.key) }
          guard keys.count <= countMax, entryCount <= Self.gatheredMax else { return nil }
          try run.advance()
        }
      }
    }
    return keys
  }
}
