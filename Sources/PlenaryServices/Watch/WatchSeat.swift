internal import GRPCRuntime
internal import PlenaryStore
internal import Synchronization

/// One open watch, as the desk knows it: it waits for changes, or for its caller to take what is sent, or does neither.
///
///     working ──wait──▶ waiting ──commit, time, end──▶ working
///     working ──write─▶ writing ──room, end──────────▶ working
final class WatchSeat: Sendable {
  private enum State {
    case working
    case waiting(CheckedContinuation<Void, Never>, above: Revision, until: Deadline)
    case writing(WritePatience, since: Deadline)
  }

  /// Which one it is.
  let number: Int

  private let desk: WatchDesk
  private let state = Mutex(State.working)

  /// Whether the caller has taken nothing for too long.
  private let stalled = Atomic(false)

  init(number: Int, at desk: WatchDesk) {
    self.number = number
    self.desk = desk
  }

  /// Whether the caller has taken nothing for too long.
  var isStalled: Bool { stalled.load(ordering: .acquiring) }

  /// Waits until there is something above a revision, or a time has come, or the watch is to end.
  func wait(above revision: Revision, until time: Deadline) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waits = state.withLock { state in
          guard desk.lastHead <= revision, !desk.isClosed, !Task.isCancelled else { return false }
          state = .waiting(continuation, above: revision, until: time)
          return true
        }
        if !waits { continuation.resume() }
      }
    } onCancel: {
      wake()
    }
  }

  /// Sends something that may have to wait for the caller.
  func write(_ body: (WritePatience) async throws(GRPCStatus) -> Void) async throws(GRPCStatus) {
    let patience = WritePatience()
    state.withLock { $0 = .writing(patience, since: desk.clock.now) }
    defer { state.withLock { $0 = .working } }
    if desk.isClosed { patience.end() }
    try await body(patience)
  }

  /// Ends the waiting, whatever it waits for but its caller.
  func wake() {
    resume { _, _ in true }
  }

  /// Ends the waiting for something above a revision that is not above this one.
  func wake(at revision: Revision) {
    resume { above, _ in above < revision }
  }

  /// Ends whatever it waits for.
  func close() {
    wake()
    let patience = state.withLock { state -> WritePatience? in
      if case .writing(let patience, _) = state { patience } else { nil }
    }
    patience?.end()
  }

  /// Looks whether a time has come.
  func look(at now: Deadline, stallMax: Duration) {
    resume { _, until in until <= now }
    let patience = state.withLock { state -> WritePatience? in
      guard case .writing(let patience, let since) = state, since.advanced(by: stallMax) <= now else { return nil }
      return patience
    }
    guard let patience else { return }
    stalled.store(true, ordering: .releasing)
    patience.end()
  }

  private func resume(if isDue: (_ above: Revision, _ until: Deadline) -> Bool) {
    let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard case .waiting(let continuation, let above, let until) = state, isDue(above, until) else { return nil }
      state = .working
      return continuation
    }
    continuation?.resume()
  }
}
