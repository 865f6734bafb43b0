internal import Foundation
internal import GRPCProtos
internal import GRPCRuntime
internal import GRPCServices
package import Logging
internal import PlenaryDomain
internal import PlenaryServices
internal import PlenaryStore
internal import PlenaryStoreSQLite
package import SocketTransport

/// A daemon that serves: the store is open, and the server listens.
package final class RunningDaemon: Sendable {
  /// Where it listens, with the ports that the system chose.
  package let addresses: [TransportAddress]

  private let server: GRPCServer
  private let health: HealthService
  private let parts: Parts
  private let searching: Task<Void, Never>
  private let observer: DaemonObserver
  private let grace: Duration

  private init(
    addresses: [TransportAddress], server: GRPCServer, health: HealthService, parts: Parts,
    searching: Task<Void, Never>, observer: DaemonObserver, grace: Duration
  ) {
    self.addresses = addresses
    self.server = server
    self.health = health
    self.parts = parts
    self.searching = searching
    self.observer = observer
    self.grace = grace
  }

  /// What works behind the services.
  struct Parts: Sendable {
    let store: SQLiteStore
    let operations: OperationRegister
    let watches: WatchDesk
    let replication: ReplicationDesk
    let following: Following?
    let endings: AsyncStream<Ending>
  }

  /// Why a daemon ends by itself.
  enum Ending: Sendable {
    /// It cannot go on.
    case failed(DaemonFailure)
    /// Its store has been promoted, and has to be opened again to take writes.
    case promoted
    /// Its copy can be continued no longer, and has to be taken anew.
    case copyNeeded(String)
  }

  /// Opens the store and begins to serve.
  ///
  /// - Parameter isVerbose: Whether the log has what is of the level `debug`, if that is quicker to find than by asking the
  ///   logger. It is asked at every call.
  /// - Throws: what is in the way, in one line. Nothing is left open then.
  package static func start(
    _ configuration: DaemonConfiguration, logger: Logger, isVerbose: (@Sendable () -> Bool)? = nil
  ) async throws(DaemonFailure) -> RunningDaemon {
    try configuration.check()
    let serverConfiguration = try configuration.serverConfiguration()
    let observer = DaemonObserver(logger, isVerbose: isVerbose ?? { logger.logLevel <= .debug })
    let (parts, router, health) = try await parts(of: configuration, observer)
    let server = GRPCServer(router: router, configuration: serverConfiguration, observer: observer)
    do throws(TransportError) {
      var addresses: [TransportAddress] = []
      for address in configuration.listen { addresses.append(try await server.listen(on: address)) }
      let feeder = SearchFeeder(
        parts.store, into: parts.store.searchIndex, pause: { try await Task.sleep(for: $0) },
        report: { logger.warning("search.index", metadata: ["reason": "\($0)"]) })
      let searching = Task { await feeder.run() }
      return RunningDaemon(
        addresses: addresses, server: server, health: health, parts: parts, searching: searching, observer: observer,
        grace: configuration.grace)
    } catch {
      parts.watches.close()
      await server.stop(grace: .zero)
      await parts.following?.stop()
      await parts.store.close()
      // What is wrong with a certificate is said together with what to do.
      let advice = error.code == .badTLSFile ? "" : "; give another address with --listen"
      throw DaemonFailure(.failed, error.message + advice)
    }
  }

  /// Stops: says so to health checks, ends the watches, lets the other calls under way finish, and closes the store. Call
  /// it once.
  package func stop() async {
    health.drain()
    await parts.following?.stop()
    parts.replication.close()
    parts.watches.close()
    await server.stop(grace: grace)
    await parts.operations.close()
    searching.cancel()
    await searching.value
    await parts.store.close()
  }

  /// Reads the certificates again, for connections to come.
  /// - Throws: the file, what is wrong with it and what to do, in one line; nothing has changed then.
  func reloadTLS() throws {
    try server.reloadTLS()
  }

  /// Waits until it has to end by itself, and returns why; nil if the task is cancelled before.
  func ending() async -> Ending? {
    await withTaskGroup(of: Ending?.self) { group in
      defer { group.cancelAll() }
      group.addTask { [observer] in
        for await error in observer.storeFailures { return .failed(DaemonFailure(running: error)) }
        return nil
      }
      group.addTask { [parts] in
        for await ending in parts.endings { return ending }
        return nil
      }
      return await group.next() ?? nil
    }
  }

  /// Opens the store, and makes what works with it.
  private static func parts(
    of configuration: DaemonConfiguration, _ observer: DaemonObserver
  ) async throws(DaemonFailure) -> (Parts, Router, HealthService) {
    let start = { @Sendable (work: @escaping @Sendable () async -> Void) in Task { await work() } }
    let pause = { @Sendable (time: Duration) in try await Task.sleep(for: time) }
    let store = try openStore(configuration, observer: observer)
    let (endings, ending) = AsyncStream.makeStream(of: Ending.self)
    let following: Following?
    do throws(DaemonFailure) {
      following = try await Following.start(configuration, store, observer, pause: pause) { ending.yield($0) }
    } catch {
      await store.close()
      throw error
    }
    let reads = following.map { [configuration] following in
      FollowerReads(
        leader: following.progress.leader, waitMax: configuration.follow.readWaitMax,
        completeTime: { following.progress.completeTime }, pause: pause)
    }
    let registry = Registry(
      store: store, now: configuration.now, randomBytes: configuration.randomBytes, following: reads,
      search: SearchAccess(store.searchIndex, pause: pause))
    let parts = Parts(
      store: store, operations: OperationRegister(start: start, pause: pause),
      watches: WatchDesk(
        wakeups: store.wakeups(), limits: configuration.watches, clock: SystemClock(), start: start, pause: pause),
      replication: ReplicationDesk(
        store: store, registry: registry, identity: store.identity, progress: following?.progress, pause: pause,
        promoted: { _ in ending.yield(.promoted) }),
      following: following, endings: endings)
    let (router, health) = services(of: registry, parts, configuration, observer)
    return (parts, router, health)
  }

  private static func openStore(
    _ configuration: DaemonConfiguration, observer: DaemonObserver
  ) throws(DaemonFailure) -> SQLiteStore {
    var store = SQLiteStore.Configuration(
      configuration.data, now: configuration.now, randomBytes: configuration.randomBytes)
    store.observer = observer
    store.indexing = KindCatalog.current.indexing
    store.ballastBytes = configuration.ballastBytes
    store.leader = configuration.follow.leader?.description
    store.feedChangesMax = configuration.feedChangesMax
    store.feedBytesMax = configuration.feedBytesMax
    do throws(StoreError) {
      return try SQLiteStore(store)
    } catch {
      throw DaemonFailure(opening: configuration.data, error)
    }
  }

  private static func services(
    of registry: Registry, _ parts: Parts, _ configuration: DaemonConfiguration, _ observer: DaemonObserver
  ) -> (Router, HealthService) {
    let failures = FailureReport(
      makeRequestID: { UUID().uuidString.lowercased() },
      record: { observer.recordFailure($0) })
    let services = RegistryServices(
      registry: registry, startTime: configuration.now(), version: Version.current, failures: failures,
      upkeep: UpkeepDesk(
        registry: registry, operations: parts.operations,
        backupDirectory: configuration.effectiveBackupDirectory),
      watches: parts.watches, replication: parts.replication)
    var router = Router()
    services.register(on: &router)
    let health = HealthService(services: router.services)
    router.register(grpcHealth: health)
    router.registerReflection(RegistryServices.descriptors)
    return (router, health)
  }
}

extension DaemonConfiguration {
  /// Checks what can be checked without opening anything.
  func check() throws(DaemonFailure) {
    guard !listen.isEmpty else {
      throw DaemonFailure(.usage, "there is no address to listen on; give one with --listen")
    }
    if let violation = server.violations.first {
      throw DaemonFailure(.usage, "the limits of the server contradict each other: \(violation)")
    }
    try checkFollowing()
    let tls = try tls.configuration()
    guard let open = listen.first(where: { !$0.isLocal }), !isInsecure, tls?.clientCertificates != .required else {
      return
    }
    let reason = tls == nil ? "there is no TLS" : "TLS is not set to require certificates of clients"
    throw DaemonFailure(
      .usage,
      "\(open) can be reached from other machines, and whoever reaches it can read and change everything, since \(reason) "
        + "and there are no identities yet; listen on 127.0.0.1 or a Unix socket, set tls.client_certificates to required, "
        + "or accept that with --insecure")
  }

  private func checkFollowing() throws(DaemonFailure) {
    guard let leader = follow.leader else {
      guard follow.isReplacing else { return }
      throw DaemonFailure(.usage, "--replace is for a follower; give --follow too")
    }
    if case .memory = data {
      throw DaemonFailure(
        .usage, "a follower of \(leader) keeps its copy in a directory, and not in memory; give one with --data")
    }
    _ = try follow.channel()
  }

  /// The server's limits and choices together with TLS.
  func serverConfiguration() throws(DaemonFailure) -> ServerConfiguration {
    var server = server
    server.tls = try tls.configuration()
    return server
  }
}
