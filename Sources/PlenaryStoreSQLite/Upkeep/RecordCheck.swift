internal import PlenaryStore

/// Holds heads and index entries against the versions of each record.
///
/// Each record's versions are followed from its head back to the first one, and then forward again as the writer did it:
/// what had to be opened and closed in the index is looked for there. That every version and every entry was met once is
/// seen by counting.
struct RecordCheck {
  /// A version as far as others depend on it.
  private struct Version {
    let revision: Int64
    let key: String
    let previous: Int64
    let state: Int64
    let acl: Int64
    let time: Int64
    let actor: Int64
    let born: Int64
    let createTime: Int64
    let creator: Int64
    let deleteTime: Int64?
    /// Nil if they were erased.
    let entries: [UInt8]?
    /// Whether it holds what was put in the place of what it held.
    let isRedacted: Bool
  }

  /// An entry in the index, but for its record.
  private struct Place: Hashable {
    let entry: IndexEntry
    let acl: Int64
    let state: Int64
  }

  private(set) var verifier: Verifier
  private let meta: Meta
  private let version: SQLiteStatement
  private let entry: SQLiteStatement
  private let pastEntry: SQLiteStatement
  private let pastEntryBegun: SQLiteStatement
  private let markingCount: Int64
  private let body: SQLiteStatement

  /// The revisions in which a record was erased and stayed.
  private let erasures: Set<Int64>

  /// Whether purges of versions that were erased can be still to come, as in a copy that is behind its leader.
  private let awaitsPurges: Bool

  private var versionCount: Int64 = 0
  private var entryCount: Int64 = 0
  private var pastEntryCount: Int64 = 0

  init(_ verifier: Verifier, _ meta: Meta) throws(Fault) {
    self.verifier = verifier
    self.meta = meta
    let connection = verifier.connection
    version = try connection.prepare(
      "SELECT rev, k, prev, op, acl, ts, actor, born, made, maker, gone, entries, "
        + "salt IS NULL AND body IS NOT NULL FROM ver WHERE rev = ?")
    body = try connection.prepare("SELECT body FROM ver WHERE rev = ?")
    var erasures: Set<Int64> = []
    let rows = try connection.prepare("SELECT rev FROM audit WHERE op > \(RecordState.erasing)")
    while try rows.step() { erasures.insert(rows.integer(0)) }
    self.erasures = erasures
    let place = "f = ? AND acl = ? AND op = ? AND v = ? AND k = ?"
    entry = try connection.prepare("SELECT 1 FROM idx WHERE \(place) AND born = ?")
    pastEntry = try connection.prepare("SELECT 1 FROM idx_past WHERE \(place) AND born = ? AND died = ?")
    pastEntryBegun = try connection.prepare("SELECT 1 FROM idx_past WHERE \(place) AND born = ?")
    markingCount = try connection.integer("SELECT count(*) FROM acl") ?? 0
    let replica = meta.schema < Schema.replicas ? nil : try Replica(connection)
    awaitsPurges = (replica?.erased ?? 0) > meta.revision
  }

  mutating func run() throws(Fault) {
    let connection = verifier.connection
    let total = try connection.integer("SELECT count(*) FROM head") ?? 0
    let heads = try connection.prepare("SELECT k, rev, op, acl FROM head ORDER BY k")
    var count = 0
    while try heads.step() {
      count += 1
      try verifier.pace(.records, count, of: total)
      let history = try history(of: heads.text(0), from: heads.integer(1))
      guard let last = history.last else { continue }
      if last.state != heads.integer(2) || last.acl != heads.integer(3) {
        verifier.find(last.revision, "the head of \(last.key) does not agree with its version")
      }
      versionCount += Int64(history.count)
      try check(history)
    }
    try checkCounts()
  }

  /// The versions of a key, the first one first, as far back as they are kept.
  private mutating func history(of key: String, from head: Int64) throws(Fault) -> [Version] {
    var history: [Version] = []
    var revision = head
    var above = Int64.max
    while revision != 0 {
      guard revision < above, let found = try version(revision) else {
        if revision > Int64(meta.compacted) || above == .max {
          verifier.find(
            above == .max ? revision : above, "the version before it in the history of \(key) is not there")
        }
        break
      }
      guard found.key == key else {
        verifier.find(above == .max ? revision : above, "it leads from \(key) to a version of another record")
        break
      }
      history.append(found)
      above = revision
      revision = found.previous
    }
    return history.reversed()
  }

  private func version(_ revision: Int64) throws(Fault) -> Version? {
    defer { version.reset() }
    guard try version.bind(revision).step() else { return nil }
    return Version(
      revision: version.integer(0), key: version.text(1), previous: version.integer(2), state: version.integer(3),
      acl: version.integer(4), time: version.integer(5), actor: version.integer(6), born: version.integer(7),
      createTime: version.integer(8), creator: version.integer(9),
      deleteTime: version.isNull(10) ? nil : version.integer(10),
      entries: version.isNull(11) ? nil : version.blob(11), isRedacted: version.integer(12) == 1)
  }

  /// Goes backward through the versions of a record, and looks whether what was erased is gone and what was not is there.
  private mutating func checkErasures(_ history: [Version]) throws(Fault) {
    var erasure: Version?
    for version in history.reversed() {
      guard version.entries != nil else {
        erasure = nil
        continue
      }
      if let erasure {
        if !version.isRedacted {
          verifier.find(version.revision, "the version holds what was erased in revision \(erasure.revision)")
        } else if try content(version.revision) != content(erasure.revision) {
          verifier.find(version.revision, "the version does not hold what the erasure has put in its place")
        }
      } else if version.isRedacted, !awaitsPurges {
        verifier.find(version.revision, "the version was erased, and its record was not")
      }
      if erasures.contains(version.revision) { erasure = version }
    }
  }

  private func content(_ revision: Int64) throws(Fault) -> [UInt8] {
    defer { body.reset() }
    return try body.bind(revision).step() ? body.blob(0) : []
  }

  /// Goes forward through the versions of a record.
  private mutating func check(_ history: [Version]) throws(Fault) {
    try checkErasures(history)
    let isWhole = history.first?.previous == 0
    var open: [Place: Int64] = [:]
    var isKnown = isWhole
    var before: Version?
    for (index, version) in history.enumerated() {
      if isWhole || index > 0, !follows(version, before) {
        verifier.find(version.revision, "the version does not follow from the one before it")
      }
      if !(1...max(1, markingCount)).contains(version.acl) {
        verifier.find(version.revision, "the version has a marking that is not kept")
      }
      let places = try places(of: version)
      // A version that is known not to be as it was written may have been a purge.
      let isPurged = history[index...].contains { version in
        version.state == Int64(RecordState.purged.rawValue) || verifier.hasFinding(version.revision)
      }
      if places == nil, !isPurged, !awaitsPurges {
        verifier.find(version.revision, "the version was erased, and its record was not purged")
      }
      // The entries that the first version kept began with one that is gone.
      if !isKnown {
        isKnown = version.state == Int64(RecordState.purged.rawValue)
      } else if let places {
        for (place, born) in open where !places.contains(place) {
          try expectPast(place, version.key, born: born, died: version.revision)
          open[place] = nil
        }
        for place in places where open[place] == nil { open[place] = version.revision }
      } else {
        open = [:]
      }
      before = version
    }
    guard isKnown else { return try countUnknown(history) }
    guard let last = history.last else { return }
    for (place, born) in open {
      entryCount += 1
      guard try !isThere(place, last.key, born: born) else { continue }
      verifier.find(born, "an index does not hold what it should of \(last.key)")
    }
  }

  /// The entries that a version has in the index; nil if they were erased.
  private mutating func places(of version: Version) throws(Fault) -> Set<Place>? {
    guard version.state != Int64(RecordState.purged.rawValue) else { return [] }
    guard let bytes = version.entries else { return nil }
    do throws(Fault) {
      let entries = try EntryCoding.decode(bytes)
      return Set(entries.map { Place(entry: $0, acl: version.acl, state: version.state) })
    } catch {
      verifier.find(version.revision, "the index entries of the version cannot be read")
      return []
    }
  }

  /// Whether what a version says of the record's past is what the version before it says.
  private func follows(_ version: Version, _ before: Version?) -> Bool {
    guard let before, before.state != Int64(RecordState.purged.rawValue) else {
      return version.born == version.revision && version.createTime == version.time
        && version.creator == version.actor && version.deleteTime == nil
    }
    guard version.born == before.born, version.createTime == before.createTime, version.creator == before.creator
    else { return false }
    switch RecordState(rawValue: UInt8(truncatingIfNeeded: version.state)) {
    case .live: return version.deleteTime == nil
    case .softDeleted:
      return version.deleteTime == (before.state == version.state ? before.deleteTime : version.time)
    case .purged: return version.deleteTime == before.deleteTime
    case nil: return false
    }
  }

  // MARK: Index entries

  private func isThere(_ place: Place, _ key: String, born: Int64) throws(Fault) -> Bool {
    defer { entry.reset() }
    return try bind(place, key, to: entry).bind(born).step()
  }

  private mutating func expectPast(_ place: Place, _ key: String, born: Int64, died: Int64) throws(Fault) {
    defer { pastEntry.reset() }
    if try bind(place, key, to: pastEntry).bind(born).bind(died).step() {
      pastEntryCount += 1
    } else if died > Int64(meta.compacted) {
      // If it is there and ended otherwise, it is the version that ended it that is not as it was.
      let isOpen = try isThere(place, key, born: born)
      let hasBegun = try began(place, key, born: born)
      verifier.find(isOpen || hasBegun ? died : born, "an index does not hold what it should of the past of \(key)")
    }
  }

  /// Whether an entry of the past began in a revision.
  private func began(_ place: Place, _ key: String, born: Int64) throws(Fault) -> Bool {
    defer { pastEntryBegun.reset() }
    return try bind(place, key, to: pastEntryBegun).bind(born).step()
  }

  private func bind(_ place: Place, _ key: String, to statement: SQLiteStatement) -> SQLiteStatement {
    statement.bind(Int64(place.entry.field.id)).bind(place.acl).bind(place.state).bind(place.entry.value.bytes)
      .bind(key)
  }

  /// Where the first versions are gone, the entries of the last one must be there, whenever they began.
  private mutating func countUnknown(_ history: [Version]) throws(Fault) {
    guard let last = history.last, let places = try places(of: last) else { return }
    let connection = verifier.connection
    let row = try connection.prepare("SELECT 1 FROM idx WHERE f = ? AND acl = ? AND op = ? AND v = ? AND k = ?")
    for place in places {
      entryCount += 1
      defer { row.reset() }
      if try !bind(place, last.key, to: row).step() {
        verifier.find(last.revision, "an index does not hold what it should of \(last.key)")
      }
    }
  }

  // MARK: Counts

  /// Whatever is there must have been met.
  private mutating func checkCounts() throws(Fault) {
    let connection = verifier.connection
    if try connection.integer("SELECT count(*) FROM idx") != entryCount {
      verifier.find(nil, "an index holds entries that no version has")
    }
    guard meta.compacted == 0, !awaitsPurges else { return }
    if try connection.integer("SELECT count(*) FROM idx_past") != pastEntryCount {
      verifier.find(nil, "an index holds entries that no version had")
    }
    // What is known to be wrong with single versions explains that as well.
    let isExplained = verifier.findings.contains { $0.revision != nil }
    if !isExplained, try connection.integer("SELECT count(*) FROM ver") != versionCount { try findUnmet() }
  }

  /// Finds the first version that a history should lead to and does not: the one after it leads past it.
  private mutating func findUnmet() throws(Fault) {
    let pairs = try verifier.connection.prepare(
      """
      SELECT rev FROM (SELECT rev, prev, lag(rev, 1, 0) OVER (PARTITION BY k ORDER BY rev) AS before FROM ver)
      WHERE prev IS NOT before ORDER BY rev LIMIT 1
      """)
    if try pairs.step() {
      verifier.find(pairs.integer(0), "it does not lead to the version before it")
      return
    }
    let lost = try verifier.connection.prepare(
      """
      SELECT max(v.rev) FROM ver v LEFT JOIN head h ON h.k = v.k GROUP BY v.k
      HAVING h.rev IS NULL OR h.rev <> max(v.rev) ORDER BY 1 LIMIT 1
      """)
    if try lost.step() { verifier.find(lost.integer(0), "no head leads to it") }
  }
}
