import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import PlenaryStoreSQLite
import PlenaryTestKit
import ProtobufRuntime
import Testing

/// Lists in the order of names that ask for a span of dates.
@Suite struct DateSpanTests {
  /// The most values of an index that a bounded span walks through.
  private static let valueCountMax: Int64 = 32

  private static func date(_ years: ClosedRange<Int>, _ generator: inout SeededNumbers) -> PartialDate {
    while true {
      let (month, day) = (Int.random(in: 0...12, using: &generator), Int.random(in: 0...31, using: &generator))
      let date = PartialDate(year: Int.random(in: years, using: &generator), month: month, day: month == 0 ? 0 : day)
      if let date { return date }
    }
  }

  private static func startDate() throws -> PathIndex {
    let kind = try #require(KindCatalog.current.kind(ofType: "plenary.registry/Dialogue"))
    return try #require(kind.indexes.first { $0.path.text == "start_date" })
  }

  private static func value(_ date: PartialDate) -> IndexValue {
    .date(year: date.year, month: date.month, day: date.day)
  }

  /// Every date that there is in some years, the partial ones too.
  private static func dates(in years: ClosedRange<Int>) -> [PartialDate] {
    years.flatMap { year in
      (0...12).flatMap { month in (0...31).compactMap { PartialDate(year: year, month: month, day: $0) } }
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `what a span implies is true of every date in it, and soon gone through`(_ seed: UInt64) throws {
    var generator = SeededNumbers(seed: seed)
    let index = try Self.startDate()
    let span = DateSpan(index.field)
    let dates = Self.dates(in: 2016...2018)
    for _ in 0..<40 {
      let bounds = [Self.date(2016...2018, &generator), Self.date(2016...2018, &generator)].sorted()
      let from: IndexRange =
        Bool.random(using: &generator) ? .from(Self.value(bounds[0])) : .above(Self.value(bounds[0]))
      let through: IndexRange =
        Bool.random(using: &generator) ? .through(Self.value(bounds[1])) : .below(Self.value(bounds[1]))
      for (range, isBounded) in [(from.intersection(through), true), (from, false), (through, false)] {
        let implied = try #require(span.implied(by: range))
        guard case .within(let values) = implied.test else {
          Issue.record("\(implied) is no range")
          return
        }
        var met: Set<IndexValue> = []
        for date in dates {
          let value = Self.value(date)
          let own = ([IndexEntry(index.field, value)] + span.entries(of: value)).filter { $0.field == implied.field }
          #expect(own.count == 1)
          if range.contains(value) { #expect(values.contains(own[0].value), "\(date) from \(bounds)") }
          if values.contains(own[0].value) { met.insert(own[0].value) }
        }
        if isBounded { #expect(met.count <= Self.valueCountMax, "\(bounds)") }
      }
    }
    #expect(span.implied(by: .all) == nil)
    #expect(span.implied(by: .above(.unset)) == nil)
  }

  @Test(arguments: [
    ("2018-01-01", "2018-12-31", "year"), ("2018-03-01", "2018-12-31", "year"), ("2016-07-01", "2018-12-31", "year"),
    ("2018-01-01", "2018-03-31", "month"), ("2018-02-10", "2018-04-30", "month"), ("2018-07-01", "2018-07-31", "month"),
    ("2017-12-01", "2018-01-31", "month"), ("2018-07-03", "2018-07-12", "day"), ("2018-07-31", "2018-08-01", "day"),
    ("2018-01-31", "2018-03-01", "month"),
  ])
  func `a span is read by the finest index of which it has at least half`(
    _ first: String, _ last: String, _ expected: String
  ) throws {
    let index = try Self.startDate()
    let span = DateSpan(index.field)
    let (from, through) = (try #require(PartialDate(first)), try #require(PartialDate(last)))
    let implied = try #require(
      span.implied(by: .from(Self.value(from)).intersection(.through(Self.value(through)))))
    #expect([span.years: "year", span.months: "month", index.field: "day"][implied.field] == expected)
  }

  @Test func `the indexes of no two fields of any kind are the same`() {
    let fields = KindCatalog.current.kinds.flatMap { kind in
      [kind.membership]
        + kind.indexes.flatMap { index -> [IndexField] in
          guard index.form == .date else { return [index.field] }
          return [index.field, DateSpan(index.field).years, DateSpan(index.field).months]
        }
    }
    #expect(Set(fields).count == fields.count)
  }

  @Test(arguments: 0..<3 as Range<UInt64>)
  func `lists of spans agree with looking at every record, now and then`(_ seed: UInt64) async throws {
    try await TestRegistry.run { test in
      var generator = SeededNumbers(seed: seed)
      try await test.importing(RandomFilter.themes)
      var states: [(revision: String, starts: [String: PartialDate])] = []
      var starts: [String: PartialDate] = [:]
      func replace(_ dialogues: [Dialogue]) async throws {
        for dialogue in dialogues { starts[dialogue.name] = dialogue.startDate.flatMap(PartialDate.init) }
        try await test.importing(dialogues, conflict: .replace)
      }
      try await replace((100..<400).map { Self.dialogue($0, &generator) })
      for _ in 0..<3 {
        states.append((try await test.page(ListDialoguesRequest()).page.revision, starts))
        let numbers = Set((0..<100).map { _ in Int.random(in: 100..<400, using: &generator) }).sorted()
        try await replace(numbers.map { Self.dialogue($0, &generator) })
      }
      states.append(("", starts))
      for _ in 0..<40 {
        let (revision, starts) = RandomFilter.pick(states, &generator)
        let bounds = [Self.date(2014...2020, &generator), Self.date(2014...2020, &generator)].sorted()
        let isOpen = Int.random(in: 0..<4, using: &generator) == 0
        let request = ListDialoguesRequest.with {
          $0.filter = "start_date >= \"\(bounds[0])\"" + (isOpen ? "" : " AND start_date <= \"\(bounds[1])\"")
          ($0.revision, $0.pageSize) = (revision, RandomFilter.pick([9, 50, 1000], &generator))
          $0.orderBy = RandomFilter.pick(["", "name desc"], &generator)
        }
        let expected = starts.filter {
          $0.value.holds(.greaterOrEqual, to: bounds[0]) && (isOpen || $0.value.holds(.lessOrEqual, to: bounds[1]))
        }.keys.sorted()
        let listed = try await test.names(request)
        #expect((request.orderBy.isEmpty ? listed : listed.reversed()) == expected, "\(request.filter) at \(revision)")
      }
    }
  }

  private static func dialogue(_ number: Int, _ generator: inout SeededNumbers) -> Dialogue {
    var dialogue = RandomFilter.dialogue(number, &generator)
    let date = date(2015...2019, &generator)
    dialogue.startDate = GoogleDate(Int32(date.year), Int32(date.month), Int32(date.day))
    dialogue.endDate = dialogue.startDate
    return dialogue
  }

  @Test func `records of a program that knew no spans are found by them once the store is opened`() async throws {
    let current = KindCatalog.current.indexing
    let directory = "/tmp/plenary-span-test-\(UInt64.random(in: 0 ... .max))"
    defer { TestRegistry.remove(directory) }
    let former = Indexing(form: [1]) { key, body in
      current.entries(key, body)?.filter { $0.field.id < 0x40 << 24 }
    }
    let filter = "start_date >= 2016-01-01 AND start_date <= 2016-12-31"
    var names: [[String]] = []
    for indexing in [current, former, current] {
      try await TestRegistry.run(in: directory, indexing: indexing) { test in
        if names.isEmpty {
          var generator = SeededNumbers(seed: 5)
          try await test.importing(RandomFilter.themes)
          try await test.importing((100..<500).map { Self.dialogue($0, &generator) })
        }
        let explained = try await test.registry.explain(
          resourceType: "plenary.registry/Dialogue", parent: "", filter: filter, orderBy: "", showsDeleted: false,
          as: TestRegistry.caller)
        #expect(
          explained.steps.map(\.indexes) == [["start_date", "start_date.year"], ["start_date", "start_date.year"]])
        names.append(try await test.names(ListDialoguesRequest.with { $0.filter = filter }))
      }
    }
    // Without the entries nothing is found, so it is by them that lists are read that are longer than what is gathered.
    #expect(names[1].isEmpty && names[0].count > 64 && names[2] == names[0])
  }
}

extension PartialDate {
  fileprivate init?(_ date: GoogleDate) {
    self.init(year: Int(date.year), month: Int(date.month), day: Int(date.day))
  }
}
