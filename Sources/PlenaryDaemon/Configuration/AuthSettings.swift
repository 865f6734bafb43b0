internal import Glibc
internal import PlenaryServices

/// What is configured of who may call.
struct AuthSettings: Sendable {
  /// Whether a caller has to prove who it is.
  var isRequired = false

  /// Whether processes of the daemon's user administer the registry over a Unix socket without a token.
  var hasLocalAdministrator = true

  /// Whether rights of OFFICER and ADMIN take two administrators to give.
  var hasFourEyes = true

  /// The rules that calls are let in by.
  var policy: CallGuard.Policy {
    var policy = CallGuard.Policy()
    policy.isIdentityRequired = isRequired
    policy.administratorUser = hasLocalAdministrator ? geteuid() : nil
    return policy
  }
}
