/// A day of the Gregorian calendar, extended to all years, counted from 1970-01-01.
package struct CivilDay: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The number of days since 1970-01-01.
  package let number: Int

  /// The day with this number.
  package init(number: Int) {
    self.number = number
  }

  /// The day of a date that exists in the calendar.
  package init(year: Int, month: Int, day: Int) {
    // Counts from 1 March of a year divisible by 400, so that a leap day comes last in its year.
    let marchYear = month > 2 ? year : year - 1
    let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    number = era * 146_097 + dayOfEra - 719_468
  }

  /// Year, month and day.
  package var date: (year: Int, month: Int, day: Int) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
  }

  /// The form `2017-05-29`; of a year that has no four digits, the number of the day.
  package var description: String {
    let (year, month, day) = date
    return PartialDate(year: year, month: month, day: day)?.description ?? "day \(number)"
  }

  /// The day after.
  package var next: CivilDay { CivilDay(number: number + 1) }

  package static func < (left: CivilDay, right: CivilDay) -> Bool { left.number < right.number }

  /// The number of days in a month.
  package static func count(inMonth month: Int, ofYear year: Int) -> Int {
    switch month {
    case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
