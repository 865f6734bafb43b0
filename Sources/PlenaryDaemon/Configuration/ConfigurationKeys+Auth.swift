// The keys of who may call.

extension ConfigurationKey {
  /// Who may call.
  static let auth: [ConfigurationKey] = [
    .flag(
      "auth.required", \.auth.isRequired,
      "Whether a caller has to prove who it is, by the token or the certificate of a client. Without it whoever reaches an "
        + "address can read and change everything, unless it shows one of them, whose roles then count. `plenaryd init` makes the first client."
    ),
    .flag(
      "auth.local_administrator", \.auth.hasLocalAdministrator,
      "Whether processes of the daemon's own user, and of root, administer the registry over a Unix socket without a "
        + "token."),
    .flag(
      "auth.four_eyes", \.auth.hasFourEyes,
      "Whether rights of OFFICER and ADMIN that an administrator gives take effect only once another one approves them. As long "
        + "as there are fewer than two administrators they take effect at once."),
  ]
}
