internal import Foundation
internal import GRPCRuntime
internal import GoogleAPI
internal import HarnessProtos
internal import Logging
internal import PlenaryClient
internal import PlenaryDaemon
internal import PlenaryDomain
internal import PlenaryStore
internal import PlenaryStoreSQLite
internal import ProtobufRuntime
internal import Synchronization

/// A registry under test without its server: it opens registries in the states that are asked for, and takes every call
/// past the faults and the log to the one that answers.
final class HarnessCore: Sendable {
  /// The methods of the test daemon itself, which are not recorded and not touched by faults.
  private static let ownMethods = "/\(TestingHarnessDefinition.serviceName)/"

  let clock: HarnessClock
  let faults: Faults
  let log = CallLog()
  let snapshots = Snapshots()
  private let chance: SeededChance
  private let options: Harness.Options
  private let clockStartsAt: Int64?
  private let current = Mutex<RegistrySwitch?>(nil)

  init(_ options: Harness.Options) throws(GRPCStatus) {
    self.options = options
    let run = try options.clock.run
    clock = HarnessClock(run, machine: DaemonConfiguration(listen: [], data: .memory).inputs.now)
    clockStartsAt = clock.standsAt
    chance = SeededChance(seed: options.seed)
    faults = Faults(seed: options.seed)
  }

  // MARK: States of the registry

  /// Opens the registry as it is to begin, and returns the routes of a server for it.
  func open() async throws -> Router {
    let registry = try await registry(with: startingRecords)
    current.withLock { $0 = RegistrySwitch(registry) }
    return Router(registry.router) { route in
      route.path.hasPrefix(Self.ownMethods) ? route : passing(route)
    }
  }

  /// Ends every call, and closes the registry.
  func close() async {
    await current.withLock { $0.take() }?.close()
  }

  /// Puts the registry into a state that is always there.
  func reset(to state: TestingResetRequest.State) async throws {
    let records: [Record]
    switch state {
    case .unspecified: records = try startingRecords
    case .empty: records = []
    case .example: records = try Record.example
    default: throw GRPCStatus(.invalidArgument, "state: it is none of EMPTY and EXAMPLE")
    }
    try await registrySwitch.replace {
      try removeStore()
      if let clockStartsAt { clock.stand(at: clockStartsAt) }
      chance.state = options.seed
      return try await registry(with: records)
    }
  }

  /// Keeps the state of the registry under a name.
  func takeSnapshot(_ name: String) async throws -> TestingSnapshot {
    try Snapshots.check(name)
    let store = try registrySwitch.served.registry.store
    let image: [UInt8]
    do {
      image = try await store.image()
    } catch {
      throw GRPCStatus(.unavailable, "the store cannot be copied: \(error)")
    }
    return try snapshots.keep(
      Snapshots.Snapshot(
        name: name, image: image, chance: chance.state, clockStandsAt: clock.standsAt, time: clock.time))
  }

  /// Puts the registry into the state of a snapshot.
  func restore(_ name: String) async throws {
    let snapshot = try snapshots.snapshot(name)
    try await registrySwitch.replace {
      try removeStore()
      if let time = snapshot.clockStandsAt { clock.stand(at: time) }
      chance.state = snapshot.chance
      return try await registry(with: [], image: snapshot.image)
    }
  }

  private var startingRecords: [Record] {
    get throws { (options.example ? try Record.example : []) + options.records }
  }

  private var registrySwitch: RegistrySwitch {
    get throws(GRPCStatus) {
      guard let current = current.withLock({ $0 }) else { throw GRPCStatus(.unavailable, "the test daemon stops") }
      return current
    }
  }

  /// Where the records are. A directory that is given holds one of its own for them, the only thing that is ever removed.
  private var storeDirectory: String? { options.directory.map { $0 + "/registry" } }

  private func removeStore() throws {
    guard let storeDirectory, FileManager.default.fileExists(atPath: storeDirectory) else { return }
    try FileManager.default.removeItem(atPath: storeDirectory)
  }

  private func registry(with records: [Record], image: [UInt8]? = nil) async throws -> OpenRegistry {
    var configuration = DaemonConfiguration(
      listen: [], data: storeDirectory.map { .directory($0) } ?? .memory)
    configuration.inputs = TimeAndChance(
      now: { [clock] in clock.now }, randomBytes: { [chance] count in chance.bytes(count) })
    configuration.image = image
    configuration.ballastBytes = 0
    // Many tests may run on the machine at once.
    configuration.searchWait = .seconds(60)
    var additions = RegistryAdditions()
    additions.store = { FaultyStore(store: $0) }
    additions.services = { router in
      router.register(testingHarness: HarnessHandler(core: self))
      return [HarnessProtoFiles.descriptors]
    }
    let registry = try await OpenRegistry(
      configuration, logger: Logger(label: "plenary-harness") { _ in SwiftLogNoOpLogHandler() }, additions: additions)
    do {
      try await fill(registry, with: records)
      return registry
    } catch {
      await registry.drain()
      await registry.close()
      throw error
    }
  }

  private func fill(_ registry: OpenRegistry, with records: [Record]) async throws {
    guard !records.isEmpty else { return }
    var batch = try ImportBatch(ImportRegistryRequest.Header(), within: registry.registry.importBudget)
    for record in records { try batch.append(record) }
    let report = try await registry.registry.importRecords(
      batch, as: Caller(principal: "anonymous", viewer: .everything))
    guard !report.isApplied else { return }
    let refusals = report.results.compactMap { result in result.error.map { "\(result.name): \($0.message)" } }
    throw TestRecordsRefused(description: refusals.joined(separator: "\n"))
  }

  // MARK: Calls

  /// A route that goes to the same method of the registry that answers at the time.
  private func passing(_ route: Route) -> Route {
    let handler: Route.Handler =
      switch route.handler {
      case .afterRequest, .immediate:
        .afterRequest { [self] bytes, sink, context in
          try await answer(route.path, bytes, sink, context) { route, sink in
            switch route.handler {
            case .afterRequest(let handler): try await handler(bytes, sink, context)
            case .immediate(let handler): try handler(bytes, context)
            case .fromStart: preconditionFailure("\(route.path) is of one kind in every registry")
            }
          }
        }
      case .fromStart:
        .fromStart { [self] inbox, sink, context in
          try await answer(route.path, nil, sink, context) { route, sink in
            guard case .fromStart(let handler) = route.handler else {
              preconditionFailure("\(route.path) is of one kind in every registry")
            }
            return try await handler(inbox, sink, context)
          }
        }
      }
    return Route(service: route.service, path: route.path, kind: route.kind, handler: handler)
  }

  private typealias Handler = @Sendable (Route, any MessageSink) async throws -> EncodedMessage?

  /// Takes a call past the log.
  private func answer(
    _ path: String, _ request: [UInt8]?, _ sink: any MessageSink, _ context: CallContext, _ handler: @escaping Handler
  ) async throws -> EncodedMessage? {
    let method = String(path.dropFirst())
    let strike = faults.strike(method)
    let number = log.begin(method) {
      TestingCall(method, request, context.requestMetadata, strike.faults.map(\.id), at: clock.time)
    }
    let record = CallRecord(log, number: number)
    let start = ContinuousClock.now
    do {
      let response = try await answer(path, StruckSink(sink, strike, record), strike, handler, record)
      record.end(.ok, after: .now - start)
      return response
    } catch {
      let error = record.early ?? error
      record.end(Self.status(of: error), after: .now - start)
      throw error
    }
  }

  /// Takes a call past the faults that strike it, to the registry.
  private func answer(
    _ path: String, _ sink: StruckSink, _ strike: Strike, _ handler: @escaping Handler, _ record: CallRecord
  ) async throws -> EncodedMessage? {
    try await strike.begin()
    let visit = try await registrySwitch.enter()
    let response: EncodedMessage?
    do {
      guard let route = visit.served.routes[path] else { preconditionFailure("every registry has \(path)") }
      response = try await FaultyStore.$isFull.withValue(strike.diskIsFull) {
        try await Self.run(until: visit.stay) { try await handler(route, sink) }
      }
      try registrySwitch.leave(visit)
    } catch {
      try registrySwitch.leave(visit)
      throw error
    }
    if let early = record.early { throw early }
    try strike.finish()
    if let response { try await strike.delay(messageOf: response.count) }
    return response
  }

  /// Runs a handler, and cancels it when the call has to leave.
  private static func run(
    until stay: AsyncStream<Never>, _ handler: @escaping @Sendable () async throws -> EncodedMessage?
  ) async throws -> EncodedMessage? {
    try await withThrowingTaskGroup(of: EncodedMessage?.self) { group in
      group.addTask { try await handler() }
      group.addTask {
        for await _ in stay {}
        try Task.checkCancellation()
        throw RegistrySwitch.replaced
      }
      defer { group.cancelAll() }
      guard let response = try await group.next() else { preconditionFailure("the group has two tasks") }
      return response
    }
  }

  private static func status(of error: any Error) -> GRPCStatus {
    switch error {
    case let status as GRPCStatus: status
    case is CancellationError: GRPCStatus(.cancelled, "its caller gave up")
    case CallCut.stream: GRPCStatus(.internal, "its stream was reset by a fault")
    case CallCut.connection: GRPCStatus(.unavailable, "its connection was closed by a fault")
    default: GRPCStatus(.unknown, "its handler failed")
    }
  }
}

extension TestingCall {
  /// What is noted of a call when it begins.
  fileprivate init(
    _ method: String, _ request: [UInt8]?, _ metadata: Metadata, _ faultIDs: [String], at time: ProtobufTimestamp
  ) {
    self.init()
    self.method = method
    metadataKeys = Set(metadata.map(\.name)).sorted()
    startTime = time
    self.faultIDs = faultIDs
    guard let request else { return }
    if request.count <= HarnessLimits.requestBytesMax {
      self.request = request
    } else {
      requestLeftOut = true
    }
  }
}
