/// Whether the peer of a silent connection still lives (gRPC A9, "keepalive").
///
///     listening ──silent for `interval`──▶ asked ──silent for `timeout`──▶ dead
///         ▲──────────anything came──────────┘
///
/// The acknowledgement of the PING is not waited for in particular: whatever comes shows that the peer lives.
package struct Keepalive {
  /// What a look leads to.
  package enum Action: Equatable {
    /// Ask by PING.
    case ping
    /// Close the connection: nobody is there.
    case close
    /// Nothing yet.
    case wait
  }

  private let interval: Duration
  private let timeout: Duration
  /// When the PING left, and what had last come before it.
  private var asked: (at: Deadline, receivedAt: Deadline)?

  /// Makes the keepalive of a connection that has just begun.
  package init(interval: Duration, timeout: Duration) {
    self.interval = interval
    self.timeout = timeout
  }

  /// Looks at when something last came. Returns what to do, and when to look again.
  package mutating func check(receivedAt: Deadline, now: Deadline) -> (Action, next: Deadline) {
    if let asked, receivedAt == asked.receivedAt {
      let end = asked.at.advanced(by: timeout)
      return (now >= end ? .close : .wait, end)
    }
    asked = nil
    let silenceEnds = receivedAt.advanced(by: interval)
    guard now >= silenceEnds else { return (.wait, silenceEnds) }
    asked = (now, receivedAt)
    return (.ping, now.advanced(by: timeout))
  }
}
