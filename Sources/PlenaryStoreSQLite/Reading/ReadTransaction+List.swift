internal import PlenaryStore

extension ReadTransaction {
  /// One page of a list, now or as it stood at a revision.
  ///
  /// Two ways lead to it: along the list's order, leaving out what does not belong to it, and through all that one of the
  /// conditions finds, which is then sorted. The first is short if much belongs to the list, the second if little does,
  /// and which it is shows on the way: each is given up when it has become long, until none is left but the first.
  func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) throws(Fault) -> Page {
    let past = try past(revision)
    let scan = ListScan(transaction: self, query: query, viewer: viewer, past: past, pageRecords: limit.records)
    let start = cursor.map { IndexPlace(value: $0.value, key: $0.key.name) }
    let inOrder = ListPlan(inOrder: query)
    if let gathering = ListPlan(gathering: query) {
      let isByKey = query.order == .key
      if !isByKey,
        let page = try scan.gathered(gathering, after: start, limit: limit, countMax: Self.gatheredFirst)
      {
        return page
      }
      var brief = limit
      brief.rejected = min(limit.rejected, Self.rejectedFirst)
      let (page, isComplete) = try scan.inOrder(inOrder, after: start, limit: brief)
      if isComplete { return page }
      let countMax = isByKey ? Self.gatheredByKeyMax : Self.gatheredMax
      if let page = try scan.gathered(gathering, after: start, limit: limit, countMax: countMax) { return page }
    }
    return try scan.inOrder(inOrder, after: start, limit: limit).page
  }

  /// The candidates that are gathered before anything else is tried.
  private static let gatheredFirst = 64

  /// The records left out on the way along the order before it is given up for the time being.
  private static let rejectedFirst = 320

  /// The most candidates that are gathered: to be read and sorted, or to be sorted by key before any is read.
  private static let gatheredMax = 1000
  private static let gatheredByKeyMax = 8000
}

/// A page as it fills.
struct PageBuilder {
  private let limit: PageLimit
  private var records: [StoredRecord] = []
  private var byteCount = 0
  private var rejectedCount = 0
  private var last: IndexPlace?

  /// Whether the page has ended though there is more.
  private(set) var isFull = false

  /// Whether it ended because too many candidates were left out, and not because it has all that it may hold.
  var isCutShort: Bool { isFull && rejectedCount >= limit.rejected }

  init(limit: PageLimit) {
    self.limit = limit
  }

  /// Takes a record in, unless the page is full: then it is the proof that there is another page.
  mutating func accept(_ record: StoredRecord, at place: IndexPlace) {
    let size = record.body.count
    if records.count >= max(1, limit.records) || (!records.isEmpty && byteCount + size > limit.bytes) {
      isFull = true
      return
    }
    records.append(record)
    byteCount += size
    last = place
  }

  /// Notes a candidate that does not belong to the list.
  mutating func reject(at place: IndexPlace) {
    rejectedCount += 1
    last = place
    if rejectedCount >= limit.rejected { isFull = true }
  }

  func page(at revision: Revision) -> Page {
    let next = isFull ? last.map { Cursor(value: $0.value, key: Key(stored: $0.key)) } : nil
    return Page(revision: revision, records: records, next: next)
  }
}

/// The reading of one page.
struct ListScan {
  let transaction: ReadTransaction
  let query: Query
  let viewer: Viewer
  let past: Revision?
  let pageRecords: Int

  /// Reads a page along the list's order, and says whether it was not cut short.
  func inOrder(
    _ plan: ListPlan, after place: IndexPlace?, limit: PageLimit
  ) throws(Fault) -> (page: Page, isComplete: Bool) {
    var builder = PageBuilder(limit: limit)
    var merge = try candidates(plan, after: place)
    let sieve = try EntrySieve(plan, of: self)
    while !builder.isFull, let found = try merge.next() {
      // A list by key has no value to go on from.
      let place = query.order == .key ? IndexPlace(value: [], key: found.key) : found
      if try sieve.mayHold(found.key), let row = try accepted(found.key, residual: plan.residual) {
        builder.accept(row.record, at: place)
      } else {
        builder.reject(at: place)
      }
    }
    return (builder.page(at: past ?? transaction.head), !builder.isCutShort)
  }

  /// Gathers the candidates of a plan that is not in the list's order, and reads a page of those that belong to the list
  /// after a place; nil if there are too many.
  func gathered(
    _ plan: ListPlan, after place: IndexPlace?, limit: PageLimit, countMax: Int
  ) throws(Fault) -> Page? {
    var keys: Set<String> = []
    var merge = try candidates(plan, after: nil)
    while let found = try merge.next() {
      guard keys.count < countMax else { return nil }
      keys.insert(found.key)
    }
    var builder = PageBuilder(limit: limit)
    switch query.order {
    case .key:
      // They are read one by one, so that no more are than the page holds.
      let places = keys.map { IndexPlace(value: [], key: $0) }.filter { isAhead($0, of: place) }
      for found in places.sorted(by: precedes) where !builder.isFull {
        if let row = try accepted(found.key, residual: plan.residual) {
          builder.accept(row.record, at: found)
        } else {
          builder.reject(at: found)
        }
      }
    case .field(let field):
      var rows: [(place: IndexPlace, record: StoredRecord)] = []
      for key in keys {
        guard let row = try accepted(key, residual: plan.residual, needsEntries: true),
          let value = try EntryCoding.values(of: field, in: row.entries).first
        else { continue }
        let found = IndexPlace(value: value.bytes, key: key)
        if isAhead(found, of: place) { rows.append((found, row.record)) }
      }
      for (found, record) in rows.sorted(by: { precedes($0.place, $1.place) }) where !builder.isFull {
        builder.accept(record, at: found)
      }
    }
    return builder.page(at: past ?? transaction.head)
  }

  // MARK: Candidates

  /// The candidates of a plan in all that the viewer sees.
  private func candidates(_ plan: ListPlan, after place: IndexPlace?) throws(Fault) -> PartitionMerge {
    let partitions = try visiblePartitions(of: plan.tracks[0].field)
    let chunkSize = 2 * (pageRecords + 1) / max(1, partitions.count)
    var walks: [IndexIntersection] = []
    for partition in partitions {
      let runs = try plan.tracks.map { track throws(Fault) in
        // Several walks are each through a value of their own, and agree on keys.
        let start = place.map { IndexPlace(value: track.scope == nil ? $0.value : track.range.lower, key: $0.key) }
        return try IndexRun(
          track, in: partition, after: start, at: past, chunkSize: chunkSize, transaction.statements)
      }
      walks.append(try IndexIntersection(runs, going: plan.tracks[0].direction))
    }
    return PartitionMerge(walks, going: plan.tracks[0].direction)
  }

  /// The partitions of a field that the viewer sees. Markings that none of its entries has are not looked into.
  func visiblePartitions(of field: IndexField) throws(Fault) -> [IndexPartition] {
    let states: [RecordState] = query.includesDeleted ? [.live, .softDeleted] : [.live]
    let row = past == nil ? transaction.statements.markings : transaction.statements.pastMarkings
    defer { row.reset() }
    row.bind(Int64(field.id))
    var acls: [UInt32] = []
    while try row.step() { acls.append(UInt32(row.integer(0))) }
    return acls.filter { transaction.names.viewer(viewer, sees: $0) }.flatMap { acl in
      states.map { IndexPartition(acl: acl, state: $0) }
    }
  }

  /// The record of a candidate, if it belongs to the list.
  private func accepted(
    _ key: String, residual: [Query.Condition], needsEntries: Bool = false
  ) throws(Fault) -> VersionRow? {
    let key = Key(stored: key)
    guard query.scope.contains(key) else { return nil }
    let withEntries = needsEntries || !residual.isEmpty
    let row =
      if let past {
        try transaction.version(of: key, as: viewer, at: past, withEntries: withEntries)
      } else {
        try transaction.current(key, as: viewer, withEntries: withEntries)
      }
    guard let row else { return nil }
    for condition in residual {
      let range = condition.test.range
      let values = try EntryCoding.values(of: condition.field, in: row.entries)
      guard values.contains(where: range.contains) else { return nil }
    }
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

/// Asks the index whether a record has the values that it is to have, which costs less than reading the record.
struct EntrySieve {
  /// More places than these to look at cost as much as reading the record.
  private static let placeCountMax = 4

  private let statement: SQLiteStatement
  private let tests: [(field: IndexField, value: [UInt8], partitions: [IndexPartition])]

  /// A sieve for what a plan leaves to be tested; it holds nothing back at a past revision.
  init(_ plan: ListPlan, of scan: ListScan) throws(Fault) {
    statement = scan.transaction.statements.entry
    guard scan.past == nil else {
      tests = []
      return
    }
    var tests: [(field: IndexField, value: [UInt8], partitions: [IndexPartition])] = []
    for condition in plan.residual {
      guard case .equals(let value) = condition.test else { continue }
      let partitions = try scan.visiblePartitions(of: condition.field)
      if partitions.count <= Self.placeCountMax { tests.append((condition.field, value.bytes, partitions)) }
    }
    self.tests = tests
  }

  /// Whether the record may satisfy the conditions; if not, it certainly does not.
  func mayHold(_ key: String) throws(Fault) -> Bool {
    for test in tests {
      var isFound = false
      for partition in test.partitions where !isFound {
        defer { statement.reset() }
        statement.bind(Int64(test.field.id)).bind(Int64(partition.acl)).bind(Int64(partition.state.rawValue))
          .bind(test.value).bind(key)
        isFound = try statement.step()
      }
      guard isFound else { return false }
    }
    return true
  }
}
