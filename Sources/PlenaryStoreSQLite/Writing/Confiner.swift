internal import PlenaryStore

/// A change that confines what was before it.
struct Confinement {
  /// The record that has changed.
  let key: String

  /// The last revision of the request that changed it.
  let through: Int64

  /// To whom it is confined.
  let keeper: String
}

/// Confines the past of a record and of the records under it, in the transaction that is open.
///
/// A version that is confined has another marking from then on, and so have its entries in the index: whatever reads the
/// past looks at these, and needs to know nothing of it.
struct Confiner {
  private let confining: Confining
  private let heads: SQLiteStatement
  private let version: SQLiteStatement
  private let body: SQLiteStatement
  private let confinedMarking: SQLiteStatement
  private let insertMarking: SQLiteStatement
  private let setMarking: SQLiteStatement
  private let setHeadMarking: SQLiteStatement
  private let rows: IndexRows

  /// For the connection that writes.
  init(_ connection: SQLiteConnection, _ confining: Confining) throws(Fault) {
    self.confining = confining
    heads = try connection.prepare(
      "SELECT k, rev FROM head WHERE k = ?1 UNION ALL SELECT k, rev FROM head WHERE k >= ?2 AND k < ?3")
    version = try connection.prepare("SELECT prev, op, acl, entries, txn FROM ver WHERE rev = ?")
    body = try connection.prepare("SELECT body FROM ver WHERE rev = ?")
    // One that is confined already is its own.
    confinedMarking = try connection.prepare(
      """
      SELECT c.id FROM acl a JOIN acl c
        ON c.label = a.label AND c.originator = a.originator AND c.detail = a.detail AND c.keeper = ifnull(a.keeper, ?2)
      WHERE a.id = ?1
      """)
    insertMarking = try connection.prepare(
      """
      INSERT INTO acl SELECT (SELECT max(id) + 1 FROM acl), label, originator, detail, ?2 FROM acl WHERE id = ?1
      RETURNING id
      """)
    setMarking = try connection.prepare("UPDATE ver SET acl = ? WHERE rev = ?")
    setHeadMarking = try connection.prepare("UPDATE head SET acl = ? WHERE k = ?")
    rows = try IndexRows(connection)
  }

  /// Confines what a change is to confine. Returns the deleted records whose last version is confined.
  func confine(_ confinement: Confinement) throws(Fault) -> [Key] {
    var deleted: [Key] = []
    for (key, head) in try records(under: confinement.key) {
      let old = try history(of: key, from: head)
      var new = old
      for index in try confined(old, key, through: confinement.through) {
        new.versions[index].acl = try number(confinedTo: confinement.keeper, new.versions[index].acl)
      }
      let changed = zip(old.versions, new.versions).filter { $0.acl != $1.acl }.map { $1 }
      guard !changed.isEmpty else { continue }
      for version in changed { try setMarking.bind(version.acl).bind(version.revision).run() }
      if let last = changed.last, last.revision == head {
        try setHeadMarking.bind(last.acl).bind(key).run()
        deleted.append(Key(stored: key))
      }
      try rows.replace(old.rows, by: new.rows, of: key)
    }
    return deleted
  }

  private func records(under key: String) throws(Fault) -> [(key: String, head: Int64)] {
    let prefix = KeyPrefix(key + "/")
    defer { heads.reset() }
    heads.bind(key).bind(prefix?.text ?? "").bind(prefix?.end ?? "")
    var found: [(String, Int64)] = []
    while try heads.step() { found.append((heads.text(0), heads.integer(1))) }
    return found
  }

  private func history(of key: String, from head: Int64) throws(Fault) -> RecordHistory {
    var versions: [RecordHistory.Version] = []
    var revision = head
    while revision != 0 {
      defer { version.reset() }
      guard try version.bind(revision).step() else { break }
      versions.append(
        RecordHistory.Version(
          revision: revision, transaction: version.integer(4), state: version.integer(1), acl: version.integer(2),
          entries: version.isNull(3) ? nil : try EntryCoding.decode(version.blob(3))))
      revision = version.integer(0)
    }
    return RecordHistory(versions: versions.reversed())
  }

  /// Which versions are confined: those that were replaced by then. And the one that was there then, if its record was
  /// deleted and is covered, with those that follow until the record comes back: with the one of its purge, or the one by
  /// which it came back if that was replaced in the same request.
  private func confined(_ history: RecordHistory, _ key: String, through: Int64) throws(Fault) -> Range<Int> {
    let versions = history.versions
    guard let last = versions.lastIndex(where: { $0.revision <= through }) else { return 0..<0 }
    let softDeleted = Int64(RecordState.softDeleted.rawValue)
    guard versions[last].state == softDeleted,
      try confining.covers(Key(stored: key), content(versions[last].revision))
    else { return 0..<last }
    guard let end = versions[last...].firstIndex(where: { $0.state != softDeleted }) else { return 0..<versions.count }
    let isReplaced = end + 1 < versions.count && versions[end].transaction == versions[end + 1].transaction
    return 0..<(isReplaced || versions[end].state == Int64(RecordState.purged.rawValue) ? end + 1 : end)
  }

  private func content(_ revision: Int64) throws(Fault) -> [UInt8] {
    defer { body.reset() }
    return try body.bind(revision).step() ? body.blob(0) : []
  }

  /// The number of a marking once it is confined.
  private func number(confinedTo keeper: String, _ acl: Int64) throws(Fault) -> Int64 {
    defer { confinedMarking.reset() }
    if try confinedMarking.bind(acl).bind(keeper).step() { return confinedMarking.integer(0) }
    defer { insertMarking.reset() }
    guard try insertMarking.bind(acl).bind(keeper).step() else {
      throw .refusal(.corrupt(reason: "a version has marking \(acl), which is not kept"))
    }
    let number = insertMarking.integer(0)
    // The row is there only when the statement has run to its end.
    _ = try insertMarking.step()
    return number
  }
}
