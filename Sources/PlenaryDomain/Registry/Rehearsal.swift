internal import PlenaryStore
internal import ProtobufRuntime

/// Checks by reading what the store checks when it writes, for calls that write nothing.
///
/// It sees the whole store, as the writer does: what it finds out is what a real call would be told.
struct Rehearsal {
  private let store: any Store
  private let changed: Set<Key>
  private let entered: [IndexEntry: [Key]]
  private let added: [Precondition: Int]

  /// The most records read to find the one that is in the way.
  private static let sampleMax = Conflict.referrerSampleMax

  /// A rehearsal of changes to a store.
  ///
  /// - Parameters:
  ///   - revived: What deleted records are found by that come back as they are.
  ///   - added: How many records quotas are to leave room for.
  init(
    of mutations: [Mutation], reviving revived: [Key: [IndexEntry]] = [:], adding added: [Precondition: Int] = [:],
    in store: any Store
  ) {
    self.store = store
    self.added = added
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
    for condition in guards {
      switch condition.refusal {
      case .examineAgain: continue
      case .refuse(let error), .refuseAll(let error):
        if let finding = try await finding(against: condition.precondition) { throw error(finding) }
      }
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
      return try await excess(of: originator, over: max - added[precondition, default: 0])
    case .revision, .prefixUnchangedSince:
      return nil
    }
  }

  /// What speaks against so many records of an originator. A request without changes is how a store is asked for that.
  private func excess(of originator: String, over max: Int) async throws(DomainError) -> Conflict.Finding? {
    let request = WriteRequest(actor: "", preconditions: [.quota(originator: originator, max: max)], mutations: [])
    try DomainError.checkCancellation()
    do {
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
