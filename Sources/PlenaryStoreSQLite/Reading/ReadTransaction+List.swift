internal import PlenaryStore

extension ReadTransaction {
  /// One page of a list, now or as it stood at a revision.
  ///
  /// Two ways lead to it: along the list's order, leaving out what does not belong to it, and through all that one of the
  /// conditions finds, which is then put in order. The first is short if much belongs to the list, the second if little
  /// does, and which it is shows on the way: each is left when it has become long, until only the first goes on. A list
  /// by key has a first way through each of few values besides, if all that belongs to it has one of these.
  func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) throws(Fault) -> Page {
    let scan = ListScan(
      transaction: self, query: query, viewer: viewer, past: try past(revision), pageRecords: limit.records)
    let start = cursor.map { IndexPlace(value: $0.value, key: $0.key.name) }
    let gatherings = ListPlan.gatherings(of: query)
    if let found = try scan.fewest(gatherings, countMax: effort.gatheredFirst) {
      return try scan.gathered(found, after: start, limit: limit)
    }
    func pageOfFound(countMax: Int) throws(Fault) -> Page? {
      guard let candidates = query.candidates else { return nil }
      return try scan.page(among: candidates, after: start, limit: limit, gatheredMax: countMax)
    }
    if let page = try pageOfFound(countMax: effort.gatheredFirst) { return page }
    var plan = ListPlan(inOrder: query)
    if query.order == .key, !query.implied.isEmpty {
      var byValues = try scan.planByValues(query.implied.filter(\.test.range.isBounded), countMax: effort.valuesMax)
      if byValues == nil {
        // Much of what there is may lie in a range without an end.
        var walk = try OrderedWalk(plan, of: scan, after: start, limit: limit)
        if let page = try walk.page(rejecting: effort.rejectedPages * limit.records) { return page }
        byValues = try scan.planByValues(query.implied, countMax: effort.valuesMax)
      }
      if let byValues { plan = byValues }
    }
    var walk = try OrderedWalk(plan, of: scan, after: start, limit: limit)
    if !gatherings.isEmpty || query.candidates != nil {
      if let page = try walk.page(rejecting: effort.rejectedFirst) { return page }
      if let page = try pageOfFound(countMax: effort.gatheredMax) { return page }
      let countMax = query.order == .key ? effort.gatheredByKeyMax : effort.gatheredMax
      if let found = try scan.fewest(gatherings, countMax: countMax) {
        return try scan.gathered(found, after: start, limit: limit)
      }
    }
    return try walk.page()
  }
}

/// The way to a page along the list's order.
struct OrderedWalk {
  private let scan: ListScan
  private let test: CandidateTest
  private let sieve: EntrySieve
  private var merge: PartitionMerge
  private var builder: PageBuilder

  /// Begins after a place.
  init(_ plan: ListPlan, of scan: ListScan, after place: IndexPlace?, limit: PageLimit) throws(Fault) {
    self.scan = scan
    test = CandidateTest(plan.residual)
    sieve = try EntrySieve(plan, of: scan)
    merge = try scan.candidates(plan, after: place, chunkCount: 2 * (scan.pageRecords + 1))
    builder = PageBuilder(limit: limit)
  }

  /// Goes on until so many candidates are left out; nil if the page is not whole by then.
  mutating func page(rejecting countMax: Int) throws(Fault) -> Page? {
    while !builder.isFull, let found = try merge.next() {
      // A list by key has no value to go on from.
      let place = scan.query.order == .key ? IndexPlace(value: [], key: found.key) : found
      try scan.checkPatience()
      if try sieve.mayHold(found.key), let row = try scan.accepted(found.key, test) {
        builder.accept(row.record, at: place)
      } else {
        builder.reject(at: place)
        if builder.rejectedCount == countMax, !builder.isFull { return nil }
      }
    }
    return builder.page(at: scan.past ?? scan.transaction.head)
  }

  /// Goes on to the end of the page.
  mutating func page() throws(Fault) -> Page {
    guard let page = try page(rejecting: .max) else { preconditionFailure("a page has a limit of its own") }
    return page
  }
}

/// All candidates of a plan.
struct GatheredKeys {
  let keys: Set<String>
  let plan: ListPlan
}

/// The reading of one page.
struct ListScan {
  let transaction: ReadTransaction
  let query: Query
  let viewer: Viewer
  let past: Revision?
  let pageRecords: Int
  private let patience = Patience()
  private let partitions = KnownPartitions()

  init(transaction: ReadTransaction, query: Query, viewer: Viewer, past: Revision?, pageRecords: Int) {
    self.transaction = transaction
    self.query = query
    self.viewer = viewer
    self.past = past
    self.pageRecords = pageRecords
  }

  /// Stops if nobody waits for the list any longer; asked for at each entry and each record that is looked at.
  func checkPatience() throws(Fault) {
    guard let isGivenUp = query.isGivenUp, patience.isToAsk, isGivenUp() else { return }
    throw .refusal(.unavailable(reason: "nobody waits for the list any longer", outcomeUnknown: false))
  }

  // MARK: Gathering

  /// The candidates of the plan that finds the fewest; nil if all of them find too many.
  func fewest(_ plans: [ListPlan], countMax: Int) throws(Fault) -> GatheredKeys? {
    var countMax = countMax
    var fewest: GatheredKeys?
    for plan in plans {
      guard try mayBeFew(plan, countMax: countMax), let keys = try keys(plan, countMax: countMax) else { continue }
      fewest = GatheredKeys(keys: keys, plan: plan)
      // Another plan pays only if it finds less.
      guard keys.count > pageRecords else { break }
      countMax = keys.count - 1
    }
    return fewest
  }

  /// Whether a plan may find few, by the number of entries that lie on its ways. They are counted where that is cheap,
  /// which saves reading what is too much.
  private func mayBeFew(_ plan: ListPlan, countMax: Int) throws(Fault) -> Bool {
    guard past == nil, plan.ways.allSatisfy({ $0.count == 1 }) else { return true }
    let statement = transaction.statements.entryCount
    defer { statement.reset() }
    var left = 2 * countMax
    for track in plan.ways.map({ $0[0] }) {
      for partition in try visiblePartitions(of: track.field) {
        let bounds = track.bounds
        statement.bind(partition, of: track.field).bind(bounds.lower).bind(bounds.upper).bind(Int64(left + 1))
        guard try statement.step() else { continue }
        left -= Int(statement.integer(0))
        statement.reset()
        guard left >= 0 else { return false }
      }
    }
    return true
  }

  /// What a plan finds; nil if that is too much.
  private func keys(_ plan: ListPlan, countMax: Int) throws(Fault) -> Set<String>? {
    var keys: Set<String> = []
    var merge = try candidates(plan, after: nil, chunkCount: min(countMax, pageRecords) + 1)
    // Of a field with several values a record has several entries, each of which is read.
    var entryCount = 0
    while let place = try merge.next() {
      try checkPatience()
      entryCount += 1
      if query.scope.contains(Key(stored: place.key)) { keys.insert(place.key) }
      guard keys.count <= countMax, entryCount <= 2 * countMax else { return nil }
    }
    return keys
  }

  /// A page of the candidates that belong to the list.
  func gathered(_ found: GatheredKeys, after place: IndexPlace?, limit: PageLimit) throws(Fault) -> Page {
    let test = CandidateTest(found.plan.residual)
    var builder = PageBuilder(limit: limit)
    switch query.order {
    case .key:
      let places = found.keys.map { IndexPlace(value: [], key: $0) }.filter { isAhead($0, of: place) }
      for found in places.sorted(by: precedes) where !builder.isFull {
        try checkPatience()
        if let row = try accepted(found.key, test) {
          builder.accept(row.record, at: found)
        } else {
          builder.reject(at: found)
        }
      }
    case .field(let field):
      var rows: [(place: IndexPlace, record: StoredRecord)] = []
      for key in found.keys {
        try checkPatience()
        guard let row = try accepted(key, test, needsEntries: true) else { continue }
        for value in try EntryCoding.values(of: field, in: row.entries) {
          let found = IndexPlace(value: value.bytes, key: key)
          if isAhead(found, of: place) { rows.append((found, row.record)) }
        }
      }
      for (found, record) in rows.sorted(by: { precedes($0.place, $1.place) }) where !builder.isFull {
        builder.accept(record, at: found)
      }
    }
    return builder.page(at: past ?? transaction.head)
  }

  // MARK: Few values

  /// The way of a list by key through each value that one of the conditions leaves; nil if every one leaves more than so
  /// many.
  func planByValues(_ conditions: [Query.Condition], countMax: Int) throws(Fault) -> ListPlan? {
    for condition in conditions {
      guard let values = try values(condition, countMax: countMax) else { continue }
      return ListPlan(byKey: query, through: values, of: condition.field)
    }
    return nil
  }

  /// The values that satisfy a condition in what the viewer sees; nil if there are more than so many. Each costs a look
  /// into the index of each partition, however many records have it.
  private func values(_ condition: Query.Condition, countMax: Int) throws(Fault) -> [IndexValue]? {
    let first = past == nil ? transaction.statements.firstValue : transaction.statements.pastFirstValue
    defer { first.reset() }
    var values: Set<[UInt8]> = []
    for partition in try visiblePartitions(of: condition.field) {
      var range = condition.test.range
      while true {
        first.bind(partition, of: condition.field).bind(range.lower).bind(range.upper)
        guard try first.step(), !first.isNull(0) else { break }
        let value = first.blob(0)
        first.reset()
        values.insert(value)
        guard values.count <= countMax else { return nil }
        range.lower = value + [0x00]
      }
      first.reset()
    }
    return values.map(IndexValue.init(stored:))
  }

  // MARK: Candidates

  /// The candidates of a plan in all that the viewer sees; each walk begins with its share of some entries.
  func candidates(_ plan: ListPlan, after place: IndexPlace?, chunkCount: Int) throws(Fault) -> PartitionMerge {
    var walks: [IndexIntersection] = []
    let direction = plan.ways.first?[0].direction ?? .up
    for tracks in plan.ways {
      let partitions = try visiblePartitions(of: tracks[0].field)
      let chunkSize = chunkCount / max(1, partitions.count * plan.ways.count)
      for partition in partitions {
        let runs = try tracks.map { track throws(Fault) in
          // Walks through single values are each through one of their own, and agree on keys.
          let start = place.map { IndexPlace(value: track.scope == nil ? $0.value : track.range.lower, key: $0.key) }
          return try IndexRun(
            track, in: partition, after: start, at: past, chunkSize: chunkSize, transaction.statements)
        }
        walks.append(try IndexIntersection(runs, going: direction))
      }
    }
    return PartitionMerge(walks, going: direction, isByKey: plan.isByKey)
  }

  /// The partitions of a field that the viewer sees. Markings that none of its entries has are not looked into.
  func visiblePartitions(of field: IndexField) throws(Fault) -> [IndexPartition] {
    if let known = partitions.ofField[field] { return known }
    let states: [RecordState] = query.includesDeleted ? [.live, .softDeleted] : [.live]
    let row = past == nil ? transaction.statements.markings : transaction.statements.pastMarkings
    defer { row.reset() }
    row.bind(Int64(field.id))
    var acls: [UInt32] = []
    while try row.step() { acls.append(UInt32(row.integer(0))) }
    let found = acls.filter { transaction.names.viewer(viewer, sees: $0) }.flatMap { acl in
      states.map { IndexPartition(acl: acl, state: $0) }
    }
    partitions.ofField[field] = found
    return found
  }

  /// The record of a candidate, if it belongs to the list.
  func accepted(_ key: String, _ test: CandidateTest, needsEntries: Bool = false) throws(Fault) -> VersionRow? {
    let key = Key(stored: key)
    guard query.scope.contains(key) else { return nil }
    let withEntries = needsEntries || !test.isEmpty
    let row =
      if let past {
        try transaction.version(of: key, as: viewer, at: past, withEntries: withEntries)
      } else {
        try transaction.current(key, as: viewer, withEntries: withEntries)
      }
    guard let row, query.includesDeleted || !row.record.isDeleted, try test.holds(for: row) else { return nil }
    return query.predicate?(row.record) ?? true ? row : nil
  }

  // MARK: Order

  private func isAhead(_ found: IndexPlace, of place: IndexPlace?) -> Bool { place.map { precedes($0, found) } ?? true }

  private func precedes(_ left: IndexPlace, _ right: IndexPlace) -> Bool {
    let isUp = query.direction == .ascending
    if left.value == right.value { return isUp ? left.key < right.key : right.key < left.key }
    return left.value.lexicographicallyPrecedes(right.value) == isUp
  }
}

/// The partitions of fields that one list has looked up.
private final class KnownPartitions {
  var ofField: [IndexField: [IndexPartition]] = [:]
}

/// Counts what is looked at between two questions whether anybody still waits.
private final class Patience {
  /// How much is looked at between two questions.
  private static let strideCount = 128

  private var count = 0

  /// Whether it is time to ask again.
  var isToAsk: Bool {
    count += 1
    return count.isMultiple(of: Self.strideCount)
  }
}
