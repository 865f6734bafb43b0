internal import PlenaryStore

/// Looks at changes as one follower: what of them it may see, and what it wants.
struct FeedMatcher {
  private let viewer: Viewer
  private let selection: FeedSelection
  private let names: Names
  private let tests: [CandidateTest]

  /// Whether the content of versions before has to be known.
  let needsBefore: Bool

  /// Whether index entries have to be known.
  let needsEntries: Bool

  init(_ question: FeedQuestion, names: Names) {
    viewer = question.viewer
    selection = question.selection
    self.names = names
    tests = selection.queries.map { CandidateTest($0.conditions.map { [$0] } + $0.unions) }
    needsEntries = tests.contains { !$0.isEmpty }
    needsBefore = needsEntries || selection.includesBefore || selection.queries.contains { $0.predicate != nil }
  }

  /// Whether the viewer may see records with the marking.
  func sees(_ acl: ACL) -> Bool { names.viewer(viewer, sees: acl.number) }

  /// What a change is to the follower; nil if it is nothing to it.
  ///
  /// - Parameter seesNow: Whether it may see the record as it is now. A version of before is shown only to who may see
  ///   both.
  func change(_ entry: FeedEntry, seesNow: Bool) throws(Fault) -> FeedChange? {
    let record = entry.after.record
    guard let index = selection.queryIndex(record.key) else { return nil }
    var isThere = !entry.isErased && record.state == .live && seesNow && sees(record.acl)
    if isThere { isThere = try holds(entry.after, index) }
    var wasThere = false
    if let before = entry.before, before.state == .live, sees(before.acl) {
      // Of what was erased nobody can say any more whether it was wanted; whoever had it must hear that it is gone.
      wasThere = before.isErased
      if !wasThere {
        if let content = before.content { wasThere = try holds(content, index) } else { wasThere = true }
      }
    }
    guard isThere || wasThere else { return nil }
    let isUpdate = isThere && wasThere
    return FeedChange(
      kind: isUpdate ? .updated : isThere ? .created : .removed, key: record.key, queryIndex: index,
      time: record.updateTime, transaction: Revision(entry.transaction), after: isThere ? record : nil,
      before: isUpdate && selection.includesBefore ? entry.before?.content?.record : nil)
  }

  private func holds(_ version: FeedVersion, _ index: Int) throws(Fault) -> Bool {
    guard try tests[index].holds(for: version.entries) else { return false }
    return selection.queries[index].predicate?(version.record) ?? true
  }
}

/// A part of a feed that is being put together.
struct FeedPartBuilder {
  private let limit: FeedLimit
  private var changes: [FeedChange] = []
  private var byteCount = 0
  private var lookedAt = 0

  /// How far it has come.
  private(set) var through: Revision
  private(set) var isAtEndOfRequest = true

  init(_ question: FeedQuestion) {
    limit = question.limit
    through = question.after
  }

  /// Takes in what a change is to the follower; false if it has to wait for the next part.
  mutating func add(_ change: FeedChange?, at revision: Revision, of transaction: UInt64) -> Bool {
    if let change {
      let size = (change.after?.body.count ?? 0) + (change.before?.body.count ?? 0)
      guard changes.isEmpty || byteCount + size <= limit.bytes else { return false }
      byteCount += size
      changes.append(change)
    }
    lookedAt += 1
    through = revision
    isAtEndOfRequest = revision.number == transaction
    return true
  }

  /// Whether there is room for more.
  var hasRoom: Bool { changes.count < limit.changes && lookedAt < limit.lookedAt && byteCount < limit.bytes }

  /// The part, where `end` is the last revision that there is to be read.
  func part(end: Revision) -> FeedPart {
    FeedPart(changes: changes, through: through, isAtEndOfRequest: isAtEndOfRequest, isLast: through >= end)
  }

  /// The part, which has come to a revision behind which there is nothing.
  func ended(at revision: Revision) -> FeedPart {
    FeedPart(changes: changes, through: max(through, revision), isAtEndOfRequest: true, isLast: true)
  }
}
