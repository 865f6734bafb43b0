import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryTestKit
import ProtobufRuntime
import Testing

@Suite struct FilterPropertyTests {
  @Test(arguments: 0..<6 as Range<UInt64>)
  func `lists agree with looking at every record`(_ seed: UInt64) async throws {
    try await TestRegistry.run { test in
      var generator = SeededNumbers(seed: seed)
      try await test.importing(RandomFilter.themes)
      let dialogues = (100..<260).map { RandomFilter.dialogue($0, &generator) }
      let report = try await test.importing(dialogues)
      try #require(report.isApplied, "\(report.results.compactMap(\.error).first?.message ?? "")")
      for _ in 0..<150 {
        let filter = RandomFilter.any(depth: Int.random(in: 0...2, using: &generator), &generator)
        let request = ListDialoguesRequest.with {
          $0.filter = filter.text
          $0.orderBy = RandomFilter.pick(
            ["", "name desc", "ordinal", "start_date desc", "ordinal,start_date"], &generator)
          $0.pageSize = RandomFilter.pick([7, 50, 1000], &generator)
        }
        let listed = try await test.names(request)
        let expected = dialogues.filter { filter.holds($0) }.map(\.name)
        #expect(listed.sorted() == expected, "\(request.filter) ordered by \(request.orderBy)")
      }
    }
  }

  @Test(arguments: [
    "ordinal", "start_date", "location.locality", "location.region_code", "format", "state", "end_date",
  ])
  func `an order that the index keeps is the one that sorting gives`(_ field: String) async throws {
    try await TestRegistry.run { test in
      var generator = SeededNumbers(seed: 11)
      try await test.importing(RandomFilter.themes)
      try await test.importing((100..<200).map { RandomFilter.dialogue($0, &generator) })
      for direction in ["", " desc"] {
        for filter in ["", "ordinal >= 1", "location.region_code:(KR OR TH)"] {
          let kept = try await test.names(
            ListDialoguesRequest.with { ($0.orderBy, $0.pageSize, $0.filter) = (field + direction, 13, filter) })
          // A second field makes the registry sort; the name breaks ties in the same direction as the index does.
          let sorted = try await test.names(
            ListDialoguesRequest.with {
              ($0.orderBy, $0.pageSize, $0.filter) = ("\(field)\(direction),name\(direction)", 13, filter)
            })
          #expect(kept == sorted)
        }
      }
    }
  }
}
