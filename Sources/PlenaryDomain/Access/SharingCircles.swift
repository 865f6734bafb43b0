internal import PlenaryAPI
internal import PlenaryStore

/// Which sharing groups an organization is in, worked out once for each organization that is asked about.
struct SharingCircles {
  /// The groups that name an organization or a group as a member.
  private var groupsNaming: [String: Set<String>] = [:]

  /// The members of each group.
  private var members: [String: [String]] = [:]

  /// The groups of the organizations that have been asked about.
  private var known: [String: Set<String>] = [:]

  /// The groups that an organization is in, directly or through groups that are in them.
  mutating func groups(of organization: String) -> Set<String> {
    guard !organization.isEmpty else { return [] }
    if let groups = known[organization] { return groups }
    let groups = reached(from: organization)
    known[organization] = groups
    return groups
  }

  /// Puts what a group consists of in the place of what was known of it.
  ///
  /// - Parameter group: The group; nil if there is none any more.
  /// - Returns: The organizations that have been asked about and are in other groups now.
  mutating func take(_ group: SharingGroup?, named name: String) -> [String] {
    for member in members[name] ?? [] {
      groupsNaming[member]?.remove(name)
      if groupsNaming[member]?.isEmpty == true { groupsNaming[member] = nil }
    }
    members[name] = group.map { $0.organizations + $0.groups }
    for member in members[name] ?? [] { groupsNaming[member, default: []].insert(name) }
    var changed: [String] = []
    for (organization, before) in known {
      let now = reached(from: organization)
      guard now != before else { continue }
      known[organization] = now
      changed.append(organization)
    }
    return changed
  }

  private func reached(from organization: String) -> Set<String> {
    var found: Set<String> = []
    var open = [organization]
    while let member = open.popLast() {
      for group in groupsNaming[member] ?? [] where found.insert(group).inserted { open.append(group) }
    }
    return found
  }
}
