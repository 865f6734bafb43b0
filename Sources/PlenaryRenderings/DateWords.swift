/// Dates in the words of a language.
struct DateWords {
  /// The language, one of those of the fixed words.
  let language: String

  /// A day, or the year or month that is known of it.
  private struct Day: Equatable {
    let year: Int
    let month: Int
    let day: Int

    init?(_ text: String) {
      let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...3).contains(parts.count), let year = parts[0] else { return nil }
      self.year = year
      month = parts.count > 1 ? parts[1] ?? 0 : 0
      day = parts.count > 2 ? parts[2] ?? 0 : 0
      guard (0...12).contains(month), (0...31).contains(day), month > 0 || day == 0 else { return nil }
    }
  }

  /// A date such as `2017`, `2017-05` or `2017-05-29` in words; as it is, if it is none.
  func words(_ text: String) -> String {
    guard let day = Day(text) else { return text }
    if day.month == 0 { return year(day.year) }
    if day.day == 0 { return month(day) }
    return self.day(day)
  }

  /// From a first to a last day, either of which may be empty.
  func words(from first: String, to last: String) -> String {
    guard !first.isEmpty, !last.isEmpty, first != last else { return words(first.isEmpty ? last : first) }
    guard let start = Day(first), let end = Day(last), start.day > 0, end.day > 0, start.year == end.year,
      start.month == end.month
    else { return "\(words(first)) – \(words(last))" }
    if language == "zh" { return "\(start.year)年\(start.month)月\(start.day)日至\(end.day)日" }
    return "\(start.day)–\(day(end))"
  }

  private func year(_ year: Int) -> String {
    switch language {
    case "ru": "\(year) г."
    case "zh": "\(year)年"
    default: "\(year)"
    }
  }

  private func month(_ day: Day) -> String {
    switch language {
    case "es": "\(name(day.month, Self.spanish)) de \(day.year)"
    case "fr": "\(name(day.month, Self.french)) \(day.year)"
    case "ru": "\(name(day.month, Self.russian)) \(day.year) г."
    case "ar": "\(name(day.month, Self.arabic)) \(day.year)"
    case "zh": "\(day.year)年\(day.month)月"
    default: "\(name(day.month, Self.english)) \(day.year)"
    }
  }

  private func day(_ day: Day) -> String {
    switch language {
    case "es": "\(day.day) de \(name(day.month, Self.spanish)) de \(day.year)"
    case "fr": "\(day.day == 1 ? "1er" : "\(day.day)") \(name(day.month, Self.french)) \(day.year)"
    case "ru": "\(day.day) \(name(day.month, Self.russianOf)) \(day.year) г."
    case "ar": "\(day.day) \(name(day.month, Self.arabic)) \(day.year)"
    case "zh": "\(day.year)年\(day.month)月\(day.day)日"
    default: "\(day.day) \(name(day.month, Self.english)) \(day.year)"
    }
  }

  private func name(_ month: Int, _ names: [Substring]) -> Substring { names[month - 1] }

  private static let english =
    "January February March April May June July August September October November December".split(separator: " ")
  private static let french =
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(separator: " ")
  private static let spanish =
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(separator: " ")
  private static let russian =
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split(separator: " ")
  private static let russianOf =
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(separator: " ")
  private static let arabic =
    "كانون الثاني/يناير,شباط/فبراير,آذار/مارس,نيسان/أبريل,أيار/مايو,حزيران/يونيه,تموز/يوليه,آب/أغسطس,أيلول/سبتمبر,تشرين الأول/أكتوبر,تشرين الثاني/نوفمبر,كانون الأول/ديسمبر"
    .split(separator: ",")
}
