internal import Glibc

/// The CPU time that a process has used in all its threads, those that have ended included.
// SAFETY: the system writes a clock and a time into variables of ours, lent for one call each.
struct ProcessCPUClock {
  private let clock: clockid_t

  init(of process: pid_t) throws {
    var clock = clockid_t()
    let number = unsafe clock_getcpuclockid(process, &clock)
    guard number == 0 else { throw Self.failure(process, number) }
    self.clock = clock
  }

  /// The time used so far.
  func now() throws -> Duration {
    var time = timespec()
    guard unsafe clock_gettime(clock, &time) == 0 else {
      throw Failure("the server whose CPU time is measured has ended")
    }
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private static func failure(_ process: pid_t, _ number: CInt) -> Failure {
    Failure("cannot read the CPU clock of process \(process): \(unsafe String(cString: strerror(number)))")
  }
}
