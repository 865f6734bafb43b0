/// A registry's records, and everything that ever happened to them, in one total order.
///
/// The store knows keys, bytes, markings and index entries; what a record means is known above. What every store
/// promises is listed, runnable, in `StoreCheck`:
///
/// - A request is atomic, and isolated from every other. Its receipt comes only when it is durable.
/// - Revisions rise by one for each change, in commit order, without gaps. Commit times rise with them.
/// - A read sees one revision: at least that of every receipt given before it began.
/// - Every version stays readable at the revisions it was current at, until compaction or a purge.
/// - A viewer learns nothing of a record out of its sight: not from a read, a page's length or a cursor.
///
/// A task that is cancelled while it waits gets its answer all the same: a write that has been handed in is done.
package protocol Store: HistoryStore, FeedStore {
  /// Which store this is.
  var identity: StoreIdentity { get }

  /// Writes the requests, each atomic by itself; the results stand in the order of the requests.
  ///
  /// Requests that wait at the same time are made durable together. They are done in the order of the array, and a
  /// later one sees what an earlier one wrote.
  func commit(_ requests: [WriteRequest]) async -> [Result<WriteReceipt, StoreError>]

  /// The current version of a record, if it is in memory and the viewer sees it, and the revision at which it is
  /// known to be current; nil says nothing.
  ///
  /// It never blocks, so that a call can be answered on its event loop; on nil, ask `get`.
  func cached(_ key: Key, as viewer: Viewer) -> (revision: Revision, record: StoredRecord)?

  /// The records with these keys, live or soft-deleted, now or as they stood at a revision.
  ///
  /// A version of before is given only if the viewer sees both its marking and the record's present one.
  /// - Throws: `revisionInFuture`, `revisionCompacted`, `unavailable`, `corrupt`.
  func get(_ keys: [Key], as viewer: Viewer, at revision: Revision?) async throws(StoreError) -> Snapshot

  /// One page of a list, now or as it stood at a revision.
  ///
  /// Its cost follows the page and not its depth. A list read to its end at one revision shows every record once.
  /// - Throws: `revisionInFuture`, `revisionCompacted`, `unavailable`, `corrupt`.
  func list(_ query: Query, as viewer: Viewer, after cursor: Cursor?, limit: PageLimit, at revision: Revision?)
    async throws(StoreError) -> Page

  /// What changed after a revision: whole transactions, at least one if there is any, and no more than `limit`
  /// changes beyond that.
  /// - Throws: `revisionInFuture`, `revisionCompacted`, `unavailable`, `corrupt`.
  func changes(after revision: Revision, as viewer: Viewer, limit: Int) async throws(StoreError) -> ChangeBatch

  /// The last revision that is durable, which every read from now on sees.
  func head() async throws(StoreError) -> Revision

  /// Tells that the head has moved: the newest revision, the ones between left out if the reader is slow.
  /// The stream ends when the store is closed.
  func wakeups() -> AsyncStream<Revision>

  /// Copies the store as it is now into a directory that must not exist yet, while reads and writes go on; the copy is
  /// verified, and stands there whole or not at all.
  ///
  /// - Parameter key: The public half of a key that the copy is sealed to, so that only who has the other half can read it;
  ///   nil for a copy in the clear.
  /// - Throws: `occupied`, `full`, `unavailable`, `corrupt`.
  func backUp(
    to path: String, sealedTo key: [UInt8]?, watch: UpkeepWatch
  ) async throws(StoreError) -> BackupManifest

  /// Looks for data that contradict themselves, while reads and writes go on.
  /// - Throws: `unavailable`; what is wrong with the data stands in the report.
  func verify(_ depth: VerifyDepth, watch: UpkeepWatch) async throws(StoreError) -> VerifyReport

  /// How the store is doing. It never blocks for long.
  func health() -> StoreHealth

  /// Finishes what was handed in, and closes the store. What is asked of it afterwards answers `unavailable`.
  func close() async
}

extension Store {
  /// Writes one request.
  package func commit(_ request: WriteRequest) async throws(StoreError) -> WriteReceipt {
    let results = await commit([request])
    return try results[0].get()
  }

  /// Copies the store in the clear.
  package func backUp(to path: String, watch: UpkeepWatch) async throws(StoreError) -> BackupManifest {
    try await backUp(to: path, sealedTo: nil, watch: watch)
  }

  /// The record with this key, live or soft-deleted, as it is now: from memory if it is there.
  package func get(_ key: Key, as viewer: Viewer) async throws(StoreError)
    -> (revision: Revision, record: StoredRecord?)
  {
    if let found = cached(key, as: viewer) { return (found.revision, found.record) }
    let snapshot = try await get([key], as: viewer, at: nil)
    return (snapshot.revision, snapshot.records[0])
  }
}
