import GRPCRuntime
import GRPCTestKit
import PlenaryClient
import PlenaryDomain
import PlenaryServices
import PlenaryStore
import PlenaryStoreSQLite
import SocketTransport
import Synchronization
import Testing

/// Calls whose end does not come from their work.
@Suite(.timeLimit(.minutes(5))) struct GivenUpCallTests {
  @Test func `past the deadline a call reads no more`() async throws {
    try await withEndlessRegistry { endless in
      var options = CallOptions()
      options.timeout = .seconds(30)
      let channel = endless.registry.channel
      let export = Task { [options] in
        for try await _ in try ExportServiceClient(channel).exportRegistry(.init(), options: options) {}
      }
      await endless.store.begun.wait()
      endless.clock.advance(by: .seconds(30))
      await endless.store.cancelled.wait()
      let error = await #expect(throws: GRPCStatus.self) { try await export.value }
      #expect(error?.code == .deadlineExceeded)
      // The server stops only behind its last handler: the export has ended then.
      await endless.server.stop(grace: .zero)
    }
  }

  @Test func `when the server stops, a call reads no more`() async throws {
    try await withEndlessRegistry { endless in
      let channel = endless.registry.channel
      let export = Task {
        for try await _ in try ExportServiceClient(channel).exportRegistry(.init()) {}
      }
      await endless.store.begun.wait()
      await endless.server.stop(grace: .zero)
      await endless.store.cancelled.wait()
      await #expect(throws: GRPCStatus.self) { try await export.value }
    }
  }

  private struct Endless {
    let registry: RegistryClient
    let server: GRPCServer
    let store: EndlessStore
    let clock: ManualClock
  }

  /// Serves a registry whose lists have no end; the body stops the server.
  private func withEndlessRegistry(_ body: (Endless) async throws -> Void) async throws {
    let store = EndlessStore(
      try SQLiteStore(
        .init(
          .memory, now: { CommitTime(microseconds: 0) },
          randomBytes: { count in (0..<count).map { _ in UInt8.random(in: .min ... .max) } })))
    let failures = Mutex<[String]>([])
    let records = Registry(
      store: store, now: { CommitTime(microseconds: 0) }, randomBytes: { Array(repeating: 0, count: $0) })
    let services = RegistryServices(
      registry: records, startTime: CommitTime(microseconds: 0), version: "0",
      failures: FailureReport(
        makeRequestID: { "id" },
        record: { failure in failures.withLock { $0.append("\(failure.method): \(failure.error)") } }),
      upkeep: UpkeepDesk(
        registry: records,
        operations: OperationRegister(start: { work in Task { await work() } }, pause: { _ in }), backupDirectory: nil),
      watches: WatchDesk(
        wakeups: store.wakeups(), limits: WatchDesk.Limits(), clock: ManualClock(),
        start: { work in Task { await work() } }, pause: { _ in }))
    var router = Router()
    services.register(on: &router)
    let clock = ManualClock()
    let server = GRPCServer(router: router, configuration: ServerConfiguration(), observer: nil, clock: clock)
    let address = try await server.listen(on: .tcp(host: "127.0.0.1", port: 0))
    try await RegistryClient.withConnection(to: address.description) { registry in
      try await body(Endless(registry: registry, server: server, store: store, clock: clock))
    }
    await store.close()
    // Nobody is told of a failure of ours: there was none.
    #expect(failures.withLock { $0 } == [])
  }
}

/// A store of which every page has a next one; the first is not given before the call is over.
private final class EndlessStore: Store {
  /// Opened when the first page is asked for.
  let begun = Gate()

  /// Opened when the task of the call is cancelled.
  let cancelled = Gate()

  private let store: SQLiteStore

  init(_ store: SQLiteStore) {
    self.store = store
  }

  var identity: StoreIdentity { store.identity }

  func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) async throws(StoreError) -> Page {
    begun.open()
    await cancelled.waitForCancellation()
    return Page(revision: .zero, records: [], next: Cursor(value: [], key: Key(stored: "themes/t")))
  }

  func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>] { await store.commit(requests) }

  func cached(_ key: Key, as viewer: Viewer) -> (revision: Revision, record: StoredRecord)? { nil }

  func get(_ keys: [Key], as viewer: Viewer, at revision: Revision?) async throws(StoreError) -> Snapshot {
    try await store.get(keys, as: viewer, at: revision)
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
