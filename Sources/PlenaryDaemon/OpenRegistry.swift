internal import GRPCProtos
package import GRPCRuntime
internal import GRPCServices
package import Logging
package import PlenaryDomain
internal import PlenaryServices
package import PlenaryStore
package import PlenaryStoreSQLite
package import ProtobufRuntime
internal import Transparency

/// A registry whose store is open, and everything that answers for it; what is left to add is a server.
package final class OpenRegistry: Sendable {
  /// Why a registry cannot be served any longer as it is.
  enum Ending: Sendable {
    /// It cannot go on.
    case failed(DaemonFailure)
    /// Its store has been promoted, and has to be opened again to take writes.
    case promoted
    /// Its copy can be continued no longer, and has to be taken anew.
    case copyNeeded(String)
  }

  /// The methods of its services, of health and of reflection.
  package let router: Router

  /// What the services are made of.
  package let registry: Registry

  /// Where its records are.
  package let store: SQLiteStore

  /// Why it ends by itself, if it does.
  let endings: AsyncStream<Ending>

  /// Lets the calls in.
  let callGuard: CallGuard

  /// The clients that may call.
  let directory: ClientDirectory

  private let accessLog: AccessLogService
  private let health: HealthService
  private let operations: OperationRegister
  private let watches: WatchDesk
  private let replication: ReplicationDesk
  private let following: Following?
  private let searching: Task<Void, Never>
  private let guarding: Task<Void, Never>

  /// Opens the store, and makes what answers for it.
  ///
  /// - Throws: what is in the way, in one line. Nothing is left open then.
  init(
    _ configuration: DaemonConfiguration, observer: DaemonObserver, additions: RegistryAdditions = RegistryAdditions()
  ) async throws(DaemonFailure) {
    let inputs = configuration.inputs
    let start = { @Sendable (work: @escaping @Sendable () async -> Void) in Task { await work() } }
    let pause = { @Sendable (time: Duration) in try await Task.sleep(for: time) }
    let store = try Self.openStore(configuration, observer: observer)
    let directory = ClientDirectory(store)
    let changes = store.wakeups()
    try await Self.load(directory, of: store, configuration)
    self.directory = directory
    let watches = WatchDesk(
      wakeups: store.wakeups(), limits: configuration.watches, clock: SystemClock(), start: start, pause: pause)
    self.watches = watches
    let (endings, ending) = AsyncStream.makeStream(of: Ending.self)
    let following: Following?
    let key: SigningKey
    do throws(DaemonFailure) {
      key = try Self.auditKey(of: store, configuration)
      accessLog = try AccessLogService(store, key, configuration, observer, pause: pause)
      following = try await Following.start(configuration, store, observer, pause: pause) { ending.yield($0) }
    } catch {
      await store.close()
      throw error
    }
    let callGuard = CallGuard(
      directory, configuration.callPolicy, recorder: accessLog.log, now: inputs.now,
      viewersDidChange: { watches.viewersDidChange() }, start: { _ = start($0) }, pause: pause)
    self.callGuard = callGuard
    registry = Registry(
      store: additions.store(store), inputs,
      following: following?.reads(waitMax: configuration.follow.readWaitMax, pause: pause),
      search: SearchAccess(store.searchIndex, wait: configuration.searchWait, pause: pause),
      // A store that cannot be read ends the daemon; until then whoever was let in before is.
      accessDidChange: { try? await callGuard.refresh() }, accessRecorder: accessLog.log,
      fourEyes: configuration.auth.hasFourEyes ? FourEyes { directory.administrators } : nil,
      organizationRecordsMax: configuration.auth.organizationRecordsMax)
    if following == nil { await Self.noteRedactions(in: registry, of: store) }
    operations = OperationRegister(start: start, pause: pause)
    replication = ReplicationDesk(
      store: store, registry: registry, identity: store.identity, progress: following?.progress, pause: pause,
      promoted: { _ in ending.yield(.promoted) })
    let services = RegistryServices(
      registry: registry, startTime: inputs.now(), version: Version.current,
      failures: Self.failures(in: registry, inputs, observer),
      upkeep: UpkeepDesk(
        registry: registry, operations: operations, backupDirectory: configuration.effectiveBackupDirectory,
        accessLog: accessLog.log),
      watches: watches, replication: replication,
      transparency: TransparencyDesk(
        log: store, accessLog: accessLog.log, registry: registry, key: key, headInterval: configuration.headInterval,
        now: inputs.now),
      accessLog: accessLog.log, callGuard: callGuard)
    var router = Router()
    services.register(on: &router)
    let descriptors = additions.services(&router)
    health = HealthService(services: router.services)
    router.register(grpcHealth: health)
    router.registerReflection(RegistryServices.descriptors + descriptors)
    self.router = router
    self.store = store
    self.following = following
    self.endings = endings
    let feeder = SearchFeeder(
      store, into: store.searchIndex, pause: pause, report: { observer.searchIndexFailed("\($0)") })
    searching = Task { await feeder.run() }
    guarding = Task { await callGuard.run(changes) }
  }

  /// Loads who may call; the store is closed if that fails.
  private static func load(
    _ directory: ClientDirectory, of store: SQLiteStore, _ configuration: DaemonConfiguration
  ) async throws(DaemonFailure) {
    do throws(StoreError) {
      try await directory.load()
    } catch {
      await store.close()
      throw DaemonFailure(opening: configuration.data, error)
    }
  }

  /// Writes down what a restore has done to reports by erasing persons again.
  private static func noteRedactions(in registry: Registry, of store: SQLiteStore) async {
    guard store.identity.epoch > 1 else { return }
    // A report that this did not get to says that its content is not what it was; the next start tries again.
    try? await registry.noteRedactions()
  }

  /// The same with a log, for whoever adds a server of its own.
  package convenience init(
    _ configuration: DaemonConfiguration, logger: Logger, additions: RegistryAdditions
  ) async throws(DaemonFailure) {
    let observer = DaemonObserver(logger, isVerbose: { logger.logLevel <= .debug })
    try await self.init(configuration, observer: observer, additions: additions)
  }

  /// Says to health checks that it is about to end, and ends what would go on for ever: following, and what follows it.
  package func drain() async {
    health.drain()
    await following?.stop()
    replication.close()
    watches.close()
  }

  /// Ends the operations and closes the store, once it is drained and no call is under way any more. Call it once.
  package func close() async {
    await operations.close()
    searching.cancel()
    guarding.cancel()
    await searching.value
    await guarding.value
    await accessLog.close()
    await store.close()
  }

  /// The file of the key of a store.
  static func auditKeyFile(of store: StoreIdentity) -> String { "audit-\(store.id.hexadecimal).key" }

  /// The key that heads of the tree over the audit are signed with, made when the store is opened for the first time.
  private static func auditKey(
    of store: SQLiteStore, _ configuration: DaemonConfiguration
  ) throws(DaemonFailure) -> SigningKey {
    let origin = TransparencyDesk.origin(of: store.identity)
    // Another store that comes into the directory, restored or copied, has a key of its own.
    let file = auditKeyFile(of: store.identity)
    let text: [UInt8]
    do throws(StoreError) {
      text = try store.secret(named: file) {
        do {
          let key = try SigningKey(name: origin, use: .log, seed: configuration.inputs.randomBytes(32))
          return Array((key.secretText + "\n").utf8)
        } catch {
          preconditionFailure("the name of a store can be that of a key: \(error)")
        }
      }
    } catch {
      throw DaemonFailure(opening: configuration.data, error)
    }
    let reason: String
    do {
      let key = try SigningKey(String(decoding: text, as: UTF8.self))
      if key.verification.name == origin { return key }
      reason = "it is that of \(key.verification.name)"
    } catch {
      reason = "\(error)"
    }
    throw DaemonFailure(
      .failed,
      "\(file) in the data directory cannot be used: \(reason); restore it, or remove it to have another key made, which "
        + "everybody has to be told of who verifies heads of the audit")
  }

  private static func openStore(
    _ configuration: DaemonConfiguration, observer: DaemonObserver
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

  /// What becomes of errors and refusals.
  private static func failures(
    in registry: Registry, _ inputs: TimeAndChance, _ observer: DaemonObserver
  ) -> FailureReport {
    FailureReport(
      makeRequestID: { requestID(inputs.randomBytes(16)) }, record: { observer.recordFailure($0) },
      noteRefusal: { refusal, caller, method in registry.note(refusal, of: caller, method: method) })
  }

  /// A number for an error of which the caller is told no more: a UUID of version 4, made of 16 random bytes.
  private static func requestID(_ bytes: [UInt8]) -> String {
    var bytes = bytes
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Array(bytes[$0]).hexadecimal }.joined(separator: "-")
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
