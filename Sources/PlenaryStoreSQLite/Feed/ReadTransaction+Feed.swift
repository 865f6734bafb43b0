internal import PlenaryStore

extension ReadTransaction {
  private static let transactionColumn = VersionRow.columnCount
  private static let previousColumn = VersionRow.columnCount + 1
  private static let stateBeforeColumn = VersionRow.columnCount + 2
  private static let aclBeforeColumn = VersionRow.columnCount + 3
  private static let erasedBeforeColumn = VersionRow.columnCount + 4

  /// What comes after a place, to one who follows the changes.
  func feed(_ question: FeedQuestion) throws(Fault) -> FeedPart {
    let question = try stillSeen(question)
    let place = question.place
    guard place <= head else { throw .refusal(.revisionInFuture(head: head)) }
    guard place >= compacted else { throw .refusal(.revisionCompacted(oldest: compacted)) }
    let end = min(question.end ?? head, head)
    let matcher = FeedMatcher(question, names: names)
    var builder = FeedPartBuilder(question)
    let row = statements.feed
    defer { row.reset() }
    row.bind(Int64(place.number)).bind(Int64(end.number))
    while builder.hasRoom {
      // A restore moves the head on without a change.
      guard try row.step() else { return builder.ended(at: end) }
      let entry = try entry(row, matcher)
      let record = entry.after.record
      var seesNow = question.viewer.seesEverything
      if !seesNow { seesNow = try sees(record.key, now: question.viewer) }
      let change = try matcher.change(entry, seesNow: seesNow)
      builder.add(change, at: record.revision, of: entry.transaction)
    }
    return builder.part(end: end)
  }

  /// The question as it was, or from its beginning, if something that was read for it has gone out of sight meanwhile.
  private func stillSeen(_ question: FeedQuestion) throws(Fault) -> FeedQuestion {
    for change in question.begun?.changes ?? [] {
      guard let record = change.after else { continue }
      guard try sees(record.key, now: question.viewer), try isKept(record, for: question.viewer),
        try change.before.map({ before throws(Fault) in try isKept(before, for: question.viewer) }) ?? true
      else {
        var question = question
        question.begun = nil
        return question
      }
    }
    return question
  }

  /// Whether a version is still there, holds what it held, and is not confined to others.
  private func isKept(_ record: StoredRecord, for viewer: Viewer) throws(Fault) -> Bool {
    let row = statements.version
    defer { row.reset() }
    guard try row.bind(Int64(record.revision.number)).step() else { return false }
    let version = try VersionRow(row, names: names)
    return !version.isErased && version.record.body == record.body
      && names.viewer(viewer, sees: version.record.acl.number)
  }

  private func sees(_ key: Key, now viewer: Viewer) throws(Fault) -> Bool {
    let head = statements.head
    defer { head.reset() }
    return try head.bind(key.name).step() && names.viewer(viewer, sees: UInt32(head.integer(1)))
  }

  /// A change, with as much of the version before as the follower has to know.
  private func entry(_ row: SQLiteStatement, _ matcher: FeedMatcher) throws(Fault) -> FeedEntry {
    let version = try VersionRow(row, names: names, withEntries: matcher.needsEntries)
    let previous = row.integer(Self.previousColumn)
    var before: FeedEntry.Before?
    if !row.isNull(Self.stateBeforeColumn),
      let state = RecordState(rawValue: UInt8(truncatingIfNeeded: row.integer(Self.stateBeforeColumn))),
      state != .purged
    {
      let isErased = row.integer(Self.erasedBeforeColumn) != 0
      before = FeedEntry.Before(
        state: state, acl: ACL(UInt32(row.integer(Self.aclBeforeColumn))), content: nil, isErased: isErased)
      if matcher.needsBefore, state == .live, !isErased { before?.content = try content(of: previous, matcher) }
    }
    return FeedEntry(
      transaction: UInt64(row.integer(Self.transactionColumn)), previous: UInt64(previous),
      after: FeedVersion(record: version.record, entries: version.entries), isErased: version.isErased, before: before)
  }

  private func content(of revision: Int64, _ matcher: FeedMatcher) throws(Fault) -> FeedVersion? {
    let row = statements.version
    defer { row.reset() }
    guard try row.bind(revision).step() else { return nil }
    let version = try VersionRow(row, names: names, withEntries: matcher.needsEntries)
    return FeedVersion(record: version.record, entries: version.entries)
  }
}
