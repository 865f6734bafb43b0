internal import PlenaryStore

/// A store on whose disk no space is left for some calls: their writes are refused, as a full disk refuses them, and reads
/// go on. Of everything else it is the store that it stands before.
struct FaultyStore: Store {
  /// Whether the call that runs finds the disk full. What it starts inherits that.
  @TaskLocal static var isFull = false

  let store: any Store

  var identity: StoreIdentity { store.identity }

  func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>] {
    guard !Self.isFull else { return requests.map { _ in .failure(.full) } }
    return await store.commit(requests)
  }

  func cached(_ key: Key, as viewer: Viewer) -> (revision: Revision, record: StoredRecord)? {
    store.cached(key, as: viewer)
  }

  func get(_ keys: [Key], as viewer: Viewer, at revision: Revision?) async throws(StoreError) -> Snapshot {
    try await store.get(keys, as: viewer, at: revision)
  }

  func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) async throws(StoreError) -> Page {
    try await store.list(query, as: viewer, after: cursor, limit: limit, at: revision)
  }

  func changes(after revision: Revision, as viewer: Viewer, limit: Int) async throws(StoreError) -> ChangeBatch {
    try await store.changes(after: revision, as: viewer, limit: limit)
  }

  func feedInMemory(_ question: FeedQuestion) -> FeedPart? { store.feedInMemory(question) }

  func feed(_ question: FeedQuestion) async throws(StoreError) -> FeedPart { try await store.feed(question) }

  func head() async throws(StoreError) -> Revision { try await store.head() }

  func wakeups() -> AsyncStream<Revision> { store.wakeups() }

  func backUp(to path: String, watch: UpkeepWatch) async throws(StoreError) -> BackupManifest {
    guard !Self.isFull else { throw .full }
    return try await store.backUp(to: path, watch: watch)
  }

  func verify(_ depth: VerifyDepth, watch: UpkeepWatch) async throws(StoreError) -> VerifyReport {
    try await store.verify(depth, watch: watch)
  }

  func health() -> StoreHealth { store.health() }

  func close() async { await store.close() }

  // MARK: The past

  func revision(for point: ReadPoint) async throws(StoreError) -> Revision { try await store.revision(for: point) }

  func oldestRevision() async throws(StoreError) -> Revision { try await store.oldestRevision() }

  func versions(
    of key: Key, as viewer: Viewer, from revision: Revision?, limit: PageLimit
  ) async throws(StoreError) -> VersionPage {
    try await store.versions(of: key, as: viewer, from: revision, limit: limit)
  }

  func differences(
    from first: Revision, to last: Revision, as viewer: Viewer, after place: Revision?, limit: PageLimit,
    where isWanted: @escaping @Sendable (Key) -> Bool
  ) async throws(StoreError) -> DifferencePage {
    try await store.differences(from: first, to: last, as: viewer, after: place, limit: limit, where: isWanted)
  }

  func removableVersionCount(to revision: Revision) async throws(StoreError) -> Int {
    try await store.removableVersionCount(to: revision)
  }

  func compact(to revision: Revision, after place: Revision) async throws(StoreError) -> CompactionStep {
    guard !Self.isFull else { throw .full }
    return try await store.compact(to: revision, after: place)
  }
}
