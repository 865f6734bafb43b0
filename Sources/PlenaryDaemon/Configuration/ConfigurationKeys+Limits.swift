internal import PlenaryDomain

// The keys of what callers may ask for at a time.

extension ConfigurationKey {
  /// What each client may ask for, and all callers together.
  static let limits: [ConfigurationKey] = [
    .optionalCount(
      "limits.calls_per_second", 1...1_000_000, \.auth.quota.callsPerSecond,
      "Calls that one client may make in a second, on average; one more ends with RESOURCE_EXHAUSTED, reason QUOTA_EXCEEDED. "
        + "Callers that are no client have no such limits."),
    .count(
      "limits.calls_burst", 1...1_000_000, \.auth.quota.callsBurst,
      "Calls that one client may make at once after a while without any."),
    .optionalCount(
      "limits.concurrent_calls_max", 1...1_000_000, \.auth.quota.concurrentCallsMax,
      "Calls that one client may have under way at once, streams aside."),
    .optionalCount(
      "limits.concurrent_streams_max", 1...1_000_000, \.auth.quota.concurrentStreamsMax,
      "Streams, such as watches and exports, that one client may have open at once."),
    .count(
      "limits.calls_under_way_max", 1...10_000_000, \.auth.callsUnderWayMax,
      "Calls of all callers that may be under way at once, streams aside; one more ends with UNAVAILABLE, reason OVERLOADED. "
        + "Health checks, reflection and AdminService are answered beyond it, and AdminService beyond those of a client."
    ),
  ]
}
