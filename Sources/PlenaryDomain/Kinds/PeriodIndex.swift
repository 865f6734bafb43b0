internal import GoogleAPI
package import PlenaryStore
package import ProtobufRuntime

/// The index of the days from the start of a record to its end, by which `overlaps` finds it.
///
/// A record is entered under each year that it touches; unless it is long, under each month; and if it is short, under
/// each day. Those that are not entered under a day or a month stand apart under the next coarser span, so that what
/// overlaps some days is found by these days and by the few months and years around them: whatever is found there has a
/// fair part of its span in common with what is asked for, and the cost of a page follows the page.
package struct PeriodIndex: Sendable {
  /// The most days of a record that is entered under each of them, and of a question that asks for each of them.
  static let dayCountMax = 16

  /// The most months that a record touches that is entered under each of them.
  static let monthCountMax = 12

  /// The most years that a record touches that is entered under each of them; one of more is found by every question.
  static let yearCountMax = 64

  /// The most years of a question that asks for each of them.
  static let askedYearCountMax = 30

  /// The days of short records.
  private let days: IndexField
  /// The months of records that are not long.
  private let months: IndexField
  /// The months of those of them that are not short.
  private let mediumMonths: IndexField
  /// The years of all records.
  private let years: IndexField
  /// The years of long records.
  private let longYears: IndexField

  /// The index of a kind whose records have a start and an end; nil for other kinds.
  ///
  /// - Parameter slot: The index fields of the kind's derived entries.
  init?(_ descriptor: MessageDescriptor, slot: (UInt32) -> IndexField) {
    let fields = FilterPredicate.periodFields
    guard descriptor.field(named: fields.start) != nil, descriptor.field(named: fields.end) != nil else { return nil }
    // Far from the slots that kinds number themselves, and never to change.
    days = slot(0xF0)
    months = slot(0xF1)
    mediumMonths = slot(0xF2)
    years = slot(0xF3)
    longYears = slot(0xF4)
  }

  /// The days from a record's start to its end; nil if it has neither. An end that is not given is that of the start.
  static func days(of record: any ProtobufMessage) -> (first: CivilDay, last: CivilDay)? {
    func date(_ name: String) -> PartialDate? {
      guard let field = type(of: record).descriptor.field(named: name),
        case .message(let date as GoogleDate)? = record.value(ofField: field.number)
      else { return nil }
      return PartialDate(date)
    }
    let fields = FilterPredicate.periodFields
    guard let start = date(fields.start) ?? date(fields.end) else { return nil }
    return (start.firstDay, (date(fields.end) ?? start).lastDay)
  }

  /// The entries of a record.
  package func entries(of record: any ProtobufMessage) -> [IndexEntry] {
    guard let period = Self.days(of: record), period.first <= period.last else { return [] }
    let span = Span(period.first, period.last)
    let isShort = span.days.count <= Self.dayCountMax
    let isLong = !isShort && span.months.count > Self.monthCountMax
    var entries = Self.values(span.years, countMax: Self.yearCountMax).map { IndexEntry(years, $0) }
    if isLong {
      entries += Self.values(span.years, countMax: Self.yearCountMax).map { IndexEntry(longYears, $0) }
      return entries
    }
    entries += span.months.map { IndexEntry(months, .integer(Int64($0))) }
    if isShort {
      entries += span.days.map { IndexEntry(days, .integer(Int64($0))) }
    } else {
      entries += span.months.map { IndexEntry(mediumMonths, .integer(Int64($0))) }
    }
    return entries
  }

  /// What one at least is true of for every record that has a day in common with these.
  func alternatives(first: CivilDay, last: CivilDay) -> [FilterSelection.Alternative] {
    let span = Span(first, last)
    if span.days.count * 2 >= span.years.count * 366 {
      guard span.years.count <= Self.askedYearCountMax else {
        let range = IndexRange.from(.integer(Int64(span.years.lowerBound)))
          .intersection(.through(.integer(Int64(span.years.upperBound))))
        return [
          Self.alternative(years, .within(range), "years \(span.years.lowerBound) to \(span.years.upperBound)")
        ] + ages(years)
      }
      return Self.alternatives(years, span.years) { "year \($0)" } + ages(years)
    }
    let coarse = Self.alternatives(longYears, span.years) { "more than a year, year \($0)" } + ages(longYears)
    if span.days.count > Self.dayCountMax {
      return Self.alternatives(months, span.months) { "month \(Self.text(month: $0))" } + coarse
    }
    return Self.alternatives(days, span.days) { "day \(CivilDay(number: $0))" }
      + Self.alternatives(mediumMonths, span.months) { "many days, month \(Self.text(month: $0))" } + coarse
  }

  private func ages(_ field: IndexField) -> [FilterSelection.Alternative] {
    [Self.alternative(field, .equals(.unset), "more than \(Self.yearCountMax) years")]
  }

  private static func alternatives(
    _ field: IndexField, _ numbers: ClosedRange<Int>, text: (Int) -> String
  ) -> [FilterSelection.Alternative] {
    numbers.map { alternative(field, .equals(.integer(Int64($0))), text($0)) }
  }

  /// An alternative as an explanation shows it.
  private static func alternative(
    _ field: IndexField, _ test: Query.Test, _ text: String
  ) -> FilterSelection.Alternative {
    let fields = FilterPredicate.periodFields
    return .init(condition: .init(field, test), path: "\(fields.start)..\(fields.end)", text: text)
  }

  /// The numbers as values; if there are too many, the one value that stands for that.
  private static func values(_ numbers: ClosedRange<Int>, countMax: Int) -> [IndexValue] {
    numbers.count <= countMax ? numbers.map { .integer(Int64($0)) } : [.unset]
  }

  private static func text(month: Int) -> String {
    PartialDate(year: month / 12, month: month % 12 + 1)?.description ?? "\(month)"
  }
}

/// The days, months and years that a period touches, each counted from some beginning.
private struct Span {
  let days: ClosedRange<Int>
  let months: ClosedRange<Int>
  let years: ClosedRange<Int>

  init(_ first: CivilDay, _ last: CivilDay) {
    let (start, end) = (first.date, last.date)
    days = first.number...last.number
    months = start.year * 12 + start.month - 1...end.year * 12 + end.month - 1
    years = start.year...end.year
  }
}
