package import PlenaryStore

/// The coarser indexes of a date: its year, and its month.
///
/// A list in the order of names that asks for the dates of a year or a month walks through the entries of few values, and
/// so costs what its page costs, however many records begin in that time.
package struct DateSpan: Sendable {
  /// What becomes of a number that stands for a date, `(year * 16 + month) * 32 + day`, when what is finer is left out.
  private enum Shift {
    static let year: Int64 = 9
    static let month: Int64 = 5
  }

  /// Set in the kind of the index of a path, which leaves these bits free.
  private enum Bit {
    static let year: UInt32 = 0x40 << 24
    static let month: UInt32 = 0x80 << 24
  }

  private static let dayCount: Int64 = 31
  private static let monthCount: Int64 = 12

  /// The index of the dates.
  private let days: IndexField

  /// The index of their years.
  package var years: IndexField { IndexField(days.id | Bit.year) }

  /// The index of their months, in which those that are not known have one of their own.
  package var months: IndexField { IndexField(days.id | Bit.month) }

  /// The spans of the dates of an index.
  package init(_ days: IndexField) {
    precondition(days.id & (Bit.year | Bit.month) == 0, "the numbers of kinds leave the two highest bits free")
    self.days = days
  }

  /// The entries of a date; none if there is none.
  package func entries(of date: IndexValue) -> [IndexEntry] {
    guard let number = date.integer else { return [] }
    return [
      IndexEntry(years, .integer(number >> Shift.year)), IndexEntry(months, .integer(number >> Shift.month)),
    ]
  }

  /// What all dates in a range have in common, in the coarsest index of which the range has at least half of what it
  /// touches, and days only if they are fewer than a month; nil if the range has no bound.
  package func implied(by range: IndexRange) -> Query.Condition? {
    let bounds = (first: range.first, last: range.last)
    guard let first = bounds.first, let last = bounds.last else {
      guard bounds.first != nil || bounds.last != nil else { return nil }
      return condition(years, Shift.year, bounds.first, bounds.last)
    }
    let (firstMonth, lastMonth) = (Self.month(first), Self.month(last))
    let dayCount = Self.day(last) - Self.day(first) + 1
    let yearCount = (last >> Shift.year) - (first >> Shift.year) + 1
    if dayCount * 2 >= yearCount * Self.monthCount * Self.dayCount { return condition(years, Shift.year, first, last) }
    if dayCount * 2 >= (lastMonth - firstMonth + 1) * Self.dayCount || dayCount >= Self.dayCount {
      return condition(months, Shift.month, first, last)
    }
    return Query.Condition(days, .within(range))
  }

  private func condition(_ field: IndexField, _ shift: Int64, _ first: Int64?, _ last: Int64?) -> Query.Condition {
    let from: IndexRange = first.map { .from(.integer($0 >> shift)) } ?? .all
    let through: IndexRange = last.map { .through(.integer($0 >> shift)) } ?? .all
    return Query.Condition(field, .within(from.intersection(through)))
  }

  /// The months before the one of a date; it is in January if its month is not known.
  private static func month(_ number: Int64) -> Int64 {
    (number >> Shift.year) * monthCount + max(1, (number >> Shift.month) & 15) - 1
  }

  /// About the days before a date: each month counts as the longest.
  private static func day(_ number: Int64) -> Int64 { month(number) * dayCount + max(1, number & 31) - 1 }
}

extension IndexRange {
  /// The least whole number from which on the range may hold numbers; nil if that is none.
  fileprivate var first: Int64? { Self.integer(at: lower) }

  /// The greatest whole number up to which it may hold some.
  fileprivate var last: Int64? { Self.integer(at: upper) }

  /// The number that a bound is, or that it follows right after.
  private static func integer(at bound: [UInt8]) -> Int64? {
    if let integer = IndexValue(stored: bound).integer { return integer }
    return bound.last == 0xFF ? IndexValue(stored: bound.dropLast()).integer : nil
  }
}
