internal import PlenaryStore

/// What a store that is a copy knows of where it comes from.
struct Replica: Sendable {
  /// Where the leader is.
  let leader: String

  /// Until this revision there can be erased versions whose purge is still to come.
  var erased: UInt64

  /// What a store says of itself; nil if it is no copy.
  init?(_ connection: SQLiteConnection) throws(Fault) {
    let row = try connection.prepare("SELECT leader, erased FROM replica")
    guard try row.step() else { return nil }
    leader = row.text(0)
    erased = UInt64(bitPattern: row.integer(1))
  }

  /// Makes a store the copy of a leader, or changes where that is.
  static func set(_ leader: String, on connection: SQLiteConnection) throws(Fault) {
    try connection.prepare(
      "INSERT INTO replica VALUES(1, ?1, 0) ON CONFLICT(id) DO UPDATE SET leader = excluded.leader"
    ).bind(leader).run()
  }
}
