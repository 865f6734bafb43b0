/// What one client may ask for at a time, or all clients of an organization. Nil means that there is no limit.
package struct CallQuota: Hashable, Sendable {
  /// Calls in a second, on average.
  package var callsPerSecond: Int? = 10_000

  /// Calls that may come at once after a while without any.
  package var callsBurst = 20_000

  /// Calls that are under way at once, streams aside.
  package var concurrentCallsMax: Int? = 1024

  /// Streams that are open at once.
  package var concurrentStreamsMax: Int? = 1024

  /// The quota of a daemon that is told nothing.
  package init() {}

  /// What all clients of an organization may ask for together, of a daemon that is told nothing: of what there is for all
  /// callers, one leaves some to the others.
  package static var organization: CallQuota {
    var quota = CallQuota.unlimited
    quota.callsBurst = 40_000
    quota.concurrentCallsMax = 4096
    quota.concurrentStreamsMax = 4096
    return quota
  }

  /// No limits.
  package static var unlimited: CallQuota {
    var quota = CallQuota()
    (quota.callsPerSecond, quota.concurrentCallsMax, quota.concurrentStreamsMax) = (nil, nil, nil)
    return quota
  }
}
