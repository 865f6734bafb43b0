internal import PlenaryAPI

extension Kind {
  /// Series of dialogues.
  static let series = Kind(
    NoFurtherRules<Series>(), firstState: Series.State.active,
    indexed: ["focus_m49_code", "launch_date", "language_codes", "state"],
    deletion: .blocked(by: [.field("series", of: "Dialogue"), .field("series", of: "OutcomeReport")]))
}
