package import PlenaryStore

/// A store in one SQLite database, in a directory that this process holds alone.
///
/// One thread writes, and makes everything that waits durable with one fsync; a few threads read, each on a connection
/// of its own. Records that are read often stay in memory.
///
/// A store is closed with `close()`; one that is let go closes itself, a moment later.
package final class SQLiteStore: Store {
  package let identity: StoreIdentity

  package let leader: String?

  /// The index of the words in the store's records, which somebody has to feed.
  package let searchIndex: SQLiteSearchIndex

  let configuration: Configuration
  let published: Published
  let writes: Monitor<WriteQueue>
  private let reads: Monitor<ReadQueue>
  private let ended: EndOfStore
  private let directory: StoreDirectory
  let figures: Figures
  let upkeepQueue: Monitor<UpkeepQueue>

  /// Opens the store, making it if it is missing, and starts its threads.
  /// - Throws: `locked`, `newerSchema`, `corrupt`, `unavailable`, `full`.
  package convenience init(_ configuration: Configuration) throws(StoreError) {
    let opened = try OpenedStore(configuration)
    do throws(StoreError) {
      try self.init(opened)
    } catch {
      opened.directory.release()
      throw error
    }
  }

  private init(_ opened: OpenedStore) throws(StoreError) {
    identity = opened.identity
    leader = opened.replica?.leader
    configuration = opened.configuration
    published = opened.published
    writes = Monitor(WriteQueue())
    reads = Monitor(ReadQueue())
    ended = EndOfStore()
    directory = opened.directory
    searchIndex = opened.search
    figures = opened.figures
    upkeepQueue = Monitor(UpkeepQueue())
    try WriterThread.start(opened, writes: writes, reads: reads, upkeep: upkeepQueue, ended: ended)
    loadRequestIDs()
  }

  deinit {
    writes.updateForAll { $0.close() }
  }

  // MARK: Writing

  package func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>] {
    guard !requests.isEmpty else { return [] }
    let answers = Handover<[Result<WriteReceipt, StoreError>]>()
    let submission = Submission(requests: requests) { answers.give($0) }
    if let refusal = writes.update({ $0.submit(submission) }) { submission.answerAll(refusal) }
    return await answers.take()
  }

  // MARK: Reading

  package func cached(_ key: Key, as viewer: Viewer) -> (revision: Revision, record: StoredRecord)? {
    guard let found = published.cached(key), published.viewer(viewer, sees: found.record.acl) else { return nil }
    return found
  }

  package func get(
    _ keys: [Key], as viewer: Viewer, at revision: Revision?
  ) async throws(StoreError) -> Snapshot {
    try await read(isShort: keys.count <= 8) { transaction throws(Fault) in
      try transaction.get(keys, as: viewer, at: revision)
    }
  }

  package func list(
    _ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?
  ) async throws(StoreError) -> Page {
    try await read(isShort: false) { transaction throws(Fault) in
      try transaction.list(query, as: viewer, after: cursor, limit: limit, at: revision)
    }
  }

  package func changes(
    after revision: Revision, as viewer: Viewer, limit: Int
  ) async throws(StoreError) -> ChangeBatch {
    try await read(isShort: false) { transaction throws(Fault) in
      try transaction.changes(after: revision, as: viewer, limit: limit)
    }
  }

  package func head() async throws(StoreError) -> Revision { published.head }

  package func wakeups() -> AsyncStream<Revision> { published.wakeups() }

  package func close() async {
    writes.updateForAll { $0.close() }
    await ended.wait()
  }

  /// Where the store is.
  var directoryPath: String { directory.path }

  /// What a piece of upkeep works with. It ends when the store is closed, or must have its log emptied.
  func upkeepWork(_ watch: UpkeepWatch) -> UpkeepWork {
    let (queue, figures) = (upkeepQueue, figures)
    let isGivenUp = { @Sendable in
      watch.isGivenUp() || figures.isLogOverCap || queue.update { $0.isClosed }
    }
    return UpkeepWork(
      configuration: configuration, directory: directory, figures: figures,
      watch: UpkeepWatch(isGivenUp: isGivenUp, report: watch.report))
  }

  func read<Value: Sendable>(
    isShort: Bool, _ body: @escaping @Sendable (ReadTransaction) throws(Fault) -> Value
  ) async throws(StoreError) -> Value {
    let result = Handover<Result<Value, StoreError>>()
    let job = ReadJob(isShort: isShort) { transaction in result.give(Self.perform(body, in: transaction)) }
    if let refusal = reads.update({ $0.submit(job) }) { job.run(.failure(refusal)) }
    return try await result.take().get()
  }

  private static func perform<Value>(
    _ body: (ReadTransaction) throws(Fault) -> Value, in transaction: Result<ReadTransaction, StoreError>
  ) -> Result<Value, StoreError> {
    switch transaction {
    case .failure(let error): return .failure(error)
    case .success(let transaction):
      do throws(Fault) {
        return .success(try body(transaction))
      } catch {
        return .failure(error.storeError)
      }
    }
  }

  /// Reads back which requests with an id were done lately. Until that is done, requests with an id wait.
  private func loadRequestIDs() {
    let since = configuration.now().microseconds - configuration.idempotencyMicrosecondsMax
    let countMax = configuration.idempotencyCountMax
    let job = ReadJob(isShort: false) { [writes, configuration] transaction in
      let result = Self.perform(
        { transaction throws(Fault) in try transaction.requestIDs(since: since, countMax: countMax) },
        in: transaction)
      switch result {
      case .success(let entries):
        writes.update { $0.remember(entries) }
      case .failure(let error):
        configuration.observer?.storeDidFail(error)
        for submission in writes.updateForAll({ $0.refuse(error) }) { submission.answerAll(error) }
      }
    }
    if let refusal = reads.update({ $0.submit(job) }) { job.run(.failure(refusal)) }
  }
}
