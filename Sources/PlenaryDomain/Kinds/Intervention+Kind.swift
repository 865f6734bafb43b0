internal import PlenaryAPI

extension Kind {
  /// What was said at a dialogue, and by whom.
  static let intervention = Kind(InterventionRules(), indexed: ["kind"], attributions: ["speaker"])
}

private struct InterventionRules: KindRules {
  func check(_ intervention: Intervention, replacing previous: Intervention?, _ findings: inout Findings) {
    EventParts.checkSameDialogue("panel", intervention.panel, as: intervention.name, &findings)
  }
}
