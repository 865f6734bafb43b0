internal import PlenaryStore
package import ProtobufRuntime

extension Registry {
  /// Brings back a record that is deleted, and its children that were deleted in the same act.
  ///
  /// Names that a forced deletion took out of other records do not come back.
  /// - Throws: `resourceNotFound`, `resourceExists` if it is not deleted, `etagMismatch`, and whatever rule the records
  ///   would now break.
  package func undelete<Request: UndeleteRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> Reply {
    let kind = kind(of: Request.Resource.self)
    let key = try kind.key(request.name, field: "name")
    return try await reply(
      to: try WriteCall("Undelete\(kind.message.descriptor.name)", request), key, kind, as: caller,
      isLong: !kinds.children(of: kind).isEmpty || kinds.blockers(of: kind).contains(where: \.isDependent)
    ) { view throws(DomainError) in
      guard let record = try await view.storedRecord(key) else { throw kind.notFound(request.name) }
      guard record.isDeleted else { throw kind.isLive(key) }
      try self.check(etag: request.etag, of: record)
      return try await self.undeletion(of: record, kind, in: view)
    }
  }

  /// What bringing back a record comes to: what it refers to may be gone, and what it has to itself may be taken.
  private func undeletion(
    of record: StoredRecord, _ kind: Kind, in view: RecordView
  ) async throws(DomainError) -> Changes {
    let examination = Examination(view: view)
    var examined: [(draft: Draft, findings: Findings)] = []
    for (record, kind) in [(record, kind)] + (try await companions(of: record, kind, in: view)) {
      try DomainError.checkCancellation()
      let content = try view.content(of: record)
      var findings = Findings()
      findings.require(.revision(record.key, record.revision), or: .examineAgain)
      var draft = Draft(kind: kind, key: record.key, previous: record, previousContent: content, content: content)
      draft.isConsequence = !examined.isEmpty
      examined.append((try await examination.prepared(draft, &findings), findings))
    }
    var changes = Changes()
    for (prepared, found) in examined {
      try DomainError.checkCancellation()
      var findings = found
      // It is examined like a new record: nothing that it refers to counts as known.
      let draft = Draft(
        kind: prepared.kind, key: prepared.key, previous: nil, previousContent: nil, content: prepared.content)
      try await examination.check(draft, &findings)
      if let error = DomainError(findings.violations, resource: draft.key.name) { throw error }
      changes.rest(on: findings)
      changes.mutations.append(.undelete(draft.key))
      // A child follows the marking that its parent has now; and what is confined is so until it is given content.
      let isConfined = prepared.previous?.isConfined ?? false
      if isConfined || prepared.previousContent.map({ !prepared.content.hasContent(of: $0) }) ?? false {
        changes.mutations.append(try prepared.mutation())
      } else {
        changes.revived[draft.key] = draft.kind.indexEntries(of: draft.content)
      }
    }
    changes.preview = examined.first?.draft.content
    return changes
  }

  /// What was deleted with a record: its children and what depends on it, as far as they bear the time of the same commit.
  private func companions(
    of record: StoredRecord, _ kind: Kind, in view: RecordView
  ) async throws(DomainError) -> [(StoredRecord, Kind)] {
    guard let time = record.deleteTime else { return [] }
    // A deletion touches no more records than this.
    return try await deletedCompanions(of: record, kind, in: view, limit: Self.touchedCountMax) {
      $0.deleteTime == time
    }
  }

  /// The deleted children of a record, and what is deleted and depends on it, as far as they are wanted; of each kind at
  /// most so many.
  func deletedCompanions(
    of record: StoredRecord, _ kind: Kind, in view: RecordView, limit: Int,
    where isWanted: @escaping @Sendable (StoredRecord) -> Bool
  ) async throws(DomainError) -> [(StoredRecord, Kind)] {
    guard let scope = KeyPrefix(record.key.name + "/") else { return [] }
    var sources = kinds.children(of: kind).map { child in
      (kind: child, scope: scope, condition: Query.Condition(child.membership, .equals(.unset)))
    }
    sources += kinds.blockers(of: kind).filter(\.isDependent).map { blocker in
      (kind: blocker.kind, scope: .all, condition: .init(blocker.index, .equals(.reference(record.key))))
    }
    var companions: [(StoredRecord, Kind)] = []
    for source in sources {
      let query = Query(
        scope: source.scope, conditions: [source.condition], includesDeleted: true,
        predicate: { $0.isDeleted && isWanted($0) })
      let found = try await view.storedRecords(query, limit: limit, isComplete: true)
      companions += found.map { ($0, source.kind) }
    }
    return companions
  }
}

extension Kind {
  /// The record is not deleted, so it cannot be brought back.
  fileprivate func isLive(_ key: Key) -> DomainError {
    DomainError(
      .resourceExists, "`\(key)` is not deleted; there is nothing to bring back",
      metadata: ["name": key.name, "type": resourceType], resource: key.name)
  }
}
