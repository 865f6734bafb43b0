internal import GoogleAPI
package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// One side of a comparison: a record as it was, and when.
  private struct Side {
    let content: (any ProtobufMessage)?
    let revision: String
  }

  /// Tells which fields of one record differ between two revisions.
  /// - Throws: `idInvalid`, `fieldRequired`, `resourceNotFound`, `revisionInvalid`, `revisionFuture`,
  ///   `revisionCompacted`, `epochChanged`.
  package func differences(
    _ request: DiffResourceRequest, as caller: Caller
  ) async throws(DomainError) -> DiffResourceResponse {
    let (kind, key) = try namedRecord(request.name, as: caller)
    guard let before = try await side(of: key, kind, request.fromRevision, request.fromTime, "from", as: caller) else {
      throw Self.missingStart
    }
    let after =
      if let side = try await side(of: key, kind, request.toRevision, request.toTime, "to", as: caller) {
        side
      } else {
        try side(kind, try await versions(of: key, as: caller, from: nil, limit: 1), at: nil, for: caller)
      }
    guard before.content != nil || after.content != nil else { throw kind.notFound(request.name) }
    let comparison = try FieldComparison(
      from: before.content ?? kind.message.init(), to: after.content ?? kind.message.init())
    return .with {
      $0.changes = comparison.changes
      $0.fromRevision = before.revision
      $0.toRevision = after.revision
    }
  }

  /// A record at a revision or a time; nil if neither is given.
  private func side(
    of key: Key, _ kind: Kind, _ token: String, _ time: ProtobufTimestamp?, _ name: String, as caller: Caller
  ) async throws(DomainError) -> Side? {
    let revision: Revision
    if time == nil {
      guard !token.isEmpty else { return nil }
      // A version that is kept can be compared by its own revision, even one older than the history.
      revision = try parsed(token, field: "\(name)_revision")
    } else {
      guard
        let found = try await self.revision(token, or: time, field: "\(name)_revision", timeField: "\(name)_time")
      else { return nil }
      revision = found
    }
    return try side(kind, try await versions(of: key, as: caller, from: revision, limit: 1), at: revision, for: caller)
  }

  private func side(
    _ kind: Kind, _ page: VersionPage, at revision: Revision?, for caller: Caller
  ) throws(DomainError) -> Side {
    let content = try page.versions.first.map { version throws(DomainError) in
      try kind.message.init(stored: encoder(for: caller, .diff).bytes(of: version.record, kind)) as any ProtobufMessage
    }
    return Side(content: content, revision: text(revision ?? page.revision, for: caller))
  }

  private static var missingStart: DomainError {
    DomainError(
      .init("from_revision", .fieldRequired, "say what to compare from: a revision, or a time in `from_time`"))
  }

  /// Tells which records differ between two revisions, a page at a time.
  /// - Throws: `fieldRequired`, `resourceTypeUnknown`, `pageSizeInvalid`, `pageTokenInvalid`, `revisionInvalid`,
  ///   `revisionFuture`, `revisionCompacted`, `epochChanged`.
  package func differences(
    _ request: DiffRegistryRequest, as caller: Caller
  ) async throws(DomainError) -> DiffRegistryResponse {
    let kinds = try selectedKinds(request.resourceTypes)
    let limit = try Self.pageSize(request.pageSize)
    let description = try Self.description(of: request, caller)
    let token = request.pageToken.isEmpty ? nil : try pageTokens.open(request.pageToken, for: description)
    guard
      let from = try await revision(
        request.fromRevision, or: request.fromTime, field: "from_revision", timeField: "from_time")
    else { throw Self.missingStart }
    var to = token?.revision
    if to == nil {
      to = try await revision(request.toRevision, or: request.toTime, field: "to_revision", timeField: "to_time")
    }
    let end = if let to { to } else { try await head() }
    var place: Revision?
    if case .revision(let revision)? = token?.place { place = revision }
    // What differs is found forwards; backwards, before and after change places.
    let (first, last, isBackwards) = from <= end ? (from, end, false) : (end, from, true)
    let page = try await differences(from: first, to: last, after: place, limit: limit, as: caller) { key in
      kinds.contains { $0.pattern.matches(key.name) }
    }
    let witness = witness(for: caller, .diff)
    var changes: [DiffRegistryResponse.ResourceChange] = []
    for difference in page.differences {
      try DomainError.checkCancellation()
      guard let change = try change(difference, isBackwards: isBackwards) else { continue }
      for record in [difference.before, difference.after] { record.map { witness?.note($0) } }
      changes.append(change)
    }
    return .with {
      $0.changes = changes
      $0.nextPageToken =
        page.next.map {
          pageTokens.seal(
            PageToken(revision: end, place: .revision($0)), for: description, isUnlike: !caller.viewer.seesEverything)
        } ?? ""
      $0.fromRevision = text(from, for: caller)
      $0.toRevision = text(end, for: caller)
    }
  }

  /// A page of the records that differ: full, unless so many changes are none for the caller that looking at them takes too
  /// long for one call.
  private func differences(
    from first: Revision, to last: Revision, after place: Revision?, limit: Int, as caller: Caller,
    where isWanted: @escaping @Sendable (Key) -> Bool
  ) async throws(DomainError) -> DifferencePage {
    var (found, place, left) = ([RecordDifference](), place, pageScanMax)
    var room = PageLimit(records: limit)
    let readMax = room.rejected
    while true {
      try DomainError.checkCancellation()
      room.rejected = min(readMax, left)
      left -= room.rejected
      let (start, limit) = (place, room)
      let page = try await store.reading { store throws(StoreError) in
        try await store.differences(
          from: first, to: last, as: caller.viewer, after: start, limit: limit, where: isWanted)
      }
      found += page.differences
      guard !page.isWhole, left > 0 else { return DifferencePage(differences: found, next: page.next) }
      place = page.next
      room.records -= page.differences.count
      room.bytes -= page.differences.reduce(0) { $0 + ($1.before?.body.count ?? 0) + ($1.after?.body.count ?? 0) }
    }
  }

  /// How a record differs, to whom deleted ones are not there; nil if it then does not.
  private func change(
    _ difference: RecordDifference, isBackwards: Bool
  ) throws(DomainError) -> DiffRegistryResponse.ResourceChange? {
    guard let kind = kinds.kind(named: difference.key.name) else { return nil }
    let (old, new) =
      isBackwards ? (difference.after, difference.before) : (difference.before, difference.after)
    let (before, after) = (old?.isDeleted == false ? old : nil, new?.isDeleted == false ? new : nil)
    guard before != nil || after != nil else { return nil }
    var change = DiffRegistryResponse.ResourceChange()
    change.name = difference.key.name
    change.resourceType = kind.resourceType
    change.kind = before == nil ? .created : after == nil ? .deleted : .updated
    if let before, let after {
      let (before, after) = (try kind.decode(before), try kind.decode(after))
      change.changedFields = kind.message.descriptor.fields.filter {
        before.value(ofField: $0.number) != after.value(ofField: $0.number)
      }.map(\.name)
    }
    return change
  }

  /// Everything that decides what the pages hold.
  private static func description(of request: DiffRegistryRequest, _ caller: Caller) throws(DomainError) -> [UInt8] {
    var request = request
    request.pageToken = ""
    request.pageSize = 0
    return Array("diff \(caller.principal)".utf8) + [0] + (try request.encoded())
  }
}
