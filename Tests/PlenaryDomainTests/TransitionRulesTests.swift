import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// What records need to go from state to state. The clock of these tests stands in the first minutes of 7 November 2018,
/// UTC.
@Suite struct DialogueTransitionTests {
  private let name = "dialogues/d1"

  private func planned(_ change: (inout Dialogue) -> Void) -> Dialogue {
    var dialogue = Sample.plannedDialogue()
    change(&dialogue)
    return dialogue
  }

  private func run(
    _ dialogue: Dialogue = Sample.plannedDialogue(), with others: [any ProtobufMessage] = [],
    _ body: (TestRegistry) async throws -> Void
  ) async throws {
    try await TestRegistry.run { test in
      try await test.seed([Sample.series(), Sample.organization(), dialogue] + others)
      try await body(test)
    }
  }

  private var schedule: ScheduleDialogueRequest { .with { $0.name = name } }
  private var conclude: ConcludeDialogueRequest { .with { $0.name = name } }

  /// Something that a dialogue lacks.
  struct Lack: Sendable {
    let unmet: String
    let change: @Sendable (inout Dialogue) -> Void

    init(_ unmet: String, _ change: @escaping @Sendable (inout Dialogue) -> Void) {
      (self.unmet, self.change) = (unmet, change)
    }
  }

  @Test(arguments: [
    Lack("series,ordinal") { ($0.series, $0.ordinal) = ("", 0) },
    Lack("start_date,end_date") { ($0.startDate, $0.endDate) = (nil, nil) },
    Lack("end_date") { $0.endDate = nil },
    Lack("location") { $0.location = nil },
    Lack("location") { $0.location = .with { $0.latitude = 1 } },
  ])
  func `a dialogue to come has a number, days and a place`(_ lack: Lack) async throws {
    let unmet = lack.unmet
    try await run(planned(lack.change), with: [Sample.organizerOf(name)]) { test in
      let error = await expectRefusal(.illegalTransition) { try await test.transition("Schedule", schedule) }
      #expect(error?.code == .failedPrecondition)
      #expect(
        error?.metadata == [
          "from": "DRAFT", "to": "SCHEDULED", "allowed": "SCHEDULED,CANCELLED", "unmet": unmet,
        ])
      #expect(error?.obstacles.count == unmet.split(separator: ",").count)
    }
  }

  @Test func `a dialogue online needs no place`() async throws {
    try await run(planned { ($0.location, $0.modality) = (nil, .online) }, with: [Sample.organizerOf(name)]) { test in
      let moved = try await test.transition("Schedule", schedule)
      #expect(moved.state == .scheduled)
    }
  }

  @Test func `a dialogue to come has an organizer`() async throws {
    var declined = Sample.organizerOf(name, "declined")
    declined.state = .declined
    try await run(with: [declined, Sample.partnership(subject: name)]) { test in
      let error = await expectRefusal(.organizerMissing) { try await test.transition("Schedule", schedule) }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.metadata == ["dialogue": name])
      // What is entered after it happened may be without.
      let recorded = ScheduleDialogueRequest.with { ($0.name, $0.record) = (name, true) }
      let moved = try await test.transition("Schedule", recorded)
      #expect(moved.state == .scheduled)
    }
  }

  @Test func `a series that has ended has no dialogue to come`() async throws {
    var series = Sample.series()
    series.state = .ended
    try await TestRegistry.run { test in
      try await test.seed(series, Sample.organization(), Sample.plannedDialogue(), Sample.organizerOf(name))
      let error = await expectRefusal(.illegalTransition) { try await test.transition("Schedule", schedule) }
      #expect(error?.metadata["unmet"] == "series.state")
      #expect(error?.obstacles.map(\.subject) == ["series/s1"])
    }
  }

  @Test(
    arguments: [
      (GoogleDate(2018, 11, 7), "", nil, true),
      (GoogleDate(2018, 11, 8), "", nil, false),
      // It is the evening before in New York, and the day after has begun nowhere.
      (GoogleDate(2018, 11, 7), "America/New_York", nil, false),
      (GoogleDate(2018, 11, 7), "Asia/Seoul", nil, true),
      (GoogleDate(2018, 11, 9), "", GoogleDate(2018, 11, 9), true),
      (GoogleDate(2018, 11, 9), "", GoogleDate(2018, 11, 8), false),
      // Of a date that is known in part, the last day counts.
      (GoogleDate(2018, 10), "", nil, true),
      (GoogleDate(2018, 11), "", nil, false),
    ] as [(GoogleDate, String, GoogleDate?, Bool)])
  func `a dialogue is over on its last day`(
    _ end: GoogleDate, _ zone: String, _ asOf: GoogleDate?, _ isOver: Bool
  ) async throws {
    try await run(planned { ($0.startDate, $0.endDate, $0.state) = (end, end, .running) }) { test in
      var request = conclude
      (request.timeZone, request.asOf) = (zone, asOf)
      if isOver {
        let moved = try await test.transition("Conclude", request)
        #expect(moved.state == .concluded)
      } else {
        let error = await expectRefusal(.illegalTransition) { try await test.transition("Conclude", request) }
        #expect(error?.metadata["unmet"] == "end_date")
        #expect(error?.metadata["allowed"] == "CONCLUDED")
      }
    }
  }

  @Test func `a day and a zone that are none are refused`() async throws {
    try await run(planned { $0.state = .running }) { test in
      var request = conclude
      request.asOf = GoogleDate(2018, 11)
      await expectRefusal(.dateInvalid, "as_of") { try await test.transition("Conclude", request) }
      request.asOf = GoogleDate(2018, 2, 30)
      await expectRefusal(.dateInvalid, "as_of") { try await test.transition("Conclude", request) }
      request.asOf = nil
      for zone in ["Asia/Atlantis", "+08:00"] {
        request.timeZone = zone
        let error = await expectRefusal(.codeUnknown, "time_zone") { try await test.transition("Conclude", request) }
        #expect(error?.metadata["value"] == zone)
      }
    }
  }

  @Test func `the past is entered from the draft`() async throws {
    try await run { test in
      var request = conclude
      let error = await expectRefusal(.illegalTransition) { try await test.transition("Conclude", request) }
      #expect(error?.metadata == ["from": "DRAFT", "to": "CONCLUDED", "allowed": "SCHEDULED,CANCELLED"])
      #expect(error?.message.contains("set record") == true)
      request.record = true
      let moved = try await test.transition("Conclude", request)
      #expect(moved.state == .concluded)
    }
    try await run(planned { ($0.startDate, $0.endDate) = (nil, nil) }) { test in
      var request = conclude
      request.record = true
      let error = await expectRefusal(.illegalTransition) { try await test.transition("Conclude", request) }
      #expect(error?.metadata["unmet"] == "end_date")
      #expect(error?.metadata["allowed"] == "SCHEDULED,CONCLUDED,CANCELLED")
    }
  }

  @Test(arguments: [
    (OutcomeReport.State.draft, ["dialogues/d1"], false), (.inReview, [], false), (.approved, ["dialogues/d1"], true),
    (.approved, [], true), (.superseded, [], true), (.approved, ["dialogues/d2"], false),
  ])
  func `a dialogue is put away once a report covers it, or for a reason`(
    _ state: OutcomeReport.State, _ covered: [String], _ isCovered: Bool
  ) async throws {
    var report = Sample.report()
    (report.state, report.dialogues) = (state, covered)
    try await run(planned { $0.state = .concluded }, with: [report, Sample.dialogue("d2")]) { test in
      var request = ArchiveDialogueRequest.with { $0.name = name }
      if !isCovered {
        let error = await expectRefusal(.illegalTransition) { try await test.transition("Archive", request) }
        #expect(error?.metadata["unmet"] == "reason")
        request.reason = "nobody asked for a report"
      }
      let moved = try await test.transition("Archive", request)
      #expect(moved.state == .archived)
    }
  }

  @Test func `changes of what was announced are counted`() async throws {
    try await run(with: [Sample.organizerOf(name)]) { test in
      func update(_ count: Int32, _ change: (inout Dialogue) -> Void) async throws {
        var dialogue = Dialogue.with { $0.name = name }
        change(&dialogue)
        let updated = try await test.update(UpdateDialogueRequest.with { $0.dialogue = dialogue })
        #expect(updated.scheduleSequence == count)
      }
      try await update(0) { $0.endDate = GoogleDate(2018, 1, 26) }
      #expect(try await test.transition("Schedule", schedule).scheduleSequence == 0)
      try await update(0) { $0.summary = LocalizedText("x") }
      try await update(1) { $0.endDate = GoogleDate(2018, 1, 27) }
      try await update(1) { $0.endDate = GoogleDate(2018, 1, 27) }
      try await update(2) { $0.location = .with { $0.locality = "Jeju" } }
      try await update(3) { $0.timeZone = "Asia/Seoul" }
      #expect(
        try await test.transition("Postpone", PostponeDialogueRequest.with { $0.name = name }).scheduleSequence == 4)
      #expect(try await test.transition("Schedule", schedule).scheduleSequence == 5)
      #expect(try await test.transition("Start", StartDialogueRequest.with { $0.name = name }).scheduleSequence == 5)
      #expect(try await test.transition("Conclude", conclude).scheduleSequence == 5)
      // What is corrected afterwards was never announced.
      try await update(5) { $0.startDate = GoogleDate(2018, 1, 23) }
    }
  }
}

@Suite struct TransitionRulesTests {
  @Test(arguments: [Dialogue.State.scheduled, .running])
  func `a series does not end before its dialogues`(_ state: Dialogue.State) async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.plannedDialogue()
      dialogue.state = state
      try await test.seed(Sample.series(), dialogue)
      let end = EndSeriesRequest.with { $0.name = "series/s1" }
      let error = await expectRefusal(.illegalTransition) { try await test.transition("End", end) }
      #expect(
        error?.metadata == ["from": "ACTIVE", "to": "ENDED", "allowed": "SUSPENDED,ENDED", "unmet": "dialogues"])
      #expect(error?.obstacles.map(\.subject) == ["dialogues/d1"])
      if state == .running {
        try await test.transition("Conclude", ConcludeDialogueRequest.with { $0.name = "dialogues/d1" })
      } else {
        try await test.transition("Cancel", CancelDialogueRequest.with { $0.name = "dialogues/d1" })
      }
      #expect(try await test.transition("End", end).state == .ended)
    }
  }

  @Test func `a working group reports results`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme(), Sample.dialogue(themes: ["themes/t1"]), Sample.group())
      let name = "dialogues/d1/workingGroups/w1"
      let report = ReportWorkingGroupRequest.with { $0.name = name }
      let error = await expectRefusal(.illegalTransition) { try await test.transition("Report", report) }
      #expect(
        error?.metadata == ["from": "OPEN", "to": "REPORTED", "allowed": "REPORTED", "unmet": "results_summary"])
      try await test.update(
        UpdateWorkingGroupRequest.with {
          $0.workingGroup = .with { ($0.name, $0.resultsSummary) = (name, LocalizedText("Results")) }
        })
      #expect(try await test.transition("Report", report).state == .reported)
    }
  }

  @Test(arguments: [(OutcomeReport.State.compiled, true), (.approved, false), (.published, false)])
  func `a working group stays reported once an approved report rests on it`(
    _ state: OutcomeReport.State, _ isFree: Bool
  ) async throws {
    try await TestRegistry.run { test in
      var (group, report) = (Sample.group(), Sample.report())
      group.state = .reported
      (report.state, report.dialogues) = (state, ["dialogues/d1"])
      try await test.seed(
        Sample.theme(), Sample.series(), Sample.dialogue(themes: ["themes/t1"]), group, report)
      let reopen = ReopenWorkingGroupRequest.with { $0.name = group.name }
      guard !isFree else {
        #expect(try await test.transition("Reopen", reopen).state == .open)
        return
      }
      let error = await expectRefusal(.illegalTransition) { try await test.transition("Reopen", reopen) }
      #expect(error?.metadata["unmet"] == "outcome_report")
      #expect(error?.obstacles.map(\.subject) == ["outcomeReports/r1"])
    }
  }

  @Test(
    arguments: [
      ([GoogleDate(2018, 11, 7)], nil, true), ([GoogleDate(2018, 11, 8)], nil, false),
      ([GoogleDate(2018, 11, 8)], GoogleDate(2018, 11, 8), true), ([GoogleDate(2017)], nil, true),
      ([GoogleDate(2018)], nil, false), ([GoogleDate(2019), GoogleDate(2018, 1)], nil, true),
      ([GoogleDate(2019), nil], nil, true),
    ] as [([GoogleDate?], GoogleDate?, Bool)])
  func `a partnership in effect has begun`(
    _ starts: [GoogleDate?], _ asOf: GoogleDate?, _ hasBegun: Bool
  ) async throws {
    try await TestRegistry.run { test in
      var partnership = Sample.partnership()
      let roles: [Partnership.Participant.Role] = [.host, .supporter]
      partnership.participants = zip(roles, starts).map { role, start in
        var participant = Sample.participant("organizations/o1", role)
        participant.startDate = start
        return participant
      }
      try await test.seed(Sample.organization(), Sample.dialogue(), partnership)
      let activate = ActivatePartnershipRequest.with { ($0.name, $0.asOf) = (partnership.name, asOf) }
      guard !hasBegun else {
        #expect(try await test.transition("Activate", activate).state == .active)
        return
      }
      let error = await expectRefusal(.partnershipDates) { try await test.transition("Activate", activate) }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.metadata["as_of"] == "2018-11-07")
      #expect(error?.resource == partnership.name)
    }
  }

  @Test func `a theme is deprecated for another, or for a reason`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme(), Sample.theme("t2"), Sample.theme("t3"))
      var request = DeprecateThemeRequest.with { $0.name = "themes/t1" }
      func unmet() async -> String? {
        await expectRefusal(.illegalTransition) { try await test.transition("Deprecate", request) }?.metadata["unmet"]
      }
      #expect(await unmet() == "replaced_by")
      request.replacedBy = "themes/t1"
      #expect(await unmet() == "replaced_by")
      request.replacedBy = "themes/no"
      await expectRefusal(.referenceNotFound, "replaced_by") { try await test.transition("Deprecate", request) }
      try await test.transition(
        "Deprecate", DeprecateThemeRequest.with { ($0.name, $0.reason) = ("themes/t3", "never used") })
      request.replacedBy = "themes/t3"
      #expect(await unmet() == "replaced_by")
      request.replacedBy = "themes/t2"
      let deprecated = try await test.transition("Deprecate", request)
      #expect(deprecated.state == .deprecated && deprecated.replacedBy == "themes/t2")
      let active = try await test.transition("Reactivate", ReactivateThemeRequest.with { $0.name = "themes/t1" })
      #expect(active.state == .active && active.replacedBy.isEmpty)
    }
  }
}
