/// How often a client may ask by PING whether the server lives (gRPC A8, "Server-side Connection Management").
package struct PingLimits: Hashable, Sendable {
  /// The shortest time between two PINGs while there are calls, in nanoseconds.
  package var intervalMin: UInt64

  /// The shortest time between two PINGs while there are none, in nanoseconds.
  package var intervalMinWithoutStreams: UInt64

  /// PINGs that came too early and are forgiven; one more ends the connection.
  package var strikesMax: Int

  package init(intervalMin: UInt64, intervalMinWithoutStreams: UInt64, strikesMax: Int) {
    self.intervalMin = intervalMin
    self.intervalMinWithoutStreams = intervalMinWithoutStreams
    self.strikesMax = strikesMax
  }
}

/// Counts the PINGs that came too early. A value without a clock: the time comes with each event.
///
///     forgiven ──PING too early──▶ one strike more ──more than `strikesMax`──▶ not allowed
///        ▲──HEADERS or DATA sent since the last PING──┘
///
/// Unlike `AbuseCounters`, which bounds work, this bounds how often an idle machine is woken. A client that is sent
/// something may ask whether the rest is lost, so whatever is sent forgives everything.
struct PingStrikes {
  private let limits: PingLimits
  private var lastAt: UInt64?
  private var strikes = 0

  init(_ limits: PingLimits) {
    self.limits = limits
  }

  /// Takes note of one PING; false when there were too many. `hasSent` says whether HEADERS or DATA left since the last.
  mutating func allowsPing(now: UInt64, hasStreams: Bool, hasSent: Bool) -> Bool {
    if hasSent {
      lastAt = nil
      strikes = 0
    }
    let intervalMin = hasStreams ? limits.intervalMin : limits.intervalMinWithoutStreams
    if let lastAt, now &- lastAt < intervalMin { strikes += 1 }
    lastAt = now
    return strikes <= limits.strikesMax
  }
}
