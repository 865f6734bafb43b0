internal import PlenaryDomain
internal import PlenaryServices

/// For which organization an authority of certificates may speak: `organizations/cted=/etc/plenary/cted.pem`.
struct AuthorityBinding: Hashable, Sendable, CustomStringConvertible {
  /// The organization, or `*` for every client.
  let organization: String

  /// The PEM file of the authority.
  let file: String

  /// Reads one.
  /// - Throws: what is wrong, and what would be right.
  init(parsing text: String) throws(ConfigurationProblem) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let organization = parts.first, let file = parts.last, !file.isEmpty,
      organization == CallGuard.Policy.everyone || Self.isOrganization(organization)
    else {
      throw ConfigurationProblem(
        "tls.client_authorities: \"\(text)\" is not allowed; write organizations/ID=FILE, or *=FILE for an authority that may "
          + "speak for every client")
    }
    self.organization = organization
    self.file = file
  }

  var description: String { "\(organization)=\(file)" }

  /// Whether a text is the name of an organization.
  static func isOrganization(_ name: String) -> Bool {
    name.hasPrefix("organizations/") && KindCatalog.current.kind(named: name) != nil
  }
}
