internal import Foundation
internal import GoogleAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// The day that counts as today in a call: the one that it names, or the one that it is in a zone.
struct Today {
  /// The day.
  let day: CivilDay

  private static let secondsPerDay = 86_400

  /// The day that `as_of` gives or, if it is not set, today in `time_zone`, or in UTC if that is empty.
  /// - Throws: `dateInvalid` if the date is not a whole one; `codeUnknown` if there is no such zone.
  init(date: FieldValue?, timeZone: String, _ now: CommitTime) throws(DomainError) {
    var zone = TimeZone.gmt
    if !timeZone.isEmpty {
      guard let known = TimeZone(identifier: timeZone) else {
        throw DomainError(
          .init(
            "time_zone", .codeUnknown, "`\(timeZone.clipped)` is not \(StandardCode.timeZone.rule)",
            metadata: ["value": timeZone.clipped]))
      }
      zone = known
    }
    if case .message(let message)? = date, let given = message as? GoogleDate {
      guard let date = PartialDate(given), date.isComplete else {
        throw DomainError(.init("as_of", .dateInvalid, "it must be a whole date, with month and day"))
      }
      day = date.firstDay
      return
    }
    let seconds = Int(now.microseconds / 1_000_000)
    let local = seconds + zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
    let days = local / Self.secondsPerDay
    // The division of a number below zero goes up, and the day begins below.
    day = CivilDay(number: local < days * Self.secondsPerDay ? days - 1 : days)
  }
}
