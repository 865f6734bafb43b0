internal import PlenaryAPI

extension Kind {
  /// Groups that take up one theme at a dialogue: OPEN ⇄ REPORTED.
  static let workingGroup = Kind(
    WorkingGroupRules(),
    states: StateMachine(
      first: WorkingGroup.State.open,
      [
        Transition("Report", from: [.open], to: .reported, requiring: WorkingGroupRules.checkReport),
        Transition("Reopen", from: [.reported], to: .open, requiring: WorkingGroupRules.checkReopening),
      ]),
    indexed: ["ordinal", "state"], attributions: ["chair", "rapporteur", "member_organizations"],
    deletion: .blocked(by: [.dependent("origin", of: "Finding")]))
}

private struct WorkingGroupRules: KindRules {
  static func checkReport(
    _ group: WorkingGroup, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    try await EventParts.checkReport("results_summary", group.resultsSummary, &call, among: view, &findings)
  }

  static func checkReopening(
    _ group: WorkingGroup, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    try await EventParts.checkReopening(&call, among: view, &findings)
  }

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
