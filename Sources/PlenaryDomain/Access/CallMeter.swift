package import PlenaryStore
internal import Synchronization

/// Counts what one client asks for, or all clients of an organization, from any thread. A call that it lets in costs one lock
/// for each.
package final class CallMeter: Sendable {
  /// What a client has too many of.
  package indirect enum Excess: Hashable, Sendable {
    /// More calls in a second than so many.
    case rate(Int)
    /// One more call than so many.
    case calls(Int)
    /// One more stream than so many.
    case streams(Int)
    /// Not the client by itself, but all clients of its organization together.
    case organization(Excess)
  }

  fileprivate struct State {
    /// When all calls that were let in are worked off at the rate that is allowed, in nanoseconds. Once that lies further
    /// ahead than a burst takes, calls come too quickly (the "generic cell rate algorithm").
    var workedOffAt: Int64 = 0
    var calls = 0
    var streams = 0
    var refusals: Int64 = 0
  }

  private let state = Mutex(State())
  private let total: CallTotal
  private let organization: CallMeter?

  /// A meter of a client that has not called yet, or of an organization. It counts the ends of calls for the total too.
  ///
  /// - Parameter organization: The meter of the organization of the client, if that acts for one.
  package init(_ total: CallTotal, within organization: CallMeter? = nil) {
    self.total = total
    self.organization = organization
  }

  /// Calls and streams that are under way.
  package var underWay: (calls: Int, streams: Int) { state.withLock { ($0.calls, $0.streams) } }

  /// Calls that were refused since there was too much.
  package var refusals: Int64 { state.withLock { $0.refusals } }

  /// Counts a call that begins, if the quotas of the client and of its organization have room for it; else returns what there
  /// is too much of. The total has counted it before.
  package func begin(
    isStream: Bool, _ quota: CallQuota, organization wider: CallQuota = .unlimited, at now: CommitTime
  ) -> Excess? {
    // The client first, so that what is too much for it takes nothing from the others.
    if let excess = count(isStream: isStream, quota, at: now) { return excess }
    guard let excess = organization?.count(isStream: isStream, wider, at: now) else { return nil }
    uncount(isStream: isStream)
    return .organization(excess)
  }

  private func count(isStream: Bool, _ quota: CallQuota, at now: CommitTime) -> Excess? {
    state.withLock { state in
      let excess = state.excess(isStream: isStream, quota, at: now)
      if excess != nil {
        state.refusals += 1
      } else if isStream {
        state.streams += 1
      } else {
        state.calls += 1
      }
      return excess
    }
  }

  private func uncount(isStream: Bool) {
    state.withLock { state in
      if isStream { state.streams -= 1 } else { state.calls -= 1 }
    }
  }

  /// Counts the end of a call that was counted.
  package func end(isStream: Bool) {
    uncount(isStream: isStream)
    organization?.uncount(isStream: isStream)
    if !isStream { total.end() }
  }
}

extension CallMeter.State {
  /// What there is too much of for one more; nil if there is room. A turn is taken then.
  fileprivate mutating func excess(isStream: Bool, _ quota: CallQuota, at now: CommitTime) -> CallMeter.Excess? {
    if isStream, let limit = quota.concurrentStreamsMax, streams >= limit { return .streams(limit) }
    if !isStream, let limit = quota.concurrentCallsMax, calls >= limit { return .calls(limit) }
    if let rate = quota.callsPerSecond, !takesTurn(rate: rate, burst: quota.callsBurst, at: now) { return .rate(rate) }
    return nil
  }

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
