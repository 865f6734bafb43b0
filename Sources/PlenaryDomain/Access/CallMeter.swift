package import PlenaryStore
internal import Synchronization

/// Counts what one client asks for, from any thread. A call that it lets in costs one lock.
package final class CallMeter: Sendable {
  /// What a client has too many of.
  package enum Excess: Hashable, Sendable {
    /// More calls in a second than so many.
    case rate(Int)
    /// One more call than so many.
    case calls(Int)
    /// One more stream than so many.
    case streams(Int)
  }

  fileprivate struct State {
    /// When all calls that were let in are worked off at the rate that is allowed, in nanoseconds. Once that lies further
    /// ahead than a burst takes, calls come too quickly (the "generic cell rate algorithm").
    var workedOffAt: Int64 = 0
    var calls = 0
    var streams = 0
  }

  private let state = Mutex(State())
  private let total: CallTotal

  /// A meter of a client that has not called yet. It counts the ends of calls for the total too.
  package init(_ total: CallTotal) {
    self.total = total
  }

  /// Calls and streams that are under way.
  package var underWay: (calls: Int, streams: Int) { state.withLock { ($0.calls, $0.streams) } }

  /// Counts a call that begins, if the quota has room for it; else returns what there is too much of. The total has counted
  /// it before.
  package func begin(isStream: Bool, _ quota: CallQuota, at now: CommitTime) -> Excess? {
    state.withLock { state in
      if isStream, let limit = quota.concurrentStreamsMax, state.streams >= limit { return .streams(limit) }
      if !isStream, let limit = quota.concurrentCallsMax, state.calls >= limit { return .calls(limit) }
      if let rate = quota.callsPerSecond, !state.takesTurn(rate: rate, burst: quota.callsBurst, at: now) {
        return .rate(rate)
      }
      if isStream { state.streams += 1 } else { state.calls += 1 }
      return nil
    }
  }

  /// Counts the end of a call that was counted.
  package func end(isStream: Bool) {
    state.withLock { state in
      if isStream { state.streams -= 1 } else { state.calls -= 1 }
    }
    if !isStream { total.end() }
  }
}

extension CallMeter.State {
  fileprivate mutating func takesTurn(rate: Int, burst: Int, at time: CommitTime) -> Bool {
    let (now, isTooMuch) = time.microseconds.multipliedReportingOverflow(by: 1000)
    let turn = max(1_000_000_000 / Int64(rate), 1)
    let whole = turn * Int64(burst)
    guard !isTooMuch else { return true }
    // A clock that was put back does not hold anybody up longer than a burst takes.
    workedOffAt = min(max(workedOffAt, now), now + whole)
    guard workedOffAt + turn - now <= whole else { return false }
    workedOffAt += turn
    return true
  }
}
