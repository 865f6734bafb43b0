/// `google.protobuf.Timestamp` and `Duration` as text.
enum JSONTime {
  private static let secondsPerDay: Int64 = 86_400
  /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, what RFC 3339 can write.
  private static let timestampSeconds = -62_135_596_800...Int64(253_402_300_799)
  /// About 10,000 years either way, the limit that protobuf sets.
  private static let durationSeconds = -315_576_000_000...Int64(315_576_000_000)
  private static let nanosPerSecond: Int32 = 1_000_000_000

  /// RFC 3339 in UTC, with as many fraction digits as are needed of 0, 3, 6 and 9.
  static func timestamp(_ seconds: Int64, _ nanos: Int32) throws(ProtobufError) -> String {
    guard timestampSeconds.contains(seconds), (0..<nanosPerSecond).contains(nanos) else {
      throw ProtobufError(.valueOutOfRange, "the time \(seconds) s and \(nanos) ns is not between the years 1 and 9999")
    }
    let day = seconds >= 0 ? seconds / secondsPerDay : (seconds + 1) / secondsPerDay - 1
    let time = seconds - day * secondsPerDay
    let (year, month, dayOfMonth) = civil(fromDay: day)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
      + "T\(padded(time / 3600, 2)):\(padded(time / 60 % 60, 2)):\(padded(time % 60, 2))\(fraction(nanos))Z"
  }

  /// The seconds and nanoseconds of an RFC 3339 time in any zone, its letters in upper case; nil if it is not one.
  static func timestamp(_ text: String) -> (seconds: Int64, nanos: Int32)? {
    var scanner = Scanner(text)
    guard let year = scanner.number(digits: 4), scanner.take("-"), let month = scanner.number(digits: 2),
      scanner.take("-"), let day = scanner.number(digits: 2), scanner.take("T"),
      let hour = scanner.number(digits: 2), scanner.take(":"), let minute = scanner.number(digits: 2),
      scanner.take(":"), let second = scanner.number(digits: 2), let nanos = scanner.fraction(),
      let offset = scanner.zone(), scanner.isAtEnd,
      (1...12).contains(month), (1...daysIn(month, of: year)).contains(day), hour < 24, minute < 60, second < 60
    else { return nil }
    let time = hour * 3600 + minute * 60 + second - offset
    let seconds = dayNumber(year, month, day) * secondsPerDay + time
    return timestampSeconds.contains(seconds) ? (seconds, nanos) : nil
  }

  /// Seconds with as many fraction digits as are needed of 0, 3, 6 and 9, and an `s`.
  static func duration(_ seconds: Int64, _ nanos: Int32) throws(ProtobufError) -> String {
    let signsAgree = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
    guard durationSeconds.contains(seconds), nanos.magnitude < nanosPerSecond.magnitude, signsAgree else {
      throw ProtobufError(.valueOutOfRange, "\(seconds) s and \(nanos) ns is not a duration")
    }
    let sign = seconds < 0 || nanos < 0 ? "-" : ""
    return "\(sign)\(seconds.magnitude)\(fraction(Int32(nanos.magnitude)))s"
  }

  /// The seconds and nanoseconds of a text such as `-1.5s`; nil if it is not one.
  static func duration(_ text: String) -> (seconds: Int64, nanos: Int32)? {
    var scanner = Scanner(text)
    let isNegative = scanner.take("-")
    guard let seconds = scanner.number(digits: nil), let nanos = scanner.fraction(), scanner.take("s"),
      scanner.isAtEnd, durationSeconds.contains(seconds)
    else { return nil }
    return isNegative ? (-seconds, -nanos) : (seconds, nanos)
  }

  private static func fraction(_ nanos: Int32) -> String {
    if nanos == 0 { return "" }
    if nanos % 1_000_000 == 0 { return "." + padded(Int64(nanos / 1_000_000), 3) }
    if nanos % 1_000 == 0 { return "." + padded(Int64(nanos / 1_000), 6) }
    return "." + padded(Int64(nanos), 9)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

// The proleptic Gregorian calendar, by Howard Hinnant's algorithms: years begin in March, so that a leap day is the last.
extension JSONTime {
  private static let daysPerEra: Int64 = 146_097
  private static let daysFromYear0ToEpoch: Int64 = 719_468

  private static func civil(fromDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = day + daysFromYear0ToEpoch
    let era = (shifted >= 0 ? shifted : shifted - daysPerEra + 1) / daysPerEra
    let dayOfEra = shifted - era * daysPerEra
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
  }

  private static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * daysPerEra + dayOfEra - daysFromYear0ToEpoch
  }

  private static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension JSONTime {
  private struct Scanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard let first = rest.first, first == UInt8(ascii: character) else { return false }
      rest = rest.dropFirst()
      return true
    }

    /// A number of exactly so many digits, or of any that an Int64 can hold for nil.
    mutating func number(digits: Int?) -> Int64? {
      let found = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard !found.isEmpty, digits == nil || found.count == digits else { return nil }
      rest = rest.dropFirst(found.count)
      return Int64(String(Substring(found)))
    }

    /// The nanoseconds of a fraction of one to nine digits; 0 where there is none.
    mutating func fraction() -> Int32? {
      guard take(".") else { return 0 }
      let found = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard (1...9).contains(found.count), let value = Int32(String(Substring(found))) else { return nil }
      rest = rest.dropFirst(found.count)
      return (found.count..<9).reduce(value) { scaled, _ in scaled * 10 }
    }

    /// The seconds by which local time is ahead of UTC.
    mutating func zone() -> Int64? {
      if take("Z") { return 0 }
      let isBehind = take("-")
      guard isBehind || take("+"), let hours = number(digits: 2), take(":"), let minutes = number(digits: 2),
        hours < 24, minutes < 60
      else { return nil }
      let seconds = hours * 3600 + minutes * 60
      return isBehind ? -seconds : seconds
    }
  }
}
