internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryStore

/// What becomes of a dialogue:
///
///     DRAFT ─Schedule→ SCHEDULED ─Start→ RUNNING ─Conclude→ CONCLUDED ─Archive→ ARCHIVED
///     SCHEDULED ─Postpone→ POSTPONED ─Schedule→ SCHEDULED
///     DRAFT, SCHEDULED, POSTPONED ─Cancel→ CANCELLED
///     DRAFT ─Conclude, with `record`→ CONCLUDED
enum DialogueTransitions {
  static let machine = StateMachine(
    first: Dialogue.State.draft,
    [
      Transition("Schedule", from: [.draft, .postponed], to: .scheduled, requiring: checkSchedule),
      Transition("Start", from: [.scheduled], to: .running),
      Transition("Conclude", from: [.running], to: .concluded, requiring: checkEnd),
      Transition("Conclude", from: [.draft], to: .concluded, onlyForRecord: true, requiring: checkEnd),
      Transition("Archive", from: [.concluded], to: .archived, requiring: checkReport),
      Transition("Postpone", from: [.scheduled], to: .postponed),
      Transition("Cancel", from: [.draft, .scheduled, .postponed], to: .cancelled),
    ])

  /// The most partnerships of one dialogue that are looked at.
  private static let partnershipCountMax = 1000

  /// A dialogue to come has a place in its series, days, a place, and somebody who organizes it.
  private static func checkSchedule(
    _ dialogue: Dialogue, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    if dialogue.series.isEmpty { call.need("series", "set `series`") }
    if dialogue.ordinal == 0 { call.need("ordinal", "set `ordinal`, its number in the series") }
    if dialogue.startDate == nil { call.need("start_date", "set `start_date`") }
    if dialogue.endDate == nil { call.need("end_date", "set `end_date`") }
    if dialogue.modality != .online, dialogue.location?.isPlace != true {
      call.need("location", "set `location`, at least its locality, region, venue or address, or hold it ONLINE")
    }
    if let series = try await view.relied(on: dialogue.series, as: Series.self, &findings), series.state == .ended {
      call.need("series.state", "the series is ENDED; choose another", of: series.name)
    }
    guard call.needs.isEmpty, !call.isRecord else { return }
    guard let partnership = try await partnershipOfOrganizer(of: dialogue, among: view) else {
      throw DomainError(
        .organizerMissing,
        "`\(dialogue.name)` has no organizer; create a partnership about it with an ORGANIZER or CO_ORGANIZER",
        metadata: ["dialogue": dialogue.name], resource: dialogue.name,
        obstacles: [.init(subject: dialogue.name, "no partnership about it names an ORGANIZER or CO_ORGANIZER")])
    }
    _ = try await view.relied(on: partnership.name, as: Partnership.self, &findings)
  }

  private static func partnershipOfOrganizer(
    of dialogue: Dialogue, among view: RecordView
  ) async throws(DomainError) -> Partnership? {
    let partnerships = try await view.records(
      with: IndexEntry(Kind.partnership.index(ofReference: "subject"), .string(dialogue.name)),
      limit: partnershipCountMax, whatFor: "one of the partnerships about `\(dialogue.name)` must have an organizer")
    return partnerships.lazy.compactMap { $0.record as? Partnership }.first { partnership in
      partnership.state.isStanding
        && partnership.participants.contains { [.organizer, .coOrganizer].contains($0.role) }
    }
  }

  /// A dialogue is over when its last day is: for a date known in part, the last that it can be.
  private static func checkEnd(
    _ dialogue: Dialogue, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard let end = dialogue.endDate.flatMap({ PartialDate($0) }) else {
      return call.need("end_date", "set `end_date`")
    }
    if end.lastDay > call.today {
      call.need("end_date", "`end_date` is \(end), after \(call.today); give a later `as_of`, or correct the date")
    }
  }

  /// What is put away has been reported on, or somebody says why it will not be.
  private static func checkReport(
    _ dialogue: Dialogue, _ call: inout TransitionCall, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard call.reason.isEmpty else { return }
    guard let report = try await FixedReports.one(covering: dialogue, among: view) else {
      return call.need("reason", "no APPROVED outcome report covers it; give a `reason`")
    }
    _ = try await view.relied(on: report.name, as: OutcomeReport.self, &findings)
  }
}

extension Dialogue.Location {
  /// Whether it says where.
  fileprivate var isPlace: Bool { ![locality, regionCode, venue, address].allSatisfy(\.isEmpty) }
}

extension Dialogue {
  /// The states in which days and place are announced, or were.
  private static let announced: Set<State> = [.scheduled, .running, .postponed]

  /// Whether its days and place are announced.
  var isAnnounced: Bool { Self.announced.contains(state) }

  /// Counts the changes of what was announced: other days, another place, that it is put off, and that it is not any
  /// longer.
  mutating func countScheduleChange(since previous: Dialogue) {
    guard previous.isAnnounced else { return }
    let isOther =
      startDate != previous.startDate || endDate != previous.endDate || timeZone != previous.timeZone
      || location != previous.location
    if isOther || (state == .postponed) != (previous.state == .postponed) {
      scheduleSequence = previous.scheduleSequence + 1
    }
  }
}
