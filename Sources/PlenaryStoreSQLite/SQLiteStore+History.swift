package import PlenaryStore

extension SQLiteStore {
  package func revision(for point: ReadPoint) async throws(StoreError) -> Revision {
    let read: @Sendable (ReadTransaction) throws(Fault) -> (revision: Revision, head: Revision) = { transaction in
      (try transaction.revision(for: point), transaction.head)
    }
    let found = try await self.read(isShort: true, read)
    guard case .time = point, found.revision == found.head else { return found.revision }
    // A batch that has read the clock may not be done yet. One that begins after this request has a later time.
    _ = try await commit(WriteRequest(actor: "", mutations: []))
    return try await self.read(isShort: true, read).revision
  }

  package func oldestRevision() async throws(StoreError) -> Revision {
    try await read(isShort: true) { transaction throws(Fault) in transaction.compacted }
  }

  package func versions(
    of key: Key, as viewer: Viewer, from revision: Revision?, limit: PageLimit
  ) async throws(StoreError) -> VersionPage {
    try await read(isShort: false) { transaction throws(Fault) in
      try transaction.versions(of: key, as: viewer, from: revision, limit: limit)
    }
  }

  package func saw(_ moments: [RecordMoment], as viewer: Viewer) async throws(StoreError) -> [Bool] {
    try await read(isShort: false) { transaction throws(Fault) in try transaction.saw(moments, as: viewer) }
  }

  package func differences(
    from first: Revision, to last: Revision, as viewer: Viewer, after place: Revision?, limit: PageLimit,
    where isWanted: @escaping @Sendable (Key) -> Bool
  ) async throws(StoreError) -> DifferencePage {
    try await read(isShort: false) { transaction throws(Fault) in
      try transaction.differences(
        from: first, to: last, as: viewer, after: place, limit: limit, where: isWanted)
    }
  }

  package func holders(
    of entry: IndexEntry, as viewer: Viewer, limit: Int
  ) async throws(StoreError) -> [EntryHolder] {
    try await read(isShort: false) { transaction throws(Fault) in
      try transaction.holders(of: entry, as: viewer, limit: limit)
    }
  }

  package func removableVersionCount(to revision: Revision) async throws(StoreError) -> Int {
    try await read(isShort: false) { transaction throws(Fault) in
      try transaction.removableVersionCount(to: revision)
    }
  }

  package func auditRows(_ question: AuditQuestion) async throws(StoreError) -> AuditPage {
    try await read(isShort: false) { transaction throws(Fault) in try transaction.auditRows(question) }
  }

  package func compact(to revision: Revision, after place: Revision) async throws(StoreError) -> CompactionStep {
    try await compact(to: revision, after: place, isTaken: false)
  }

  /// Does a step of a compaction, of this store's own or of its leader's.
  func compact(
    to revision: Revision, after place: Revision, isTaken: Bool
  ) async throws(StoreError) -> CompactionStep {
    let result = Handover<Result<CompactionStep, StoreError>>()
    let job = CompactionJob(revision: revision, place: place, isTaken: isTaken) { result.give($0) }
    if let refusal = writes.update({ $0.submit(job) }) { job.answer(.failure(refusal)) }
    return try await result.take().get()
  }
}
