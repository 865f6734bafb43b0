import PlenaryDomain
import PlenaryStore
import PlenaryTestKit
import Testing

@Suite struct PartialDateTests {
  @Test(arguments: [
    (2018, 11, 7, true), (2018, 11, 0, true), (2018, 0, 0, true), (2018, 0, 7, false), (0, 0, 0, false),
    (0, 1, 1, false), (10_000, 0, 0, false), (2018, 13, 0, false), (2018, 2, 29, false), (2020, 2, 29, true),
    (1900, 2, 29, false), (2000, 2, 29, true), (2018, 4, 31, false), (2018, 12, 31, true), (2018, -1, 0, false),
  ])
  func `a date is one that the calendar has, coarser parts known first`(
    _ year: Int, _ month: Int, _ day: Int, _ exists: Bool
  ) {
    #expect((PartialDate(year: year, month: month, day: day) != nil) == exists)
  }

  @Test(arguments: ["2017", "2017-05", "2017-05-29", "0001-01-01", "9999"])
  func `a date reads what it writes`(_ text: String) {
    #expect(PartialDate(text)?.description == text)
  }

  @Test(arguments: [
    "", "17", "2017-5", "2017-05-29T00:00:00Z", "2017-00", "2017-05-00", "2017-", "+017", "２０１７", "2017-02-30",
  ])
  func `anything else is no date`(_ text: String) {
    #expect(PartialDate(text) == nil)
  }

  @Test func `a date is the interval of the days that it can be`() throws {
    let year = try #require(PartialDate("2016"))
    #expect(year.firstDay == CivilDay(year: 2016, month: 1, day: 1))
    #expect(year.lastDay == CivilDay(year: 2016, month: 12, day: 31))
    let month = try #require(PartialDate("2016-02"))
    #expect(month.lastDay == CivilDay(year: 2016, month: 2, day: 29))
    let day = try #require(PartialDate("2016-02-03"))
    #expect(day.firstDay == day.lastDay)
    #expect(day.isComplete && !month.isComplete)
  }

  @Test(arguments: [
    // (left, comparison, right, holds)
    ("2017", PartialDate.Comparison.equal, "2017", true), ("2017", .equal, "2017-01", false),
    ("2017", .lessOrEqual, "2017", true), ("2017", .greaterOrEqual, "2017", true), ("2017", .less, "2017", false),
    ("2017", .greater, "2017", false), ("2017", .less, "2018", true), ("2017", .less, "2017-12-31", false),
    ("2017-05-29", .greaterOrEqual, "2017-05", true), ("2017-05-29", .lessOrEqual, "2017-05", true),
    ("2017-05", .greaterOrEqual, "2017-05-01", true), ("2017-05", .lessOrEqual, "2017-05-30", false),
    ("2018-01-01", .greater, "2017", true), ("2018", .greater, "2017-12-31", true),
    ("2018", .greater, "2018-01-01", false),
  ])
  func `what is certain of both dates decides how they compare`(
    _ left: String, _ comparison: PartialDate.Comparison, _ right: String, _ holds: Bool
  ) throws {
    let left = try #require(PartialDate(left))
    let right = try #require(PartialDate(right))
    #expect(left.holds(comparison, to: right) == holds)
  }

  /// Dates of all grains in a few years, so that many share their first or last days.
  private static func randomDate(_ generator: inout SeededNumbers) -> PartialDate? {
    let year = Int.random(in: 2015...2021, using: &generator)
    let month = Bool.random(using: &generator) ? 0 : Int.random(in: 1...12, using: &generator)
    let day =
      month == 0 || Bool.random(using: &generator)
      ? 0 : Int.random(in: 1...CivilDay.count(inMonth: month, ofYear: year), using: &generator)
    return PartialDate(year: year, month: month, day: day)
  }

  @Test func `comparisons agree with those of the intervals of days`() throws {
    var generator = SeededNumbers(seed: 1)
    for _ in 0..<20_000 {
      let left = try #require(Self.randomDate(&generator))
      let right = try #require(Self.randomDate(&generator))
      let leftDays = left.firstDay.number...left.lastDay.number
      let rightDays = right.firstDay.number...right.lastDay.number
      #expect(left.holds(.equal, to: right) == (leftDays == rightDays))
      #expect(left.holds(.less, to: right) == (leftDays.upperBound < rightDays.lowerBound))
      #expect(left.holds(.greater, to: right) == right.holds(.less, to: left))
      #expect(left.holds(.lessOrEqual, to: right) == (leftDays.upperBound <= rightDays.upperBound))
      #expect(left.holds(.greaterOrEqual, to: right) == (leftDays.lowerBound >= rightDays.lowerBound))
      #expect((left < right) == (IndexValue.indexed(left) < .indexed(right)))
      let byFirstDay = (left.firstDay.number, -leftDays.count) < (right.firstDay.number, -rightDays.count)
      #expect((left < right) == byFirstDay, "\(left) \(right): first day first, then coarser first")
    }
  }

  @Test func `the coarsest date that begins on a day precedes all others that do`() throws {
    var generator = SeededNumbers(seed: 2)
    for _ in 0..<5000 {
      let date = try #require(Self.randomDate(&generator))
      let coarsest = try #require(PartialDate.coarsest(beginning: date.firstDay))
      #expect(coarsest.firstDay == date.firstDay)
      #expect(coarsest <= date)
    }
  }

  @Test func `days are counted without gaps`() {
    #expect(CivilDay(year: 1970, month: 1, day: 1).number == 0)
    #expect(CivilDay(year: 2000, month: 3, day: 1).number == 11_017)
    var day = CivilDay(year: 1896, month: 12, day: 31)
    for year in 1897...2105 {
      for month in 1...12 {
        for number in 1...CivilDay.count(inMonth: month, ofYear: year) {
          day = day.next
          #expect(day == CivilDay(year: year, month: month, day: number))
          #expect(day.date == (year, month, number))
        }
      }
    }
  }
}

extension IndexValue {
  fileprivate static func indexed(_ date: PartialDate) -> IndexValue {
    .date(year: date.year, month: date.month, day: date.day)
  }
}
