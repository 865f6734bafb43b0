internal import GoogleAPI

/// A first and a last day, each perhaps unknown or known in part.
struct DateRange {
  private let start: PartialDate?
  private let end: PartialDate?

  /// The range from `start_date` to `end_date`, both included. Dates that the calendar does not have are noted
  /// elsewhere.
  init(_ start: GoogleDate?, _ end: GoogleDate?) {
    self.start = start.flatMap { PartialDate($0) }
    self.end = end.flatMap { PartialDate($0) }
  }

  /// Notes a range that ends before it begins, or that certainly has more days than `dayCountMax`.
  func check(
    _ findings: inout Findings, within path: String = "", invalid: Reason = .dateRangeInvalid, dayCountMax: Int = .max
  ) {
    guard let start, let end else { return }
    let field = path.isEmpty ? "end_date" : path + ".end_date"
    let metadata = ["start_date": start.description, "end_date": end.description]
    if end.lastDay < start.firstDay {
      findings.add(field, invalid, "it is \(end), before `start_date`, \(start)", metadata: metadata)
    }
    if end.firstDay.number - start.lastDay.number >= dayCountMax {
      findings.add(
        field, .dateRangeTooLong, "from \(start) to \(end) are more than \(dayCountMax) days; check the year",
        metadata: metadata.merging(["max_days": "\(dayCountMax)"]) { given, _ in given })
    }
  }
}
