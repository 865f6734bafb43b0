internal import GRPCRuntime
internal import PlenaryDaemon
internal import Synchronization

/// The registry that answers, which can be replaced by another one while a server listens.
///
/// Invariants:
/// - A registry is closed only when no call is in it.
/// - One replacement runs at a time; calls that come meanwhile wait for its end.
final class RegistrySwitch: Sendable {
  /// A registry with its routes by path.
  struct Served: Sendable {
    let registry: OpenRegistry
    let routes: [String: Route]

    init(_ registry: OpenRegistry) {
      self.registry = registry
      routes = Dictionary(uniqueKeysWithValues: registry.router.routes.map { ($0.path, $0) })
    }
  }

  /// A call that is in the registry.
  struct Visit: Sendable {
    let served: Served
    /// Ends when the call has to leave.
    let stay: AsyncStream<Never>
    fileprivate let number: UInt64
  }

  private struct State {
    /// Nil while it is replaced, and once it is closed.
    var served: Served?
    var isReplacing = false
    var failure: GRPCStatus?
    var visits: [UInt64: AsyncStream<Never>.Continuation] = [:]
    var visitCount: UInt64 = 0
    /// Who waits for the end of a replacement.
    var waiting: [CheckedContinuation<Void, Never>] = []
    /// The replacement, while it waits for the last call to leave.
    var whenEmpty: CheckedContinuation<Void, Never>?
  }

  private let state: Mutex<State>

  init(_ registry: OpenRegistry) {
    state = Mutex(State(served: Served(registry)))
  }

  /// What a call is told whose registry is replaced under it.
  static let replaced = GRPCStatus(.unavailable, "the test daemon has put its registry into another state; call again")

  private static let closed = GRPCStatus(.unavailable, "the test daemon stops")

  /// Lets a call in; it has to leave. Waits while the registry is replaced.
  func enter() async throws(GRPCStatus) -> Visit {
    while true {
      let visit = try state.withLock { state throws(GRPCStatus) -> Visit? in
        guard !state.isReplacing else { return nil }
        guard let served = state.served else { throw state.failure ?? Self.closed }
        state.visitCount += 1
        let (stay, continuation) = AsyncStream.makeStream(of: Never.self)
        state.visits[state.visitCount] = continuation
        return Visit(served: served, stay: stay, number: state.visitCount)
      }
      if let visit { return visit }
      await waitForReplacement()
    }
  }

  /// A call has left.
  func leave(_ visit: Visit) {
    let waiting = state.withLock { state in
      state.visits[visit.number] = nil
      return state.visits.isEmpty ? state.whenEmpty.take() : nil
    }
    waiting?.resume()
  }

  /// Has all calls leave, closes the registry, and serves the one that `open` makes. If that fails, every call is told why
  /// until a replacement succeeds.
  func replace(_ open: () async throws -> OpenRegistry) async throws {
    await takeTurn()
    await empty()
    do {
      let served = Served(try await open())
      finish { $0.served = served }
    } catch {
      finish { $0.failure = GRPCStatus(.unavailable, "the test daemon has lost its registry: \(error)") }
      throw error
    }
  }

  /// Has all calls leave, and closes the registry for good.
  func close() async {
    await takeTurn()
    await empty()
    finish { $0.failure = Self.closed }
  }

  /// The registry that answers now.
  var served: Served {
    get throws(GRPCStatus) {
      try state.withLock { state throws(GRPCStatus) in
        guard let served = state.served else { throw state.failure ?? Self.replaced }
        return served
      }
    }
  }

  /// Waits until no other replacement runs, and begins one.
  private func takeTurn() async {
    while true {
      let isMine = state.withLock { state in
        defer { state.isReplacing = true }
        return !state.isReplacing
      }
      if isMine { return }
      await waitForReplacement()
    }
  }

  private func empty() async {
    let (served, visits) = state.withLock { state in
      (state.served.take(), state.visits.values)
    }
    for visit in visits { visit.finish() }
    await withCheckedContinuation { continuation in
      let isEmpty = state.withLock { state in
        if !state.visits.isEmpty { state.whenEmpty = continuation }
        return state.visits.isEmpty
      }
      if isEmpty { continuation.resume() }
    }
    await served?.registry.drain()
    await served?.registry.close()
  }

  private func finish(_ change: (inout State) -> Void) {
    let waiting = state.withLock { state in
      change(&state)
      state.isReplacing = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  private func waitForReplacement() async {
    await withCheckedContinuation { continuation in
      let isReplacing = state.withLock { state in
        if state.isReplacing { state.waiting.append(continuation) }
        return state.isReplacing
      }
      if !isReplacing { continuation.resume() }
    }
  }
}
