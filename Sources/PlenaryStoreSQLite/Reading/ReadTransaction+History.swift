internal import PlenaryStore

extension ReadTransaction {
  // MARK: Points in the past

  /// The revision to read at for a state that is asked for.
  func revision(for point: ReadPoint) throws(Fault) -> Revision {
    let found: Revision
    switch point {
    case .revision(let revision):
      guard revision <= head else { throw .refusal(.revisionInFuture(head: head)) }
      found = try endOfTransaction(revision)
    case .time(let time):
      found = try lastRevision(at: time)
    }
    guard found >= compacted else { throw .refusal(.revisionCompacted(oldest: compacted)) }
    return found
  }

  /// The last revision of the request that a revision belongs to.
  private func endOfTransaction(_ revision: Revision) throws(Fault) -> Revision {
    let row = statements.history.transactionOf
    defer { row.reset() }
    // Between two epochs there are revisions without a change, at which everything stands as before.
    guard try row.bind(Int64(revision.number)).step() else { return revision }
    return Revision(UInt64(row.integer(0)))
  }

  /// The last revision that was written at a time or before it. Times rise with revisions, so halving finds it.
  func lastRevision(at time: CommitTime) throws(Fault) -> Revision {
    var (low, high) = (Int64(0), Int64(head.number))
    while low < high {
      let middle = low + (high - low + 1) / 2
      let row = statements.history.changeAtOrBelow
      defer { row.reset() }
      guard try row.bind(middle).step() else {
        low = middle
        continue
      }
      if row.integer(1) <= time.microseconds { low = middle } else { high = row.integer(0) - 1 }
    }
    return Revision(UInt64(low))
  }

  // MARK: Versions of a record

  /// The versions of a record that the viewer sees, the newest first, from the one that was the newest at a revision.
  func versions(
    of key: Key, as viewer: Viewer, from revision: Revision?, limit: PageLimit
  ) throws(Fault) -> VersionPage {
    guard let newest = try newestRevision(of: key, as: viewer) else {
      return VersionPage(revision: head, versions: [], next: nil)
    }
    var number = try start(of: key, newest: newest, from: revision)
    var versions: [RecordVersion] = []
    var (byteCount, hiddenCount) = (0, 0)
    while number != 0 {
      let row = statements.history.version
      defer { row.reset() }
      // What came before has been compacted away, erased, or was another record of the same name.
      guard try row.bind(number).step() else { break }
      let version = try VersionRow(row, names: names)
      if version.isErased { break }
      if let last = versions.last, last.record.born != version.record.born { break }
      if names.viewer(viewer, sees: version.record.acl.number) {
        let size = version.record.body.count
        guard versions.count < limit.records, versions.isEmpty || byteCount + size <= limit.bytes else {
          return VersionPage(revision: head, versions: versions, next: version.record.revision)
        }
        byteCount += size
        versions.append(Self.version(version, row, isNewest: number == newest))
      } else {
        hiddenCount += 1
        guard hiddenCount <= limit.rejected else {
          return VersionPage(revision: head, versions: versions, next: version.record.revision, isWhole: false)
        }
      }
      number = row.integer(VersionRow.columnCount)
    }
    return VersionPage(revision: head, versions: versions, next: nil)
  }

  private func newestRevision(of key: Key, as viewer: Viewer) throws(Fault) -> Int64? {
    let row = statements.head
    defer { row.reset() }
    guard try row.bind(key.name).step(), names.viewer(viewer, sees: UInt32(row.integer(1))) else { return nil }
    return row.integer(0)
  }

  /// The number of the version to begin with; 0 if there is none.
  private func start(of key: Key, newest: Int64, from revision: Revision?) throws(Fault) -> Int64 {
    guard let revision else { return newest }
    guard revision <= head else { throw .refusal(.revisionInFuture(head: head)) }
    if try isVersion(Int64(revision.number), of: key) { return Int64(revision.number) }
    guard revision >= compacted else { throw .refusal(.revisionCompacted(oldest: compacted)) }
    var number = newest
    while number > Int64(revision.number) { number = try previousRevision(to: number) }
    return number
  }

  private func isVersion(_ number: Int64, of key: Key) throws(Fault) -> Bool {
    let row = statements.version
    defer { row.reset() }
    return try row.bind(number).step() && row.text(1) == key.name
  }

  private static func version(_ version: VersionRow, _ row: SQLiteStatement, isNewest: Bool) -> RecordVersion {
    let (stateColumn, reasonColumn) = (VersionRow.columnCount + 1, VersionRow.columnCount + 2)
    let isErasure = row.integer(VersionRow.columnCount + 3) & Int64(RecordState.erasing) != 0
    let record = version.record
    let wasDeleted = !row.isNull(stateColumn) && row.integer(stateColumn) == Int64(RecordState.softDeleted.rawValue)
    let kind: RecordVersion.Kind =
      switch (record.revision == record.born, wasDeleted, record.isDeleted) {
      case _ where isErasure: .erased
      case (true, _, _): .created
      case (false, false, true): .deleted
      case (false, true, false): .undeleted
      default: .updated
      }
    return RecordVersion(
      record: record, kind: kind, reason: row.isNull(reasonColumn) ? "" : row.text(reasonColumn), isNewest: isNewest)
  }

  /// Whether the viewer sees records and saw them at times. The versions of each record are gone through once.
  func saw(_ moments: [RecordMoment], as viewer: Viewer) throws(Fault) -> [Bool] {
    var saw = [Bool](repeating: false, count: moments.count)
    var byKey: [Key: [(index: Int, revision: Int64)]] = [:]
    for (index, moment) in moments.enumerated() {
      let revision = try lastRevision(at: moment.time)
      guard revision >= compacted else { continue }
      byKey[moment.key, default: []].append((index, Int64(revision.number)))
    }
    for (key, asked) in byKey {
      guard var number = try newestRevision(of: key, as: viewer) else { continue }
      var known: (number: Int64, isSeen: Bool)?
      for (index, revision) in asked.sorted(by: { $0.revision > $1.revision }) {
        while number > revision { number = try previousRevision(to: number) }
        guard number != 0 else { break }
        if known?.number != number { known = (number, try shows(version: number, viewer)) }
        saw[index] = known?.isSeen ?? false
      }
    }
    return saw
  }

  /// The number of the version that another one has replaced; 0 if there is none.
  private func previousRevision(to number: Int64) throws(Fault) -> Int64 {
    let row = statements.previous
    defer { row.reset() }
    return try row.bind(number).step() ? row.integer(0) : 0
  }

  /// Whether there is a version, for the viewer too, and not erased.
  private func shows(version number: Int64, _ viewer: Viewer) throws(Fault) -> Bool {
    let row = statements.version
    defer { row.reset() }
    guard try row.bind(number).step(), names.viewer(viewer, sees: UInt32(row.integer(3))) else { return false }
    return !VersionRow.isErased(row)
  }

  // MARK: Holders of an entry

  /// Who has an entry, and who has had it.
  func holders(of entry: IndexEntry, as viewer: Viewer, limit: Int) throws(Fault) -> [EntryHolder] {
    var holders: [EntryHolder] = []
    for row in [statements.history.holders, statements.history.pastHolders] {
      defer { row.reset() }
      row.bind(Int64(entry.field.id)).bind(entry.value.bytes).bind(Int64(limit))
      while try row.step() {
        guard names.viewer(viewer, sees: UInt32(row.integer(3))), names.viewer(viewer, sees: UInt32(row.integer(4)))
        else { continue }
        holders.append(
          EntryHolder(
            key: Key(stored: row.text(0)), start: Revision(UInt64(row.integer(1))),
            end: row.isNull(2) ? nil : Revision(UInt64(row.integer(2)))))
      }
    }
    return Array(holders.sorted { ($0.key, $0.start) < ($1.key, $1.start) }.prefix(limit))
  }

  // MARK: Differences

  /// The records that differ between two revisions.
  func differences(
    from first: Revision, to last: Revision, as viewer: Viewer, after place: Revision?, limit: PageLimit,
    where isWanted: (Key) -> Bool
  ) throws(Fault) -> DifferencePage {
    guard last <= head else { throw .refusal(.revisionInFuture(head: head)) }
    guard first >= compacted else { throw .refusal(.revisionCompacted(oldest: compacted)) }
    let row = statements.history.changesBetween
    defer { row.reset() }
    row.bind(Int64(max(first, place ?? first).number)).bind(Int64(last.number))
    var differences: [RecordDifference] = []
    var (byteCount, lookedAt, reached) = (0, 0, max(first, place ?? first))
    while try row.step() {
      guard lookedAt < limit.rejected else {
        return DifferencePage(differences: differences, next: reached, isWhole: false)
      }
      let (revision, key) = (row.integer(0), Key(stored: row.text(1)))
      if isWanted(key), let found = try difference(of: key, writtenIn: revision, from: first, to: last, as: viewer) {
        // The next page begins with it, so that there is one only if it has something.
        guard differences.count < limit.records, byteCount < limit.bytes else {
          return DifferencePage(differences: differences, next: reached)
        }
        differences.append(found)
        byteCount += (found.before?.body.count ?? 0) + (found.after?.body.count ?? 0)
      }
      reached = Revision(UInt64(revision))
      lookedAt += 1
    }
    return DifferencePage(differences: differences, next: nil)
  }

  /// How a record differs, if this is the last change of it up to the second revision that the viewer could have seen; nil if
  /// it is not, or nothing differs.
  private func difference(
    of key: Key, writtenIn revision: Int64, from first: Revision, to last: Revision, as viewer: Viewer
  ) throws(Fault) -> RecordDifference? {
    guard let newest = try revisionNumber(of: key, as: viewer, at: last),
      try lastSeen(newest, after: Int64(first.number), as: viewer) == revision
    else { return nil }
    let after = try version(of: key, as: viewer, at: last)?.record
    let before = try version(of: key, as: viewer, at: first)?.record
    if let before, let after {
      guard
        before.state != after.state || before.born != after.born || !isSameMarking(before.acl, after.acl)
          || before.body != after.body
      else { return nil }
    }
    return before == nil && after == nil ? nil : RecordDifference(key: key, before: before, after: after)
  }

  /// Whether two versions were given the same marking, whatever was confined since.
  private func isSameMarking(_ first: ACL, _ second: ACL) -> Bool {
    first == second || names.markings[first.number].unconfined == names.markings[second.number].unconfined
  }

  /// The last change of a record, from one of its versions back, after which or before which the viewer saw the record; nil if
  /// there is none behind a revision. What happened out of its sight does not move the record in an order.
  private func lastSeen(_ newest: Int64, after first: Int64, as viewer: Viewer) throws(Fault) -> Int64? {
    if viewer.seesEverything { return newest }
    var number = newest
    var isSeen = try sees(version: number, viewer)
    while number > first {
      if isSeen { return number }
      let previous = statements.previous
      defer { previous.reset() }
      guard try previous.bind(number).step(), previous.integer(0) != 0 else { return nil }
      isSeen = try sees(version: previous.integer(0), viewer)
      if isSeen { return number }
      number = previous.integer(0)
    }
    return nil
  }

  private func sees(version number: Int64, _ viewer: Viewer) throws(Fault) -> Bool {
    let row = statements.audit.marking
    defer { row.reset() }
    return try row.bind(number).step() && names.viewer(viewer, sees: UInt32(row.integer(0)))
  }

  // MARK: Compaction

  /// How many versions compacting to a revision would remove.
  func removableVersionCount(to revision: Revision) throws(Fault) -> Int {
    guard revision <= head else { throw .refusal(.revisionInFuture(head: head)) }
    let replaced = statements.history.replacedCount
    defer { replaced.reset() }
    guard try replaced.bind(Int64(revision.number)).step() else { return 0 }
    var count = Int(replaced.integer(0))
    let purges = statements.history.purges
    defer { purges.reset() }
    purges.bind(Int64(revision.number))
    // A purge goes too, unless it has been counted as replaced by a record of the same name.
    while try purges.step() {
      let key = Key(stored: purges.text(1))
      if try revisionNumber(of: key, as: .everything, at: revision) == purges.integer(0) { count += 1 }
    }
    return count
  }
}
