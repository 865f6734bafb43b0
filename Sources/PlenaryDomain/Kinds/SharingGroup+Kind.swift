internal import PlenaryAPI
internal import ProtobufRuntime

extension Kind {
  /// Circles of organizations with which records are shared. Whatever names one keeps it from being deleted, so that
  /// nothing becomes open because its group is gone.
  static let sharingGroup = Kind(SharingGroupRules(), indexed: ["title"], changeRole: .officer)
}

private struct SharingGroupRules: KindRules {
  /// The most steps from a group down to one that has no groups.
  private static let depthMax = 16

  /// The most groups in a group, in one another or not; each of them is looked at.
  private static let memberCountMax = 500

  /// A step down: to a group, by which of the first one's groups, and through which.
  private struct Step {
    let name: String
    let index: Int
    let path: [String]
  }

  func check(_ group: SharingGroup, replacing previous: SharingGroup?, _ findings: inout Findings) {
    guard group.organizations.isEmpty, group.groups.isEmpty else { return }
    findings.add("organizations", .recipientsMissing, "a sharing group has at least one organization or group in it")
  }

  /// Walks down, all groups of one depth at a time, so that the number of steps is that of the longest way.
  func checkRelations(
    _ group: SharingGroup, replacing previous: SharingGroup?, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard group.groups != previous?.groups else { return }
    var seen: Set<String> = []
    var level = group.groups.enumerated().map { Step(name: $1, index: $0, path: [group.name, $1]) }
    while let first = level.first {
      guard first.path.count <= Self.depthMax + 1 else {
        return findings.add(
          "groups.\(first.index)", .sharingGroupCycle,
          "there would be more than \(Self.depthMax) steps from the group down to the last one",
          metadata: ["max": "\(Self.depthMax)", "path": first.path.joined(separator: ",")])
      }
      var next: [Step] = []
      var reached: Set<String> = []
      for step in level where reached.insert(step.name).inserted {
        try DomainError.checkCancellation()
        guard step.name != group.name else {
          return findings.add(
            "groups.\(step.index)", .sharingGroupCycle,
            step.path.count == 2
              ? "a group is not in itself; leave it out"
              : "the groups would lead back to the group: \(step.path.joined(separator: " → "))",
            metadata: ["path": step.path.joined(separator: ",")])
        }
        seen.insert(step.name)
        guard seen.count <= Self.memberCountMax else {
          return findings.add(
            "groups", .listTooLong, "there would be more than \(Self.memberCountMax) groups in it",
            metadata: ["max": "\(Self.memberCountMax)"])
        }
        let inner = try await view.relied(on: step.name, as: SharingGroup.self, &findings)?.groups ?? []
        next += inner.map { Step(name: $0, index: step.index, path: step.path + [$0]) }
      }
      level = next
    }
  }
}
