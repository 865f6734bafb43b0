import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import PlenaryTestKit
import ProtobufRuntime
import Testing

/// What compiling a report makes of the records.
@Suite(.timeLimit(.minutes(10))) struct OutcomeCompileTests {
  @Test func `a report has its parts in order, and says where each text comes from`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let report = try await test.compile()
      #expect(report.state == .compiled && report.gaps.isEmpty && report.withheldCount == 0)
      #expect(report.compiledDialogues == ["dialogues/d1", "dialogues/d2"])
      #expect(report.compiler == "clients/test" && report.templateVersion == 1 && report.highestLabel == .green)
      let read = try await test.content()
      #expect(read.header.contentDigest == report.contentDigest && read.header.state == .compiled)
      let content = read.content
      #expect(content.title?.texts.first?.text == "Report r1")
      let background = try #require(content.background)
      #expect(background.mandates.map(\.symbol) == ["S/RES/2129 (2013)"] && background.launchDate == "2017")
      #expect(background.mandates[0].directives.map(\.stakeholderGroups) == [[.privateSector, .civilSociety]])
      #expect(content.dialogues.map(\.ordinal) == [1, 2])
      let first = content.dialogues[0]
      #expect(first.startDate == "2018-05-29" && first.locality == "Bangkok")
      #expect(first.panels.map { $0.summary?.texts.first?.text } == ["Summary of d1"])
      #expect(first.panels.map(\.panellists) == [["persons/p1"]])
      #expect(first.partners.map(\.role) == [.organizer, .host])
      #expect(first.partners[0].organizations == ["organizations/o1", "organizations/o3"])
      #expect(content.themes.map { $0.origin?.name } == ["themes/t1", "themes/t2", nil])
      #expect(content.themes[0].results.map { $0.results?.texts.first?.text } == ["Results of d1", "Results of d2"])
      #expect(content.themes[1].findings.map(\.kind) == [.experience])
      // The panel has no theme, and so neither has what was found there.
      #expect(content.themes[2].findings.map(\.kind) == [.challenge])
      #expect(content.themes[2].findings[0].findings.map(\.contributor) == ["organizations/o2", "organizations/o2"])
      let finding = try #require(content.themes[2].findings[0].findings.first?.text?.origins.first)
      #expect(finding.name == "dialogues/d1/findings/f1" && finding.digest.count == 64)
      let advice = try #require(content.recommendations.first)
      #expect(advice.state == .submitted && advice.grounds.map(\.name) == ["dialogues/d1/findings/f1"])
      #expect(advice.followUps.count == 1 && advice.directive == "mandates/m1/directives/d1")
      let coverage = try #require(content.coverage.first)
      #expect(coverage.rows.map(\.gap) == [false, true])
      #expect(coverage.rows[0].cells.map(\.consultationCount) == [0, 1, 0])
      #expect(content.partners.map(\.organization) == ["organizations/o1", "organizations/o2", "organizations/o3"])
      #expect(content.sources.map { $0.origin?.name } == ["sources/s1"])
      #expect(content.persons.map(\.familyName) == ["Chen"])
    }
  }

  @Test func `what is missing is told, and fills up`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.theme(), Sample.series(),
        Dialogue.with {
          $0 = Sample.plannedDialogue()
          $0.themes = ["themes/t1"]
          $0.state = .concluded
        }, Sample.group(), Sample.report())
      func gaps() async throws -> [String] {
        try await test.compile(validateOnly: true).gaps.map { "\($0.kind) \($0.subject)" }
      }
      #expect(
        try await gaps() == [
          "GROUP_WITHOUT_RESULTS dialogues/d1/workingGroups/w1", "DIALOGUE_WITHOUT_PANELS dialogues/d1",
          "THEME_WITHOUT_FINDINGS themes/t1",
        ])
      // Nothing was changed by looking.
      #expect(try await test.report().state == .draft)
      try await test.seed(Sample.panel())
      #expect(
        try await gaps() == [
          "GROUP_WITHOUT_RESULTS dialogues/d1/workingGroups/w1", "PANEL_WITHOUT_SUMMARY dialogues/d1/panels/p1",
          "THEME_WITHOUT_FINDINGS themes/t1",
        ])
      try await test.update(
        UpdateWorkingGroupRequest.with {
          $0.workingGroup = .with {
            $0.name = "dialogues/d1/workingGroups/w1"
            $0.resultsSummary = LocalizedText("Results")
          }
        })
      #expect(try await gaps() == ["PANEL_WITHOUT_SUMMARY dialogues/d1/panels/p1"])
      // A report for which panels need not be there lacks nothing.
      try await test.update(
        UpdateOutcomeReportRequest.with {
          $0.outcomeReport = .with {
            $0.name = "outcomeReports/r1"
            $0.requiredParts = [.workingGroupResults]
          }
        })
      #expect(try await gaps().isEmpty)
    }
  }

  @Test func `a dialogue that is not concluded changes nothing, and an earlier revision gives the earlier digest`()
    async throws
  {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let first = try await test.compile()
      try await test.seed(
        Dialogue.with {
          $0 = Sample.plannedDialogue("d3", ordinal: 3)
          $0.startDate = GoogleDate(2030, 1, 1)
          $0.endDate = GoogleDate(2030, 1, 2)
          $0.state = .scheduled
        })
      #expect(try await test.compile().contentDigest == first.contentDigest)
      try await test.update(
        UpdatePanelRequest.with {
          $0.panel = .with {
            $0.name = "dialogues/d1/panels/p1"
            $0.summary = LocalizedText("Another summary")
          }
        })
      let changed = try await test.compile()
      #expect(changed.contentDigest != first.contentDigest)
      let again = try await test.compile(at: first.inputRevision)
      #expect(again.contentDigest == first.contentDigest)
      #expect(try await test.content().content.dialogues[0].panels[0].summary?.texts.first?.text == "Summary of d1")
    }
  }

  @Test(arguments: 0..<3) func `the order in which records came does not matter`(_ seed: UInt64) async throws {
    func compiled(_ records: [any ProtobufMessage]) async throws -> [UInt8] {
      var bytes: [UInt8] = []
      try await TestRegistry.run { test in
        try await test.seed(records)
        try await test.compile()
        bytes = try await test.content().bytes
      }
      return bytes
    }
    var random = SeededNumbers(seed: seed)
    let records = OutcomeWorld.records
    let inOrder = try await compiled(records)
    #expect(try await compiled(records.shuffled(using: &random)) == inOrder)
  }

  @Test func `the content is canonical JSON, and comes in pieces from anywhere`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      try await test.importing(
        (0..<600).map { index in
          Finding.with {
            $0 = Sample.finding("g\(index)")
            $0.text = LocalizedText("Found \(index): ü\u{1F600}\u{7}\"")
          }
        })
      let digest = try await test.compile().contentDigest
      let read = try await test.content()
      #expect(read.bytes.count > 2 * Registry.outcomeChunkByteCount && read.bytes.count == Int(read.header.sizeBytes))
      #expect(try ProtoJSON.encode(read.content, options: .canonical) == read.bytes)
      let rest = try await test.content(from: 100_000, digest: digest)
      #expect(rest.bytes == Array(read.bytes[100_000...]))
      #expect(try await test.content(from: read.header.sizeBytes).bytes.isEmpty)
      await expectRefusal(.numberOutOfRange, "offset") { _ = try await test.content(from: read.header.sizeBytes + 1) }
      await expectRefusal(.numberOutOfRange, "offset") { _ = try await test.content(from: -1) }
      await expectRefusal(.etagMismatch) { _ = try await test.content(digest: "00") }
    }
  }

  @Test func `texts are in the languages that were asked for, or say in which they are`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Series.with {
          $0 = Sample.series()
          $0.title = .with {
            $0.values = ["en": "Series", "fr": "Série", "ar": "سلسلة"]
            $0.originalLanguage = "en"
            $0.origins = ["fr": .machine]
          }
          $0.aims = [LocalizedText("แบ่งปันความรู้", in: "th")]
        },
        OutcomeReport.with {
          $0 = Sample.report()
          $0.languageCodes = ["fr", "ar", "ko", "fr"]
        })
      try await test.compile()
      let content = try await test.content().content
      #expect(content.languageCodes == ["fr", "ar", "ko"])
      let title = try #require(content.seriesTitle)
      #expect(title.texts.map(\.text) == ["Série", "سلسلة", "Series"])
      #expect(title.texts.map(\.fallback) == [false, false, true])
      #expect(title.texts.map(\.actualLanguageCode) == ["fr", "ar", "en"] && title.texts[0].translation == .machine)
      let aim = try #require(content.background?.aims.first)
      #expect(aim.texts.map(\.actualLanguageCode) == ["th", "th", "th"] && aim.texts.allSatisfy(\.fallback))
    }
  }

  @Test func `a report has at most sixteen languages`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series())
      let languages = [
        "ar", "zh", "en", "fr", "ru", "es", "th", "ms", "ko", "ja", "de", "it", "pt", "nl", "sv", "pl", "cs",
      ]
      func report(_ count: Int) -> OutcomeReport {
        .with {
          $0 = Sample.report("r\(count)")
          $0.languageCodes = Array(languages.prefix(count))
        }
      }
      try await test.seed(report(16))
      await expectRefusal(.listTooLong, "language_codes") {
        try await test.create(
          CreateOutcomeReportRequest.with {
            $0.outcomeReport = report(17)
            $0.outcomeReportID = "r17"
          })
      }
    }
  }

  @Test func `a report names dialogues of its series that were there`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.series("s1"), Sample.series("s2"), Sample.dialogue("d1", ordinal: 1),
        Sample.dialogue("d2", ordinal: 1, series: "series/s2"), Sample.report("r0"))
      func report(_ id: String, on dialogues: String...) -> OutcomeReport {
        .with {
          $0 = Sample.report(id)
          $0.dialogues = dialogues.map { "dialogues/\($0)" }
        }
      }
      let before = try await test.compile("r0").inputRevision
      try await test.seed(Sample.dialogue("d3", ordinal: 3))
      try await test.seed(report("r1", on: "d1"), report("r2", on: "d2"), report("r3", on: "d1", "d3"))
      let compiled = try await test.compile("r1")
      #expect(compiled.gaps.map(\.kind) == [.dialogueWithoutPanels, .dialogueNotConcluded])
      await expectRefusal(.referenceType, "dialogues.0") { try await test.compile("r2") }
      try await test.compile("r3")
      await expectRefusal(.referenceNotFound, "dialogues.1") { try await test.compile("r3", at: before) }
    }
  }

  @Test func `whoever gives up compiling leaves nothing behind`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(OutcomeWorld.records)
      let watch = UpkeepWatch(isGivenUp: { true }, report: { _ in })
      await expectRefusal(.callCancelled) { try await test.compile(watch: watch) }
      #expect(try await test.report().state == .draft)
    }
  }
}
