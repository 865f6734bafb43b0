internal import PlenaryAPI

extension Kind {
  /// What a mandate says.
  static let directive = Kind(
    DirectiveRules(), defaultLabel: .clear, indexed: ["ordinal", "verb", "stakeholder_groups"])
}

private struct DirectiveRules: KindRules {
  func check(_ directive: Directive, replacing previous: Directive?, _ findings: inout Findings) {
    guard directive.addressee.isEmpty, !directive.advisee.isEmpty || !directive.stakeholderGroups.isEmpty else {
      return
    }
    findings.add(
      "addressee", .addresseeMissing,
      "a directive with an advisee or stakeholder groups says who is to advise or consult them")
  }
}
