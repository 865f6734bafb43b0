package import PlenaryAPI

/// What a caller may do: the roles that it has, each for some of the records.
package struct Rights: Equatable, Sendable {
  /// The scope of all records.
  static let everywhere = "*"

  /// Whoever may do everything, as whoever calls a daemon that asks for no identities.
  package static let all = Rights(organization: "", grants: nil)

  /// The organization that the caller acts for; empty if it acts for none.
  package let organization: String

  /// The most that it may do, wherever; the unspecified role if it may do nothing.
  package let highest: Client.Grant.Role

  /// What it has been given; nil means everything.
  private let grants: [Client.Grant]?

  /// What a client may do.
  package init(organization: String, grants: [Client.Grant]) {
    self.init(organization: organization, grants: .some(grants))
  }

  private init(organization: String, grants: [Client.Grant]?) {
    self.organization = organization
    self.grants = grants
    let roles = grants.map { $0.map(\.role).filter { $0.includes(.reader) } } ?? [.admin]
    highest = roles.max { $0.rawValue < $1.rawValue } ?? .unspecified
  }

  /// Whether they are not those of a client, but of whoever may do everything.
  var isUnlimited: Bool { grants == nil }

  /// Whether it administers the registry.
  package var isAdministrator: Bool { highest == .admin }

  /// Whether nothing has been said of what it may do, so that it may do everything.
  var isUnbounded: Bool { grants == nil }

  /// Whether it decides for an organization who may see its records: as its officer, or as one who has that role for it.
  /// For records of no organization administrators do.
  func isOfficer(of originator: String) -> Bool {
    guard let grants else { return true }
    if originator.isEmpty { return isAdministrator }
    return grants.contains { grant in
      grant.role.includes(.officer)
        && (grant.scope == originator || originator == organization && [Self.everywhere, ""].contains(grant.scope))
    }
  }

  /// The organizations that it is an officer of, as `isOfficer` has it; who may do everything is not asked.
  package var offices: Set<String> {
    let scopes = (grants ?? []).filter { $0.role.includes(.officer) }.map { grant in
      [Self.everywhere, ""].contains(grant.scope) ? organization : grant.scope
    }
    return Set(scopes).subtracting([""])
  }

  /// The scopes of the roles that include a role.
  func scopes(of role: Client.Grant.Role) -> [String] {
    guard let grants else { return [Self.everywhere] }
    return grants.filter { $0.role.includes(role) }.map { $0.role == .admin ? Self.everywhere : $0.scope }
  }
}

extension Client.Grant.Role {
  /// Whether a role includes another one: each includes those before it. A role of a later version includes none.
  package func includes(_ other: Client.Grant.Role) -> Bool {
    rawValue <= Self.admin.rawValue && other.rawValue <= rawValue
  }
}
