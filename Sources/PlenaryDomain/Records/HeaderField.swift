/// The numbers of the fields that every kind begins with, the same in each.
enum HeaderField {
  static let name: Int32 = 1
  static let uid: Int32 = 2
  static let etag: Int32 = 3
  static let revision: Int32 = 4
  static let createTime: Int32 = 5
  static let updateTime: Int32 = 6
  static let deleteTime: Int32 = 7
  static let purgeTime: Int32 = 8
  static let creator: Int32 = 9
  static let originatingOrganization: Int32 = 10
  static let marking: Int32 = 11
  static let citations: Int32 = 12
  static let annotations: Int32 = 13
  static let state: Int32 = 14

  /// The first field of a kind's own; those between are kept for what may come.
  static let firstOfKind: Int32 = 21

  /// The fields that follow from the version and stand in no stored body: uid to creator.
  static let ofVersion = uid...creator
}
