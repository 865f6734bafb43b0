internal import Glibc
internal import PlenaryDomain
internal import PlenaryServices

/// What is configured of who may call.
struct AuthSettings: Sendable {
  /// Whether a caller has to prove who it is.
  var isRequired = false

  /// Whether processes of the daemon's user administer the registry over a Unix socket without a token.
  var hasLocalAdministrator = true

  /// Whether rights of OFFICER and ADMIN take two administrators to give.
  var hasFourEyes = true

  /// What each client may ask for at a time.
  var quota = CallQuota()

  /// What all clients of an organization may ask for at a time.
  var organizationQuota = CallGuard.Policy().organizationQuota

  /// The most records of one organization; nil if there may be any number.
  var organizationRecordsMax: Int?

  /// The credentials of one peer that may be good for nothing in a minute.
  var failedCredentialsMax = CallGuard.Policy().failedCredentialsMax

  /// The calls of all callers that may be under way.
  var callsUnderWayMax = CallGuard.Policy().callsUnderWayMax

  /// The rules that calls are let in by.
  fileprivate var policy: CallGuard.Policy {
    var policy = CallGuard.Policy()
    policy.isIdentityRequired = isRequired
    policy.administratorUser = hasLocalAdministrator ? geteuid() : nil
    policy.quota = quota
    policy.organizationQuota = organizationQuota
    policy.failedCredentialsMax = failedCredentialsMax
    policy.callsUnderWayMax = callsUnderWayMax
    return policy
  }
}

extension DaemonConfiguration {
  /// The rules that calls are let in by.
  var callPolicy: CallGuard.Policy {
    var policy = auth.policy
    policy.authorities = tls.organizations
    return policy
  }
}
