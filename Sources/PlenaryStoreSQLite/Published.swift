internal import PlenaryStore
internal import Synchronization

/// The values that rows name by number.
struct Names: Sendable {
  var markings = Interned<Marking>()
  var actors = Interned<String>()

  /// The number of the label of a marking; of one that is not there, the greatest.
  func label(of acl: UInt32) -> Int32 { markings.has(acl) ? markings[acl].label : .max }

  /// Whether versions with this marking are confined.
  func isConfined(_ acl: UInt32) -> Bool { markings.has(acl) && markings[acl].keeper != nil }

  /// Whether the viewer sees records with this marking.
  func viewer(_ viewer: Viewer, sees acl: UInt32) -> Bool {
    viewer.seesEverything || viewer.sees(markings[acl])
  }
}

/// What the writer tells the rest of the store.
///
/// Invariants:
/// - `head` is durable.
/// - `names` holds every number that a committed row uses: the writer publishes new ones before it commits.
/// - The cache and the ring have heard of every change up to `head`.
/// - Nobody is answered at a revision above `head`: who finds more in the database waits until it is published.
final class Published: Sendable {
  let cache: RecordCache

  private let headNumber: Atomic<UInt64>
  private let sharedNames: Mutex<Names>
  private let heads = Broadcast<Revision>()
  private let ring: Mutex<ChangeRing>

  /// The head, for who has to wait for it.
  private let awaited: Monitor<UInt64>

  /// How often it was begun and ended to publish changes: odd while the cache is partly ahead of `head`.
  private let turns = Atomic<UInt64>(0)

  /// The most changes that are added or copied while others wait for the ring.
  private static let ringStep = 256

  init(head: UInt64, names: Names, _ configuration: SQLiteStore.Configuration) {
    headNumber = Atomic(head)
    awaited = Monitor(head)
    sharedNames = Mutex(names)
    cache = RecordCache(byteCountMax: configuration.cacheBytesMax)
    ring = Mutex(
      ChangeRing(after: head, changesMax: configuration.feedChangesMax, bytesMax: configuration.feedBytesMax))
  }

  var head: Revision { Revision(headNumber.load(ordering: .acquiring)) }

  var names: Names { sharedNames.withLock { $0 } }

  func viewer(_ viewer: Viewer, sees acl: ACL) -> Bool {
    viewer.seesEverything || viewer.sees(sharedNames.withLock { $0.markings[acl.number] })
  }

  /// Called by the writer before it commits rows that use the names.
  func publish(_ names: Names) {
    sharedNames.withLock { $0 = names }
  }

  /// Called by the writer after a commit, and before it answers.
  ///
  /// - Parameter changes: What has changed. The first of them may be without what they replaced, if there are many, or not
  ///   be for everyone any more who saw them.
  func publish(head: UInt64, changes: CommittedChanges) {
    turns.wrappingAdd(1, ordering: .acquiringAndReleasing)
    for entry in changes.entries { cache.publish(entry.after.record) }
    for key in changes.outdated { cache.forget(key, asOf: Revision(head)) }
    if changes.incompleteCount > 0 { ring.withLock { $0.clear(before: head + 1) } }
    for start in stride(from: changes.incompleteCount, to: changes.entries.count, by: Self.ringStep) {
      ring.withLock { ring in
        for entry in changes.entries[start...].prefix(Self.ringStep) { ring.append(entry) }
      }
    }
    headNumber.store(head, ordering: .releasing)
    turns.wrappingAdd(1, ordering: .acquiringAndReleasing)
    awaited.updateForAll { $0 = head }
    heads.send(Revision(head))
  }

  /// A record from the cache, and the revision at which it is current; nil if it is not there, or if that cannot be told
  /// because a commit is being published.
  func cached(_ key: Key) -> (revision: Revision, record: StoredRecord)? {
    let turn = turns.load(ordering: .acquiring)
    guard turn.isMultiple(of: 2) else { return nil }
    let head = head
    // Who finds a record that is being published has taken the cache's lock after the writer, and so sees its turn.
    guard let record = cache.record(key), turns.load(ordering: .acquiring) == turn else { return nil }
    return (head, record)
  }

  /// Waits until a commit that the database shows is published. That takes a moment; but an answer that went out before
  /// could be followed by one from the cache that is older.
  func wait(for head: Revision) {
    guard self.head < head else { return }
    awaited.wait { $0 >= head.number ? () : nil }
  }

  /// Whether all changes after a place are in memory.
  func hasRecentChanges(after place: Revision) -> Bool { ring.withLock { $0.reachesBack(to: place.number) } }

  /// The changes after a place and up to another one, as many as are copied at a time, each with the marking that its
  /// record has now; nil if some of them are not in memory. The markings are looked up only for who does not see all.
  func recentChanges(
    after place: Revision, through end: Revision, _ question: FeedQuestion
  ) -> [(entry: FeedEntry, acl: ACL?)]? {
    ring.withLock { ring in
      let entries = ring.entries(
        after: place.number, through: end.number, countMax: min(question.limit.lookedAt, Self.ringStep))
      return entries?.map { entry in
        (entry, question.viewer.seesEverything ? nil : ring.acl(of: entry.after.record.key))
      }
    }
  }

  /// A stream of heads from now on.
  func wakeups() -> AsyncStream<Revision> { heads.stream() }

  /// Lets go who waits for a commit, as there will be no more.
  func endWaiting() { awaited.updateForAll { $0 = .max } }

  /// Ends the streams.
  func finish() { heads.finish() }
}
