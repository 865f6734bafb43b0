package import PlenaryStore

/// A store that stands before another one, for tests: of everything that it does not do itself, it is the other one.
package protocol StoreWrapper: Store {
  /// The store behind it.
  var store: any Store { get }
}

extension StoreWrapper {
  package var identity: StoreIdentity { store.identity }

  package func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>] {
    await store.commit(requests)
  }

  package func cached(_ key: Key, as viewer: Viewer) -> (revision: Revision, record: StoredRecord)? {
    store.cached(key, as: viewer)
  }

  package func get(_ keys: [Key], as viewer: Viewer, at revision: Revision?) async throws(StoreError) -> Snapshot {
    try await store.get(keys, as: viewer, at: revision)
  }

  package func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) async throws(StoreError) -> Page {
    try await store.list(query, as: viewer, after: cursor, limit: limit, at: revision)
  }

  package func changes(
    after revision: Revision, as viewer: Viewer, limit: Int
  ) async throws(StoreError) -> ChangeBatch {
    try await store.changes(after: revision, as: viewer, limit: limit)
  }

  package func head() async throws(StoreError) -> Revision { try await store.head() }

  package func wakeups() -> AsyncStream<Revision> { store.wakeups() }

  package func backUp(
    to path: String, sealedTo key: [UInt8]?, watch: UpkeepWatch
  ) async throws(StoreError) -> BackupManifest {
    try await store.backUp(to: path, sealedTo: key, watch: watch)
  }

  package func verify(_ depth: VerifyDepth, watch: UpkeepWatch) async throws(StoreError) -> VerifyReport {
    try await store.verify(depth, watch: watch)
  }

  package func health() -> StoreHealth { store.health() }

  package func close() async { await store.close() }

  // MARK: Changes

  package func feedInMemory(_ question: FeedQuestion) -> FeedPart? { store.feedInMemory(question) }

  package func feed<Teller: FeedTeller>(
    _ question: FeedQuestion, to teller: Teller
  ) async throws(StoreError) -> Teller.Told {
    try await store.feed(question, to: teller)
  }

  // MARK: The past

  package func revision(for point: ReadPoint) async throws(StoreError) -> Revision {
    try await store.revision(for: point)
  }

  package func oldestRevision() async throws(StoreError) -> Revision { try await store.oldestRevision() }

  package func versions(
    of key: Key, as viewer: Viewer, from revision: Revision?, limit: PageLimit
  ) async throws(StoreError) -> VersionPage {
    try await store.versions(of: key, as: viewer, from: revision, limit: limit)
  }

  package func saw(_ moments: [RecordMoment], as viewer: Viewer) async throws(StoreError) -> [Bool] {
    try await store.saw(moments, as: viewer)
  }

  package func differences(
    from first: Revision, to last: Revision, as viewer: Viewer, after place: Revision?, limit: PageLimit,
    where isWanted: @escaping @Sendable (Key) -> Bool
  ) async throws(StoreError) -> DifferencePage {
    try await store.differences(from: first, to: last, as: viewer, after: place, limit: limit, where: isWanted)
  }

  package func holders(
    of entry: IndexEntry, as viewer: Viewer, limit: Int
  ) async throws(StoreError) -> [EntryHolder] {
    try await store.holders(of: entry, as: viewer, limit: limit)
  }

  package func removableVersionCount(to revision: Revision) async throws(StoreError) -> Int {
    try await store.removableVersionCount(to: revision)
  }

  package func compact(to revision: Revision, after place: Revision) async throws(StoreError) -> CompactionStep {
    try await store.compact(to: revision, after: place)
  }

  package func auditRows(_ question: AuditQuestion) async throws(StoreError) -> AuditPage {
    try await store.auditRows(question)
  }
}
