internal import PlenaryStore

extension ReadTransaction {
  /// The most candidates that are gathered to be sorted, instead of walking through the list's order.
  private static let sortedMax = 1000

  /// One page of a list, now or as it stood at a revision.
  func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) throws(Fault) -> Page {
    let past = try past(revision)
    let scan = ListScan(transaction: self, query: query, viewer: viewer, past: past, pageRecords: limit.records)
    let start = cursor.map { IndexPlace(value: $0.value, key: $0.key.name) }
    if let keys = try scan.narrowest() { return try scan.selected(keys, after: start, limit: limit) }
    if let plan = ListPlan(byValue: query),
      let found = try scan.sorted(plan, after: start, countMax: Self.sortedMax)
    {
      var builder = PageBuilder(limit: limit)
      for (place, row) in found where !builder.isFull { builder.accept(row.record, at: place) }
      return builder.page(at: past ?? head)
    }
    return try scan.inOrder(ListPlan(inOrder: query), after: start, limit: limit)
  }
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

extension Query.Condition {
  /// Whether one of a record's entries satisfies the condition.
  fileprivate func holds(for entries: [IndexEntry]) -> Bool {
    let range = test.range
    return entries.contains { $0.field == field && range.contains($0.value) }
  }
}

/// The reading of one page.
struct ListScan {
  let transaction: ReadTransaction
  let query: Query
  let viewer: Viewer
  let past: Revision?
  let pageRecords: Int
  private let patience = Patience()

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

  /// Reads a page along the list's order.
  func inOrder(_ plan: ListPlan, after place: IndexPlace?, limit: PageLimit) throws(Fault) -> Page {
    var builder = PageBuilder(limit: limit)
    var merge = try candidates(plan, after: place)
    while !builder.isFull, let found = try merge.next() {
      // A list by key has no value to go on from.
      let place = query.order == .key ? IndexPlace(value: [], key: found.key) : found
      if let row = try accepted(found.key, residual: plan.residual) {
        builder.accept(row.record, at: place)
      } else {
        builder.reject(at: place)
      }
    }
    return builder.page(at: past ?? transaction.head)
  }

  /// Gathers the candidates of a plan that is not in the list's order, and returns those that belong to the list after
  /// a place, sorted; nil if there are too many.
  func sorted(
    _ plan: ListPlan, after place: IndexPlace?, countMax: Int
  ) throws(Fault) -> [(place: IndexPlace, row: VersionRow)]? {
    guard case .field(let field) = query.order else { return nil }
    var keys: [String] = []
    var merge = try candidates(plan, after: nil)
    while let found = try merge.next() {
      guard keys.count < countMax else { return nil }
      keys.append(found.key)
    }
    var rows: [(place: IndexPlace, row: VersionRow)] = []
    for key in keys {
      guard let row = try accepted(key, residual: plan.residual, needsEntries: true),
        let entry = try EntryCoding.decode(row.entries).first(where: { $0.field == field })
      else { continue }
      let found = IndexPlace(value: entry.value.bytes, key: key)
      if let place, !precedes(place, found) { continue }
      rows.append((found, row))
    }
    return rows.sorted { precedes($0.place, $1.place) }
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
  func accepted(
    _ key: String, residual: [Query.Condition], needsEntries: Bool = false
  ) throws(Fault) -> VersionRow? {
    try checkPatience()
    let key = Key(stored: key)
    guard query.scope.contains(key) else { return nil }
    let isTested = !residual.isEmpty || !query.unions.isEmpty
    let withEntries = needsEntries || isTested
    let row =
      if let past {
        try transaction.version(of: key, as: viewer, at: past, withEntries: withEntries)
      } else {
        try transaction.current(key, as: viewer, withEntries: withEntries)
      }
    guard let row else { return nil }
    if isTested {
      let entries = try EntryCoding.decode(row.entries)
      guard residual.allSatisfy({ $0.holds(for: entries) }),
        query.unions.allSatisfy({ union in union.contains { $0.holds(for: entries) } })
      else { return nil }
    }
    return query.predicate?(row.record) ?? true ? row : nil
  }

  // MARK: Order

  func precedes(_ left: IndexPlace, _ right: IndexPlace) -> Bool {
    let isUp = query.direction == .ascending
    if left.value == right.value { return isUp ? left.key < right.key : right.key < left.key }
    return left.value.lexicographicallyPrecedes(right.value) == isUp
  }
}
