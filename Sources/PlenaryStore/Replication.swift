/// What a store does for copies of it elsewhere, and as a copy.
///
/// A copy is the same store: the same records, revisions, history and audit. It takes changes from its leader alone, and
/// refuses every write with `follower` until it is promoted.
package protocol ReplicatedStore: Sendable {
  /// The address of the leader that the store is a copy of; nil if it is written to.
  var leader: String? { get }

  /// How far the store has come.
  /// - Throws: `unavailable`, `corrupt`.
  func position() async throws(StoreError) -> LogPosition

  /// Whether the history of this store leads through a position of the same epoch.
  /// - Throws: `unavailable`, `corrupt`.
  func holds(_ position: LogPosition) async throws(StoreError) -> Bool

  /// The changes after a revision as they were committed, in order: as many as fit, but at least one if there is any.
  /// The last ones can be of a request that goes on.
  /// - Throws: `revisionInFuture`, `revisionCompacted` if a version that is asked for is no longer kept, `unavailable`,
  ///   `corrupt`.
  func log(after revision: Revision, limit: LogLimit) async throws(StoreError) -> LogPage

  /// Waits until every change that was begun is done, and returns the newest revision.
  /// - Throws: `unavailable`.
  func settled() async throws(StoreError) -> Revision

  /// Writes changes of the leader: whole requests, all of them or none, and durable once it returns.
  ///
  /// - Parameter source: What the leader said of itself when it sent the last of them.
  /// - Throws: `differs` if they do not continue what is here, `notFollower`, `full`, `unavailable`, `corrupt`.
  func take(_ entries: [LogEntry], from source: LogSource) async throws(StoreError)

  /// As `compact(to:after:)` of a store that is written to: what the leader removes goes here too.
  /// - Throws: `revisionInFuture`, `notFollower`, `full`, `unavailable`, `corrupt`.
  func takeCompaction(to revision: Revision, after place: Revision) async throws(StoreError) -> CompactionStep

  /// Ends the copy: the store begins an epoch of its own. It takes nothing any more until it is opened again.
  /// - Throws: `notFollower`, `full`, `unavailable`.
  func promote() async throws(StoreError) -> Promotion

  /// Copies the store as it is now, while reads and writes go on.
  /// - Throws: `full`, `unavailable`, `corrupt`.
  func copy(watch: UpkeepWatch) async throws(StoreError) -> any StoreCopy

  /// Tells that the head has moved, as `Store.wakeups` does.
  func wakeups() -> AsyncStream<Revision>
}

/// A place in the history of one store.
package struct LogPosition: Hashable, Sendable {
  /// The store, and its epoch.
  package let identity: StoreIdentity

  /// The last revision.
  package let revision: Revision

  /// The hash of the audit's chain up to it.
  package let chain: [UInt8]

  /// Makes a position.
  package init(identity: StoreIdentity, revision: Revision, chain: [UInt8]) {
    self.identity = identity
    self.revision = revision
    self.chain = chain
  }
}

/// One change as it was committed: its row of the audit, and the version that it wrote.
package struct LogEntry: Hashable, Sendable {
  /// A version, as far as it does not follow from the one before it.
  package struct Version: Hashable, Sendable {
    /// What a version holds until it is erased.
    package struct Content: Hashable, Sendable {
      /// What stands before the body under its digest; empty in a version that was erased, whose body is no more than
      /// what was put in its place.
      package var salt: [UInt8]

      /// The record's bytes.
      package var body: [UInt8]

      /// Its index entries, in the store's form.
      package var entries: [UInt8]

      /// Makes what a version holds.
      package init(salt: [UInt8], body: [UInt8], entries: [UInt8]) {
        self.salt = salt
        self.body = body
        self.entries = entries
      }
    }

    /// The version of the key before it; zero if there was none.
    package var previous: Revision

    /// Who may see it.
    package var marking: Marking

    /// What it holds; nil if that was erased, or was nothing from the beginning.
    package var content: Content?

    /// Makes a version.
    package init(previous: Revision, marking: Marking, content: Content?) {
      self.previous = previous
      self.marking = marking
      self.content = content
    }
  }

  /// The revision, and the last one of the same request.
  package var revision: Revision
  package var transaction: Revision

  /// When it was committed.
  package var time: CommitTime

  /// Who changed which record into which state.
  package var actor: String
  package var state: UInt8
  package var key: String

  /// The digests of the request's id and content, in the last change of a request that has an id.
  package var requestID: [UInt8]?
  package var requestHash: [UInt8]?

  /// The salted digest of the body; nil if the record was purged.
  package var bodyDigest: [UInt8]?

  /// Why the request was made, in the last change of a request that says so.
  package var reason: String?

  /// The hash of the audit's chain up to here.
  package var chain: [UInt8]

  /// The version that it wrote; nil if that was a purge and is no longer kept.
  package var version: Version?

  /// Whether it erased what the record held before, and left it there.
  package var erases: Bool { state & RecordState.erasing != 0 }

  /// Makes an entry.
  package init(
    revision: Revision, transaction: Revision, time: CommitTime, actor: String, state: UInt8, key: String,
    requestID: [UInt8]?, requestHash: [UInt8]?, bodyDigest: [UInt8]?, reason: String?, chain: [UInt8],
    version: Version?
  ) {
    self.revision = revision
    self.transaction = transaction
    self.time = time
    self.actor = actor
    self.state = state
    self.key = key
    self.requestID = requestID
    self.requestHash = requestHash
    self.bodyDigest = bodyDigest
    self.reason = reason
    self.chain = chain
    self.version = version
  }

  /// Whether it is the last change of its request.
  package var endsRequest: Bool { revision == transaction }

  /// About what it takes in memory and on the wire.
  package var byteCount: Int {
    let content = version?.content
    return 200 + key.utf8.count + (reason?.utf8.count ?? 0) + (content?.body.count ?? 0) + (content?.entries.count ?? 0)
  }
}

/// How much of a log is read at a time.
package struct LogLimit: Hashable, Sendable {
  /// The most changes.
  package var entries: Int

  /// The bytes after which nothing is added.
  package var bytes: Int

  /// Makes a limit.
  package init(entries: Int = 1000, bytes: Int = 1 << 20) {
    self.entries = entries
    self.bytes = bytes
  }
}

/// What a store says of itself at one moment.
package struct LogSource: Hashable, Sendable {
  /// The newest revision.
  package let head: Revision

  /// The revision from which on history is kept.
  package let compacted: Revision

  /// What the index entries are made by, as `Indexing.form`; empty if that is not declared.
  package let form: [UInt8]

  /// Makes what a store says.
  package init(head: Revision, compacted: Revision, form: [UInt8]) {
    self.head = head
    self.compacted = compacted
    self.form = form
  }
}

/// A run of changes, read at one moment.
package struct LogPage: Sendable {
  /// The changes.
  package let entries: [LogEntry]

  /// What the store says of itself.
  package let source: LogSource

  /// Makes a page.
  package init(entries: [LogEntry], source: LogSource) {
    self.entries = entries
    self.source = source
  }
}

/// What a promotion has done.
package struct Promotion: Hashable, Sendable {
  /// The store in its new epoch.
  package let identity: StoreIdentity

  /// The last revision that was copied from the leader.
  package let copied: Revision

  /// The revision at which the new epoch begins.
  package let revision: Revision

  /// Makes the account of a promotion.
  package init(identity: StoreIdentity, copied: Revision, revision: Revision) {
    self.identity = identity
    self.copied = copied
    self.revision = revision
  }
}

/// A copy of a store, to be read piece by piece. It takes room on the disk until it is let go.
package protocol StoreCopy: Sendable {
  /// What it is of.
  var manifest: BackupManifest { get }

  /// So many of its bytes from a place on; fewer at its end. It blocks for as long as the disk takes.
  /// - Throws: `unavailable`.
  func bytes(at place: Int64, count: Int) throws(StoreError) -> [UInt8]
}

/// Takes the bytes of a copy in, and makes a store of them.
package protocol StoreCopyReceiver {
  /// Adds the next bytes.
  /// - Throws: `corrupt` if there are more than the manifest says, `full`, `unavailable`.
  func append(_ bytes: [UInt8]) throws(StoreError)

  /// Makes the store once all of it is there.
  /// - Throws: `corrupt` if it is not what its manifest says, `full`, `unavailable`.
  func install(now: CommitTime, watch: UpkeepWatch) throws(StoreError)

  /// Gives up what is there of the copy, unless it is installed.
  func discard()
}
