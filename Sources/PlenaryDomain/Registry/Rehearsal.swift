internal import PlenaryStore
internal import ProtobufRuntime

/// Checks by reading what the store checks when it writes, for calls that write nothing.
///
/// It sees the whole store, as the writer does: what it finds out is what a real call would be told.
struct Rehearsal {
  private let store: any Store
  private let changed: Set<Key>
  private let entered: [IndexEntry: [Key]]

  /// The most records read to find the one that is in the way.
  private static let sampleMax = Conflict.referrerSampleMax

  /// A rehearsal of changes to a store.
  ///
  /// - Parameter revived: What deleted records are found by that come back as they are.
  init(of mutations: [Mutation], reviving revived: [Key: [IndexEntry]] = [:], in store: any Store) {
    self.store = store
    changed = Set(mutations.map(\.key))
    var entered: [IndexEntry: [Key]] = [:]
    for mutation in mutations {
      for entry in mutation.entries { entered[entry, default: []].append(mutation.key) }
    }
    for (key, entries) in revived {
      for entry in entries { entered[entry, default: []].append(key) }
    }
    self.entered = entered
  }

  /// Checks conditions, and throws what the first that does not hold means to the caller.
  func check(_ guards: [Guard]) async throws(DomainError) {
    for condition in Self.withRoom(guards) {
      switch condition.refusal {
      case .examineAgain: continue
      case .refuse(let error), .refuseAll(let error):
        if let finding = try await finding(against: condition.precondition) { throw error(finding) }
      }
    }
  }

  /// The same conditions; those for records that an originator gets become one, which leaves room for all of them.
  private static func withRoom(_ guards: [Guard]) -> [Guard] {
    let added = guards.reduce(into: [Precondition: Int]()) { count, condition in
      if case .quota = condition.precondition { count[condition.precondition, default: 0] += 1 }
    }
    var seen: Set<Precondition> = []
    return guards.compactMap { condition in
      guard case .quota(let originator, let max) = condition.precondition else { return condition }
      guard seen.insert(condition.precondition).inserted else { return nil }
      let room = max - added[condition.precondition, default: 0]
      return Guard(precondition: .quota(originator: originator, max: room), refusal: condition.refusal)
    }
  }

  /// What speaks against a condition once the changes are made; nil if nothing does.
  private func finding(against precondition: Precondition) async throws(DomainError) -> Conflict.Finding? {
    switch precondition {
    case .absent(let key):
      return try await record(key).map { .present(key, $0.state) }
    case .exists(let key):
      if changed.contains(key) { return nil }
      guard let record = try await record(key) else { return .missing(key) }
      return record.isDeleted ? .deleted(key) : nil
    case .unique(let entry):
      let holders = try await holders(of: entry)
      return holders.count > 1 ? .taken(entry, by: holders) : nil
    case .noReferrer(let key, let fields):
      var referrers: Set<Key> = []
      for field in fields { referrers.formUnion(try await holders(of: IndexEntry(field, .reference(key)))) }
      return referrers.isEmpty
        ? nil
        : .referred(key, by: Array(referrers.sorted().prefix(Self.sampleMax)), count: referrers.count)
    case .quota(let originator, let max):
      return try await excess(of: originator, over: max)
    case .revision, .prefixUnchangedSince:
      return nil
    }
  }

  /// What speaks against so many records of an originator. A request without changes is how a store is asked for that.
  private func excess(of originator: String, over max: Int) async throws(DomainError) -> Conflict.Finding? {
    let request = WriteRequest(actor: "", preconditions: [.quota(originator: originator, max: max)], mutations: [])
    do {
      try DomainError.checkCancellation()
      _ = try await store.commit(request)
      return nil
    } catch .conflict(let conflict) {
      return conflict.finding
    } catch {
      throw DomainError(error)
    }
  }

  private func record(_ key: Key) async throws(DomainError) -> StoredRecord? {
    try await store.reading { store throws(StoreError) in
      try await store.get(key, as: .everything).record
    }
  }

  /// The live records that will have an entry.
  private func holders(of entry: IndexEntry) async throws(DomainError) -> [Key] {
    let query = Query(conditions: [.init(entry.field, .equals(entry.value))])
    var standing: [Key] = []
    var cursor: Cursor?
    repeat {
      let page = try await store.reading { store throws(StoreError) in
        try await store.list(query, as: .everything, after: cursor, limit: PageLimit(records: Self.sampleMax), at: nil)
      }
      standing += page.records.map(\.key).filter { !changed.contains($0) }
      cursor = page.next
    } while cursor != nil && standing.count < Self.sampleMax
    return entered[entry, default: []] + standing
  }
}

extension Mutation {
  /// What the record is found by once the change is made.
  fileprivate var entries: [IndexEntry] { content?.entries ?? [] }
}
