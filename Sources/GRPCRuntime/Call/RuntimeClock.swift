package import NIOCore

/// The time the runtime lives by: what time it is, and being woken. Tests pass one they move by hand.
package protocol RuntimeClock: Sendable {
  /// The present.
  var now: Deadline { get }

  /// Runs `work` on `loop` once `deadline` has come, unless the timer is cancelled first.
  func schedule(at deadline: Deadline, on loop: any EventLoop, _ work: @escaping @Sendable () -> Void) -> RuntimeTimer
}

/// A timer that can be cancelled; cancelling it late or twice does nothing.
package struct RuntimeTimer: Sendable {
  private let onCancel: @Sendable () -> Void

  /// Makes a timer that is cancelled by `onCancel`.
  package init(onCancel: @escaping @Sendable () -> Void) {
    self.onCancel = onCancel
  }

  /// The work will not run, if it has not run yet.
  package func cancel() {
    onCancel()
  }
}

/// The machine's monotonic clock and the event loop's own timers.
package struct SystemClock: RuntimeClock {
  /// Makes the clock.
  package init() {}

  package var now: Deadline {
    Deadline(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
  }

  package func schedule(
    at deadline: Deadline, on loop: any EventLoop, _ work: @escaping @Sendable () -> Void
  ) -> RuntimeTimer {
    let scheduled = loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(clamping: deadline.nanoseconds)), work)
    return RuntimeTimer { scheduled.cancel() }
  }
}
