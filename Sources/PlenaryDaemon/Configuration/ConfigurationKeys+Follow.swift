internal import SocketTransport

// The keys of a follower.

extension ConfigurationKey {
  /// Whom it follows, and how.
  static let follow: [ConfigurationKey] = [
    ConfigurationKey(
      "follow.leader", .optional(.text(example: "leader.example:7443")),
      "The daemon whose registry this one keeps a copy of: HOST:PORT or unix:PATH. A follower answers reads and refuses "
        + "writes.",
      read: { $0.follow.leader.map { .text($0.description) } ?? .none },
      write: { configuration, value throws(ConfigurationProblem) in
        guard case .text(let text) = value else {
          configuration.follow.leader = nil
          return
        }
        do throws(TransportAddressError) {
          configuration.follow.leader = try TransportAddress(parsing: text)
        } catch {
          throw ConfigurationProblem("follow.leader: \(error)")
        }
      }),
    .optionalFile(
      "follow.authority_file", example: "/etc/plenary/authority.pem", \.follow.authorityFile,
      "The authorities in PEM that may sign the leader's certificate; with it, TLS is spoken to the leader."),
    .optionalFile(
      "follow.certificate_file", example: "/etc/plenary/follower.pem", \.follow.certificateFile,
      "The certificate in PEM to show the leader."),
    .optionalFile(
      "follow.key_file", example: "/etc/plenary/follower.key", \.follow.keyFile,
      "The private key of that certificate in PEM, not encrypted."),
    .optionalFile(
      "follow.server_name", example: "leader.example", \.follow.serverName,
      "The name that the leader's certificate has to hold, where it is not the host of the address."),
    .optionalFile(
      "follow.token_file", example: "/etc/plenary/follower.token", \.follow.tokenFile,
      "The file with the token of a client that is ADMIN at the leader, if the leader asks who calls."),
    .duration(
      "follow.read_wait_max", .zero ... .seconds(3600), \.follow.readWaitMax,
      "How long a read that asks for a revision or time which is not here yet waits for it; then it ends with "
        + "UNAVAILABLE, reason FOLLOWER_BEHIND."),
  ]
}
