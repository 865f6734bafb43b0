public import GRPCRuntime
public import GoogleAPI
public import HarnessProtos
internal import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// The clock of a registry under test.
///
/// The times of commits, "today", what is overdue, times of purges and the window of request ids go by it. Deadlines and
/// the delays of faults go by the machine's.
public final class HarnessClock: Sendable {
  /// How a clock begins.
  public enum Start: Sendable, Equatable {
    /// As the clock of the machine.
    case system

    /// Standing at this time.
    case manual(at: ProtobufTimestamp)

    /// Standing at `HarnessClock.manualStart`.
    public static let manual = Start.manual(at: manualStart)
  }

  /// Where a clock stands at first that is given no time: 2026-01-01T00:00:00Z.
  public static let manualStart = ProtobufTimestamp.with { $0.seconds = 1_767_225_600 }

  /// How it runs, in microseconds since 1970.
  enum Run: Equatable {
    case manual(Int64)
    /// So much later than the clock of the machine.
    case running(ahead: Int64)
    case system
  }

  private let run: Mutex<Run>
  private let machine: @Sendable () -> CommitTime

  init(_ run: Run, machine: @escaping @Sendable () -> CommitTime) {
    self.run = Mutex(run)
    self.machine = machine
  }

  /// What it says.
  public var time: ProtobufTimestamp { ProtobufTimestamp(microseconds: microseconds) }

  /// What it says, and how it runs.
  public var state: TestingClock {
    let run = run.withLock { $0 }
    return .with {
      $0.time = ProtobufTimestamp(microseconds: microseconds(run))
      $0.mode =
        switch run {
        case .manual: .manual
        case .running: .running
        case .system: .system
        }
    }
  }

  /// Moves a clock that stands forward.
  ///
  /// Throws `FAILED_PRECONDITION` if it does not stand, `INVALID_ARGUMENT` for a negative duration, and where time ends.
  public func advance(by duration: Duration) throws(GRPCStatus) {
    guard duration >= .zero else {
      throw GRPCStatus(.invalidArgument, "a clock advances by zero or more; SetClock puts it back")
    }
    let (seconds, attoseconds) = duration.components
    try run.withLock { run throws(GRPCStatus) in
      guard case .manual(let now) = run else {
        throw GRPCStatus(.failedPrecondition, "the clock runs by itself; set it to MANUAL before it is advanced")
      }
      let (microseconds, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000)
      let (then, overflowsToo) = now.addingReportingOverflow(microseconds)
      guard !overflows, !overflowsToo else { throw Self.outOfRange }
      run = .manual(try Self.checked(then + attoseconds / 1_000_000_000_000))
    }
  }

  /// Sets it, and how it runs from there on. What is not given stays; a clock that is set to the machine's is given no time,
  /// and one that is the machine's and is given a time runs from there.
  ///
  /// Throws `INVALID_ARGUMENT` for what is no time of the years 1 to 9999.
  public func set(_ mode: TestingClock.Mode = .unspecified, to time: ProtobufTimestamp? = nil) throws(GRPCStatus) {
    let wanted: Int64?
    if let time { wanted = try time.microseconds } else { wanted = nil }
    try run.withLock { run throws(GRPCStatus) in
      let time = wanted ?? microseconds(run)
      switch (mode, run) {
      case (.manual, _), (.unspecified, .manual): run = .manual(time)
      case (.running, _), (.unspecified, .running): run = .running(ahead: time - machine().microseconds)
      case (.unspecified, .system): if wanted != nil { run = .running(ahead: time - machine().microseconds) }
      case (.system, _):
        guard wanted == nil else {
          throw GRPCStatus(
            .invalidArgument, "the clock of the machine cannot be set; leave the time out, or run from it")
        }
        run = .system
      default: throw GRPCStatus(.invalidArgument, "mode: it is none of MANUAL, RUNNING and SYSTEM")
      }
    }
  }

  /// What the registry takes for the time.
  var now: CommitTime { CommitTime(microseconds: microseconds) }

  /// Where it stands; nil if it runs.
  var standsAt: Int64? {
    guard case .manual(let time) = run.withLock({ $0 }) else { return nil }
    return time
  }

  /// Has it stand there.
  func stand(at microseconds: Int64) {
    run.withLock { $0 = .manual(microseconds) }
  }

  private var microseconds: Int64 { microseconds(run.withLock { $0 }) }

  private func microseconds(_ run: Run) -> Int64 {
    switch run {
    case .manual(let time): time
    case .running(let ahead): machine().microseconds + ahead
    case .system: machine().microseconds
    }
  }

  /// The times that a timestamp can have: of the years 1 to 9999.
  static let range: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999

  private static func checked(_ microseconds: Int64) throws(GRPCStatus) -> Int64 {
    guard range.contains(microseconds) else { throw outOfRange }
    return microseconds
  }

  static let outOfRange = GRPCStatus(.invalidArgument, "it is no time of the years 1 to 9999")
}

extension HarnessClock.Start {
  /// How a clock runs that begins so.
  var run: HarnessClock.Run {
    get throws(GRPCStatus) {
      switch self {
      case .system: .system
      case .manual(let time): .manual(try time.microseconds)
      }
    }
  }
}

extension ProtobufTimestamp {
  /// So many microseconds after 1970.
  init(microseconds: Int64) {
    var (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    if rest < 0 { (seconds, rest) = (seconds - 1, rest + 1_000_000) }
    self.init()
    self.seconds = seconds
    nanos = Int32(rest * 1000)
  }

  /// Microseconds since 1970, what is finer cut off.
  var microseconds: Int64 {
    get throws(GRPCStatus) {
      guard (0..<1_000_000_000).contains(nanos), seconds.magnitude < 1_000_000_000_000 else {
        throw HarnessClock.outOfRange
      }
      let microseconds = seconds * 1_000_000 + Int64(nanos / 1000)
      guard HarnessClock.range.contains(microseconds) else { throw HarnessClock.outOfRange }
      return microseconds
    }
  }
}

extension ProtobufDuration {
  /// So long.
  init(_ duration: Duration) {
    self.init()
    let (seconds, attoseconds) = duration.components
    self.seconds = seconds
    nanos = Int32(attoseconds / 1_000_000_000)
  }

  /// The same as a duration of Swift.
  var duration: Duration { .seconds(seconds) + .nanoseconds(Int64(nanos)) }
}
