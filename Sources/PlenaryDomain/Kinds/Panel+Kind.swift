internal import PlenaryAPI

extension Kind {
  /// Discussions at dialogues: OPEN ⇄ REPORTED.
  static let panel = Kind(
    PanelRules(),
    states: StateMachine(
      first: Panel.State.open,
      [
        Transition("Report", from: [.open], to: .reported, requiring: PanelRules.checkReport),
        Transition("Reopen", from: [.reported], to: .open, requiring: PanelRules.checkReopening),
      ]),
    indexed: ["ordinal", "state"], attributions: ["moderator", "panellists"],
    deletion: .blocked(by: [.dependent("origin", of: "Finding"), .clearable("panel", of: "Intervention")]))
}

private struct PanelRules: KindRules {
  typealias Resource = Panel

  static func checkReport(
    _ panel: Panel, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    try await EventParts.checkReport("summary", panel.summary, &call, among: view, &findings)
  }

  static func checkReopening(
    _ panel: Panel, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    try await EventParts.checkReopening(&call, among: view, &findings)
  }
}
