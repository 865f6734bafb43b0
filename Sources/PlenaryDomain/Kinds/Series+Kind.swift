internal import PlenaryAPI
internal import PlenaryStore

extension Kind {
  /// Series of dialogues: ACTIVE ⇄ SUSPENDED, and ENDED from both.
  static let series = Kind(
    NoFurtherRules<Series>(),
    states: StateMachine(
      first: Series.State.active,
      [
        Transition("Suspend", from: [.active], to: .suspended),
        Transition("Resume", from: [.suspended], to: .active),
        Transition("End", from: [.active, .suspended], to: .ended, requiring: SeriesTransitions.checkEnd),
      ]),
    indexed: ["focus_m49_code", "launch_date", "language_codes", "state"],
    deletion: .blocked(by: [.field("series", of: "Dialogue"), .field("series", of: "OutcomeReport")]))
}

private enum SeriesTransitions {
  /// The most dialogues of one series that are looked at.
  private static let dialogueCountMax = 10_000

  /// What is announced or going on is not over.
  static func checkEnd(
    _ series: Series, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let dialogues = try await view.records(
      with: IndexEntry(Kind.dialogue.index(ofReference: "series"), .string(series.name)), limit: dialogueCountMax,
      whatFor: "none of the dialogues of `\(series.name)` may be SCHEDULED or RUNNING")
    for case (_, let dialogue as Dialogue) in dialogues where [.scheduled, .running].contains(dialogue.state) {
      call.need(
        "dialogues", "`\(dialogue.name)` is \(dialogue.state); conclude, postpone or cancel it first",
        of: dialogue.name)
    }
    // One that is scheduled or started meanwhile would not have been seen.
    if let scope = KeyPrefix("dialogues/") {
      findings.require(.prefixUnchangedSince(scope, try await view.revision()), or: .examineAgain)
    }
  }
}
