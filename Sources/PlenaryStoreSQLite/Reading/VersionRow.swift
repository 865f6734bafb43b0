internal import PlenaryStore

/// A version as it was read, with what only the store needs of it.
struct VersionRow {
  /// The columns, of a table named `v`; a statement's further ones begin after `columnCount`.
  static let columns = "v.rev, v.k, v.op, v.acl, v.born, v.made, v.ts, v.gone, v.maker, v.actor, v.entries, v.body"
  static let columnCount: Int32 = 12

  let record: StoredRecord

  /// Whether the bodies of the key's versions were erased after this one was written.
  let isErased: Bool

  /// Encoded.
  let entries: [UInt8]

  /// The same of a row that nothing else is read of.
  static func isErased(_ row: SQLiteStatement) -> Bool { row.isNull(11) }

  init(_ row: SQLiteStatement, names: Names, withEntries: Bool = false) throws(Fault) {
    guard let state = RecordState(rawValue: UInt8(truncatingIfNeeded: row.integer(2))) else {
      throw .refusal(.corrupt(reason: "revision \(row.integer(0)) has an unknown state"))
    }
    isErased = Self.isErased(row)
    entries = withEntries ? row.blob(10) : []
    let acl = UInt32(row.integer(3))
    record = StoredRecord(
      key: Key(stored: row.text(1)), revision: Revision(UInt64(row.integer(0))), state: state,
      acl: ACL(acl), label: names.label(of: acl),
      born: Revision(UInt64(row.integer(4))),
      createTime: CommitTime(microseconds: row.integer(5)), updateTime: CommitTime(microseconds: row.integer(6)),
      deleteTime: row.isNull(7) ? nil : CommitTime(microseconds: row.integer(7)),
      creator: names.actors[UInt32(row.integer(8))], actor: names.actors[UInt32(row.integer(9))],
      body: row.blob(11), isConfined: names.isConfined(acl))
  }
}
