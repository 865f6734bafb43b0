import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import PlenaryStoreSQLite
import PlenaryTestKit
import ProtobufRuntime
import Testing

/// What callers hear of a store that fails, or that others keep changing.
@Suite(.timeLimit(.minutes(10))) struct StoreFailureTests {
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
private struct FailingStore: StoreWrapper {
  let store: any Store
  private let commitFailure: StoreError?
  private let listFailure: StoreError?

  init(_ store: any Store, commit: StoreError? = nil, list: StoreError? = nil) {
    self.store = store
    commitFailure = commit
    listFailure = list
  }

  func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>] {
    guard let commitFailure else { return await store.commit(requests) }
    return requests.map { _ in .failure(commitFailure) }
  }

  func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) async throws(StoreError) -> Page {
    if let listFailure { throw listFailure }
    return try await store.list(query, as: viewer, after: cursor, limit: limit, at: revision)
  }
}
