internal import PlenaryAPI

extension Kind {
  /// Groups that take up one theme at a dialogue.
  static let workingGroup = Kind(
    WorkingGroupRules(), firstState: WorkingGroup.State.open, indexed: ["ordinal", "state"])
}

private struct WorkingGroupRules: KindRules {
  func checkRelations(
    _ group: WorkingGroup, replacing previous: WorkingGroup?, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard let parent = NamePattern.parent(of: group.name),
      let dialogue = try await view.relied(on: parent, as: Dialogue.self, &findings),
      !group.theme.isEmpty, !dialogue.themes.contains(group.theme)
    else { return }
    findings.add(
      "theme", .themeNotOnDialogue,
      "`\(group.theme)` is not among the themes of `\(parent)`; add it there first, or choose one of them",
      metadata: ["value": group.theme, "dialogue": parent, "themes": dialogue.themes.joined(separator: ",")])
  }
}
