import GRPCRuntime
import GRPCTestKit
import PlenaryClient
import PlenaryDomain
import PlenaryServices
import PlenaryStore
import PlenaryStoreSQLite
import PlenaryTestKit
import SocketTransport
import Synchronization
import Testing

/// Calls whose end does not come from their work.
@Suite(.timeLimit(.minutes(10))) struct GivenUpCallTests {
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
private final class EndlessStore: StoreWrapper {
  /// Opened when the first page is asked for.
  let begun = Gate()

  /// Opened when the task of the call is cancelled.
  let cancelled = Gate()

  let store: any Store

  init(_ store: SQLiteStore) {
    self.store = store
  }

  func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) async throws(StoreError) -> Page {
    begun.open()
    await cancelled.waitForCancellation()
    return Page(revision: .zero, records: [], next: Cursor(value: [], key: Key(stored: "themes/t")))
  }

  func cached(_ key: Key, as viewer: Viewer) -> (revision: Revision, record: StoredRecord)? { nil }
}
