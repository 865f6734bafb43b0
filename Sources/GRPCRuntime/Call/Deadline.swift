/// A point in time on the runtime's clock, which only moves forward and has nothing to do with the calendar.
public struct Deadline: Sendable, Hashable, Comparable {
  /// Nanoseconds since the clock's own beginning.
  package let nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  /// Whether one point is before the other.
  public static func < (left: Deadline, right: Deadline) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The point `duration` later; what is too far away to be counted is the farthest point there is.
  package func advanced(by duration: Duration) -> Deadline {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.nanosecondsClamped)
    return Deadline(nanoseconds: overflow ? .max : sum)
  }

  /// The time from `now` until this point; negative when it has passed.
  package func remaining(at now: Deadline) -> Duration {
    .nanoseconds(nanoseconds) - .nanoseconds(now.nanoseconds)
  }
}
