/// A date of which the day, or day and month, may be unknown: the interval of days that it can be.
package struct PartialDate: Hashable, Sendable, CustomStringConvertible {
  /// The year, from 1 to 9999.
  package let year: Int

  /// The month; 0 if unknown.
  package let month: Int

  /// The day; 0 if unknown.
  package let day: Int

  /// Makes a date; nil if the calendar has none such, or a day is given without its month.
  package init?(year: Int, month: Int = 0, day: Int = 0) {
    guard (1...9999).contains(year), (0...12).contains(month) else { return nil }
    guard day == 0 || month != 0 && (1...CivilDay.count(inMonth: month, ofYear: year)).contains(day) else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// Reads `2017`, `2017-05` or `2017-05-29`.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let widths = [4, 2, 2]
    guard parts.count <= widths.count, zip(parts, widths).allSatisfy({ $0.utf8.count == $1 }) else { return nil }
    let numbers = parts.compactMap { $0.utf8.allSatisfy(\.isDigit) ? Int($0) : nil }
    guard numbers.count == parts.count, numbers.dropFirst().allSatisfy({ $0 > 0 }) else { return nil }
    self.init(year: numbers[0], month: numbers.count > 1 ? numbers[1] : 0, day: numbers.count > 2 ? numbers[2] : 0)
  }

  /// The first day that it can be.
  package var firstDay: CivilDay { CivilDay(year: year, month: max(month, 1), day: max(day, 1)) }

  /// The last day that it can be.
  package var lastDay: CivilDay {
    let lastMonth = month == 0 ? 12 : month
    return CivilDay(
      year: year, month: lastMonth, day: day == 0 ? CivilDay.count(inMonth: lastMonth, ofYear: year) : day)
  }

  /// Whether the day itself is known.
  package var isComplete: Bool { day != 0 }

  /// The form that `init(_:)` reads.
  package var description: String {
    let parts = [month, day].prefix { $0 != 0 }.map { $0 < 10 ? "0\($0)" : "\($0)" }
    let digits = String(year)
    return ([String(repeating: "0", count: 4 - digits.count) + digits] + parts).joined(separator: "-")
  }
}

extension PartialDate {
  /// How a filter compares dates. What is certain counts: a date precedes another if its last day does.
  package enum Comparison: Sendable {
    case equal, less, lessOrEqual, greater, greaterOrEqual
  }

  /// Whether the comparison with the other date holds for certain. Dates that are equal are both `lessOrEqual` and
  /// `greaterOrEqual`, and neither `less` nor `greater`.
  package func holds(_ comparison: Comparison, to other: PartialDate) -> Bool {
    switch comparison {
    case .equal: self == other
    case .less: lastDay < other.firstDay
    case .lessOrEqual: lastDay <= other.lastDay
    case .greater: firstDay > other.lastDay
    case .greaterOrEqual: firstDay >= other.firstDay
    }
  }

  /// The coarsest date with this first day: the first, in the order of dates, of those that begin on it.
  package static func coarsest(beginning day: CivilDay) -> PartialDate? {
    let date = day.date
    let isFirstOfMonth = date.day == 1
    return PartialDate(
      year: date.year, month: isFirstOfMonth && date.month == 1 ? 0 : date.month, day: isFirstOfMonth ? 0 : date.day)
  }
}

extension PartialDate: Comparable {
  /// Orders by first day, then coarser first.
  package static func < (left: PartialDate, right: PartialDate) -> Bool {
    (left.year, left.month, left.day) < (right.year, right.month, right.day)
  }
}
