import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import PlenaryStoreSQLite
import ProtobufRuntime
import Testing

/// What callers hear of a store that fails, or that others keep changing.
@Suite(.timeLimit(.minutes(5))) struct StoreFailureTests {
  private static let request = CreateThemeRequest.with { ($0.themeID, $0.theme) = ("t2", Sample.theme("t2")) }

  @Test(arguments: [
    (
      StoreError.unavailable(reason: "the disk", outcomeUnknown: true), Reason.outcomeUnknown,
      DomainError.Code.unavailable
    ),
    (.unavailable(reason: "the disk", outcomeUnknown: false), .storeUnavailable, .unavailable),
    (.corrupt(reason: "a page"), .storeUnavailable, .unavailable), (.readOnly, .storeReadOnly, .unavailable),
    (.full, .limitReached, .resourceExhausted),
  ])
  func `a write that the store does not do says why, and nothing of the store's own words`(
    _ failure: StoreError, _ reason: Reason, _ code: DomainError.Code
  ) async throws {
    try await TestRegistry.run { test in
      let registry = Registry(
        store: FailingStore(test.store, commit: failure), now: { CommitTime(microseconds: 0) },
        randomBytes: { Array(repeating: 7, count: $0) })
      let error = await expectRefusal(reason) { _ = try await registry.create(Self.request, as: TestRegistry.caller) }
      #expect(error?.code == code && error?.message.contains("the disk") == false)
    }
  }

  @Test func `a write that others overtake each time is given up`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme())
      let key = try #require(Key("themes/t1"))
      let registry = Registry(
        store: FailingStore(test.store, commit: .notFound(key)), now: { CommitTime(microseconds: 0) },
        randomBytes: { Array(repeating: 7, count: $0) })
      let request = UpdateThemeRequest.with {
        $0.theme = .with { ($0.name, $0.notation) = ("themes/t1", "1") }
      }
      let error = await expectRefusal(.writeContention) {
        _ = try await registry.update(request, as: TestRegistry.caller)
      }
      #expect(error?.code == .aborted)
    }
  }

  @Test func `a page at a revision whose history is gone says so`() async throws {
    try await TestRegistry.run { test in
      let registry = Registry(
        store: FailingStore(test.store, list: .revisionCompacted(oldest: Revision(9))),
        now: { CommitTime(microseconds: 0) }, randomBytes: { Array(repeating: 7, count: $0) })
      let error = await expectRefusal(.revisionCompacted) {
        _ = try await registry.list(ListThemesRequest(), as: TestRegistry.caller)
      }
      #expect(error?.code == .outOfRange)
    }
  }

  @Test func `a page at a revision that has not been says so`() async throws {
    try await TestRegistry.run { test in
      try await test.importing((0..<3).map { Sample.theme("t\($0)") })
      let first = try await test.page(ListThemesRequest.with { $0.pageSize = 1 }).page.nextPageToken
      // A store of the same identity that is behind, as one that was restored without telling.
      let registry = Registry(
        store: FailingStore(test.store, list: .revisionInFuture(head: .zero)), now: { CommitTime(microseconds: 0) },
        randomBytes: { Array(repeating: 7, count: $0) })
      let error = await expectRefusal(.revisionFuture) {
        _ = try await registry.list(
          ListThemesRequest.with { ($0.pageSize, $0.pageToken) = (1, first) }, as: TestRegistry.caller)
      }
      #expect(error?.code == .outOfRange)
    }
  }

  @Test func `a store that is closed answers nothing more`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme())
      await test.store.close()
      await expectRefusal(.storeUnavailable) { _ = try await test.page(ListThemesRequest()) }
      await expectRefusal(.storeUnavailable) { try await test.create(Self.request) }
    }
  }
}

/// A store that does not do what it is asked.
private struct FailingStore: Store {
  private let store: any Store
  private let commitFailure: StoreError?
  private let listFailure: StoreError?

  init(_ store: any Store, commit: StoreError? = nil, list: StoreError? = nil) {
    self.store = store
    commitFailure = commit
    listFailure = list
  }

  var identity: StoreIdentity { store.identity }

  func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>] {
    guard let commitFailure else { return await store.commit(requests) }
    return requests.map { _ in .failure(commitFailure) }
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
    if let listFailure { throw listFailure }
    return try await store.list(query, as: viewer, after: cursor, limit: limit, at: revision)
  }

  func changes(after revision: Revision, as viewer: Viewer, limit: Int) async throws(StoreError) -> ChangeBatch {
    try await store.changes(after: revision, as: viewer, limit: limit)
  }

  func feedInMemory(_ question: FeedQuestion) -> FeedPart? { store.feedInMemory(question) }

  func feed(_ question: FeedQuestion) async throws(StoreError) -> FeedPart { try await store.feed(question) }

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
