package import GRPCRuntime
package import NIOCore
internal import Synchronization

/// A clock that a test moves by hand.
package final class ManualClock: RuntimeClock {
  private struct Timer {
    let id: Int
    let deadline: Deadline
    let loop: any EventLoop
    let work: @Sendable () -> Void
  }

  private struct Waiter {
    let isReady: @Sendable ([Timer]) -> Bool
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now = Deadline(nanoseconds: 0)
    var timers: [Timer] = []
    var timerIDNext = 0
    var waiters: [Waiter] = []
  }

  private let state = Mutex(State())

  /// Makes a clock that stands at its beginning.
  package init() {}

  package var now: Deadline {
    state.withLock { $0.now }
  }

  package func schedule(
    at deadline: Deadline, on loop: any EventLoop, _ work: @escaping @Sendable () -> Void
  ) -> RuntimeTimer {
    let (id, ready, isDue) = state.withLock { state -> (Int, [Waiter], Bool) in
      state.timerIDNext += 1
      let id = state.timerIDNext
      guard deadline > state.now else { return (id, [], true) }
      state.timers.append(Timer(id: id, deadline: deadline, loop: loop, work: work))
      let timers = state.timers
      let ready = state.waiters.filter { $0.isReady(timers) }
      state.waiters.removeAll { $0.isReady(timers) }
      return (id, ready, false)
    }
    for waiter in ready { waiter.continuation.resume() }
    if isDue { loop.execute(work) }
    return RuntimeTimer { self.state.withLock { $0.timers.removeAll { $0.id == id } } }
  }

  /// Moves the clock forward; timers whose time has come fire on their loops, in order.
  package func advance(by duration: Duration) {
    let due = state.withLock { state in
      state.now = state.now.advanced(by: duration)
      let now = state.now
      let due = state.timers.filter { $0.deadline <= now }
      state.timers.removeAll { $0.deadline <= now }
      return due.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
    }
    for timer in due { timer.loop.execute(timer.work) }
  }

  /// How many timers run.
  package var timerCount: Int {
    state.withLock { $0.timers.count }
  }

  /// Returns once so many timers run, so that a test moves the clock only when there is somebody to notice.
  package func waitForTimers(_ count: Int) async {
    await wait { $0.count >= count }
  }

  /// Returns once a timer runs that is due exactly then, counted from now.
  package func waitForTimer(due duration: Duration) async {
    let deadline = now.advanced(by: duration)
    await wait { $0.contains { $0.deadline == deadline } }
  }

  private func wait(_ isReady: @escaping @Sendable ([Timer]) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if isReady(state.timers) { return true }
        state.waiters.append(Waiter(isReady: isReady, continuation: continuation))
        return false
      }
      if isReady { continuation.resume() }
    }
  }
}
