internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// Imports the records of a batch: all of them, or none.
  ///
  /// What is wrong with single records is in the report. An import of what is there already changes nothing.
  /// - Throws: What concerns the import as a whole: `requestIDInvalid`, `requestIDReused`, `writeContention`, and what
  ///   the store answers.
  package func importRecords(_ batch: ImportBatch, as caller: Caller) async throws(DomainError) -> ImportReport {
    let call = try WriteCall(
      "ImportRegistry", requestID: batch.header.requestID, digest: batch.digest, byteCount: batch.byteCount,
      validateOnly: batch.header.dryRun)
    var work: ImportWork?
    var seen = Revision.zero
    let outcome = try await write(call, as: caller, isImport: true) { view throws(DomainError) in
      var attempt = ImportWork(batch, view: view, store: store)
      let changes = try await attempt.changes()
      try await attempt.veil()
      work = attempt
      seen = try await view.revision()
      return changes
    }
    for record in work?.compared ?? [] { note(record, readBy: caller, .write) }
    switch outcome {
    case .written(let receipt) where receipt.isReplay:
      return try await report(on: batch, replaying: receipt, as: caller)
    case .written(let receipt):
      return ImportReport(results: work?.results ?? [], isApplied: true, revision: text(receipt.revision, for: caller))
    case .unchanged where work?.hasFailed == false && !batch.header.dryRun:
      return ImportReport(results: work?.results ?? [], isApplied: true, revision: text(seen, for: caller))
    case .unchanged, .checked:
      return ImportReport(results: work?.results ?? [], isApplied: false, revision: "")
    }
  }

  /// What an import did that was made before: what it wrote is in its receipt.
  private func report(
    on batch: ImportBatch, replaying receipt: WriteReceipt, as caller: Caller
  ) async throws(DomainError) -> ImportReport {
    let keys = receipt.changes.map(\.key)
    let snapshot = try await store.reading { store throws(StoreError) in
      try await store.get(keys, as: caller.viewer, at: receipt.revision)
    }
    var outcomes: [String: ImportRegistryResponse.Result.Outcome] = [:]
    for (change, record) in zip(receipt.changes, snapshot.records) {
      outcomes[change.key.name] = record?.born == change.revision ? .created : .updated
    }
    let results = batch.records.map { record in
      let name = record.answeredName
      return ImportResult(name: name, outcome: outcomes[name] ?? .unchanged, error: nil)
    }
    return ImportReport(
      results: results, isApplied: true, revision: text(receipt.revision, for: caller), isReplay: true)
  }
}

extension Record {
  /// The name of the record in the answer to its import; only its beginning if it is too long to be one.
  var answeredName: String {
    let name = content?.resourceName ?? ""
    return name.utf8.count <= NamePattern.nameByteCountMax ? name : name.clipped
  }

  /// The record itself; nil if it is of no kind that this version knows.
  var content: (any ProtobufMessage)? {
    for field in Self.descriptor.fields {
      if case .message(let message)? = value(ofField: field.number) { return message }
    }
    return nil
  }
}
