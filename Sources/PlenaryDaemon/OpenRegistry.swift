internal import Foundation
internal import GRPCProtos
package import GRPCRuntime
internal import GRPCServices
package import Logging
package import PlenaryDomain
internal import PlenaryServices
package import PlenaryStore
package import PlenaryStoreSQLite
package import ProtobufRuntime

/// A registry whose store is open, and everything that answers for it; what is left to add is a server.
package final class OpenRegistry: Sendable {
  /// The methods of its services, of health and of reflection.
  package let router: Router

  /// What the services are made of.
  package let registry: Registry

  /// Where its records are.
  package let store: SQLiteStore

  private let health: HealthService
  private let operations: OperationRegister

  /// Opens the store, and makes what answers for it.
  ///
  /// - Throws: what is in the way, in one line. Nothing is left open then.
  init(
    _ configuration: DaemonConfiguration, observer: DaemonObserver, additions: RegistryAdditions = RegistryAdditions()
  ) throws(DaemonFailure) {
    store = try Self.openStore(configuration, observer: observer)
    operations = OperationRegister(
      start: { work in Task { await work() } }, pause: { try await Task.sleep(for: $0) })
    let inputs = configuration.inputs
    registry = Registry(store: additions.store(store), inputs)
    let failures = FailureReport(
      makeRequestID: { Self.requestID(inputs.randomBytes(16)) }, record: { observer.recordFailure($0) })
    let services = RegistryServices(
      registry: registry, startTime: inputs.now(), version: Version.current, failures: failures,
      upkeep: UpkeepDesk(
        registry: registry, operations: operations, backupDirectory: configuration.effectiveBackupDirectory))
    var router = Router()
    services.register(on: &router)
    let descriptors = additions.services(&router)
    health = HealthService(services: router.services)
    router.register(grpcHealth: health)
    router.registerReflection(RegistryServices.descriptors + descriptors)
    self.router = router
  }

  /// The same with a log, for whoever adds a server of its own.
  package convenience init(
    _ configuration: DaemonConfiguration, logger: Logger, additions: RegistryAdditions
  ) throws(DaemonFailure) {
    let observer = DaemonObserver(logger, isVerbose: { logger.logLevel <= .debug })
    try self.init(configuration, observer: observer, additions: additions)
  }

  /// Says to health checks that it is about to end.
  package func drain() {
    health.drain()
  }

  /// Ends the operations and closes the store, once no call is under way any more. Call it once.
  package func close() async {
    await operations.close()
    await store.close()
  }

  private static func openStore(
    _ configuration: DaemonConfiguration, observer: DaemonObserver
  ) throws(DaemonFailure) -> SQLiteStore {
    var store = SQLiteStore.Configuration(configuration.data, configuration.inputs)
    store.observer = observer
    store.indexing = KindCatalog.current.indexing
    store.ballastBytes = configuration.ballastBytes
    store.image = configuration.image
    do throws(StoreError) {
      return try SQLiteStore(store)
    } catch {
      throw DaemonFailure(opening: configuration.data, error)
    }
  }

  /// A number for an error of which the caller is told no more: a UUID of version 4, made of 16 random bytes.
  private static func requestID(_ bytes: [UInt8]) -> String {
    var bytes = bytes
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let digits = bytes.map { byte in byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16) }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
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
