import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

@Suite struct FilterPropertyTests {
  private static let places = ["Bangkok", "Jeju Island", "Kuala Lumpur", ""]
  private static let regions = ["TH", "KR", "MY", ""]

  private static func dialogue(_ index: Int, _ generator: inout SeededGenerator) -> Dialogue {
    .with {
      $0.name = "dialogues/d\(index)"
      $0.ordinal = Int32.random(in: 0...4, using: &generator)
      $0.format = .init(rawValue: Int32.random(in: 0...4, using: &generator))
      let place = Int.random(in: 0..<4, using: &generator)
      if place < 3 { $0.location = .with { ($0.locality, $0.regionCode) = (places[place], regions[place]) } }
      $0.startDate = date(&generator)
      $0.endDate = $0.startDate
      $0.state = .init(rawValue: Int32.random(in: 1...7, using: &generator))
      $0.languageCodes = ["en", "fr", "ar"].filter { _ in Bool.random(using: &generator) }
    }
  }

  private static func date(_ generator: inout SeededGenerator) -> GoogleDate? {
    let year = Int32.random(in: 2016...2018, using: &generator)
    let month = Int32.random(in: 0...12, using: &generator)
    let day = month == 0 ? 0 : Int32.random(in: 0...28, using: &generator)
    return Int.random(in: 0..<6, using: &generator) == 0 ? nil : GoogleDate(year, month, day)
  }

  private static func partialDate(_ generator: inout SeededGenerator) -> PartialDate {
    while true {
      if let date = date(&generator).flatMap(PartialDate.init) { return date }
    }
  }

  private static func pick<Choice>(_ choices: [Choice], _ generator: inout SeededGenerator) -> Choice {
    choices[Int.random(in: choices.indices, using: &generator)]
  }

  /// A comparison, and what it means for a record, told independently of how the registry works it out.
  private static func comparison(
    _ generator: inout SeededGenerator
  ) -> (text: String, holds: (Dialogue) -> Bool) {
    let comparators: [(String, (Int, Int) -> Bool)] = [
      ("=", ==), ("!=", !=), ("<", <), ("<=", <=), (">", >), (">=", >=),
    ]
    switch Int.random(in: 0..<6, using: &generator) {
    case 0:
      let number = Int.random(in: 0...5, using: &generator)
      let (sign, compare) = pick(comparators, &generator)
      return ("ordinal \(sign) \(number)", { compare(Int($0.ordinal), number) })
    case 1:
      let place = Int.random(in: 0..<3, using: &generator)
      return ("location.region_code = \(regions[place].lowercased())", { $0.location?.regionCode == regions[place] })
    case 2:
      let format = Dialogue.Format(rawValue: Int32.random(in: 1...4, using: &generator))
      return ("format = \(format)", { $0.format == format })
    case 3:
      let state = Dialogue.State(rawValue: Int32.random(in: 1...7, using: &generator))
      return ("state != \(state)", { $0.state != state })
    case 4:
      let language = pick(["en", "fr", "ar"], &generator)
      return ("language_codes:\(language.uppercased())", { $0.languageCodes.contains(language) })
    default:
      let date = partialDate(&generator)
      let signs: [(String, PartialDate.Comparison)] = [
        ("=", .equal), ("<", .less), ("<=", .lessOrEqual), (">", .greater), (">=", .greaterOrEqual),
      ]
      let (sign, comparison) = pick(signs, &generator)
      return (
        "start_date \(sign) \"\(date)\"",
        { $0.startDate.flatMap(PartialDate.init)?.holds(comparison, to: date) ?? false }
      )
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `lists agree with looking at every record`(_ seed: UInt64) async throws {
    try await TestRegistry.run { test in
      var generator = SeededGenerator(seed: seed)
      let dialogues = (100..<260).map { Self.dialogue($0, &generator) }
      let report = try await test.importing(dialogues)
      try #require(report.isApplied)
      for _ in 0..<120 {
        let comparisons = (0..<Int.random(in: 1...3, using: &generator)).map { _ in Self.comparison(&generator) }
        let request = ListDialoguesRequest.with {
          $0.filter = comparisons.map(\.text).joined(separator: " AND ")
          $0.orderBy = Self.pick(["", "ordinal", "start_date", "ordinal,start_date"], &generator)
          $0.pageSize = Self.pick([7, 50, 1000], &generator)
        }
        let listed = try await test.names(request)
        let expected = dialogues.filter { dialogue in comparisons.allSatisfy { $0.holds(dialogue) } }.map(\.name)
        #expect(listed.sorted() == expected, "\(request.filter) ordered by \(request.orderBy)")
      }
    }
  }

  @Test(arguments: [
    "ordinal", "start_date", "location.locality", "location.region_code", "format", "state", "end_date",
  ])
  func `an order that the index keeps is the one that sorting gives`(_ field: String) async throws {
    try await TestRegistry.run { test in
      var generator = SeededGenerator(seed: 11)
      try await test.importing((100..<200).map { Self.dialogue($0, &generator) })
      for direction in ["", " desc"] {
        let kept = try await test.names(
          ListDialoguesRequest.with { ($0.orderBy, $0.pageSize) = (field + direction, 13) })
        // A second field makes the registry sort; the name breaks ties in the same direction as the index does.
        let sorted = try await test.names(
          ListDialoguesRequest.with { ($0.orderBy, $0.pageSize) = ("\(field)\(direction),name\(direction)", 13) })
        #expect(kept == sorted)
      }
    }
  }
}

extension PartialDate {
  fileprivate init?(_ date: GoogleDate) {
    self.init(year: Int(date.year), month: Int(date.month), day: Int(date.day))
  }
}
