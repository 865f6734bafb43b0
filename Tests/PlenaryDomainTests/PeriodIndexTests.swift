import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import PlenaryTestKit
import ProtobufRuntime
import Testing

/// What `overlaps` finds by the index, for records and questions of all lengths.
@Suite struct PeriodIndexTests {
  /// The most conditions that a list by key goes through at once.
  private static let alternativeCountMax = 32

  private static func period(_ generator: inout SeededNumbers) -> (first: CivilDay, last: CivilDay) {
    let lengths = [0, 1, 3, 15, 16, 17, 31, 90, 330, 365, 366, 800, 8000, 23_000, 24_000, 40_000]
    let length = Int.random(in: 0...RandomFilter.pick(lengths, &generator), using: &generator)
    let first = Int.random(in: 12_000...24_000, using: &generator)
    return (CivilDay(number: first), CivilDay(number: first + length))
  }

  private static func date(_ day: CivilDay) -> GoogleDate {
    GoogleDate(Int32(day.date.year), Int32(day.date.month), Int32(day.date.day))
  }

  private static func initiative(_ number: Int, _ generator: inout SeededNumbers) -> (
    record: Initiative, first: CivilDay, last: CivilDay
  ) {
    let period = period(&generator)
    var record = Sample.initiative("n\(number)")
    (record.startDate, record.endDate) = (date(period.first), date(period.last))
    return (record, period.first, period.last)
  }

  @Test(arguments: 0..<3 as Range<UInt64>)
  func `what overlaps is found, whatever its length and that of the question`(_ seed: UInt64) async throws {
    try await TestRegistry.run { test in
      var generator = SeededNumbers(seed: seed)
      let all = (100..<350).map { Self.initiative($0, &generator) }
      let report = try await test.importing([Sample.organization()] + all.map(\.record))
      try #require(report.isApplied, "\(report.results.compactMap(\.error).first?.message ?? "")")
      for _ in 0..<80 {
        let asked = Self.period(&generator)
        let filter = "overlaps(\(asked.first), \(asked.last))"
        let explained = try await test.registry.explain(
          resourceType: "plenary.registry/Initiative", parent: "", filter: filter, orderBy: "", showsDeleted: false,
          as: TestRegistry.caller)
        #expect(explained.steps[0].ranges.count <= Self.alternativeCountMax, "\(explained.steps[0].ranges)")
        let expected = all.filter { $0.first <= asked.last && asked.first <= $0.last }.map(\.record.name)
        let listed = try await test.names(
          ListInitiativesRequest.with {
            ($0.filter, $0.pageSize) = (filter, RandomFilter.pick([7, 50, 1000], &generator))
          })
        #expect(listed == expected, "\(filter)")
      }
    }
  }
}
