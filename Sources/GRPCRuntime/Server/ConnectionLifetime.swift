/// How long a connection may stay (gRPC A9).
///
///     staying ──idle or old──▶ leaving ──grace of the old is over──▶ ended
package struct ConnectionLifetime {
  /// What a look leads to.
  package enum Action: Equatable {
    /// Nothing yet.
    case stay
    /// Begin a graceful end, and tell the peer this word.
    case leave(String)
    /// End what is left.
    case end
  }

  private enum Phase {
    case staying
    /// The grace ends then; an idle connection needs none.
    case leaving(until: Deadline?)
    case ended
  }

  private let idleMax: Duration?
  private let ageEnds: Deadline?
  private let ageGrace: Duration
  private var idleSince: Deadline?
  private var phase = Phase.staying

  /// `jitter` is a number from -0.1 to 0.1: by how much the connection may become older than others.
  package init(bornAt: Deadline, idleMax: Duration?, ageMax: Duration?, ageGrace: Duration, jitter: Double) {
    precondition((-0.1...0.1).contains(jitter), "the jitter of a connection's age is a tenth at most")
    self.idleMax = idleMax
    self.ageGrace = ageGrace
    ageEnds = ageMax.map { bornAt.advanced(by: $0 * (1 + jitter)) }
    idleSince = idleMax == nil ? nil : bornAt
  }

  /// Whether it matters when the connection has no calls.
  package var watchesIdleness: Bool { idleMax != nil }

  /// A call began.
  package mutating func becameBusy() {
    idleSince = nil
  }

  /// The last call ended. Returns when to look.
  package mutating func becameIdle(at now: Deadline) -> Deadline? {
    guard let idleMax else { return nil }
    idleSince = now
    return now.advanced(by: idleMax)
  }

  /// Returns what to do, and when to look again.
  package mutating func check(now: Deadline) -> (Action, next: Deadline?) {
    switch phase {
    case .ended: return (.stay, nil)
    case .leaving(let end):
      guard let end, now >= end else { return (.stay, end) }
      phase = .ended
      return (.end, nil)
    case .staying:
      if let ageEnds, now >= ageEnds {
        let end = now.advanced(by: ageGrace)
        phase = .leaving(until: end)
        return (.leave("max_age"), end)
      }
      let idleEnds = idleMax.flatMap { idleMax in idleSince?.advanced(by: idleMax) }
      if let idleEnds, now >= idleEnds {
        phase = .leaving(until: nil)
        return (.leave("max_idle"), nil)
      }
      return (.stay, [ageEnds, idleEnds].compactMap { $0 }.min())
    }
  }
}
