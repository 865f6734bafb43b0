internal import PlenaryStore

/// What the entries of a candidate must satisfy: one condition at least of each group.
struct CandidateTest {
  private let groups: [[EntryTest]]

  init(_ groups: [[Query.Condition]]) {
    self.groups = groups.map { $0.map(EntryTest.init) }
  }

  /// Whether all pass.
  var isEmpty: Bool { groups.isEmpty }

  /// Whether a version that was read with its entries passes.
  func holds(for row: VersionRow) throws(Fault) -> Bool {
    try holds(for: row.entries)
  }

  /// Whether a version with these entries passes.
  func holds(for entries: [UInt8]) throws(Fault) -> Bool {
    for group in groups where try !EntryCoding.holds(group, in: entries) { return false }
    return true
  }
}

/// Asks the index whether a record has the values that it is to have, which costs less than reading the record.
struct EntrySieve {
  /// More places than these to look at cost as much as reading the record.
  private static let placeCountMax = 4

  private struct Place {
    let field: IndexField
    let value: [UInt8]
    let partition: IndexPartition
  }

  private let statement: SQLiteStatement

  /// For each test the places of the index of which one at least must have the record.
  private var tests: [[Place]] = []

  /// A sieve for what a plan leaves to be tested; it holds nothing back at a past revision.
  init(_ plan: ListPlan, of scan: ListScan) throws(Fault) {
    statement = scan.transaction.statements.entry
    guard scan.past == nil else { return }
    for group in plan.residual where group.count <= Self.placeCountMax && group.allSatisfy(\.test.isEquality) {
      var places: [Place] = []
      for condition in group {
        for partition in try scan.visiblePartitions(of: condition.field) {
          places.append(Place(field: condition.field, value: condition.test.range.lower, partition: partition))
        }
      }
      if places.count <= Self.placeCountMax { tests.append(places) }
    }
  }

  /// Whether the record may satisfy the conditions; if not, it certainly does not.
  func mayHold(_ key: String) throws(Fault) -> Bool {
    for test in tests {
      var isFound = false
      for place in test where !isFound { isFound = try has(key, place) }
      guard isFound else { return false }
    }
    return true
  }

  private func has(_ key: String, _ place: Place) throws(Fault) -> Bool {
    defer { statement.reset() }
    statement.bind(place.partition, of: place.field).bind(place.value).bind(key)
    return try statement.step()
  }
}
