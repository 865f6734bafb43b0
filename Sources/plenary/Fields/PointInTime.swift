internal import Foundation
internal import GoogleAPI

/// Points in time as people read them, in UTC: `2018-11-07 09:30:00 UTC`.
enum PointInTime {
  static func words(_ time: ProtobufTimestamp) -> String {
    let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space, timeZone: .gmt).year().month().day().time(
      includingFractionalSeconds: false)
    return Date(timeIntervalSince1970: Double(time.seconds)).formatted(style) + " UTC"
  }
}
