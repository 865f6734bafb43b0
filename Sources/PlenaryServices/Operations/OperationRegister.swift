internal import GRPCProtos
internal import GoogleAPI
internal import PlenaryDomain
internal import ProtobufRuntime
internal import Synchronization

/// The long-running operations of this daemon, in memory: those that run, and the last ones that have ended.
///
/// An operation is there for whoever has begun it, and for administrators.
///
/// Invariants:
/// - At most `runningMax` run, and at most `keptMax` are kept; the oldest one that has ended makes room for a new one.
/// - An operation that has ended changes no more.
package final class OperationRegister: Sendable {
  /// The most operations that are kept, running ones counted.
  package static let keptMax = 100

  /// The most operations that run or wait to be done; the store does one at a time.
  package static let runningMax = 4

  /// The longest that a call waits for an operation, and how long it waits if it does not say.
  package static let waitMax = Duration.seconds(300)

  /// What an operation does: it is told whether to stop, tells how far it is, and answers with its response.
  typealias Work = @Sendable (OperationControl) async throws(DomainError) -> ProtobufAny

  /// Who asks for operations.
  struct Asker: Sendable {
    /// The name of whoever asks.
    let principal: String
    /// Whether it is told of the operations of others too.
    let seesAll: Bool

    /// Whoever is told of all.
    static let administrator = Asker(principal: "", seesAll: true)

    init(principal: String, seesAll: Bool) {
      self.principal = principal
      self.seesAll = seesAll
    }

    /// A caller, who sees all operations if it administers the registry.
    init(_ caller: Caller) { self.init(principal: caller.principal, seesAll: caller.rights.isAdministrator) }
  }

  private struct Entry {
    var operation: LongRunningOperation
    let owner: String
    let control: OperationControl
    var task: Task<Void, Never>?
    var waiters: [UInt64: AsyncStream<Void>.Continuation] = [:]
  }

  private struct State {
    var entries: [String: Entry] = [:]
    /// The names, the oldest first.
    var order: [String] = []
    var waiterCount: UInt64 = 0
    var isClosed = false
  }

  private let state = Mutex(State())
  private let start: @Sendable (@escaping @Sendable () async -> Void) -> Task<Void, Never>
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - start: Starts work that outlives the call that asked for it.
  ///   - pause: Waits for a time; throws if the task is cancelled before.
  package init(
    start: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Task<Void, Never>,
    pause: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.start = start
    self.pause = pause
  }

  /// Starts an operation, and answers with it as it begins.
  /// - Parameters:
  ///   - owner: Who has begun it.
  ///   - control: What is told of it while it runs.
  /// - Throws: `limitReached`, `storeUnavailable`.
  func begin(
    _ name: String, by owner: String, _ control: OperationControl, _ work: @escaping Work
  ) throws(DomainError) -> LongRunningOperation {
    let operation = LongRunningOperation.with {
      $0.name = name
      $0.metadata = control.metadata(isDone: false)
    }
    let refusal = state.withLock { state in Self.add(operation, by: owner, control, to: &state) }
    if let refusal { throw refusal }
    let task = start { [self] in await run(name, control, work) }
    state.withLock { state in
      // It may have ended already, and been forgotten.
      if state.entries[name]?.operation.done == false { state.entries[name]?.task = task }
    }
    return operation
  }

  private static func add(
    _ operation: LongRunningOperation, by owner: String, _ control: OperationControl, to state: inout State
  ) -> DomainError? {
    guard !state.isClosed else { return DomainError(.storeUnavailable, "the daemon stops; ask again later") }
    let running = state.entries.values.count { !$0.operation.done }
    guard running < runningMax else {
      return DomainError(
        .limitReached, "\(running) operations run or wait already, at most \(runningMax) may; wait for one of them",
        metadata: ["max": "\(runningMax)"])
    }
    if state.order.count >= keptMax,
      let oldest = state.order.first(where: { state.entries[$0]?.operation.done == true })
    {
      state.entries[oldest] = nil
      state.order.removeAll { $0 == oldest }
    }
    state.entries[operation.name] = Entry(operation: operation, owner: owner, control: control)
    state.order.append(operation.name)
    return nil
  }

  private func run(_ name: String, _ control: OperationControl, _ work: Work) async {
    let result: LongRunningOperation.Result
    do throws(DomainError) {
      result = .response(try await work(control))
    } catch {
      result = .error(RPCStatus(error))
    }
    let waiters = state.withLock { state in
      state.entries[name]?.operation.metadata = control.metadata(isDone: true)
      state.entries[name]?.operation.result = result
      state.entries[name]?.operation.done = true
      state.entries[name]?.task = nil
      defer { state.entries[name]?.waiters = [:] }
      return state.entries[name]?.waiters ?? [:]
    }
    for waiter in waiters.values { waiter.finish() }
  }

  /// Stops what runs, and waits until it has ended. Nothing begins afterwards.
  package func close() async {
    let tasks = state.withLock { state in
      state.isClosed = true
      for entry in state.entries.values { entry.control.cancel() }
      return state.entries.values.compactMap(\.task)
    }
    for task in tasks { await task.value }
  }

  // MARK: What callers ask

  /// An operation as it is now.
  /// - Throws: `resourceNotFound`.
  func get(_ name: String, as asker: Asker = .administrator) throws(DomainError) -> LongRunningOperation {
    guard let entry = state.withLock({ Self.entry(name, of: $0, asker) }) else { throw Self.notFound(name) }
    return Self.current(entry)
  }

  /// Every operation that there is for whoever asks, the newest first.
  func all(as asker: Asker = .administrator) -> [LongRunningOperation] {
    state.withLock { state in state.order.reversed().compactMap { Self.entry($0, of: state, asker) } }.map(Self.current)
  }

  /// An operation, if it is there for whoever asks.
  private static func entry(_ name: String, of state: State, _ asker: Asker) -> Entry? {
    state.entries[name].flatMap { asker.seesAll || $0.owner == asker.principal ? $0 : nil }
  }

  /// Asks an operation to stop; one that has ended stays as it is.
  /// - Throws: `resourceNotFound`.
  func cancel(_ name: String, as asker: Asker = .administrator) throws(DomainError) {
    guard let entry = state.withLock({ Self.entry(name, of: $0, asker) }) else { throw Self.notFound(name) }
    if !entry.operation.done { entry.control.cancel() }
  }

  /// Forgets an operation that has ended.
  /// - Throws: `resourceNotFound`, `operationRunning`.
  func delete(_ name: String, as asker: Asker = .administrator) throws(DomainError) {
    let isDone = state.withLock { state -> Bool? in
      guard let isDone = Self.entry(name, of: state, asker)?.operation.done else { return nil }
      if isDone {
        state.entries[name] = nil
        state.order.removeAll { $0 == name }
      }
      return isDone
    }
    guard let isDone else { throw Self.notFound(name) }
    guard !isDone else { return }
    throw DomainError(
      .operationRunning, "the operation \(name) runs; cancel it, and delete it once it has ended",
      metadata: ["name": name])
  }

  /// An operation once it has ended, or as it is after a time.
  /// - Throws: `resourceNotFound`.
  func wait(
    for name: String, atMost time: Duration, as asker: Asker = .administrator
  ) async throws(DomainError) -> LongRunningOperation {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    let waiter = try state.withLock { state throws(DomainError) -> UInt64? in
      guard let isDone = Self.entry(name, of: state, asker)?.operation.done else { throw Self.notFound(name) }
      if isDone { return nil }
      state.waiterCount += 1
      state.entries[name]?.waiters[state.waiterCount] = continuation
      return state.waiterCount
    }
    if let waiter {
      let limit = min(time, Self.waitMax)
      await withTaskGroup { group in
        group.addTask { for await _ in stream {} }
        // Cancelled when the operation ends before.
        group.addTask { [pause] in try? await pause(limit) }
        await group.next()
        group.cancelAll()
      }
      // Whoever asks again and again must not be kept until the end.
      state.withLock { state in state.entries[name]?.waiters[waiter] = nil }
    }
    return try get(name, as: asker)
  }

  /// How many calls wait for operations.
  var waitingCount: Int { state.withLock { state in state.entries.values.reduce(0) { $0 + $1.waiters.count } } }

  private static func current(_ entry: Entry) -> LongRunningOperation {
    guard !entry.operation.done else { return entry.operation }
    var operation = entry.operation
    operation.metadata = entry.control.metadata(isDone: false)
    return operation
  }

  private static func notFound(_ name: String) -> DomainError {
    DomainError(
      .resourceNotFound,
      "there is no operation `\(name.prefix(100))`; the daemon keeps the last \(keptMax), and those of before it started "
        + "are gone",
      metadata: ["name": String(name.prefix(100)), "type": "Operation"])
  }
}
