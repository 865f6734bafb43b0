internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Kind {
  /// The organizations that work together on a subject: PROPOSED → ACTIVE ⇄ SUSPENDED → ENDED, or DECLINED at once.
  static let partnership = Kind(
    PartnershipRules(),
    states: StateMachine(
      first: Partnership.State.proposed,
      [
        Transition("Activate", from: [.proposed], to: .active, requiring: PartnershipRules.checkBeginning),
        Transition("Decline", from: [.proposed], to: .declined),
        Transition("Suspend", from: [.active], to: .suspended),
        Transition("Resume", from: [.suspended], to: .active, requiring: PartnershipRules.checkBeginning),
        Transition("End", from: [.active, .suspended], to: .ended),
      ]),
    indexed: ["kind", "participants.role", "state"],
    targets: [
      "subject": ["plenary.registry/Series", "plenary.registry/Dialogue", "plenary.registry/Initiative"]
    ])
}

extension Partnership.State {
  /// Whether the participants do, or are to do, what their roles say.
  var isStanding: Bool { ![.declined, .ended].contains(self) }
}

private struct PartnershipRules: KindRules {
  /// Slots of derived entries.
  private enum Slot {
    static let host: UInt32 = 1
  }

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

  /// An organization is once the host of a dialogue, whichever of the partnerships about it says so.
  func derivedEntries(_ partnership: Partnership) -> [DerivedEntry] {
    guard partnership.state.isStanding, partnership.subject.hasPrefix("dialogues/") else { return [] }
    var hosts: Set<String> = []
    return partnership.participants.enumerated().compactMap { index, participant in
      let organization = participant.organization
      guard participant.role == .host, !organization.isEmpty, hosts.insert(organization).inserted else { return nil }
      return .unique(
        Slot.host, .composite(.string(partnership.subject), .string(organization)),
        taken: .init(
          "participants.\(index)", .partnershipDuplicate,
          "`\(organization)` is HOST of `\(partnership.subject)` in another partnership; leave it out here",
          metadata: ["organization": organization, "role": "HOST", "subject": partnership.subject]))
    }
  }

  /// What is in effect has begun: one of the participants without a date, or by its date, which for one known in part
  /// is the last day that it can be.
  static func checkBeginning(
    _ partnership: Partnership, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let starts = partnership.participants.map { $0.startDate.flatMap { PartialDate($0) } }
    guard !starts.contains(nil), let first = starts.compactMap({ $0 }).min(by: { $0.lastDay < $1.lastDay }),
      first.lastDay > call.today
    else { return }
    throw DomainError(
      .partnershipDates, "`\(partnership.name)` begins on \(first), after \(call.today); give a later `as_of`, or wait",
      metadata: ["start_date": first.description, "as_of": call.today.description], resource: partnership.name,
      obstacles: [.init(subject: partnership.name, "none of its participants has begun")], code: .failedPrecondition)
  }
}
