internal import GoogleAPI
package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The most bytes of bodies in a page of changes: with the names, and one large record more, it still fits a client that
  /// accepts messages of 4 MiB.
  private static let changePageBytesMax = 2 << 20

  /// The most changes that are looked at in one read.
  private static let changesLookedAt = 5000

  /// Lists changes, a page at a time. All pages show those up to the revision that the first one ends at.
  ///
  /// Returns the encoded `ListChangesResponse`, and the token of that revision.
  /// - Throws: what `plan` throws, `pageSizeInvalid`, `pageTokenInvalid`, `revisionInvalid`, `revisionFuture`,
  ///   `revisionCompacted`, `epochChanged`.
  package func listChanges(
    _ request: ListChangesRequest, as caller: Caller
  ) async throws(DomainError) -> (bytes: [UInt8], revision: String) {
    let limit = try Self.pageSize(request.pageSize)
    let description = try Self.description(of: request, caller)
    let token = request.pageToken.isEmpty ? nil : try pageTokens.open(request.pageToken, for: description)
    let wishes = ChangeWishes(
      resourceTypes: request.resourceTypes, filter: request.filter, paths: request.readMask?.paths,
      includesBefore: request.includeBefore, includesChangedFields: request.includeChangedFields)
    let plan = try await plan(wishes, as: caller, on: token?.day)
    let (start, end) = try await range(of: request, token)
    let part = try await part(plan, after: start, through: end, limit: limit, as: caller)

    var bytes: [UInt8] = []
    let encoder = ChangeEncoder(
      plan, encoder(for: caller, .listChanges), tokens, isShared: false, for: caller)
    try encoder.append(part, as: 1, to: &bytes)
    if !part.isLast {
      let next = PageToken(revision: end, place: .revision(part.through), day: plan.today)
      WireEncoding.append(
        pageTokens.seal(next, for: description, isUnlike: !caller.viewer.seesEverything), as: 2, to: &bytes)
    }
    let revision = text(end, for: caller)
    WireEncoding.append(revision, as: 3, to: &bytes)
    return (bytes, revision)
  }

  /// Where a page begins, and where the list ends.
  private func range(
    of request: ListChangesRequest, _ token: PageToken?
  ) async throws(DomainError) -> (start: Revision, end: Revision) {
    if let token, case .revision(let place) = token.place { return (place, token.revision) }
    var end = try await revision(
      request.endRevision, or: request.endTime, field: "end_revision", timeField: "end_time")
    let start: Revision
    switch request.start {
    case .afterRevision(let token): start = try await startOfChanges(after: token)
    case .startTime(let time): start = try await startOfChanges(at: time)
    case nil: start = try await following { store throws(StoreError) in try await store.oldestRevision() }
    }
    if end == nil { end = try await head() }
    guard let end, start <= end else {
      throw DomainError(.init("end_revision", .revisionInvalid, "it is before the start; give a later one, or none"))
    }
    return (start, end)
  }

  /// A page of changes: whole, so that it does not tell how many others lie between them, unless there are so many that
  /// looking at them takes too long for one call.
  private func part(
    _ plan: ChangePlan, after start: Revision, through end: Revision, limit: Int, as caller: Caller
  ) async throws(DomainError) -> FeedPart {
    var question = FeedQuestion(
      after: start, end: end, viewer: caller.viewer, selection: plan.selection,
      limit: FeedLimit(changes: limit, bytes: Self.changePageBytesMax, lookedAt: Self.changesLookedAt))
    var left = pageScanMax
    while true {
      question.limit.lookedAt = min(Self.changesLookedAt, left)
      left -= question.limit.lookedAt
      let asked = question
      let part = try await following { store throws(StoreError) in try await store.feed(asked) }
      guard !part.isWhole, left > 0 else { return part }
      question.begun = part
    }
  }

  /// Everything that decides what the pages hold.
  private static func description(of request: ListChangesRequest, _ caller: Caller) throws(DomainError) -> [UInt8] {
    var request = request
    request.pageToken = ""
    request.pageSize = 0
    return Array("changes \(caller.principal)".utf8) + [0] + (try request.encoded())
  }

  // MARK: Where to begin

  /// The revision that a caller has come to: the end of the request that it belongs to.
  /// - Throws: `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`.
  func startOfChanges(after token: String) async throws(DomainError) -> Revision {
    let revision = try parsed(token, field: "after_revision")
    return try await following { store throws(StoreError) in try await store.revision(for: .revision(revision)) }
  }

  /// The last revision that was committed at a time or before it.
  /// - Throws: `revisionInvalid`, `revisionFuture`, `revisionCompacted`.
  func startOfChanges(at time: ProtobufTimestamp) async throws(DomainError) -> Revision {
    let time = try passed(time, field: "start_time")
    return try await following { store throws(StoreError) in try await store.revision(for: .time(time)) }
  }
}
