internal import PlenaryStore

/// A version as it was read, with what only the store needs of it.
struct VersionRow {
  /// The columns of a version that is lent, of a table named `v`, and how many they are.
  static let lentColumns = "v.rev, v.k, v.op, v.acl, v.born, v.made, v.ts, v.maker, v.actor, v.body"
  static let lentColumnCount: Int32 = 10

  /// All columns; a statement's further ones begin after `columnCount`.
  static let columns = "\(lentColumns), v.gone, v.entries"
  static let columnCount = lentColumnCount + 2

  /// The places of the columns.
  enum Column {
    static let revision: Int32 = 0
    static let key: Int32 = 1
    static let state: Int32 = 2
    static let acl: Int32 = 3
    static let born: Int32 = 4
    static let createTime: Int32 = 5
    static let time: Int32 = 6
    static let creator: Int32 = 7
    static let actor: Int32 = 8
    static let body: Int32 = 9
    static let deleteTime: Int32 = 10
    static let entries: Int32 = 11
  }

  let record: StoredRecord

  /// Whether the bodies of the key's versions were erased after this one was written.
  let isErased: Bool

  /// Encoded.
  let entries: [UInt8]

  /// The same of a row that little else is read of.
  static func isErased(_ row: SQLiteStatement) -> Bool { row.isNull(Column.body) }

  /// The state in a row that little else is read of.
  static func state(_ row: SQLiteStatement) throws(Fault) -> RecordState {
    guard let state = RecordState(rawValue: UInt8(truncatingIfNeeded: row.integer(Column.state))) else {
      throw .refusal(.corrupt(reason: "revision \(row.integer(Column.revision)) has an unknown state"))
    }
    return state
  }

  init(_ row: SQLiteStatement, names: Names, withEntries: Bool = false) throws(Fault) {
    let state = try Self.state(row)
    isErased = Self.isErased(row)
    entries = withEntries ? row.blob(Column.entries) : []
    let acl = UInt32(row.integer(Column.acl))
    record = StoredRecord(
      key: Key(stored: row.text(Column.key)), revision: Revision(UInt64(row.integer(Column.revision))), state: state,
      acl: ACL(acl), label: names.label(of: acl), born: Revision(UInt64(row.integer(Column.born))),
      createTime: CommitTime(microseconds: row.integer(Column.createTime)),
      updateTime: CommitTime(microseconds: row.integer(Column.time)),
      deleteTime: row.isNull(Column.deleteTime)
        ? nil : CommitTime(microseconds: row.integer(Column.deleteTime)),
      creator: names.actors[UInt32(row.integer(Column.creator))],
      actor: names.actors[UInt32(row.integer(Column.actor))], body: row.blob(Column.body),
      isConfined: names.isConfined(acl))
  }
}
