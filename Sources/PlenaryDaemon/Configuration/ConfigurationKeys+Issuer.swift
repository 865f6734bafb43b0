internal import PlenaryDomain
internal import PlenaryServices

// The keys of the issuer of signed tokens.

extension ConfigurationKey {
  /// Whose tokens are taken, and for whom it may speak.
  static let issuer: [ConfigurationKey] = [
    .issuerText(
      "jwt.issuer", example: "https://id.example.org", \.issuer,
      "Who makes signed tokens (JWT) by which clients prove who they are, as it stands in their claim `iss`. A client is known "
        + "by its `issuer_subjects`."),
    .issuerText(
      "jwt.audience", example: "https://registry.example.org", \.audience,
      "For whom the tokens have to be made, as it stands in their claim `aud`."),
    .optionalIssuerText(
      "jwt.keys_file", example: "/etc/plenary/issuer.json", \.keysFile,
      "The issuer's keys, the JWK Set that its `jwks_uri` answers with. The file is read again when it has changed."),
    .optionalIssuerText(
      "jwt.keys_url", example: "https://id.example.org/keys", \.keysURL,
      "The address of the issuer's keys, its `jwks_uri`, instead of a file: https, or http on this machine. It is asked at "
        + "the start, from time to time, and when a token names a key that is not known."),
    .optionalIssuerText(
      "jwt.keys_authority_file", example: "/etc/plenary/web.pem", \.keysAuthorityFile,
      "The authorities in PEM that may sign the certificate of the server of `jwt.keys_url`; without it those of the system."
    ),
    .issuerTime(
      "jwt.keys_refresh_interval", .seconds(1) ... .seconds(86_400), \.keysRefreshInterval,
      "How often `jwt.keys_url` is asked. Keys that are to sign have to be there for so long before they do."),
    .issuerTime(
      "jwt.keys_timeout", .milliseconds(100) ... .seconds(60), \.keysTimeout,
      "How long an answer of `jwt.keys_url` may take."),
    .issuerTime(
      "jwt.keys_stale_max", .seconds(1) ... .seconds(30 * 86_400), \.keysStaleMax,
      "How long the keys that `jwt.keys_url` has answered with count if it answers no more."),
    ConfigurationKey(
      "jwt.organizations", .list(example: "organizations/cted"), isReloadable: true,
      "The organizations whose clients the issuer may speak for; `*` stands for every client.",
      read: { .list($0.jwt.rules.organizations.sorted()) },
      write: { configuration, value throws(ConfigurationProblem) in
        guard case .list(let texts) = value else { return }
        let names = texts.filter { !$0.isEmpty }
        for name in names where name != CallGuard.Policy.everyone && !AuthorityBinding.isOrganization(name) {
          throw ConfigurationProblem(
            "jwt.organizations: \"\(name)\" is not allowed; write organizations/ID, or * for every client")
        }
        configuration.jwt.rules.organizations = Set(names)
      }),
    ConfigurationKey(
      "jwt.claim", .text(example: "sub"), isReloadable: true, "The claim that says whom a token is about.",
      read: { .text($0.jwt.rules.claim) },
      write: { configuration, value in
        if case .text(let text) = value { configuration.jwt.rules.claim = text }
      }),
    ConfigurationKey(
      "jwt.clock_skew", .duration(.zero ... .seconds(300)), isReloadable: true,
      "By how much the clocks of the issuer and of this machine may differ; parts of a second do not count.",
      read: { .duration($0.jwt.rules.clockSkew) },
      write: { configuration, value in
        if case .duration(let time) = value { configuration.jwt.rules.clockSkew = time }
      }),
  ]

  private static func optionalIssuerText(
    _ name: String, example: String, _ path: any WritableKeyPath<IssuerSettings, String?> & Sendable, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      name, .optional(.text(example: example)), isReloadable: true, summary,
      read: { $0.jwt[keyPath: path].map { .text($0) } ?? .none },
      write: { configuration, value in
        if case .text(let text) = value {
          configuration.jwt[keyPath: path] = text
        } else {
          configuration.jwt[keyPath: path] = nil
        }
      })
  }

  private static func issuerTime(
    _ name: String, _ bounds: ClosedRange<Duration>,
    _ path: any WritableKeyPath<IssuerSettings, Duration> & Sendable, _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      name, .duration(bounds), isReloadable: true, summary,
      read: { .duration($0.jwt[keyPath: path]) },
      write: { configuration, value in
        if case .duration(let time) = value { configuration.jwt[keyPath: path] = time }
      })
  }

  private static func issuerText(
    _ name: String, example: String, _ path: any WritableKeyPath<TokenIssuer.Rules, String> & Sendable,
    _ summary: String
  ) -> ConfigurationKey {
    ConfigurationKey(
      name, .optional(.text(example: example)), isReloadable: true, summary,
      read: { configuration in
        let text = configuration.jwt.rules[keyPath: path]
        return text.isEmpty ? .none : .text(text)
      },
      write: { configuration, value in
        if case .text(let text) = value {
          configuration.jwt.rules[keyPath: path] = text
        } else {
          configuration.jwt.rules[keyPath: path] = ""
        }
      })
  }
}
