internal import Synchronization

/// What a thread of the store hands to the task that waits for it.
///
/// Invariant: there is one value and one task. The value goes through the lock and not through the continuation, so a task
/// that comes late waits for nothing, and what happened before is seen by tools that know locks.
final class Handover<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiter: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  /// Gives the value. Called once.
  func give(_ value: Value) {
    let waiter = state.withLock { state in
      state.value = value
      return state.waiter.take()
    }
    waiter?.resume()
  }

  /// The value, as soon as it is given. Called once.
  func take() async -> Value {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.value == nil { state.waiter = continuation }
        return state.value != nil
      }
      if isThere { continuation.resume() }
    }
    guard let value = state.withLock({ $0.value.take() }) else { preconditionFailure("a value is taken twice") }
    return value
  }
}
