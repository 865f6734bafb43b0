internal import PlenaryAPI

extension Kind {
  /// What became of recommendations, as it was told.
  static let followUp = Kind(
    FollowUpRules(), indexed: ["progress_percent", "author"], givenByImports: ["author"])
}

private struct FollowUpRules: KindRules {
  /// All of it.
  private static let percentMax = 100

  func begin(_ followUp: inout FollowUp, by principal: String) {
    if followUp.author.isEmpty { followUp.author = principal }
  }

  /// An import that does not say whose it is leaves it to whom it was.
  func keep(_ followUp: inout FollowUp, replacing previous: FollowUp) {
    if followUp.author.isEmpty { followUp.author = previous.author }
  }

  func check(_ followUp: FollowUp, replacing previous: FollowUp?, _ findings: inout Findings) {
    if followUp.note == nil, followUp.evidenceURL.isEmpty, followUp.progressPercent == nil {
      findings.add("note", .fieldRequired, "it tells nothing; set `note`, `evidence_url` or `progress_percent`")
    }
    if let percent = followUp.progressPercent, percent > Self.percentMax {
      findings.add(
        "progress_percent", .numberOutOfRange, "it lies between 0 and \(Self.percentMax)",
        metadata: ["value": "\(percent)"])
    }
  }

  func checkDeletion(_ followUp: FollowUp, _ findings: inout Findings) {
    findings.add(
      "name", .contentFrozen,
      "what was told is not taken back; create another follow-up that says what is right")
  }
}
