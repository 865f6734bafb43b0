internal import GoogleAPI
package import PlenaryAPI
package import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The most texts that are looked for at once.
  package static let soughtTextCountMax = 20

  /// The most records that are told of in which one text stands.
  package static let mentioningRecordCountMax = 200

  /// The most references that are told of.
  package static let referenceCountMax = 100_000

  /// The most entries of the audit that are told of, and of the access log.
  package static let reportedEntryCountMax = 100_000

  /// The versions that are read at a time, and the entries.
  private static let reportedVersionCount = 100
  private static let reportedEntryCount = 1000

  /// Tells what there is on a person.
  ///
  /// - Parameters:
  ///   - log: The access log; nil if there is none.
  ///   - entryCountMax: How many entries of the audit are told of at most, and of the log.
  ///   - send: Takes the parts, the summary last.
  /// - Throws: `idInvalid`, `resourceNotFound`, `listTooLong`, `searchSyntax`, what the store answers, and what `send`
  ///   throws.
  package func reportPersonData(
    _ request: ReportPersonDataRequest, in log: (any AccessLogReader)?, as caller: Caller,
    entryCountMax: Int = Registry.reportedEntryCountMax, send: (ReportPersonDataResponse) async throws -> Void
  ) async throws {
    let kind = kind(of: Person.self)
    let key = try kind.key(request.name, field: "name")
    let found = try await store.reading { store throws(StoreError) in try await store.get(key, as: caller.viewer) }
    guard let record = found.record else { throw kind.notFound(request.name) }
    let (mentions, isTruncated) = try await mentions(of: request.texts, besides: key, as: caller)
    var summary = ReportPersonDataResponse.Summary.with { $0.revision = text(found.revision, for: caller) }
    try await send(
      .with { $0.item = .person(try Person(stored: encoder(for: caller, .personReport).bytes(of: record, kind))) })
    var place: Revision? = found.revision
    repeat {
      let page = try await versions(of: key, as: caller, from: place, limit: Self.reportedVersionCount)
      for version in page.versions {
        summary.versionCount += 1
        try await send(.with { $0.item = .version(try PersonRevision(stored: bytes(of: version, kind, for: caller))) })
      }
      place = page.next
    } while place != nil
    for reference in try await references(to: key, kind, as: caller) {
      summary.referenceCount += 1
      try await send(.with { $0.item = .reference(reference) })
    }
    for mention in mentions { try await send(.with { $0.item = .mention(mention) }) }
    summary.mentionCount = Int32(mentions.count)
    summary.mentionsTruncated = isTruncated
    (summary.auditEntryCount, summary.auditEntriesTruncated) =
      try await reportAudit(of: record, through: found.revision, as: caller, countMax: entryCountMax, send: send)
    if let log {
      (summary.accessEntryCount, summary.accessEntriesTruncated) =
        try await reportAccess(to: record, in: log, as: caller, countMax: entryCountMax, send: send)
    }
    try await send(.with { $0.item = .summary(summary) })
  }

  /// Tells of the rows of the audit about a record that the caller may know of, the newest first; how many, and whether there
  /// are more. An earlier record of the same name was somebody else, and what was before is not looked at.
  private func reportAudit(
    of record: StoredRecord, through end: Revision, as caller: Caller, countMax: Int,
    send: (ReportPersonDataResponse) async throws -> Void
  ) async throws -> (count: Int32, isTruncated: Bool) {
    var question = AuditQuestion(
      viewer: caller.viewer, through: end, limit: 0, lookedAtMax: Self.auditRowsLookedAt,
      isWanted: { [name = record.key.name, born = record.born] in $0.key == name && $0.revision >= born })
    question.start = record.createTime
    var count = 0
    repeat {
      question.limit = min(Self.reportedEntryCount, countMax - count)
      let (rows, next) = try await auditRows(question)
      for row in rows { try await send(.with { $0.item = .auditEntry(auditEntry(row, as: caller)) }) }
      count += rows.count
      question.place = next
    } while question.place != nil && count < countMax
    return (Int32(count), question.place != nil)
  }

  /// Tells of the entries of the access log about a record that the caller may know of, the newest first; how many, and whether
  /// there are more. What was before the record is not looked at.
  private func reportAccess(
    to record: StoredRecord, in log: any AccessLogReader, as caller: Caller, countMax: Int,
    send: (ReportPersonDataResponse) async throws -> Void
  ) async throws -> (count: Int32, isTruncated: Bool) {
    var question = AccessQuestion(limit: 0) { [name = record.key.name] in $0.event?.resource == name }
    question.start = record.createTime
    var count = 0
    repeat {
      question.limit = min(Self.reportedEntryCount, countMax - count)
      let page = try await accessEntries(of: log, question, as: caller)
      for entry in page.entries { try await send(.with { $0.item = .accessEntry(Self.accessEntry(entry)) }) }
      count += page.entries.count
      (question.place, question.through) = (page.next, page.through)
    } while question.place != nil && count < countMax
    return (Int32(count), question.place != nil)
  }

  /// Erases what is said of a person.
  /// - Throws: `idInvalid`, `resourceNotFound`, `fieldRequired`, `etagMismatch`, `roleMissing`, `originatorOnly`,
  ///   `legalHold`, `reasonNamesPerson`, `listTooLong`, `searchSyntax`.
  package func erasePerson(
    _ request: ErasePersonRequest, as caller: Caller
  ) async throws(DomainError) -> (response: ErasePersonResponse, reply: Reply) {
    let kind = kind(of: Person.self)
    let key = try kind.key(request.name, field: "name")
    var call = try WriteCall(
      "ErasePerson", request, requestID: request.requestID, validateOnly: request.validateOnly)
    call.reason = try Self.normalizedReason(of: request)
    let reason = call.reason
    let (mentions, isTruncated) = try await mentions(of: request.texts, besides: key, as: caller)
    let reply = try await reply(to: call, key, kind, as: caller) { view throws(DomainError) in
      guard let record = try await view.storedRecord(key) else { throw kind.notFound(request.name) }
      try self.check(etag: request.etag, of: record)
      return try await self.erasure(of: record, kind, reason, in: view)
    }
    // What is handed in now is done when the files have been seen to.
    if !request.validateOnly {
      outcomeCache.forget()
      _ = try await store.reading { store throws(StoreError) in
        try await store.commit(WriteRequest(actor: "", mutations: []))
      }
    }
    let person = try Person(stored: reply.bytes)
    let count = try await erasedVersionCount(of: key, as: caller)
    let response = ErasePersonResponse.with {
      $0.person = person
      $0.erasedVersionCount = Int32(count)
      $0.mentions = mentions
      $0.mentionsTruncated = isTruncated
    }
    return (response, reply)
  }

  /// What erasing a person comes to.
  private func erasure(
    of record: StoredRecord, _ kind: Kind, _ reason: String, in view: RecordView
  ) async throws(DomainError) -> Changes {
    let previous = try view.content(of: record)
    guard let person = previous as? Person else { preconditionFailure("a key belongs to one kind") }
    try await view.checkAccess(
      to: record.key, kind, content: person, isNew: false, role: .officer, what: "the data of a person for good")
    var changes = Changes()
    guard person.redaction == nil else { return changes }
    guard person.legalHold.isEmpty else { throw DomainError(PersonData.held(person), resource: person.name) }
    guard !PersonData.names(person, in: reason) else {
      throw DomainError(
        .init(
          "reason", .reasonNamesPerson,
          "it has words of the name that is erased, and would stay in the audit for good; say why without naming the "
            + "person"))
    }
    var notice = person.notice
    notice.redaction = .with {
      $0.redactTime = ProtobufTimestamp(now())
      $0.reason = reason
    }
    let draft = Draft(kind: kind, key: record.key, previous: record, previousContent: previous, content: notice)
    guard let content = try draft.mutation().content else {
      preconditionFailure("a record that is written has content")
    }
    var findings = Findings()
    findings.require(.revision(record.key, record.revision), or: .examineAgain)
    changes.rest(on: findings)
    changes.mutations = [.erase(record.key, content)]
    changes.preview = notice
    if let notice = draft.content as? Person {
      try await redactReports(naming: record.key, as: notice, &changes, in: view)
    }
    return changes
  }

  /// How many versions of a record were erased; all, if it was not erased yet.
  private func erasedVersionCount(of key: Key, as caller: Caller) async throws(DomainError) -> Int {
    var count = 0
    var place: Revision?
    repeat {
      let page = try await versions(of: key, as: caller, from: place, limit: Self.reportedVersionCount)
      for version in page.versions { count = version.kind == .erased ? 0 : count + 1 }
      place = page.next
    } while place != nil
    return count
  }

  /// Where a person is referred to, or was.
  private func references(
    to key: Key, _ kind: Kind, as caller: Caller
  ) async throws(DomainError) -> [ReportPersonDataResponse.Reference] {
    var references: [ReportPersonDataResponse.Reference] = []
    for referring in kinds.kinds {
      for field in referring.references where field.targets.contains(kind.resourceType) {
        let entry = IndexEntry(field.field, .reference(key))
        let limit = Self.referenceCountMax - references.count + 1
        let holders = try await store.reading { store throws(StoreError) in
          try await store.holders(of: entry, as: caller.viewer, limit: limit)
        }
        guard holders.count < limit else {
          throw DomainError(
            .limitReached, "more than \(Self.referenceCountMax) references to `\(key)` would be told of",
            metadata: ["max": "\(Self.referenceCountMax)"], resource: key.name)
        }
        references += holders.map { holder in
          .with {
            $0.resource = holder.key.name
            $0.resourceType = referring.resourceType
            $0.fieldPath = field.path.text
            $0.current = holder.end == nil
            $0.startRevision = text(holder.start)
            $0.endRevision = holder.end.map(text) ?? ""
          }
        }
      }
    }
    return references
  }

  /// Where texts stand in the texts of records, one record left out; and whether there are more places.
  private func mentions(
    of texts: [String], besides key: Key, as caller: Caller
  ) async throws(DomainError) -> (mentions: [PersonMention], isTruncated: Bool) {
    guard texts.count <= Self.soughtTextCountMax else {
      throw DomainError(
        .init(
          "texts", .listTooLong, "it has \(texts.count) entries; at most \(Self.soughtTextCountMax) are looked for",
          metadata: ["max": "\(Self.soughtTextCountMax)"]))
    }
    var mentions: [PersonMention] = []
    var isTruncated = false
    for (index, text) in texts.enumerated() {
      let found: SearchResourcesResponse
      do throws(DomainError) {
        let request = SearchResourcesRequest.with {
          $0.query = "\"" + text.filter { $0 != "\"" } + "\""
          $0.order = .name
          $0.pageSize = Int32(Self.mentioningRecordCountMax)
        }
        found = try await search(request, as: caller).response
      } catch {
        throw error.located(at: index, of: "texts")
      }
      if !found.nextPageToken.isEmpty { isTruncated = true }
      for result in found.results where result.name != key.name {
        mentions += result.matches.map { match in
          .with {
            $0.textIndex = Int32(index)
            $0.resource = result.name
            $0.resourceType = result.resourceType
            $0.fieldPath = match.fieldPath
            $0.languageCode = match.languageCode
          }
        }
      }
    }
    return (mentions, isTruncated)
  }
}
