internal import GRPCRuntime

// The keys of TLS.

extension ConfigurationKey {
  /// How the daemon proves who it is, and what it asks of its clients.
  static let tls: [ConfigurationKey] = [
    .optionalFile(
      "tls.certificate_file", example: "/etc/plenary/server.pem", \.tls.certificateFile,
      "The certificate of the daemon in PEM, then those that lead from it to an authority. With it TCP speaks TLS and "
        + "nothing else; it is read again on SIGHUP."),
    .optionalFile(
      "tls.key_file", example: "/etc/plenary/server.key", \.tls.keyFile,
      "The private key of the certificate in PEM, not encrypted. It is read again on SIGHUP."),
    .optionalFile(
      "tls.client_authority_file", example: "/etc/plenary/clients.pem", \.tls.clientAuthorityFile,
      "Authorities in PEM that may sign the certificates of clients as well, which then say nothing of who calls. It is read "
        + "again on SIGHUP."),
    ConfigurationKey(
      "tls.client_authorities", .list(example: "organizations/cted=/etc/plenary/cted.pem"), isReloadable: true,
      "Authorities in PEM whose certificates say which client calls, each with an organization whose clients it may speak "
        + "for; `*` stands for every client. One may stand there several times. A file holds the very certificates that sign "
        + "those of clients, and those that lead from them to the authority's own. ` crl=FILE` behind one names a file of "
        + "its revocation lists (CRL, in PEM or DER), which is read again when it has changed.",
      read: { .list($0.tls.clientAuthorities.map(\.description)) },
      write: { configuration, value throws(ConfigurationProblem) in
        guard case .list(let texts) = value else { return }
        var authorities: [AuthorityBinding] = []
        for text in texts where !text.isEmpty { authorities.append(try AuthorityBinding(parsing: text)) }
        configuration.tls.clientAuthorities = authorities
      }),
    ConfigurationKey(
      "tls.client_certificates", .choice(TLSServerConfiguration.ClientCertificates.allCases.map(\.rawValue)),
      "Whether clients show a certificate.",
      read: { .text($0.tls.clientCertificates.rawValue) },
      write: { configuration, value in
        if case .text(let text) = value, let choice = TLSServerConfiguration.ClientCertificates(rawValue: text) {
          configuration.tls.clientCertificates = choice
        }
      }),
    .duration(
      "tls.handshake_timeout", .milliseconds(100) ... .seconds(3600), \.tls.handshakeTimeout,
      "How long a client may take from connecting to the end of the handshake."),
    .count(
      "tls.handshakes_max", 1...1_000_000, \.tls.handshakesMax,
      "Handshakes that may be under way at once; one more client is closed at once."),
    .bytes(
      "tls.client_hello_bytes_max", 512...1 << 20, \.tls.clientHelloBytesMax, "The longest ClientHello accepted."),
  ]
}
