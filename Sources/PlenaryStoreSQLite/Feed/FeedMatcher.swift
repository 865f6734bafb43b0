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
  func sees(_ acl: ACL) -> Bool { sight(of: acl) == .seen }

  /// How far the viewer sees versions with a marking.
  private enum Sight {
    case seen
    /// It would see them if they had not been confined to others.
    case confined
    case hidden
  }

  private func sight(of acl: ACL) -> Sight {
    if names.viewer(viewer, sees: acl.number) { return .seen }
    let marking = names.markings[acl.number]
    return marking.keeper != nil && viewer.sees(marking.unconfined) ? .confined : .hidden
  }

  /// What a change is to the follower; nil if it is nothing to it.
  ///
  /// A version that was there is shown only to who may see the record as it is now as well, and if it is legible. If not,
  /// nothing is told of it, whatever came before: that the record has gone is told of the change by which it went.
  ///
  /// A version that is confined to others is as if it had not been. But whoever had it must hear when its record has gone.
  ///
  /// - Parameter seesNow: Whether it may see the record as it is now.
  func change(_ entry: FeedEntry, seesNow: Bool) throws(Fault) -> FeedChange? {
    let record = entry.after.record
    guard let index = selection.queryIndex(record.key) else { return nil }
    let sight: Sight = record.state == .live ? self.sight(of: record.acl) : .hidden
    // What came of the record is told of the change by which the version was replaced.
    guard sight != .confined else { return nil }
    var isThere = sight == .seen
    if isThere, !entry.isErased { isThere = try holds(entry.after, index) }
    guard !isThere || seesNow && !entry.isErased else { return nil }
    var (wasThere, wasConfined) = (false, false)
    if let before = entry.before, before.state == .live {
      let sight = self.sight(of: before.acl)
      wasConfined = sight == .confined
      // Of what was erased nobody can say any more whether it was wanted, and of what is confined it is not told; whoever
      // had it must hear that it is gone.
      wasThere = wasConfined || sight == .seen && before.isErased
      if !wasThere, sight == .seen {
        if let content = before.content { wasThere = try holds(content, index) } else { wasThere = true }
      }
    }
    guard isThere || wasThere else { return nil }
    let isUpdate = isThere && wasThere && !wasConfined
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
  /// Stands for a request of which nothing was told, until the next change says which it is.
  private static let unknown: UInt64 = 0

  private let limit: FeedLimit
  private var changes: [FeedChange] = []
  private var byteCount = 0
  private var lookedAt = 0

  /// How far was looked, and in which request that lies; nil at the end of one.
  private var place: Revision
  private var request: UInt64?

  /// The last end of a request on the way; nil if there is none.
  private var lastEnd: Revision?

  /// Whether a change has come that has to wait for the next part.
  private var isClosed = false

  init(_ question: FeedQuestion) {
    limit = question.limit
    place = question.place
    guard let begun = question.begun else { return }
    changes = begun.changes
    byteCount = changes.reduce(0) { $0 + Self.byteCount(of: $1) }
    if !begun.isAtEndOfRequest {
      request = changes.last?.transaction.number ?? Self.unknown
    } else {
      lastEnd = begun.through
      if begun.through < begun.lookedThrough { request = Self.unknown }
    }
  }

  /// Takes in what a change is to the follower.
  mutating func add(_ change: FeedChange?, at revision: Revision, of transaction: UInt64) {
    if let change {
      let size = Self.byteCount(of: change)
      guard changes.isEmpty || changes.count < limit.changes && byteCount + size <= limit.bytes else {
        isClosed = true
        return
      }
      byteCount += size
      changes.append(change)
    }
    lookedAt += 1
    place = revision
    request = revision.number == transaction ? nil : transaction
    if request == nil { lastEnd = revision }
  }

  /// Whether more can be added.
  var hasRoom: Bool { !isClosed && lookedAt < limit.lookedAt }

  /// The part, where `end` is the last revision that there is to be read.
  func part(end: Revision) -> FeedPart {
    if place >= end { return ended(at: end) }
    let isWithin = request != nil && (lastEnd == nil || request == changes.last?.transaction.number)
    return FeedPart(
      changes: changes, through: isWithin || request == nil ? place : lastEnd ?? place, isAtEndOfRequest: !isWithin,
      isLast: false, lookedThrough: place, isWhole: isClosed)
  }

  /// The part, which has come to a revision behind which there is nothing.
  func ended(at revision: Revision) -> FeedPart {
    let place = max(place, revision)
    return FeedPart(
      changes: changes, through: place, isAtEndOfRequest: true, isLast: true, lookedThrough: place, isWhole: true)
  }

  private static func byteCount(of change: FeedChange) -> Int {
    (change.after?.body.count ?? 0) + (change.before?.body.count ?? 0)
  }
}
