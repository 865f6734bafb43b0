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
    .optionalCount(
      "limits.organization_calls_per_second", 1...1_000_000, \.auth.organizationQuota.callsPerSecond,
      "Calls that all clients of one organization may make in a second together, on average; one more ends with "
        + "RESOURCE_EXHAUSTED, reason QUOTA_EXCEEDED."),
    .count(
      "limits.organization_calls_burst", 1...1_000_000, \.auth.organizationQuota.callsBurst,
      "Calls that they may make at once after a while without any, where calls in a second are limited."),
    .optionalCount(
      "limits.organization_concurrent_calls_max", 1...1_000_000, \.auth.organizationQuota.concurrentCallsMax,
      "Calls that all clients of one organization may have under way at once, streams aside."),
    .optionalCount(
      "limits.organization_concurrent_streams_max", 1...1_000_000, \.auth.organizationQuota.concurrentStreamsMax,
      "Streams that all clients of one organization may have open at once."),
    .optionalCount(
      "limits.organization_records_max", 1...1_000_000_000, \.auth.organizationRecordsMax,
      "Records that may have one organization as their originator, deleted ones counted until they are purged; a write that "
        + "would make them more ends with RESOURCE_EXHAUSTED, reason LIMIT_REACHED."),
    .optionalCount(
      "limits.failed_credentials_max", 1...1_000_000, \.auth.failedCredentialsMax,
      "Tokens and certificates from one machine that may be good for nothing in a minute; what else comes from there is "
        + "verified no more and ends with RESOURCE_EXHAUSTED, reason QUOTA_EXCEEDED, unless it is known to be good."),
    .count(
      "limits.calls_under_way_max", 1...10_000_000, \.auth.callsUnderWayMax,
      "Calls of all callers that may be under way at once, streams aside; one more ends with UNAVAILABLE, reason OVERLOADED. "
        + "Health checks, reflection and AdminService are answered beyond it, and AdminService beyond those of a client."
    ),
  ]
}
