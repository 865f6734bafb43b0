internal import PlenaryAPI

extension Kind {
  /// The consulting of stakeholders that directives ask for: OPEN → CLOSED.
  static let consultation = Kind(
    NoFurtherRules<Consultation>(),
    states: StateMachine(
      first: Consultation.State.open, [Transition("Close", from: [.open], to: .closed)]),
    indexed: ["stakeholder_group", "hold_date", "state"])
}
