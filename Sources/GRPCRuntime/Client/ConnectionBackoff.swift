/// How long to wait before the next attempt to connect.
///
/// gRPC connection-backoff: each pause is 1.6 times the one before, up to a maximum, and shifted by up to a fifth either
/// way, so that many clients of one server do not come back at the same moment.
package struct ConnectionBackoff: Sendable {
  private static let growth = 1.6
  private static let jitter = 0.2

  private let initial: Duration
  private let max: Duration
  private let random: @Sendable (ClosedRange<Double>) -> Double
  private var next: Duration

  /// Makes a backoff; `random` returns a number in the range it is given.
  package init(initial: Duration, max: Duration, random: @escaping @Sendable (ClosedRange<Double>) -> Double) {
    self.initial = initial
    self.max = max
    self.random = random
    next = initial
  }

  /// An attempt failed: the pause before the next one.
  package mutating func failed() -> Duration {
    let pause = next
    next = Swift.min(max, pause * Self.growth)
    return pause * (1 + random(-Self.jitter...Self.jitter))
  }

  /// An attempt succeeded: begin from the start.
  package mutating func succeeded() {
    next = initial
  }
}
