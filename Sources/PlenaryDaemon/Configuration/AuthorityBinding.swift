internal import PlenaryDomain
internal import PlenaryServices

/// For which organization an authority of certificates may speak, and where it says which ones it has taken back:
/// `organizations/cted=/etc/plenary/cted.pem crl=/etc/plenary/cted.crl`.
struct AuthorityBinding: Hashable, Sendable, CustomStringConvertible {
  /// The organization, or `*` for every client.
  let organization: String

  /// The PEM file of the authority.
  let file: String

  /// The file of its revocation lists, if there is one.
  let revocationFile: String?

  /// Reads one.
  /// - Throws: what is wrong, and what would be right.
  init(parsing text: String) throws(ConfigurationProblem) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let files = parts.last.map(Self.files)
    guard parts.count == 2, let organization = parts.first, let files, !files.authority.isEmpty,
      files.revocations?.isEmpty != true, organization == CallGuard.Policy.everyone || Self.isOrganization(organization)
    else {
      throw ConfigurationProblem(
        "tls.client_authorities: \"\(text)\" is not allowed; write organizations/ID=FILE, or *=FILE for an authority that may "
          + "speak for every client, and behind it crl=FILE if it has revocation lists")
    }
    self.organization = organization
    file = files.authority
    revocationFile = files.revocations
  }

  var description: String { "\(organization)=\(file)" + (revocationFile.map { Self.revocationKey + $0 } ?? "") }

  private static let revocationKey = " crl="

  private static func files(_ text: String) -> (authority: String, revocations: String?) {
    guard let key = text.firstRange(of: revocationKey) else { return (text, nil) }
    return (String(text[..<key.lowerBound]), String(text[key.upperBound...]))
  }

  /// Whether a text is the name of an organization.
  static func isOrganization(_ name: String) -> Bool {
    name.hasPrefix("organizations/") && KindCatalog.current.kind(named: name) != nil
  }
}
