/// A day, a month or a year, as `google.type.Date` has it: month or day are 0 where they are not known.
struct CivilDate: Equatable, Sendable {
  var year: Int
  var month: Int = 0
  var day: Int = 0

  /// The date written as `2017`, `2017-05` or `2017-05-29`; nil if it is written in another way.
  ///
  /// Whether there is such a day is for the registry to say.
  init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), parts[0].count == 4, parts.dropFirst().allSatisfy({ $0.count == 2 }),
      parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } })
    else { return nil }
    let numbers = parts.compactMap { Int($0) }
    self.init(year: numbers[0], month: numbers.count > 1 ? numbers[1] : 0, day: numbers.count > 2 ? numbers[2] : 0)
  }

  init(year: Int, month: Int = 0, day: Int = 0) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The date as it is written in filters: as much of it as is known.
  var text: String {
    var parts = [Self.padded(year, to: 4)]
    if month > 0 { parts.append(Self.padded(month, to: 2)) }
    if month > 0, day > 0 { parts.append(Self.padded(day, to: 2)) }
    return parts.joined(separator: "-")
  }

  /// A period from its first to its last day, in words: `7–8 November 2018`.
  ///
  /// Where one of the two is not known to the day, both stand as they would alone.
  static func range(_ first: CivilDate?, _ last: CivilDate?) -> String {
    guard let first else { return last.map { "until \($0.text)" } ?? "" }
    guard let last else { return "from \(first.text)" }
    guard first != last else { return first.words }
    guard let firstMonth = first.monthName, let lastMonth = last.monthName, first.day > 0, last.day > 0 else {
      return "\(first.text) – \(last.text)"
    }
    let end = "\(last.day) \(lastMonth) \(last.year)"
    if first.year != last.year { return "\(first.day) \(firstMonth) \(first.year) – \(end)" }
    if first.month != last.month { return "\(first.day) \(firstMonth) – \(end)" }
    return "\(first.day)–\(end)"
  }

  /// The date in words, as much of it as is known: `7 November 2018`, `November 2018` or `2018`.
  var words: String {
    guard let monthName else { return text }
    return day > 0 ? "\(day) \(monthName) \(year)" : "\(monthName) \(year)"
  }

  private static let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  private var monthName: String? {
    (1...12).contains(month) ? Self.monthNames[month - 1] : nil
  }

  private static func padded(_ number: Int, to digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
