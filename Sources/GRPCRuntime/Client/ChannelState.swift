/// What a channel does about its connection, and with calls while there is none.
///
///     idle ──call──▶ connecting ──connected──▶ ready ──leaving or lost──▶ idle
///      ▲                 └──failed──▶ backingOff ──time, someone waits──▶ connecting
///      └──────────────time, nobody waits──┘
///     closed ◀── close ── everything
package struct ChannelState {
  /// What to do with a call that wants to begin.
  package enum CallAction: Equatable {
    /// Begin it on the connection.
    case begin
    /// Keep it until there is a connection.
    case wait
    /// Keep it and connect.
    case waitAndConnect
    /// End it with this status.
    case fail(GRPCStatus)
  }

  private enum Phase {
    case idle, connecting, ready
    case backingOff(reason: GRPCStatus)
    case closed
  }

  private var phase = Phase.idle

  /// Makes the state of a channel that has not connected.
  package init() {}

  /// Whether the channel was closed.
  package var isClosed: Bool {
    if case .closed = phase { true } else { false }
  }

  /// A call wants to begin.
  package mutating func call(waitsForReady: Bool) -> CallAction {
    switch phase {
    case .ready: return .begin
    case .connecting: return .wait
    case .idle:
      phase = .connecting
      return .waitAndConnect
    case .backingOff(let reason): return waitsForReady ? .wait : .fail(reason)
    case .closed: return .fail(GRPCStatus(.unavailable, "the channel is closed"))
    }
  }

  /// Connecting succeeded. Returns whether the connection is wanted.
  package mutating func connected() -> Bool {
    guard case .connecting = phase else { return false }
    phase = .ready
    return true
  }

  /// Connecting failed; calls that do not wait for ready fail with `reason`. Returns whether to wait before trying again.
  package mutating func failed(_ reason: GRPCStatus) -> Bool {
    guard case .connecting = phase else { return false }
    phase = .backingOff(reason: reason)
    return true
  }

  /// The pause is over. Returns whether to connect.
  package mutating func pauseEnded(someoneWaits: Bool) -> Bool {
    guard case .backingOff = phase else { return false }
    phase = someoneWaits ? .connecting : .idle
    return someoneWaits
  }

  /// The connection takes no more calls, or is gone. Returns whether to connect anew.
  package mutating func left(someoneWaits: Bool) -> Bool {
    guard case .ready = phase else { return false }
    phase = someoneWaits ? .connecting : .idle
    return someoneWaits
  }

  /// The channel is closed for good.
  package mutating func close() {
    phase = .closed
  }
}
