package import PlenaryStore
internal import Transparency

extension SQLiteStore: ReplicatedStore {
  package func position() async throws(StoreError) -> LogPosition {
    let identity = identity
    return try await read(isShort: true) { transaction throws(Fault) in
      LogPosition(
        identity: identity, revision: transaction.head,
        chain: try transaction.chain(at: transaction.head) ?? AuditLink.origin)
    }
  }

  package func holds(_ position: LogPosition) async throws(StoreError) -> Bool {
    guard position.identity == identity else { return false }
    return try await read(isShort: true) { transaction throws(Fault) in
      guard position.revision <= transaction.head else { return false }
      return try transaction.chain(at: position.revision) == position.chain
    }
  }

  package func log(after revision: Revision, limit: LogLimit) async throws(StoreError) -> LogPage {
    let form = configuration.indexing?.form ?? []
    return try await read(isShort: false) { transaction throws(Fault) in
      let entries = try transaction.log(after: revision, limit: limit)
      return LogPage(
        entries: entries, source: LogSource(head: transaction.head, compacted: transaction.compacted, form: form))
    }
  }

  package func settled() async throws(StoreError) -> Revision {
    try await commit(WriteRequest(actor: "", mutations: [])).revision
  }

  package func take(_ entries: [LogEntry], from source: LogSource) async throws(StoreError) {
    let result = Handover<Result<Void, StoreError>>()
    let job = LogJob.take(entries, source) { result.give($0) }
    if let refusal = writes.update({ $0.submit(job) }) { job.refuse(refusal) }
    try await result.take().get()
  }

  package func takeCompaction(
    to revision: Revision, after place: Revision
  ) async throws(StoreError) -> CompactionStep {
    try await compact(to: revision, after: place, isTaken: true)
  }

  package func promote() async throws(StoreError) -> Promotion {
    let result = Handover<Result<Promotion, StoreError>>()
    let job = LogJob.promote { result.give($0) }
    if let refusal = writes.update({ $0.submit(job) }) { job.refuse(refusal) }
    return try await result.take().get()
  }

  package func copy(watch: UpkeepWatch) async throws(StoreError) -> any StoreCopy {
    try await upkeep(watch) { work throws(Fault) -> any StoreCopy in
      let path = work.directory.copyPath
      Backup.remove(path)
      let manifest = try Backup(path: path, watch: work.watch).make(from: try work.connect(), now: work.now())
      defer { Backup.remove(path) }
      return try CopiedFile(path, manifest)
    }
  }

  /// The leader that the store of a directory is a copy of; nil if it is none.
  /// - Throws: `locked`, `newerSchema`, `corrupt`, `unavailable`; `unavailable` also if there is no store.
  package static func leader(ofDirectory path: String) throws(StoreError) -> String? {
    try withStopped(path) { connection throws(Fault) in
      guard try Schema.currentVersion(connection) >= Schema.replicas else { return nil }
      return try Replica(connection)?.leader
    }
  }

  /// Makes the copy in a directory, which no process has open, a store of its own.
  /// - Throws: `notFollower`, `locked`, `newerSchema`, `full`, `unavailable`; `unavailable` also if there is no store.
  package static func promote(directory path: String, now: CommitTime) throws(StoreError) -> Promotion {
    try withStopped(path, role: .writer) { connection throws(Fault) in
      try Schema.prepare(connection, randomBytes: { _ in [] })
      try connection.execute("BEGIN IMMEDIATE")
      let promotion = try promote(on: connection, now: now)
      try connection.execute("COMMIT")
      return promotion
    }
  }

  /// Begins an epoch in the transaction that is open.
  static func promote(on connection: SQLiteConnection, now: CommitTime) throws(Fault) -> Promotion {
    guard let replica = try Replica(connection) else { throw .refusal(.notFollower) }
    let before = try Meta(connection)
    let after = try Epoch.promotion(of: replica, at: before).begin(on: connection, now: now)
    return Promotion(
      identity: after.identity, copied: Revision(before.revision), revision: Revision(after.revision))
  }
}
