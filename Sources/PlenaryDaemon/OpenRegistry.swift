internal import GRPCProtos
package import GRPCRuntime
internal import GRPCServices
package import Logging
package import PlenaryDomain
internal import PlenaryServices
package import PlenaryStore
package import PlenaryStoreSQLite
package import ProtobufRuntime
internal import Synchronization

/// A registry whose store is open, and everything that answers for it; what is left to add is a server.
package final class OpenRegistry: Sendable {
  /// The methods of its services, of health and of reflection.
  package let router: Router

  /// What the services are made of.
  package let registry: Registry

  /// Where its records are.
  package let store: SQLiteStore

  /// Why it ends by itself, if it does.
  let endings: AsyncStream<RunningDaemon.Ending>

  private let health: HealthService
  private let operations: OperationRegister
  private let watches: WatchDesk
  private let replication: ReplicationDesk
  private let following: Following?
  private let searching = Mutex<Task<Void, Never>?>(nil)

  private init(
    _ opened: Opened, _ configuration: DaemonConfiguration, _ observer: DaemonObserver, _ additions: RegistryAdditions
  ) {
    let (inputs, store) = (configuration.inputs, opened.store)
    self.store = store
    following = opened.following
    endings = opened.endings
    let reads = following.map { following in
      FollowerReads(
        leader: following.progress.leader, waitMax: configuration.follow.readWaitMax,
        completeTime: { following.progress.completeTime }, pause: Self.pause)
    }
    registry = Registry(
      store: additions.store(store), inputs, following: reads,
      search: SearchAccess(store.searchIndex, pause: Self.pause))
    operations = OperationRegister(start: Self.start, pause: Self.pause)
    watches = WatchDesk(
      wakeups: store.wakeups(), limits: configuration.watches, clock: SystemClock(), start: Self.start,
      pause: Self.pause)
    replication = ReplicationDesk(
      store: store, registry: registry, identity: store.identity, progress: following?.progress, pause: Self.pause,
      promoted: { [ending = opened.ending] _ in ending.yield(.promoted) })
    let failures = FailureReport(
      makeRequestID: { Self.requestID(inputs.randomBytes(16)) }, record: { observer.recordFailure($0) })
    let services = RegistryServices(
      registry: registry, startTime: inputs.now(), version: Version.current, failures: failures,
      upkeep: UpkeepDesk(
        registry: registry, operations: operations, backupDirectory: configuration.effectiveBackupDirectory),
      watches: watches, replication: replication)
    var router = Router()
    services.register(on: &router)
    let descriptors = additions.services(&router)
    health = HealthService(services: router.services)
    router.register(grpcHealth: health)
    router.registerReflection(RegistryServices.descriptors + descriptors)
    self.router = router
  }

  /// Opens the store, and makes what answers for it.
  ///
  /// - Throws: what is in the way, in one line. Nothing is left open then.
  static func open(
    _ configuration: DaemonConfiguration, observer: DaemonObserver, additions: RegistryAdditions = RegistryAdditions()
  ) async throws(DaemonFailure) -> OpenRegistry {
    OpenRegistry(try await Opened(configuration, observer), configuration, observer, additions)
  }

  /// The same with a log, for whoever adds a server of its own.
  package static func open(
    _ configuration: DaemonConfiguration, logger: Logger, additions: RegistryAdditions
  ) async throws(DaemonFailure) -> OpenRegistry {
    let observer = DaemonObserver(logger, isVerbose: { logger.logLevel <= .debug })
    return try await open(configuration, observer: observer, additions: additions)
  }

  /// Begins what goes on beside the calls: the index of words is fed. Call it once.
  ///
  /// - Parameter report: Is told why the index is not fed, in one line.
  package func begin(report: @escaping @Sendable (String) -> Void) {
    let feeder = SearchFeeder(store, into: store.searchIndex, pause: Self.pause, report: report)
    searching.withLock { $0 = Task { await feeder.run() } }
  }

  /// Says to health checks that it is about to end, and ends what would go on for ever: following, copies, watches.
  package func drain() async {
    health.drain()
    await following?.stop()
    replication.close()
    watches.close()
  }

  /// Ends the rest and closes the store, once no call is under way any more. Call it once, behind `drain`.
  package func close() async {
    await operations.close()
    let searching = searching.withLock { $0.take() }
    searching?.cancel()
    await searching?.value
    await store.close()
  }

  private static let start: @Sendable (@escaping @Sendable () async -> Void) -> Task<Void, Never> = { work in
    Task { await work() }
  }

  private static let pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

  /// A number for an error of which the caller is told no more: a UUID of version 4, made of 16 random bytes.
  private static func requestID(_ bytes: [UInt8]) -> String {
    var bytes = bytes
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = bytes.map { byte in byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16) }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
  }

  /// What has to be open before there is a registry.
  private struct Opened {
    let store: SQLiteStore
    let following: Following?
    let endings: AsyncStream<RunningDaemon.Ending>
    let ending: AsyncStream<RunningDaemon.Ending>.Continuation

    init(_ configuration: DaemonConfiguration, _ observer: DaemonObserver) async throws(DaemonFailure) {
      store = try Self.openStore(configuration, observer)
      (endings, ending) = AsyncStream.makeStream(of: RunningDaemon.Ending.self)
      do throws(DaemonFailure) {
        following = try await Following.start(configuration, store, observer, pause: OpenRegistry.pause) {
          [ending] in ending.yield($0)
        }
      } catch {
        await store.close()
        throw error
      }
    }

    private static func openStore(
      _ configuration: DaemonConfiguration, _ observer: DaemonObserver
    ) throws(DaemonFailure) -> SQLiteStore {
      var store = SQLiteStore.Configuration(configuration.data, configuration.inputs)
      store.observer = observer
      store.indexing = KindCatalog.current.indexing
      store.ballastBytes = configuration.ballastBytes
      store.leader = configuration.follow.leader?.description
      store.feedChangesMax = configuration.feedChangesMax
      store.feedBytesMax = configuration.feedBytesMax
      store.image = configuration.image
      do throws(StoreError) {
        return try SQLiteStore(store)
      } catch {
        throw DaemonFailure(opening: configuration.data, error)
      }
    }
  }
}

/// What a test daemon puts into a registry. `plenaryd` adds nothing.
package struct RegistryAdditions: Sendable {
  /// What stands between the services and the store.
  package var store: @Sendable (any Store) -> any Store = { $0 }

  /// Further services, and their protos for reflection.
  package var services: @Sendable (inout Router) -> [DescriptorSet] = { _ in [] }

  /// Adds nothing.
  package init() {}
}
