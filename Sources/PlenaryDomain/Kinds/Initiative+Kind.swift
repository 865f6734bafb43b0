internal import PlenaryAPI

extension Kind {
  /// Programmes within which series are held.
  static let initiative = Kind(
    InitiativeRules(), indexed: ["start_date", "end_date"],
    deletion: .blocked(by: [.field("initiative", of: "Series")]))
}

private struct InitiativeRules: KindRules {
  func check(_ initiative: Initiative, replacing previous: Initiative?, _ findings: inout Findings) {
    DateRange(initiative.startDate, initiative.endDate).check(&findings)
  }
}
