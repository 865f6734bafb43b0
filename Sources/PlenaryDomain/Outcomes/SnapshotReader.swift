internal import PlenaryStore
internal import ProtobufRuntime

/// Reads live records as a caller sees them, all at one revision: for answers that are put together from many.
struct SnapshotReader: Sendable {
  /// Where the records are.
  let store: any Store

  /// Who reads.
  let caller: Caller

  /// The revision that everything is read at.
  let revision: Revision

  /// The records that are read at a time.
  private static let pageCount = 500

  /// The names that are looked up at a time: what is found is whole records.
  private static let lookupCount = 50

  /// The live record with a name, if the caller sees it.
  func record(_ name: String) async throws(DomainError) -> StoredRecord? {
    var found: StoredRecord?
    try await forEach(named: [name]) { record in
      found = record
      return false
    }
    return found
  }

  /// Visits the live records with some names that the caller sees, by name, until the visitor has seen enough.
  func forEach(
    named names: some Sequence<String>, _ visit: (StoredRecord) throws(DomainError) -> Bool
  ) async throws(DomainError) {
    try await lookUp(names) { record throws(DomainError) in record.isDeleted ? true : try visit(record) }
  }

  /// Which of the records with some names the caller sees, deleted ones included.
  func visible(_ names: some Sequence<String>) async throws(DomainError) -> Set<String> {
    var visible: Set<String> = []
    try await lookUp(names) { record in
      visible.insert(record.key.name)
      return true
    }
    return visible
  }

  private func lookUp(
    _ names: some Sequence<String>, _ visit: (StoredRecord) throws(DomainError) -> Bool
  ) async throws(DomainError) {
    let keys = Set(names).compactMap(Key.init).sorted()
    for start in stride(from: 0, to: keys.count, by: Self.lookupCount) {
      try check()
      let part = Array(keys[start..<min(start + Self.lookupCount, keys.count)])
      let snapshot = try await store.reading { store throws(StoreError) in
        try await store.get(part, as: caller.viewer, at: revision)
      }
      for case let record? in snapshot.records {
        guard try visit(record) else { return }
      }
    }
  }

  /// Visits the live records of a kind by name, all of them or those with an entry in an index, until the visitor has seen
  /// enough.
  func forEach(
    _ kind: Kind, with entry: IndexEntry? = nil, under scope: KeyPrefix = .all,
    _ visit: (StoredRecord) throws(DomainError) -> Bool
  ) async throws(DomainError) {
    let entry = entry ?? IndexEntry(kind.membership, .unset)
    let query = Query(scope: scope, conditions: [.init(entry.field, .equals(entry.value))])
    var cursor: Cursor?
    repeat {
      try check()
      let page = try await store.reading { store throws(StoreError) in
        try await store.list(
          query, as: caller.viewer, after: cursor, limit: PageLimit(records: Self.pageCount), at: revision)
      }
      for record in page.records {
        guard try visit(record) else { return }
      }
      cursor = page.next
    } while cursor != nil
  }

  private func check() throws(DomainError) {
    try DomainError.checkCancellation()
    try caller.checkIsCurrent()
  }
}

extension Registry {
  /// A reader of what a caller sees at a revision; now, if none is given.
  func reader(for caller: Caller, at revision: Revision?) async throws(DomainError) -> SnapshotReader {
    if let revision { return SnapshotReader(store: store, caller: caller, revision: revision) }
    return SnapshotReader(store: store, caller: caller, revision: try await head())
  }
}
