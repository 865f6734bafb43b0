internal import PlenaryStore

/// The versions of a record that are kept, the first one first, as far as the rows of the index follow from them.
struct RecordHistory {
  /// A version.
  struct Version {
    let revision: Int64
    let transaction: Int64
    let state: Int64
    var acl: Int64
    /// Nil if it has none, because it was erased or is a purge.
    var entries: [IndexEntry]?
  }

  var versions: [Version]

  /// The rows that the history leaves in the index. A purge takes all that is before it with it.
  var rows: Set<IndexRows.Row> {
    var past: Set<IndexRows.Row> = []
    var open: [IndexRows.Place: Int64] = [:]
    for version in versions {
      guard version.state != Int64(RecordState.purged.rawValue) else {
        (past, open) = ([], [:])
        continue
      }
      // In a copy that is behind, what was erased can be without entries before the purge that takes all with it.
      let places = Set(
        (version.entries ?? []).map { IndexRows.Place(entry: $0, acl: version.acl, state: version.state) })
      for (place, born) in open where !places.contains(place) {
        past.insert(IndexRows.Row(place: place, born: born, died: version.revision))
        open[place] = nil
      }
      for place in places where open[place] == nil { open[place] = version.revision }
    }
    return past.union(open.map { IndexRows.Row(place: $0.key, born: $0.value, died: nil) })
  }
}

/// Puts rows into the index, and takes them out.
struct IndexRows {
  /// A place in the index.
  struct Place: Hashable {
    let entry: IndexEntry
    let acl: Int64
    let state: Int64
  }

  /// A row of the index.
  struct Row: Hashable {
    let place: Place
    let born: Int64
    /// Nil if it holds now.
    let died: Int64?
  }

  private let remove: SQLiteStatement
  private let removePast: SQLiteStatement
  private let insert: SQLiteStatement
  private let insertPast: SQLiteStatement

  /// For the connection that writes.
  init(_ connection: SQLiteConnection) throws(Fault) {
    let place = "f = ? AND acl = ? AND op = ? AND v = ? AND k = ?"
    remove = try connection.prepare("DELETE FROM idx WHERE \(place)")
    removePast = try connection.prepare("DELETE FROM idx_past WHERE \(place) AND died = ?")
    insert = try connection.prepare("INSERT INTO idx(f, acl, op, v, k, born) VALUES(?, ?, ?, ?, ?, ?)")
    insertPast = try connection.prepare("INSERT INTO idx_past VALUES(?, ?, ?, ?, ?, ?, ?)")
  }

  /// Puts the rows of a record in the place of those that it has.
  func replace(_ old: Set<Row>, by new: Set<Row>, of key: String) throws(Fault) {
    for row in old.subtracting(new) {
      if let died = row.died {
        try bind(row.place, key, to: removePast).bind(died).run()
      } else {
        try bind(row.place, key, to: remove).run()
      }
    }
    for row in new.subtracting(old) {
      if let died = row.died {
        try bind(row.place, key, to: insertPast).bind(row.born).bind(died).run()
      } else {
        try bind(row.place, key, to: insert).bind(row.born).run()
      }
    }
  }

  private func bind(_ place: Place, _ key: String, to statement: SQLiteStatement) -> SQLiteStatement {
    statement.bind(Int64(place.entry.field.id)).bind(place.acl).bind(place.state).bind(place.entry.value.bytes)
      .bind(key)
  }
}
