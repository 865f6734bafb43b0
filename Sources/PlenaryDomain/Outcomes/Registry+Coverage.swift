internal import GoogleAPI
package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The most dialogues that are the columns of a table of coverage.
  package static let coverageDialogueCountMax = 500

  /// The most consultations that a table of coverage counts.
  package static let coverageConsultationCountMax = 5000

  /// The most organizations that a table of coverage counts, one that was consulted twice counted twice.
  package static let coverageOrganizationCountMax = 20_000

  /// The most series that are looked at for their dialogues.
  private static let coverageSeriesCountMax = 500

  /// Tells who was consulted under a directive.
  /// - Throws: `idInvalid`, `fieldRequired`, `resourceNotFound`, `dateInvalid`, `dateRangeInvalid`, `limitReached`,
  ///   `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`.
  package func consultationCoverage(
    _ request: GetConsultationCoverageRequest, as caller: Caller
  ) async throws(DomainError) -> (coverage: ConsultationCoverage, revision: String) {
    let time = try CoverageTime(request)
    _ = try Kind.directive.key(request.directive, field: "directive")
    if !request.series.isEmpty { _ = try Kind.series.key(request.series, field: "series") }
    let past = try await revision(
      token: request.revision, readTime: request.readTime, atLeastAsFresh: request.atLeastAsFresh)
    let reader = try await reader(for: caller, at: past)
    guard let found = try await reader.record(request.directive),
      let directive = try Kind.directive.decode(found) as? Directive
    else { throw Kind.directive.notFound(request.directive) }
    var consultations = try await consultations(under: directive, reader)
    var dialogues = try await columns(request, for: consultations, within: time, reader)
    if past != nil { dialogues = try await underRulesOfToday(dialogues) }
    let known = Set(dialogues.map(\.name))
    consultations = consultations.filter { consultation in
      consultation.dialogue.isEmpty
        ? time.contains(consultation.holdDate.flatMap { PartialDate($0) }) : known.contains(consultation.dialogue)
    }
    let named = consultations.reduce(0) { $0 + $1.organizations.count }
    guard named <= Self.coverageOrganizationCountMax else {
      throw Self.tooMuch("organizations", max: Self.coverageOrganizationCountMax)
    }
    let visible =
      caller.viewer.seesEverything ? nil : try await reader.visible(Set(consultations.flatMap(\.organizations)))
    let table = CoverageTable(directive, dialogues: dialogues, consultations: consultations) {
      visible?.contains($0) ?? true
    }
    return (table.coverage, text(reader.revision, for: caller))
  }

  /// The consultations under a directive, without their texts.
  private func consultations(
    under directive: Directive, _ reader: SnapshotReader
  ) async throws(DomainError) -> [Consultation] {
    var consultations: [Consultation] = []
    let entry = IndexEntry(Kind.consultation.index(ofReference: "directive"), .string(directive.name))
    try await reader.forEach(.consultation, with: entry) { record throws(DomainError) in
      guard consultations.count < Self.coverageConsultationCountMax else {
        throw Self.tooMuch("consultations", max: Self.coverageConsultationCountMax)
      }
      note(record, readBy: reader.caller, .coverage)
      guard let consultation = try Kind.consultation.decode(record) as? Consultation else { return true }
      consultations.append(
        .with {
          $0.name = consultation.name
          $0.stakeholderGroup = consultation.stakeholderGroup
          $0.organizations = consultation.organizations
          $0.dialogue = consultation.dialogue
          $0.holdDate = consultation.holdDate
        })
      return true
    }
    return consultations
  }

  /// The dialogues that have a column. One that was cancelled has one if somebody was consulted there all the same.
  private func columns(
    _ request: GetConsultationCoverageRequest, for consultations: [Consultation], within time: CoverageTime,
    _ reader: SnapshotReader
  ) async throws(DomainError) -> [Dialogue] {
    let consulted = Set(consultations.map(\.dialogue).filter { !$0.isEmpty })
    var dialogues: [String: Dialogue] = [:]
    func add(_ record: StoredRecord) throws(DomainError) -> Bool {
      guard let dialogue = try Kind.dialogue.decode(record) as? Dialogue,
        dialogue.state != .cancelled || consulted.contains(dialogue.name), time.contains(dialogue),
        dialogues[dialogue.name] == nil
      else { return true }
      guard dialogues.count < Self.coverageDialogueCountMax else {
        throw Self.tooMuch("dialogues", max: Self.coverageDialogueCountMax)
      }
      note(record, readBy: reader.caller, .coverage)
      dialogues[dialogue.name] = .with {
        ($0.name, $0.ordinal, $0.attributionRule) = (dialogue.name, dialogue.ordinal, dialogue.attributionRule)
        ($0.startDate, $0.endDate) = (dialogue.startDate, dialogue.endDate)
      }
      return true
    }
    func addDialogues(_ path: String, _ name: String) async throws(DomainError) {
      let entry = IndexEntry(Kind.dialogue.index(ofReference: path), .string(name))
      try await reader.forEach(.dialogue, with: entry) { record throws(DomainError) in try add(record) }
    }
    if !request.series.isEmpty {
      guard try await reader.record(request.series) != nil else { throw Kind.series.notFound(request.series) }
      try await addDialogues("series", request.series)
    } else if let mandate = NamePattern.parent(of: request.directive) {
      var series: [String] = []
      let entry = IndexEntry(Kind.series.index(ofReference: "mandates"), .string(mandate))
      try await reader.forEach(.series, with: entry) { record throws(DomainError) in
        guard series.count < Self.coverageSeriesCountMax else {
          throw Self.tooMuch("series", max: Self.coverageSeriesCountMax)
        }
        series.append(record.key.name)
        return true
      }
      for name in series { try await addDialogues("series", name) }
      try await addDialogues("mandates", mandate)
      try await reader.forEach(named: consulted) { record throws(DomainError) in try add(record) }
    }
    return Array(dialogues.values)
  }

  /// Dialogues of before, under the rule that they have come under since: who was there is not told any more.
  private func underRulesOfToday(_ dialogues: [Dialogue]) async throws(DomainError) -> [Dialogue] {
    let keys = dialogues.compactMap { Key($0.name) }
    let found = try await store.reading { store throws(StoreError) in
      try await store.get(keys, as: .everything, at: nil)
    }
    var ruled: Set<String> = []
    for case let record? in found.records {
      guard let dialogue = try Kind.dialogue.decode(record) as? Dialogue else { continue }
      if dialogue.attributionRule == .chathamHouse { ruled.insert(dialogue.name) }
    }
    var held = dialogues
    for index in held.indices where ruled.contains(held[index].name) { held[index].attributionRule = .chathamHouse }
    return held
  }

  private static func tooMuch(_ what: String, max: Int) -> DomainError {
    DomainError(
      .limitReached, "there are more than \(max) \(what); choose a series or a shorter time",
      metadata: ["max": "\(max)"])
  }
}

/// The time that a table of coverage is about.
private struct CoverageTime {
  private let first: CivilDay?
  private let last: CivilDay?

  init(_ request: GetConsultationCoverageRequest) throws(DomainError) {
    let start = try Self.date(request.startDate, "start_date")
    let end = try Self.date(request.endDate, "end_date")
    (first, last) = (start?.firstDay, end?.lastDay)
    guard let first, let last, last < first else { return }
    throw DomainError(
      .init(
        "end_date", .dateRangeInvalid,
        "it is \(end?.description ?? ""), before `start_date`, \(start?.description ?? "")",
        metadata: ["start_date": start?.description ?? "", "end_date": end?.description ?? ""]))
  }

  private static func date(_ date: GoogleDate?, _ field: String) throws(DomainError) -> PartialDate? {
    guard let date else { return nil }
    guard let known = PartialDate(date) else {
      throw DomainError(.init(field, .dateInvalid, "the calendar has no such day; write a year, a month or a day"))
    }
    return known
  }

  func contains(_ dialogue: Dialogue) -> Bool {
    guard let days = PeriodIndex.days(of: dialogue) else { return first == nil && last == nil }
    return overlaps(days.first, days.last)
  }

  func contains(_ date: PartialDate?) -> Bool {
    guard let date else { return first == nil && last == nil }
    return overlaps(date.firstDay, date.lastDay)
  }

  private func overlaps(_ firstDay: CivilDay, _ lastDay: CivilDay) -> Bool {
    if let last, firstDay > last { return false }
    if let first, lastDay < first { return false }
    return true
  }
}
