/// What one client may ask for at a time. Nil means that there is no limit.
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
}
