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
  private let store: SQLiteStore
  private let operations: OperationRegister
  private let observer: DaemonObserver
  private let grace: Duration

  private init(
    addresses: [TransportAddress], server: GRPCServer, health: HealthService, store: SQLiteStore,
    operations: OperationRegister, observer: DaemonObserver, grace: Duration
  ) {
    self.addresses = addresses
    self.server = server
    self.health = health
    self.store = store
    self.operations = operations
    self.observer = observer
    self.grace = grace
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
    let store = try openStore(configuration, observer: observer)
    let operations = OperationRegister(
      start: { work in Task { await work() } }, pause: { try await Task.sleep(for: $0) })
    let (router, health) = services(of: store, operations, configuration, observer)
    let server = GRPCServer(router: router, configuration: serverConfiguration, observer: observer)
    do throws(TransportError) {
      var addresses: [TransportAddress] = []
      for address in configuration.listen { addresses.append(try await server.listen(on: address)) }
      return RunningDaemon(
        addresses: addresses, server: server, health: health, store: store, operations: operations,
        observer: observer, grace: configuration.grace)
    } catch {
      await server.stop(grace: .zero)
      await store.close()
      // What is wrong with a certificate is said together with what to do.
      let advice = error.code == .badTLSFile ? "" : "; give another address with --listen"
      throw DaemonFailure(.failed, error.message + advice)
    }
  }

  /// Stops: says so to health checks, lets the calls under way finish, and closes the store. Call it once.
  package func stop() async {
    health.drain()
    await server.stop(grace: grace)
    await operations.close()
    await store.close()
  }

  /// Reads the certificates again, for connections to come.
  /// - Throws: the file, what is wrong with it and what to do, in one line; nothing has changed then.
  func reloadTLS() throws {
    try server.reloadTLS()
  }

  /// Waits until the store fails, and returns why; nil if the task is cancelled before.
  func storeFailure() async -> DaemonFailure? {
    for await error in observer.storeFailures { return DaemonFailure(running: error) }
    return nil
  }

  private static func openStore(
    _ configuration: DaemonConfiguration, observer: DaemonObserver
  ) throws(DaemonFailure) -> SQLiteStore {
    var store = SQLiteStore.Configuration(
      configuration.data, now: configuration.now, randomBytes: configuration.randomBytes)
    store.observer = observer
    store.indexing = KindCatalog.current.indexing
    store.ballastBytes = configuration.ballastBytes
    do throws(StoreError) {
      return try SQLiteStore(store)
    } catch {
      throw DaemonFailure(opening: configuration.data, error)
    }
  }

  private static func services(
    of store: SQLiteStore, _ operations: OperationRegister, _ configuration: DaemonConfiguration,
    _ observer: DaemonObserver
  ) -> (Router, HealthService) {
    let failures = FailureReport(
      makeRequestID: { UUID().uuidString.lowercased() },
      record: { observer.recordFailure($0) })
    let registry = Registry(store: store, now: configuration.now, randomBytes: configuration.randomBytes)
    let services = RegistryServices(
      registry: registry, startTime: configuration.now(), version: Version.current, failures: failures,
      upkeep: UpkeepDesk(
        registry: registry, operations: operations, backupDirectory: configuration.effectiveBackupDirectory))
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

  /// The server's limits and choices together with TLS.
  func serverConfiguration() throws(DaemonFailure) -> ServerConfiguration {
    var server = server
    server.tls = try tls.configuration()
    return server
  }
}
