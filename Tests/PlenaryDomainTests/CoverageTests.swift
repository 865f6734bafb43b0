import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// Who was consulted under a directive, and who was not.
@Suite(.timeLimit(.minutes(10))) struct CoverageTests {
  private static let directive = "mandates/m1/directives/d1"

  /// A mandate whose directive asks for two groups, a series under it with three dialogues, and two organizations.
  private static var world: [any ProtobufMessage] {
    [
      Sample.organization(), Sample.organization("o2"), Sample.mandate(),
      Sample.directive().with {
        ($0.addressee, $0.stakeholderGroups) = ("organizations/o1", [.privateSector, .civilSociety])
      },
      Sample.series().with { $0.mandates = ["mandates/m1"] },
    ]
      + (1...3).map { number in
        Sample.dialogue("d\(number)", ordinal: Int32(number)).with {
          $0.startDate = GoogleDate(2016 + Int32(number), 5, 29)
          $0.endDate = GoogleDate(2016 + Int32(number), 5, 30)
        }
      }
  }

  private static func consultation(
    _ id: String, at dialogue: String = "", _ organizations: [String] = ["o1"],
    _ group: Directive.StakeholderGroup = .privateSector
  ) -> Consultation {
    Sample.consultation(id).with {
      $0.stakeholderGroup = group
      $0.dialogue = dialogue.isEmpty ? "" : "dialogues/\(dialogue)"
      $0.organizations = organizations.map { "organizations/\($0)" }
    }
  }

  private func coverage(
    _ test: TestRegistry, as caller: Caller = TestRegistry.caller,
    _ change: (inout GetConsultationCoverageRequest) -> Void = { _ in }
  ) async throws -> ConsultationCoverage {
    let request = GetConsultationCoverageRequest.with { $0.directive = Self.directive }.with(change)
    return try await test.registry.consultationCoverage(request, as: caller).coverage
  }

  @Test func `each group of the directive has a row and each dialogue under its mandate a column`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.world)
      let empty = try await coverage(test)
      #expect(empty.columns.map(\.dialogue) == ["dialogues/d1", "dialogues/d2", "dialogues/d3"])
      #expect(empty.rows.map(\.stakeholderGroup) == [.privateSector, .civilSociety])
      #expect(empty.gaps == [.privateSector, .civilSociety] && empty.rows.allSatisfy { $0.gap && $0.requested })
      #expect(empty.rows.allSatisfy { $0.cells.allSatisfy { $0.consultationCount == 0 && $0.organizationCount == 0 } })
    }
  }

  @Test func `a consultation fills its cell, and whoever takes part twice counts once`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Self.world + [
          Self.consultation("c1", at: "d2", ["o2", "o1"]), Self.consultation("c2", at: "d2"),
          Self.consultation("c3", ["o2"]), Self.consultation("c4", at: "d1", [], .memberStates),
        ])
      let table = try await coverage(test)
      #expect(table.columns.map(\.dialogue) == ["dialogues/d1", "dialogues/d2", "dialogues/d3", ""])
      let row = table.rows[0]
      #expect(row.cells.map(\.consultationCount) == [0, 2, 0, 1] && !row.gap)
      #expect(row.cells[1].organizationCount == 2)
      #expect(row.cells[1].organizations == ["organizations/o1", "organizations/o2"])
      #expect(row.cells[1].consultations == ["consultations/c1", "consultations/c2"])
      #expect(row.cells[3].organizations == ["organizations/o2"])
      // A group that was not asked for is shown after the others, and is no gap where it is missing.
      #expect(table.rows.map(\.stakeholderGroup) == [.privateSector, .civilSociety, .memberStates])
      #expect(!table.rows[2].requested && table.rows[2].cells[0].consultationCount == 1)
      #expect(table.gaps == [.civilSociety])
    }
  }

  @Test func `a series and a time choose the columns`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Self.world + [
          Sample.series("s2"), Sample.dialogue("x1", ordinal: 1, series: "series/s2"),
          Self.consultation("c1", at: "x1"),
          Self.consultation("c2").with { $0.holdDate = GoogleDate(2018, 6) }, Self.consultation("c3"),
        ])
      func columns(_ change: (inout GetConsultationCoverageRequest) -> Void) async throws -> [String] {
        try await coverage(test, change).columns.map { String($0.dialogue.dropFirst("dialogues/".count)) }
      }
      // A dialogue at which somebody was consulted has a column, whatever its series; one without dates comes last.
      #expect(try await columns { _ in } == ["d1", "d2", "d3", "x1", ""])
      #expect(try await columns { $0.series = "series/s2" } == ["x1", ""])
      #expect(try await columns { $0.startDate = GoogleDate(2018) } == ["d2", "d3", ""])
      #expect(
        try await columns { ($0.startDate, $0.endDate) = (GoogleDate(2017, 5, 30), GoogleDate(2018, 5, 29)) } == [
          "d1", "d2",
        ])
      #expect(try await columns { $0.endDate = GoogleDate(2017, 5, 28) } == [])
      let cell = try await coverage(test) { $0.startDate = GoogleDate(2018) }.rows[0].cells[2]
      #expect(cell.consultations == ["consultations/c2"])
    }
  }

  @Test func `under the Chatham House Rule nobody is named, and a small number is not told`() async throws {
    try await TestRegistry.run { test in
      let strict = Self.world.map { record in
        (record as? Dialogue)?.with { $0.attributionRule = .chathamHouse } ?? record
      }
      try await test.seed(
        strict + [Sample.organization("o3"), Self.consultation("c1", at: "d1"), Self.consultation("c2", at: "d2", [])])
      let table = try await coverage(test)
      #expect(table.columns.allSatisfy { $0.attributionWithheld })
      let cells = table.rows[0].cells
      for cell in cells.prefix(2) {
        #expect(cell.organizationCount == nil && cell.organizationCountLimit == 3 && cell.organizations.isEmpty)
      }
      // Where nobody was consulted, nobody is hidden.
      #expect(cells[2].organizationCount == 0 && cells[2].organizationCountLimit == 0)
      try await test.seed(Self.consultation("c3", at: "d1", ["o2", "o3"]))
      let three = try await coverage(test).rows[0].cells[0]
      #expect(three.organizationCount == 3 && three.organizationCountLimit == 0 && three.organizations.isEmpty)
    }
  }

  @Test func `a table of the past keeps to the rule that a dialogue came under since`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.world + [Self.consultation("c1", at: "d1")])
      let before = try await test.registry.consultationCoverage(
        .with { $0.directive = Self.directive }, as: TestRegistry.caller)
      #expect(before.coverage.rows[0].cells[0].organizations == ["organizations/o1"])
      try await test.update(
        UpdateDialogueRequest.with {
          $0.dialogue = .with { ($0.name, $0.attributionRule) = ("dialogues/d1", .chathamHouse) }
          $0.updateMask = ProtobufFieldMask(paths: ["attribution_rule"])
        })
      let past = try await coverage(test) { $0.revision = before.revision }
      #expect(past.columns.map(\.attributionWithheld) == [true, false, false])
      #expect(past.rows[0].cells[0].organizations.isEmpty && past.rows[0].cells[0].organizationCountLimit == 3)
    }
  }

  @Test func `a cancelled dialogue has a column only if somebody was consulted there`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Self.world.map { record in (record as? Dialogue)?.with { $0.state = .cancelled } ?? record }
          + [Self.consultation("c1", at: "d2")])
      #expect(try await coverage(test).columns.map(\.dialogue) == ["dialogues/d2"])
    }
  }

  @Test func `a table is that of a revision`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.world)
      let before = try await test.registry.consultationCoverage(
        .with { $0.directive = Self.directive }, as: TestRegistry.caller)
      try await test.seed(Self.consultation("c1", at: "d1"))
      #expect(try await coverage(test).gaps == [.civilSociety])
      let past = try await coverage(test) { $0.revision = before.revision }
      #expect(past == before.coverage)
    }
  }

  @Test func `what the caller does not see is neither named nor counted`() async throws {
    let tests = SharingTests()
    try await tests.run { test in
      try await test.seed(
        [
          Sample.organization(),
          tests.organization("organizations/quiet").with {
            $0.marking = tests.marking(.amber, organizations: [SharingTests.own])
          },
        ] + Self.world.dropFirst(2))
      let hidden = tests.marking(.amber, organizations: [SharingTests.own])
      let before = try await coverage(test, as: tests.theirs)
      try await test.seed([
        Self.consultation("c1", at: "d1", ["quiet"]).with { $0.marking = hidden },
        Sample.dialogue("d4", ordinal: 4).with { $0.marking = hidden },
        Self.consultation("c2", at: "d4", ["o1"]).with { $0.marking = hidden },
      ])
      #expect(try await coverage(test, as: tests.theirs) == before)
      let mine = try await coverage(test, as: tests.mine)
      #expect(mine.columns.count == 4 && mine.rows[0].cells[0].organizations == ["organizations/quiet"])
    }
  }

  @Test func `a table that cannot be made says why`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Self.world)
      await expectRefusal(.resourceNotFound) {
        _ = try await coverage(test) { $0.directive = "mandates/m1/directives/none" }
      }
      await expectRefusal(.resourceNotFound) { _ = try await coverage(test) { $0.series = "series/none" } }
      await expectRefusal(.idInvalid, "directive") { _ = try await coverage(test) { $0.directive = "mandates/m1" } }
      await expectRefusal(.dateInvalid, "start_date") {
        _ = try await coverage(test) { $0.startDate = GoogleDate(2018, 13) }
      }
      await expectRefusal(.dateRangeInvalid, "end_date") {
        _ = try await coverage(test) { ($0.startDate, $0.endDate) = (GoogleDate(2018), GoogleDate(2017)) }
      }
    }
  }

  @Test func `a table has a most number of dialogues`() async throws {
    try await TestRegistry.run { test in
      let most = Registry.coverageDialogueCountMax
      try await test.seed(Self.world.prefix(5) + (1...most).map { Sample.dialogue("n\($0)", ordinal: Int32($0)) })
      #expect(try await coverage(test).columns.count == most)
      try await test.seed(Sample.dialogue("more", ordinal: Int32(most + 1)))
      let error = await expectRefusal(.limitReached) { _ = try await coverage(test) }
      #expect(error?.metadata["max"] == "\(most)")
    }
  }

  @Test func `a table counts a most number of consultations`() async throws {
    try await TestRegistry.run { test in
      let most = Registry.coverageConsultationCountMax
      try await test.seed(Self.world + (1...most).map { Self.consultation("n\($0)", at: "d1") })
      #expect(try await coverage(test).rows[0].cells[0].consultationCount == Int32(most))
      try await test.seed(Self.consultation("more"))
      await expectRefusal(.limitReached) { _ = try await coverage(test) }
    }
  }

  @Test func `a table names a most number of organizations`() async throws {
    try await TestRegistry.run { test in
      let organizations = (1...1000).map { "n\($0)" }
      let full = Registry.coverageOrganizationCountMax / organizations.count
      try await test.seed(
        Self.world + organizations.map { Sample.organization($0) }
          + (1...full).map { Self.consultation("c\($0)", at: "d1", organizations) })
      #expect(try await coverage(test).rows[0].cells[0].organizationCount == 1000)
      try await test.seed(Self.consultation("more"))
      await expectRefusal(.limitReached) { _ = try await coverage(test) }
    }
  }

  @Test func `a table is the same in whatever order the records come`() throws {
    let records = Self.world
    let directive = try #require(records.compactMap { $0 as? Directive }.first)
    let dialogues = records.compactMap { $0 as? Dialogue }
    let consultations = [
      Self.consultation("c1", at: "d1", ["o2", "o1"]), Self.consultation("c2", at: "d3"), Self.consultation("c3"),
    ]
    let table = CoverageTable(directive, dialogues: dialogues, consultations: consultations).coverage
    let other = CoverageTable(directive, dialogues: dialogues.reversed(), consultations: consultations.reversed())
      .coverage
    #expect(table == other && table.columns.count == 4)
  }
}
