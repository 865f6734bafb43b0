package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// Gives a record a marking that lets more see it than now: for the officers of its originator, who say why.
  ///
  /// - Returns: The encoded `Record` that holds it.
  /// - Throws: `resourceNotFound`, `etagMismatch`, `fieldRequired`, `markingOriginatorOnly`, `markingTooLoose`, and
  ///   whatever rule the record then breaks.
  package func downgradeMarking(
    _ request: DowngradeMarkingRequest, as caller: Caller
  ) async throws(DomainError) -> Reply {
    guard let kind = kinds.kind(named: request.name) else {
      throw DomainError(.init("name", .idInvalid, "`\(request.name.clipped)` is the name of no kind of record"))
    }
    let key = try kind.key(request.name, field: "name")
    var findings = Findings()
    guard let asked = RecordNormalization.normalized(request, &findings) as? DowngradeMarkingRequest else {
      preconditionFailure("normalizing keeps the type")
    }
    if asked.reason.isEmpty {
      findings.add(
        "reason", .fieldRequired, "say why more may see the record; it stays in the audit, so name no persons")
    }
    if let error = DomainError(findings.violations, resource: key.name) { throw error }
    var call = try WriteCall(
      "DowngradeMarking", request, requestID: request.requestID, validateOnly: request.validateOnly)
    call.reason = asked.reason
    let reply = try await reply(to: call, key, kind, as: caller, isLong: !kinds.children(of: kind).isEmpty) {
      view throws(DomainError) in
      view.isLoosening = true
      guard let record = try await view.storedRecord(key), !record.isDeleted else { throw kind.notFound(key.name) }
      try self.check(etag: request.etag, of: record)
      let previous = try view.content(of: record)
      var content = previous
      content.marking = asked.marking
      return try await self.replacement(of: record, previous, by: content, kind, in: view)
    }
    var bytes: [UInt8] = []
    WireEncoding.append(reply.bytes, as: kind.recordField.number, to: &bytes)
    return Reply(bytes: bytes, revision: reply.revision, isReplay: reply.isReplay)
  }
}
