internal import PlenaryStore
package import ProtobufRuntime

extension Registry {
  /// Changes fields of a record.
  /// - Throws: `resourceNotFound`, `etagMismatch`, `maskPathUnknown`, and whatever rule the record then breaks.
  package func update<Request: UpdateRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> Reply {
    let kind = kind(of: Request.Resource.self)
    guard let resource = request.resource else { throw kind.missing }
    let key = try kind.key(resource.name, field: "\(kind.recordField.name).name")
    let call = try WriteCall("Update\(kind.message.descriptor.name)", request)
    return try await placing(call) { () async throws(DomainError) in
      let mask = try FieldMask(updating: request.updateMask?.paths, of: kind, from: resource)
      // The children may have to follow.
      let isLong = !kinds.children(of: kind).isEmpty && mask.paths.contains { $0.first?.number == HeaderField.marking }
      return try await reply(to: call, key, kind, as: caller, isLong: isLong) { view throws(DomainError) in
        guard let record = try await view.storedRecord(key) else {
          guard request.allowMissing else { throw kind.notFound(resource.name) }
          return try await self.creation(of: resource, at: key, kind, in: view)
        }
        guard !record.isDeleted else {
          throw request.allowMissing ? kind.isDeleted(key) : kind.notFound(resource.name)
        }
        try self.check(etag: resource.etag, of: record)
        return try await self.update(of: record, kind, mask, from: resource, in: view)
      }
    }
  }

  /// What changing the masked fields of a record comes to.
  private func update<Resource: ProtobufMessage>(
    of record: StoredRecord, _ kind: Kind, _ mask: FieldMask, from resource: Resource, in view: RecordView
  ) async throws(DomainError) -> Changes {
    let previous = try view.content(of: record)
    guard var content = previous as? Resource else { preconditionFailure("a key belongs to one kind") }
    mask.copy(from: resource, into: &content)
    let restored = kind.restored(content, from: previous, keepsState: false)
    return try await replacement(of: record, previous, by: restored, kind, in: view)
  }

  /// What putting other content in the place of a record's comes to.
  ///
  /// - Parameter findings: What an examination before has found, and rests on.
  func replacement(
    of record: StoredRecord, _ previous: any ProtobufMessage, by content: any ProtobufMessage, _ kind: Kind,
    in view: RecordView, _ findings: Findings = Findings()
  ) async throws(DomainError) -> Changes {
    let draft = Draft(
      kind: kind, key: record.key, previous: record, previousContent: previous, content: content)
    var findings = findings
    let examination = Examination(view: view)
    let prepared = try await examination.prepared(draft, &findings)
    var changes = Changes()
    guard !prepared.content.hasContent(of: previous) || !findings.violations.isEmpty else { return changes }
    let mutations = try await examination.mutations(writing: prepared, &findings)
    findings.require(.revision(record.key, record.revision), or: .examineAgain)
    changes.rest(on: findings)
    changes.mutations = [mutations.own] + mutations.following
    changes.preview = prepared.content
    return changes
  }

  /// Checks that the caller has seen the version that it changes.
  func check(etag: String, of record: StoredRecord) throws(DomainError) {
    let actual = tokens.etag(record.revision)
    guard !etag.isEmpty, etag != actual else { return }
    throw DomainError(
      .etagMismatch, "`\(record.key)` has changed since it was read; read it again and make the change to that",
      metadata: ["expected": etag.clipped, "actual": actual], resource: record.key.name)
  }
}

extension Kind {
  /// New content for a record, with what only the registry sets as it is stored.
  func restored(
    _ content: any ProtobufMessage, from previous: any ProtobufMessage, keepsState: Bool
  ) -> any ProtobufMessage {
    var record = content
    for field in message.descriptor.fields {
      let isKept = keepsState && isGivenByImports(field)
      if field.behaviors.contains(.outputOnly) && !isKept || HeaderField.ofVersion.contains(field.number) {
        record.set(field, to: previous.value(ofField: field.number))
      }
    }
    record.set(number: HeaderField.name, to: previous.value(ofField: HeaderField.name))
    return record
  }
}
