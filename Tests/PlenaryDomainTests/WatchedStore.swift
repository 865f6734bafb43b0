import PlenaryStore
import Synchronization

/// A store that counts what is read from it, and does something at each read and before each commit.
struct WatchedStore: Store {
  private final class Counter: Sendable {
    let reads = Mutex(0)
    let givenUp = Mutex(false)
  }

  private let store: any Store
  private let counter = Counter()
  private let onRead: @Sendable (_ number: Int) -> Void
  private let beforeCommit: @Sendable () async -> Void

  /// Watches a store; reads are numbered from 1.
  init(
    _ store: any Store, onRead: @escaping @Sendable (_ number: Int) -> Void = { _ in },
    beforeCommit: @escaping @Sendable () async -> Void = {}
  ) {
    self.store = store
    self.onRead = onRead
    self.beforeCommit = beforeCommit
  }

  /// How many reads there were.
  var readCount: Int { counter.reads.withLock { $0 } }

  /// Whether the last list was given up while it was read, and the store could know.
  var sawGivenUp: Bool { counter.givenUp.withLock { $0 } }

  private func note() {
    let number = counter.reads.withLock { count in
      count += 1
      return count
    }
    onRead(number)
  }

  var identity: StoreIdentity { store.identity }

  func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>] {
    await beforeCommit()
    return await store.commit(requests)
  }

  func cached(_ key: Key, as viewer: Viewer) -> (revision: Revision, record: StoredRecord)? {
    store.cached(key, as: viewer)
  }

  func get(_ keys: [Key], as viewer: Viewer, at revision: Revision?) async throws(StoreError) -> Snapshot {
    note()
    return try await store.get(keys, as: viewer, at: revision)
  }

  func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) async throws(StoreError) -> Page {
    note()
    counter.givenUp.withLock { $0 = query.isGivenUp?() ?? false }
    return try await store.list(query, as: viewer, after: cursor, limit: limit, at: revision)
  }

  func changes(after revision: Revision, as viewer: Viewer, limit: Int) async throws(StoreError) -> ChangeBatch {
    try await store.changes(after: revision, as: viewer, limit: limit)
  }

  func feedInMemory(_ question: FeedQuestion) -> FeedPart? { store.feedInMemory(question) }

  func feed(_ question: FeedQuestion) async throws(StoreError) -> FeedPart {
    note()
    return try await store.feed(question)
  }

  func head() async throws(StoreError) -> Revision { try await store.head() }

  func wakeups() -> AsyncStream<Revision> { store.wakeups() }

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
    try await store.differences(
      from: first, to: last, as: viewer, after: place, limit: limit, where: isWanted)
  }

  func removableVersionCount(to revision: Revision) async throws(StoreError) -> Int {
    try await store.removableVersionCount(to: revision)
  }

  func compact(to revision: Revision, after place: Revision) async throws(StoreError) -> CompactionStep {
    try await store.compact(to: revision, after: place)
  }

  func backUp(to path: String, watch: UpkeepWatch) async throws(StoreError) -> BackupManifest {
    try await store.backUp(to: path, watch: watch)
  }

  func verify(_ depth: VerifyDepth, watch: UpkeepWatch) async throws(StoreError) -> VerifyReport {
    try await store.verify(depth, watch: watch)
  }

  func health() -> PlenaryStore.StoreHealth { store.health() }

  func close() async { await store.close() }
}
