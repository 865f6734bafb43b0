internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Kind {
  /// Events.
  ///
  /// Its states and what leads from one to another stand in `DialogueTransitions`.
  static let dialogue = Kind(
    DialogueRules(), states: DialogueTransitions.machine,
    indexed: [
      "ordinal", "format", "modality", "start_date", "end_date", "location.locality", "location.region_code",
      "focus_m49_code", "language_codes", "attribution_rule", "state",
    ],
    deletion: .blocked(by: [
      .derived(Kind.coveredByFixedReport, of: "OutcomeReport"),
      .derived(Kind.groundOfStandingAdvice, of: "Recommendation"), .clearable("predecessors", of: "Dialogue"),
    ]))

  /// The slot of the entries by which a number of a series belongs to one dialogue.
  static let ordinalOfDialogue: UInt32 = 1
}

private struct DialogueRules: KindRules {
  /// The most days that a dialogue lasts.
  private static let dayCountMax = 31

  /// The most dialogues that may build on one.
  private static let successorCountMax = 1000

  /// The most dialogues that one may build on, directly or through others; each of them is looked at.
  private static let ancestorCountMax = 500

  func keep(_ dialogue: inout Dialogue, replacing previous: Dialogue) {
    dialogue.countScheduleChange(since: previous)
  }

  func check(_ dialogue: Dialogue, replacing previous: Dialogue?, _ findings: inout Findings) {
    DateRange(dialogue.startDate, dialogue.endDate).check(&findings, dayCountMax: Self.dayCountMax)
    let isPlanned = ![.draft, .postponed, .cancelled].contains(dialogue.state)
    if isPlanned, (dialogue.startDate == nil) != (dialogue.endDate == nil) {
      findings.add(
        dialogue.startDate == nil ? "start_date" : "end_date", .dateRangeInvalid,
        "a dialogue that is \(dialogue.state) has both dates or neither")
    }
    if let previous, previous.series != dialogue.series, previous.state != .draft {
      findings.add(
        "series", .fieldImmutable, "it can be changed only while the dialogue is DRAFT, and it is \(previous.state)",
        metadata: ["value": previous.series, "state": previous.state.description])
    }
    checkDegrees(dialogue.location?.latitude, of: "latitude", max: 90, &findings)
    checkDegrees(dialogue.location?.longitude, of: "longitude", max: 180, &findings)
  }

  private func checkDegrees(_ degrees: Double?, of field: String, max: Double, _ findings: inout Findings) {
    guard let degrees, !(-max...max).contains(degrees) else { return }
    findings.add("location.\(field)", .numberOutOfRange, "it lies between -\(Int(max)) and \(Int(max))")
  }

  /// An ordinal belongs to one dialogue of a series.
  func derivedEntries(_ dialogue: Dialogue) -> [DerivedEntry] {
    guard !dialogue.series.isEmpty, dialogue.ordinal > 0 else { return [] }
    return [
      .unique(
        Kind.ordinalOfDialogue, .composite(.string(dialogue.series), .integer(Int64(dialogue.ordinal))),
        taken: .init(
          "ordinal", .ordinalTaken,
          "another dialogue of `\(dialogue.series)` is number \(dialogue.ordinal); choose a free number",
          metadata: ["series": dialogue.series, "ordinal": "\(dialogue.ordinal)"]))
    ]
  }

  func checkRelations(
    _ dialogue: Dialogue, replacing previous: Dialogue?, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let hasMoved =
      previous.map {
        $0.series != dialogue.series || $0.ordinal != dialogue.ordinal || $0.startDate != dialogue.startDate
      } ?? true
    if hasMoved || dialogue.predecessors != previous?.predecessors {
      try await checkPredecessors(of: dialogue, among: view, &findings)
    }
    if hasMoved || previous?.state != dialogue.state {
      try await DialogueOrder(dialogue: dialogue, view: view).check(&findings)
    }
    guard let previous else { return }
    try await AttributionRules.checkChange(of: dialogue, from: previous, among: view, &findings)
    if hasMoved { try await checkSuccessors(of: dialogue, among: view, &findings) }
    if dialogue.series != previous.series { try await AdviceSeries.checkMove(of: dialogue, among: view, &findings) }
    let removed = Set(previous.themes).subtracting(dialogue.themes)
    if !removed.isEmpty { try await checkGroups(of: dialogue, without: removed, among: view, &findings) }
  }

  private func checkPredecessors(
    of dialogue: Dialogue, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    for (index, name) in dialogue.predecessors.enumerated() {
      guard let predecessor = try await view.relied(on: name, as: Dialogue.self, &findings) else { continue }
      let problem =
        try await entanglement(of: predecessor, with: dialogue.name, among: view, &findings)
        ?? misplacement(of: predecessor, before: dialogue)
      if let problem {
        findings.add("predecessors.\(index)", .predecessorInvalid, problem, metadata: ["value": name])
      }
    }
  }

  /// What keeps a dialogue from being a predecessor of another, by series and order; nil if nothing does.
  private func misplacement(of predecessor: Dialogue, before dialogue: Dialogue) -> String? {
    if predecessor.series.isEmpty || predecessor.series != dialogue.series {
      return "`\(predecessor.name)` is not a dialogue of the same series"
    }
    if predecessor.ordinal > 0, dialogue.ordinal > 0 {
      return predecessor.ordinal < dialogue.ordinal
        ? nil : "`\(predecessor.name)` is number \(predecessor.ordinal), not before number \(dialogue.ordinal)"
    }
    guard let earlier = predecessor.startDate.flatMap({ PartialDate($0) }),
      let later = dialogue.startDate.flatMap({ PartialDate($0) }), earlier.firstDay > later.lastDay
    else { return nil }
    return "`\(predecessor.name)` begins on \(earlier), after \(later)"
  }

  /// What keeps a dialogue from being a predecessor of another, by those that it builds on itself; nil if nothing does.
  private func entanglement(
    of predecessor: Dialogue, with name: String, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) -> String? {
    var seen: Set<String> = [predecessor.name]
    var open = predecessor.predecessors
    if predecessor.name == name { return "a dialogue does not build on itself" }
    while let next = open.popLast() {
      if next == name { return "`\(predecessor.name)` itself builds on the dialogue" }
      guard seen.insert(next).inserted else { continue }
      guard seen.count <= Self.ancestorCountMax else {
        return "it would build on more than \(Self.ancestorCountMax) others; name the last ones only"
      }
      open += try await view.relied(on: next, as: Dialogue.self, &findings)?.predecessors ?? []
    }
    return nil
  }

  /// The dialogues that build on one that has moved must still come after it.
  private func checkSuccessors(
    of dialogue: Dialogue, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let successors = try await view.records(
      with: IndexEntry(Kind.dialogue.index(ofReference: "predecessors"), .string(dialogue.name)),
      limit: Self.successorCountMax,
      whatFor: "the dialogues that build on `\(dialogue.name)` must still come after it")
    for case (_, let successor as Dialogue) in successors {
      guard let problem = misplacement(of: dialogue, before: successor) else { continue }
      findings.add(
        "ordinal", .predecessorInvalid, "`\(successor.name)` names it as its predecessor: \(problem)",
        metadata: ["successor": successor.name])
    }
    // A new successor would be examined against the record as it was.
    if let dialogues = KeyPrefix("dialogues/") {
      findings.require(.prefixUnchangedSince(dialogues, try await view.revision()), or: .examineAgain)
    }
  }

  /// A theme that a working group has taken up stays.
  private func checkGroups(
    of dialogue: Dialogue, without themes: Set<String>, among view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    guard let scope = KeyPrefix(dialogue.name + "/workingGroups/") else { return }
    let index = Kind.workingGroup.index(ofReference: "theme")
    for theme in themes.sorted() {
      let groups = try await view.keys(with: IndexEntry(index, .string(theme)), under: scope, limit: 1)
      if let group = groups.first {
        findings.add(
          "themes", .themeNotOnDialogue,
          "`\(theme)` cannot be taken out while `\(group)` takes it up; change or delete that group first",
          metadata: ["value": theme, "working_group": group.name])
      }
    }
    findings.require(.prefixUnchangedSince(scope, try await view.revision()), or: .examineAgain)
  }
}
