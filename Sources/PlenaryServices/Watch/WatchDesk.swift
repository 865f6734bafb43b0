package import GRPCRuntime
internal import PlenaryDomain
package import PlenaryStore
internal import Synchronization

/// The watches that are open: how many there may be, what wakes them, and what ends those that do not keep up.
///
/// One task hears of each commit and wakes the watches that wait; the writer of the store knows none of them. One task
/// looks from time to time, as long as there are watches, which of them have been without a message for too long, and
/// which stand still.
///
/// Invariants:
/// - `head` is set before the seats are woken, and a seat looks at it before it waits, so no wake is lost.
/// - Nobody takes a seat once the desk is closed.
package final class WatchDesk: Sendable {
  /// What watches may take.
  package struct Limits: Sendable {
    /// The most watches.
    package var watchersMax = 10_000

    /// How long a caller may take nothing of what waits for it.
    package var stallMax = Duration.seconds(30)

    /// The limits that hold if nothing else is said.
    package init() {}
  }

  /// How often it looks at the watches.
  private static let tick = Duration.milliseconds(100)

  private struct State {
    var seats: [Int: WatchSeat] = [:]
    var nextID = 0
    var isClosed = false
    var isTicking = false
    var wakening: Task<Void, Never>?
  }

  let limits: Limits
  let clock: any RuntimeClock

  private let state = Mutex(State())
  private let head = Atomic<UInt64>(0)
  private let closed = Atomic(false)
  private let start: @Sendable (@escaping @Sendable () async -> Void) -> Task<Void, Never>
  private let pause: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - wakeups: Tells of commits.
  ///   - start: Starts work that outlives the call that asked for it.
  ///   - pause: Waits for a time; throws if the task is cancelled before.
  package init(
    wakeups: AsyncStream<Revision>, limits: Limits, clock: any RuntimeClock,
    start: @escaping @Sendable (@escaping @Sendable () async -> Void) -> Task<Void, Never>,
    pause: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.limits = limits
    self.clock = clock
    self.start = start
    self.pause = pause
    let wakening = start { [weak self] in
      for await revision in wakeups { self?.wake(at: revision) }
    }
    state.withLock { $0.wakening = wakening }
  }

  /// How many watches are open.
  package var watcherCount: Int { state.withLock { $0.seats.count } }

  /// Whether it is closed.
  var isClosed: Bool { closed.load(ordering: .acquiring) }

  /// The last revision that it has heard of.
  var lastHead: Revision { Revision(head.load(ordering: .acquiring)) }

  /// Begins a watch.
  /// - Throws: `limitReached`, `storeUnavailable`.
  func takeSeat() throws(DomainError) -> WatchSeat {
    let (seat, isFirst) = try state.withLock { state throws(DomainError) in
      guard !state.isClosed else { throw Self.closing }
      guard state.seats.count < limits.watchersMax else {
        throw DomainError(
          .limitReached,
          "\(limits.watchersMax) watches are open, and no more may be; share one among those who want the same, or raise "
            + "watch.watchers_max", metadata: ["max": "\(limits.watchersMax)"], isPassing: true)
      }
      state.nextID += 1
      let seat = WatchSeat(number: state.nextID, at: self)
      state.seats[seat.number] = seat
      defer { state.isTicking = true }
      return (seat, !state.isTicking)
    }
    if isFirst { _ = start { [self] in await tickWhileOpen() } }
    return seat
  }

  /// Ends a watch.
  func leave(_ seat: WatchSeat) {
    state.withLock { state in state.seats[seat.number] = nil }
  }

  /// Ends all watches, and lets none begin.
  package func close() {
    let (seats, wakening) = state.withLock { state in
      state.isClosed = true
      return (Array(state.seats.values), state.wakening)
    }
    closed.store(true, ordering: .releasing)
    wakening?.cancel()
    for seat in seats { seat.close() }
  }

  /// Wakes all watches, as what their callers may see has changed.
  package func viewersDidChange() {
    for seat in seats { seat.wake() }
  }

  static var closing: DomainError {
    DomainError(.storeUnavailable, "the daemon stops; watch again, from the last revision that was received")
  }

  private var seats: [WatchSeat] { state.withLock { Array($0.seats.values) } }

  private func wake(at revision: Revision) {
    head.store(revision.number, ordering: .releasing)
    for seat in seats { seat.wake(at: revision) }
  }

  /// Looks at the watches as long as there are any.
  private func tickWhileOpen() async {
    while look() {
      do { try await pause(Self.tick) } catch { return }
    }
  }

  /// Looks at the watches; false if there are none.
  private func look() -> Bool {
    let seats = state.withLock { state in
      state.isTicking = !state.seats.isEmpty
      return Array(state.seats.values)
    }
    let now = clock.now
    for seat in seats { seat.look(at: now, stallMax: limits.stallMax) }
    return !seats.isEmpty
  }
}
