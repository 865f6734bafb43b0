import PlenaryStore
import PlenaryTestKit
import Synchronization

/// A store that counts what is read from it, and does something at each read and before each commit.
struct WatchedStore: StoreWrapper {
  private final class Counter: Sendable {
    let reads = Mutex(0)
    let givenUp = Mutex(false)
  }

  let store: any Store
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

  func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>] {
    await beforeCommit()
    return await store.commit(requests)
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

  func saw(_ moments: [RecordMoment], as viewer: Viewer) async throws(StoreError) -> [Bool] {
    note()
    return try await store.saw(moments, as: viewer)
  }

  func feed<Teller: FeedTeller>(
    _ question: FeedQuestion, to teller: Teller
  ) async throws(StoreError) -> Teller.Told {
    note()
    return try await store.feed(question, to: teller)
  }
}
