internal import PlenaryAPI
internal import ProtobufRuntime

extension Kind {
  /// The organizations that work together on a subject.
  static let partnership = Kind(
    PartnershipRules(), firstState: Partnership.State.proposed, indexed: ["kind", "participants.role", "state"],
    targets: [
      "subject": ["plenary.registry/Series", "plenary.registry/Dialogue", "plenary.registry/Initiative"]
    ])
}

private struct PartnershipRules: KindRules {
  private struct Part: Hashable {
    let organization: String
    let role: Partnership.Participant.Role
  }

  func check(_ partnership: Partnership, replacing previous: Partnership?, _ findings: inout Findings) {
    var parts: Set<Part> = []
    for (index, participant) in partnership.participants.enumerated() {
      let path = "participants.\(index)"
      if !parts.insert(Part(organization: participant.organization, role: participant.role)).inserted {
        findings.add(
          path, .partnershipDuplicate,
          "`\(participant.organization)` is already there as \(participant.role); leave one of the two out",
          metadata: ["organization": participant.organization, "role": participant.role.description])
      }
      DateRange(participant.startDate, participant.endDate)
        .check(&findings, within: path, invalid: .partnershipDates)
    }
  }
}
