internal import PlenaryAPI

extension Kind {
  /// What working groups and panels have brought to light.
  static let finding = Kind(
    FindingRules(), indexed: ["kind", "ordinal"],
    targets: ["origin": ["plenary.registry/WorkingGroup", "plenary.registry/Panel"]], attributions: ["contributor"],
    deletion: .blocked(by: [.derived(Kind.groundOfStandingAdvice, of: "Recommendation")]))
}

private struct FindingRules: KindRules {
  func check(_ finding: Finding, replacing previous: Finding?, _ findings: inout Findings) {
    EventParts.checkSameDialogue("origin", finding.origin, as: finding.name, &findings)
  }
}
