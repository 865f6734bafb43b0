internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryStore
package import ProtobufRuntime

extension Registry {
  /// The id that stands for the newest version.
  private static let latest = "latest"

  private static let revisionsCollection = "/revisions/"

  /// Lists the versions of a record, the newest first.
  /// - Throws: `idInvalid`, `resourceNotFound`, `pageSizeInvalid`, `pageTokenInvalid`, `revisionCompacted`.
  package func listRevisions<Request: ListRevisionsRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> ReplyPage {
    let kind = kind(of: Request.Resource.self)
    let key = try kind.key(request.parent, field: "parent")
    let limit = try Self.pageSize(request.pageSize)
    let description = Array(
      [kind.resourceType, "revisions", request.parent, caller.principal].joined(separator: "\0").utf8)
    let token = request.pageToken.isEmpty ? nil : try pageTokens.open(request.pageToken, for: description)
    var start: Revision?
    if case .revision(let place)? = token?.place { start = place }
    let page = try await versions(of: key, as: caller, from: start, limit: limit)
    guard token != nil || !page.versions.isEmpty else { throw kind.notFound(request.parent) }
    let shown = token?.revision ?? page.revision
    var records: [[UInt8]] = []
    for version in page.versions {
      try DomainError.checkCancellation()
      records.append(try bytes(of: version, kind, for: caller))
    }
    let next = page.next.map {
      pageTokens.seal(
        PageToken(revision: shown, place: .revision($0)), for: description, isUnlike: !caller.viewer.seesEverything)
    }
    return ReplyPage(records: records, nextPageToken: next ?? "", totalSize: nil, revision: text(shown, for: caller))
  }

  /// Gets the version of a record that was the newest at a revision.
  /// - Throws: `idInvalid`, `revisionInvalid`, `resourceNotFound`, `revisionFuture`, `revisionCompacted`.
  package func getRevision<Request: GetRevisionRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> Reply {
    let kind = kind(of: Request.Resource.self)
    try NamePattern.checkLength(of: request.name, field: "name")
    let parts = request.name.split(separator: "/", omittingEmptySubsequences: false)
    let (name, id) = (parts.dropLast(2).joined(separator: "/"), String(parts.last ?? ""))
    guard request.name == name + Self.revisionsCollection + id else {
      throw DomainError(
        .init(
          "name", request.name.isEmpty ? .fieldRequired : .idInvalid,
          "`\(request.name.clipped)` is not a name of the form `\(kind.pattern)/revisions/{revision}`",
          metadata: ["value": request.name.clipped, "pattern": "\(kind.pattern)/revisions/{revision}"]))
    }
    let key = try kind.key(name, field: "name")
    let revision = try version(id, field: "name")
    let page = try await versions(of: key, as: caller, from: revision, limit: 1)
    guard let found = page.versions.first else { throw kind.notFound(request.name) }
    return Reply(
      bytes: try bytes(of: found, kind, for: caller), revision: text(page.revision, for: caller), isReplay: false)
  }

  /// Gives a record the content that it had, as a new version.
  ///
  /// The state stays, as do all fields that only the registry sets: they change by methods of their own, which have
  /// rules of their own, and an older state can be one that nothing leads back to. The marking stays too; content that fewer
  /// might see comes back by an officer of the originator alone, who says why.
  /// - Throws: `resourceNotFound`, `etagMismatch`, `fieldRequired`, `revisionInvalid`, `revisionCompacted`, and whatever
  ///   rule the record then breaks.
  package func rollback<Request: RollbackRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> Reply {
    let kind = kind(of: Request.Resource.self)
    let key = try kind.key(request.name, field: "name")
    var call = try WriteCall("Rollback\(kind.message.descriptor.name)", request)
    call.reason = try Self.normalizedReason(of: request)
    guard !request.revisionID.isEmpty else {
      throw DomainError(.init("revision_id", .fieldRequired, "say to which revision; list those that there are"))
    }
    let revision = try version(request.revisionID, field: "revision_id")
    return try await reply(to: call, key, kind, as: caller) { view throws(DomainError) in
      guard let record = try await view.storedRecord(key), !record.isDeleted else {
        throw kind.notFound(request.name)
      }
      try self.check(etag: request.etag, of: record)
      let page = try await self.versions(of: key, as: caller, from: revision, limit: 1)
      guard let version = page.versions.first?.record, version.born == record.born else {
        throw kind.notFound(request.name + Self.revisionsCollection + request.revisionID)
      }
      let previous = try view.content(of: record)
      let former = try kind.decode(version)
      var content = kind.restored(former, from: previous, keepsState: false)
      content.marking = previous.marking
      // What only some might see does not come back for others, but by those who may let them.
      var findings = Findings()
      if try await !view.isEveryone(in: Audience(of: previous), in: Audience(of: former), &findings) {
        view.isLoosening = !call.reason.isEmpty
        try SharingRules.checkMayLoosen(previous, at: key, in: view)
      }
      return try await self.replacement(of: record, previous, by: content, kind, in: view)
    }
  }

  /// A page of the versions of a record, from the one that was the newest at a revision: with one at least, unless so many
  /// are out of sight that looking at them takes too long for one call.
  func versions(
    of key: Key, as caller: Caller, from revision: Revision?, limit: Int
  ) async throws(DomainError) -> VersionPage {
    var (found, place, left) = ([RecordVersion](), revision, pageScanMax)
    var room = PageLimit(records: limit)
    let readMax = room.rejected
    while true {
      try DomainError.checkCancellation()
      room.rejected = min(readMax, left)
      left -= room.rejected
      let (start, limit) = (place, room)
      let page = try await store.reading { store throws(StoreError) in
        try await store.versions(of: key, as: caller.viewer, from: start, limit: limit)
      }
      found += page.versions
      guard !page.isWhole, left > 0 else {
        return VersionPage(revision: page.revision, versions: found, next: page.next)
      }
      place = page.next
      room.records -= page.versions.count
      room.bytes -= page.versions.reduce(0) { $0 + $1.record.body.count }
    }
  }

  /// The revision that an id of a version stands for; nil for the newest.
  private func version(_ id: String, field: String) throws(DomainError) -> Revision? {
    id == Self.latest ? nil : try parsed(id, field: field)
  }

  /// The reason that a request gives, in normal form.
  static func normalizedReason(of request: some ProtobufMessage) throws(DomainError) -> String {
    var findings = Findings()
    let message = RecordNormalization.normalized(request, &findings)
    if let error = DomainError(findings.violations) { throw error }
    guard let field = type(of: message).descriptor.field(named: "reason"),
      case .string(let reason)? = message.value(ofField: field.number)
    else { return "" }
    return reason
  }

  /// The encoded message of a version, whose fields have the same numbers for all kinds.
  func bytes(
    of version: RecordVersion, _ kind: Kind, for caller: Caller
  ) throws(DomainError) -> [UInt8] {
    let record = version.record
    var bytes: [UInt8] = []
    WireEncoding.append(record.key.name + Self.revisionsCollection + text(record.revision), as: 1, to: &bytes)
    WireEncoding.append(encoder(for: caller, .revisions).bytes(of: record, kind), as: 2, to: &bytes)
    WireEncoding.append(try ProtobufTimestamp(record.updateTime).encoded(), as: 3, to: &bytes)
    if version.isNewest { WireEncoding.append(Self.latest, as: 4, to: &bytes) }
    let change = VersionChange.with {
      $0.kind = VersionChange.Kind(version.kind)
      $0.actor = record.actor
      $0.reason = version.reason
    }
    WireEncoding.append(try change.encoded(), as: 5, to: &bytes)
    return bytes
  }
}

extension VersionChange.Kind {
  fileprivate init(_ kind: RecordVersion.Kind) {
    self =
      switch kind {
      case .created: .created
      case .updated: .updated
      case .deleted: .deleted
      case .undeleted: .undeleted
      case .erased: .erased
      }
  }
}
