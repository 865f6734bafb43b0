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

  /// Whether anything may be told of a key's records.
  func wants(_ key: Span<UInt8>) -> Bool { selection.queryIndex(key) != nil }

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

  /// A version, as far as it says who may know of it.
  struct Standing {
    let state: RecordState
    let acl: ACL
    let isErased: Bool
  }

  /// What a change is to the follower; nil if it is nothing to it.
  ///
  /// A version that was there is shown only to who may see the record as it is now as well, and if it is legible. If not,
  /// nothing is told of it, whatever came before: that the record has gone is told of the change by which it went.
  ///
  /// A version that is confined to others is as if it had not been. But whoever had it must hear when its record has gone.
  ///
  /// - Parameters:
  ///   - index: The place of the query for the record's key.
  ///   - before: The version before; nil if there was no record.
  ///   - seesNow: Whether it may see the record as it is now.
  ///   - holds: Whether the version is wanted by that query, that was written or the one before.
  func verdict(
    on version: Standing, at index: Int, after before: () throws(Fault) -> Standing?,
    seesNow: () throws(Fault) -> Bool, holds: (_ isBefore: Bool) throws(Fault) -> Bool
  ) throws(Fault) -> FeedChange.Kind? {
    let sight: Sight = version.state == .live ? self.sight(of: version.acl) : .hidden
    // What came of the record is told of the change by which the version was replaced.
    guard sight != .confined else { return nil }
    var isThere = sight == .seen
    if isThere, !version.isErased { isThere = try holds(false) }
    if isThere {
      guard !version.isErased, try seesNow() else { return nil }
    }
    var (wasThere, wasConfined) = (false, false)
    if let before = try before(), before.state == .live {
      let sight = self.sight(of: before.acl)
      wasConfined = sight == .confined
      // Of what was erased nobody can say any more whether it was wanted, and of what is confined it is not told; whoever
      // had it must hear that it is gone.
      wasThere = wasConfined || sight == .seen && before.isErased
      if !wasThere, sight == .seen { wasThere = try holds(true) }
    }
    guard isThere || wasThere else { return nil }
    let isUpdate = isThere && wasThere && !wasConfined
    return isUpdate ? .updated : isThere ? .created : .removed
  }

  /// What a change is to the follower; nil if it is nothing to it.
  ///
  /// - Parameter seesNow: Whether it may see the record as it is now.
  func change(_ entry: FeedEntry, seesNow: () throws(Fault) -> Bool) throws(Fault) -> FeedChange? {
    let record = entry.after.record
    let version = Standing(state: record.state, acl: record.acl, isErased: entry.isErased)
    let before = { entry.before.map { Standing(state: $0.state, acl: $0.acl, isErased: $0.isErased) } }
    let name = record.key.name.utf8
    guard let index = selection.queryIndex(name.span) else { return nil }
    let verdict = try verdict(on: version, at: index, after: before, seesNow: seesNow) { isBefore throws(Fault) in
      guard isBefore else { return try holds(entry.after, index) }
      return try entry.before?.content.map { content throws(Fault) in try holds(content, index) } ?? true
    }
    guard let kind = verdict else { return nil }
    return FeedChange(
      kind: kind, key: record.key, queryIndex: index, time: record.updateTime,
      transaction: Revision(entry.transaction), after: kind == .removed ? nil : record,
      before: kind == .updated && selection.includesBefore ? entry.before?.content?.record : nil)
  }

  private func holds(_ version: FeedVersion, _ index: Int) throws(Fault) -> Bool {
    guard try tests[index].holds(for: version.entries) else { return false }
    return selection.queries[index].predicate?(version.record) ?? true
  }
}

/// How far a part of a feed goes that is being put together.
struct FeedPartBuilder {
  /// Stands for a request of which nothing was told, until the next change says which it is.
  private static let unknown: UInt64 = 0

  private let limit: FeedLimit
  private var changeCount = 0
  private var byteCount = 0
  private var lookedAt = 0

  /// The request of the last change that is told.
  private var lastRequest: UInt64?

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
    changeCount = begun.changes.count
    byteCount = begun.changes.reduce(0) { $0 + $1.byteCount }
    lastRequest = begun.changes.last?.transaction.number
    if !begun.isAtEndOfRequest {
      request = lastRequest ?? Self.unknown
    } else {
      lastEnd = begun.through
      if begun.through < begun.lookedThrough { request = Self.unknown }
    }
  }

  /// Looks at a change of which so many bytes of bodies are to be told, or nothing; whether it has its place in the part.
  mutating func add(_ told: Int?, at revision: Revision, of transaction: UInt64) -> Bool {
    if let told {
      guard changeCount == 0 || changeCount < limit.changes && byteCount + told <= limit.bytes else {
        isClosed = true
        return false
      }
      changeCount += 1
      byteCount += told
      lastRequest = transaction
    }
    lookedAt += 1
    place = revision
    request = revision.number == transaction ? nil : transaction
    if request == nil { lastEnd = revision }
    return true
  }

  /// Whether more can be added.
  var hasRoom: Bool { !isClosed && lookedAt < limit.lookedAt }

  /// The part without its changes, where `end` is the last revision that there is to be read.
  func part(end: Revision) -> FeedPart {
    if place >= end { return ended(at: end) }
    let isWithin = request != nil && (lastEnd == nil || request == lastRequest)
    return FeedPart(
      changes: [], through: isWithin || request == nil ? place : lastEnd ?? place, isAtEndOfRequest: !isWithin,
      isLast: false, lookedThrough: place, isWhole: isClosed)
  }

  /// The part without its changes, which has come to a revision behind which there is nothing.
  func ended(at revision: Revision) -> FeedPart {
    let place = max(place, revision)
    return FeedPart(
      changes: [], through: place, isAtEndOfRequest: true, isLast: true, lookedThrough: place, isWhole: true)
  }
}

extension FeedChange {
  /// The bytes of bodies that are told of it.
  var byteCount: Int { (after?.body.count ?? 0) + (before?.body.count ?? 0) }
}

extension FeedPart {
  /// The part with its changes.
  func with(_ changes: [FeedChange]) -> FeedPart {
    FeedPart(
      changes: changes, through: through, isAtEndOfRequest: isAtEndOfRequest, isLast: isLast,
      lookedThrough: lookedThrough, isWhole: isWhole)
  }
}
