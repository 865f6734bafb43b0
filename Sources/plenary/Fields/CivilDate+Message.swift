internal import GoogleAPI
internal import ProtobufRuntime

extension CivilDate {
  init(_ date: GoogleDate) {
    self.init(year: Int(date.year), month: Int(date.month), day: Int(date.day))
  }

  /// The message of the API.
  var message: GoogleDate {
    .with {
      $0.year = Int32(year)
      $0.month = Int32(month)
      $0.day = Int32(day)
    }
  }

  /// A period in words, from the dates of a record as far as it has them.
  static func period(_ first: GoogleDate?, _ last: GoogleDate?) -> String {
    range(first.map { CivilDate($0) }, last.map { CivilDate($0) })
  }
}
