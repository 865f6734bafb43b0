internal import PlenaryStore

extension ReadTransaction {
  /// A row of the changes: a version, and in the columns behind it the last revision of its request and the version before.
  private struct FeedRow {
    let version: SQLiteStatement
    private let transactionColumn: Int32

    /// - Parameter columnCount: How many columns the version has.
    init(_ version: SQLiteStatement, behind columnCount: Int32) {
      self.version = version
      transactionColumn = columnCount
    }

    var revision: Revision { Revision(UInt64(version.integer(VersionRow.Column.revision))) }
    var transaction: UInt64 { UInt64(version.integer(transactionColumn)) }

    /// The revision of the version before; 0 if there was none.
    var previous: Int64 { version.integer(transactionColumn + 1) }
  }

  /// What is told of what comes after a place, to one who follows the changes.
  func feed<Teller: FeedTeller>(_ question: FeedQuestion, to teller: Teller) throws(Fault) -> Teller.Told {
    let question = try stillSeen(question)
    let place = question.place
    guard place <= head else { throw .refusal(.revisionInFuture(head: head)) }
    guard place >= compacted else { throw .refusal(.revisionCompacted(oldest: compacted)) }
    let matcher = FeedMatcher(question, names: names)
    if teller.takesLent, question.begun == nil, !matcher.needsBefore {
      var (lent, hasLent, finder) = (teller, false, QueryFinder(question.selection))
      let rows = FeedRow(statements.feedToLend, behind: VersionRow.lentColumnCount)
      let part = try feed(question, rows) { row, builder throws(Fault) in
        if try lend(row, matcher, &finder, question.viewer, to: &lent, &builder) { hasLent = true }
      }
      // Whoever goes on with a part is to be given what was found for it.
      if part.isWhole || !hasLent { return lent.told(of: part) }
    }
    var changes = question.begun?.changes ?? []
    let rows = FeedRow(statements.feed, behind: VersionRow.columnCount)
    let part = try feed(question, rows) { row, builder throws(Fault) in
      guard row.version.withBytes(VersionRow.Column.key, matcher.wants) else {
        _ = builder.add(nil, at: row.revision, of: row.transaction)
        return
      }
      let entry = try entry(row, matcher)
      let record = entry.after.record
      let change = try matcher.change(entry) { () throws(Fault) in
        if question.viewer.seesEverything { true } else { try sees(record.key, now: question.viewer) }
      }
      guard builder.add(change?.byteCount, at: record.revision, of: entry.transaction), let change else { return }
      changes.append(change)
    }
    var teller = teller
    return teller.told(of: part.with(changes))
  }

  /// Looks at what comes after a place, one change after the other, and returns the part without its changes.
  private func feed(
    _ question: FeedQuestion, _ row: FeedRow,
    look: (_ row: FeedRow, _ builder: inout FeedPartBuilder) throws(Fault) -> Void
  ) throws(Fault) -> FeedPart {
    let end = min(question.end ?? head, head)
    var builder = FeedPartBuilder(question)
    defer { row.version.reset() }
    row.version.bind(Int64(question.place.number)).bind(Int64(end.number))
    while builder.hasRoom {
      // A restore moves the head on without a change.
      guard try row.version.step() else { return builder.ended(at: end) }
      try look(row, &builder)
    }
    return builder.part(end: end)
  }

  /// Lends a change to a teller, if it is anything to the follower, to whom it is enough to know how versions are marked; false
  /// if it lends nothing.
  private func lend(
    _ feed: FeedRow, _ matcher: FeedMatcher, _ finder: inout QueryFinder, _ viewer: Viewer,
    to teller: inout some FeedTeller, _ builder: inout FeedPartBuilder
  ) throws(Fault) -> Bool {
    let (row, revision, transaction) = (feed.version, feed.revision, feed.transaction)
    let version = FeedMatcher.Standing(
      state: try VersionRow.state(row), acl: ACL(UInt32(row.integer(VersionRow.Column.acl))),
      isErased: VersionRow.isErased(row))
    return try row.withBytes(VersionRow.Column.key) { key throws(Fault) in
      guard Self.isText(key) else {
        throw .refusal(.corrupt(reason: "revision \(revision) has a name that is none"))
      }
      guard let index = finder.index(of: key) else {
        _ = builder.add(nil, at: revision, of: transaction)
        return false
      }
      let kind = try matcher.verdict(
        on: version, at: index, after: { () throws(Fault) in try before(feed.previous) },
        seesNow: { () throws(Fault) in if viewer.seesEverything { true } else { try sees(key, now: viewer) } },
        holds: { _ in true })
      return row.withBytes(VersionRow.Column.body) { body in
        let isRemoved = kind == .removed
        let byteCount = kind.map { _ in isRemoved ? 0 : body.count }
        guard builder.add(byteCount, at: revision, of: transaction), let kind else { return false }
        let change = LentChange(
          kind: kind, queryIndex: index, revision: revision, transaction: Revision(transaction),
          time: CommitTime(microseconds: row.integer(VersionRow.Column.time)),
          label: names.label(of: version.acl.number), born: Revision(UInt64(row.integer(VersionRow.Column.born))),
          createTime: CommitTime(microseconds: row.integer(VersionRow.Column.createTime)),
          creator: names.actors[UInt32(row.integer(VersionRow.Column.creator))],
          actor: names.actors[UInt32(row.integer(VersionRow.Column.actor))])
        teller.take(change, key: key, body: isRemoved ? nil : body)
        return true
      }
    }
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
    let name = key.name.utf8
    return try sees(name.span, now: viewer)
  }

  private func sees(_ key: Span<UInt8>, now viewer: Viewer) throws(Fault) -> Bool {
    let head = statements.head
    defer { head.reset() }
    return try head.bind(text: key).step() && names.viewer(viewer, sees: UInt32(head.integer(1)))
  }

  /// A change, with as much of the version before as the follower has to know.
  private func entry(_ row: FeedRow, _ matcher: FeedMatcher) throws(Fault) -> FeedEntry {
    let version = try VersionRow(row.version, names: names, withEntries: matcher.needsEntries)
    let previous = row.previous
    var before: FeedEntry.Before?
    if let standing = try self.before(previous) {
      before = FeedEntry.Before(state: standing.state, acl: standing.acl, content: nil, isErased: standing.isErased)
      if matcher.needsBefore, standing.state == .live, !standing.isErased {
        before?.content = try content(of: previous, matcher)
      }
    }
    return FeedEntry(
      transaction: row.transaction, previous: UInt64(previous),
      after: FeedVersion(record: version.record, entries: version.entries), isErased: version.isErased, before: before)
  }

  /// Whether a key is of ASCII characters, as all are that were written.
  private static func isText(_ key: Span<UInt8>) -> Bool {
    var bits: UInt8 = 0
    for index in key.indices { bits |= key[index] }
    return bits < 0x80
  }

  /// How the version before stands; nil if there was no record.
  private func before(_ previous: Int64) throws(Fault) -> FeedMatcher.Standing? {
    guard previous != 0 else { return nil }
    let before = statements.standing
    defer { before.reset() }
    guard try before.bind(previous).step(),
      let state = RecordState(rawValue: UInt8(truncatingIfNeeded: before.integer(0))), state != .purged
    else { return nil }
    return FeedMatcher.Standing(
      state: state, acl: ACL(UInt32(before.integer(1))), isErased: before.integer(2) != 0)
  }

  private func content(of revision: Int64, _ matcher: FeedMatcher) throws(Fault) -> FeedVersion? {
    let row = statements.version
    defer { row.reset() }
    guard try row.bind(revision).step() else { return nil }
    let version = try VersionRow(row, names: names, withEntries: matcher.needsEntries)
    return FeedVersion(record: version.record, entries: version.entries)
  }
}
