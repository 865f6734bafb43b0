internal import GoogleAPI
package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The most rows of the audit that are looked at in one read.
  static let auditRowsLookedAt = 20_000

  /// Lists the rows of the audit that the caller may know of, a page at a time.
  /// - Throws: `pageSizeInvalid`, `pageTokenInvalid`, `idInvalid`, `resourceTypeUnknown`, `revisionInvalid`.
  package func auditEntries(
    _ request: ListAuditEntriesRequest, as caller: Caller
  ) async throws(DomainError) -> (response: ListAuditEntriesResponse, revision: String) {
    let limit = try Self.pageSize(request.pageSize)
    let description = try Self.description(of: request, caller)
    let token = request.pageToken.isEmpty ? nil : try pageTokens.open(request.pageToken, for: description)
    let end: Revision = if let token { token.revision } else { try await head() }
    var question = AuditQuestion(
      viewer: caller.viewer, through: end, limit: limit, lookedAtMax: Self.auditRowsLookedAt,
      isWanted: try wantedRows(request, as: caller))
    question.isOldestFirst = request.oldestFirst
    question.actor = request.principal.isEmpty ? nil : request.principal
    question.start = try request.startTime.map { time throws(DomainError) in try Self.time(time, field: "start_time") }
    question.end = try request.endTime.map { time throws(DomainError) in try Self.time(time, field: "end_time") }
    if let token, case .revision(let place) = token.place { question.place = place }

    let (rows, next) = try await auditRows(question)
    let response = ListAuditEntriesResponse.with {
      $0.entries = rows.map { auditEntry($0, as: caller) }
      $0.nextPageToken =
        next.map {
          pageTokens.seal(
            PageToken(revision: end, place: .revision($0)), for: description, isUnlike: !caller.viewer.seesEverything)
        } ?? ""
    }
    return (response, text(end, for: caller))
  }

  /// A page of rows: full, unless so many are nothing to the caller that looking at them takes too long for one call.
  func auditRows(_ question: AuditQuestion) async throws(DomainError) -> (rows: [AuditRow], next: Revision?) {
    var (question, rows, left) = (question, [AuditRow](), pageScanMax)
    while true {
      try DomainError.checkCancellation()
      question.lookedAtMax = min(Self.auditRowsLookedAt, left)
      left -= question.lookedAtMax
      let asked = question
      let page = try await store.reading { store throws(StoreError) in try await store.auditRows(asked) }
      rows += page.rows
      question.limit -= page.rows.count
      question.place = page.next
      guard !page.isWhole, left > 0 else { return (rows, page.next) }
    }
  }

  /// Which rows a request wants, of those that there are for the caller. What is for administrators is not there for others.
  private func wantedRows(
    _ request: ListAuditEntriesRequest, as caller: Caller
  ) throws(DomainError) -> @Sendable (AuditRow) -> Bool {
    let types = try auditedTypes(request.resourceTypes)
    let acts = Set(request.acts)
    let (name, kinds) = (request.resource, kinds)
    try checkAudited(name)
    let seesClients = caller.rights.isAdministrator
    let prefix = name + "/"
    return { row in
      guard acts.isEmpty || acts.contains(Self.act(of: row)) else { return false }
      guard !row.isRestore else { return name.isEmpty && types.isEmpty }
      guard name.isEmpty || row.key == name || row.key.hasPrefix(prefix) else { return false }
      guard let kind = kinds.kind(named: row.key) else { return false }
      return (seesClients || kind.changeRole != .admin) && (types.isEmpty || types.contains(kind.resourceType))
    }
  }

  /// Checks that what entries are asked for of is the name of a record, or nothing.
  func checkAudited(_ name: String) throws(DomainError) {
    guard !name.isEmpty else { return }
    try NamePattern.checkLength(of: name, field: "resource")
    guard kinds.kind(named: name) != nil else {
      throw DomainError(
        .init(
          "resource", .idInvalid,
          "`\(name.clipped)` is not the name of a record; one is such as `dialogues/asia-2018`",
          metadata: ["value": name.clipped]))
    }
  }

  /// The types that are asked for, which unlike those of an export can be any.
  private func auditedTypes(_ types: [String]) throws(DomainError) -> Set<String> {
    guard types.count <= Self.resourceTypeCountMax else {
      throw DomainError(
        .init(
          "resource_types", .listTooLong,
          "it has \(types.count) entries; at most \(Self.resourceTypeCountMax) are taken, and none stands for all",
          metadata: ["max": "\(Self.resourceTypeCountMax)"]))
    }
    for type in types where kinds.kind(ofType: type) == nil {
      let suggestion = Suggestion.closest(to: type.clipped, among: kinds.kinds.map(\.resourceType))
      var metadata = ["value": type.clipped]
      metadata["suggestion"] = suggestion
      throw DomainError(
        .init(
          "resource_types", .resourceTypeUnknown,
          "there is no kind `\(type.clipped)`" + (suggestion.map { "; did you mean `\($0)`?" } ?? ""),
          metadata: metadata))
    }
    return Set(types)
  }

  func auditEntry(_ row: AuditRow, as caller: Caller) -> AuditEntry {
    .with {
      $0.revision = text(row.transaction, for: caller)
      $0.commitTime = ProtobufTimestamp(row.time)
      $0.principal = row.actor
      $0.act = Self.act(of: row)
      $0.resource = row.key
      $0.resourceType = kinds.kind(named: row.key)?.resourceType ?? ""
      $0.reason = row.reason ?? ""
      $0.requestDigest = row.requestID ?? []
      $0.bodyDigest = row.bodyDigest ?? []
      if caller.viewer.seesEverything { $0.chainDigest = row.chain }
    }
  }

  private static func act(of row: AuditRow) -> AuditEntry.Act {
    if row.isRestore { return .restored }
    if row.state & RecordState.erasing != 0 { return .erased }
    switch RecordState(audited: row.state) {
    case .live: return .written
    case .softDeleted: return .deleted
    case .purged: return .purged
    case nil: return .unspecified
    }
  }

  /// Everything that decides what the pages hold.
  private static func description(
    of request: ListAuditEntriesRequest, _ caller: Caller
  ) throws(DomainError) -> [UInt8] {
    var request = request
    request.pageToken = ""
    request.pageSize = 0
    return Array("audit \(caller.principal)".utf8) + [0] + (try request.encoded())
  }
}
