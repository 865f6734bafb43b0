/// How often a peer may do what costs us work and brings nobody anything, per connection.
package struct AbuseLimits: Sendable {
  /// A burst that is always allowed, and what comes back of it each second.
  package struct Allowance: Hashable, Sendable {
    package var burst: UInt32
    package var perSecond: UInt32

    package init(burst: UInt32, perSecond: UInt32) {
      self.burst = burst
      self.perSecond = perSecond
    }
  }

  /// Streams the peer resets: "rapid reset", CVE-2023-44487. Clients that cancel a lot are honest, so it is generous.
  package var resets = Allowance(burst: 2000, perSecond: 400)

  /// Streams the peer makes us reset by malformed requests, CVE-2025-8671.
  package var provokedResets = Allowance(burst: 200, perSecond: 50)

  /// PING, without acknowledgements.
  package var pings = Allowance(burst: 200, perSecond: 20)

  /// SETTINGS, without acknowledgements.
  package var settings = Allowance(burst: 50, perSecond: 5)

  /// DATA without a byte that does not end its stream.
  package var emptyData = Allowance(burst: 1000, perSecond: 100)

  /// WINDOW_UPDATE; a fast reader honestly sends thousands in a second.
  package var windowUpdates = Allowance(burst: 100_000, perSecond: 50_000)

  /// PRIORITY, PRIORITY_UPDATE and frames of unknown types, all of which we ignore.
  package var ignoredFrames = Allowance(burst: 2000, perSecond: 200)

  package init() {}
}

/// Counts what a peer does against its `AbuseLimits`. A value without a clock: the time comes with each event.
struct AbuseCounters {
  /// What is counted; the raw value is the place of its bucket.
  enum Event: Int, CaseIterable {
    case reset, provokedReset, ping, settings, emptyData, windowUpdate, ignoredFrame
  }

  private var buckets: InlineArray<7, Bucket>

  init(_ limits: AbuseLimits) {
    buckets = [
      Bucket(limits.resets), Bucket(limits.provokedResets), Bucket(limits.pings), Bucket(limits.settings),
      Bucket(limits.emptyData), Bucket(limits.windowUpdates), Bucket(limits.ignoredFrames),
    ]
  }

  /// Takes note of one event; false when the peer has used up its allowance.
  mutating func allows(_ event: Event, now nanoseconds: UInt64) -> Bool {
    buckets[event.rawValue].take(now: nanoseconds)
  }

  /// A token bucket that looks at the clock only when it is empty.
  private struct Bucket {
    private let allowance: AbuseLimits.Allowance
    private var tokens: UInt32
    private var filledAt: UInt64?

    init(_ allowance: AbuseLimits.Allowance) {
      self.allowance = allowance
      tokens = allowance.burst
    }

    mutating func take(now: UInt64) -> Bool {
      // The first event starts the clock of this bucket.
      let since = filledAt ?? now
      if filledAt == nil { filledAt = now }
      if tokens == 0 {
        let elapsed = now > since ? now - since : 0
        let earned = elapsed.multipliedReportingOverflow(by: UInt64(allowance.perSecond))
        let whole = earned.overflow ? UInt64.max : earned.partialValue / 1_000_000_000
        guard whole > 0 else { return false }
        tokens = UInt32(min(whole, UInt64(allowance.burst)))
        filledAt = now
      }
      guard tokens > 0 else { return false }
      tokens -= 1
      return true
    }
  }
}
