internal import PlenaryAPI
internal import PlenaryStore

/// Which sharing groups name whom, and so which an organization is in.
struct SharingCircles {
  /// The groups that name an organization or a group as a member.
  private var groupsNaming: [String: Set<String>] = [:]

  /// The members of each group.
  private var members: [String: Set<String>] = [:]

  /// The groups that an organization is in, directly or through groups that are in them.
  func groups(of organization: String) -> Set<String> {
    guard !organization.isEmpty else { return [] }
    return Self.reached(from: [organization]) { groupsNaming[$0] ?? [] }
  }

  /// Puts what a group consists of in the place of what was known of it.
  ///
  /// - Parameter group: The group; nil if there is none any more.
  /// - Returns: The organizations that may be in other groups now: those that the group has gained or lost, directly or
  ///   through groups.
  mutating func take(_ group: SharingGroup?, named name: String) -> Set<String> {
    let before = members[name] ?? []
    let now = group.map { Set($0.organizations + $0.groups) } ?? []
    for member in before.subtracting(now) {
      groupsNaming[member]?.remove(name)
      if groupsNaming[member]?.isEmpty == true { groupsNaming[member] = nil }
    }
    for member in now.subtracting(before) { groupsNaming[member, default: []].insert(name) }
    members[name] = group == nil ? nil : now
    let changed = before.symmetricDifference(now)
    return changed.union(Self.reached(from: Array(changed)) { members[$0] ?? [] })
      .filter { !Kind.sharingGroup.pattern.matches($0) }
  }

  private static func reached(from start: [String], _ next: (String) -> Set<String>) -> Set<String> {
    var found: Set<String> = []
    var open = start
    while let name = open.popLast() {
      for other in next(name) where found.insert(other).inserted { open.append(other) }
    }
    return found
  }
}
