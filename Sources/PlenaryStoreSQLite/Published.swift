internal import PlenaryStore
internal import Synchronization

/// The values that rows name by number.
struct Names: Sendable {
  var markings = Interned<Marking>()
  var actors = Interned<String>()

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
/// - The cache has heard of every change up to `head`.
final class Published: Sendable {
  let cache: RecordCache

  private struct Waiters {
    var continuations: [Int: AsyncStream<Revision>.Continuation] = [:]
    var nextID = 0
    var isClosed = false
  }

  private let headNumber: Atomic<UInt64>
  private let sharedNames: Mutex<Names>
  private let waiters = Mutex(Waiters())

  init(head: UInt64, names: Names, cacheBytesMax: Int) {
    headNumber = Atomic(head)
    sharedNames = Mutex(names)
    cache = RecordCache(byteCountMax: cacheBytesMax)
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
  func publish(head: UInt64, changes: [StoredRecord]) {
    for record in changes { cache.publish(record) }
    headNumber.store(head, ordering: .releasing)
    waiters.withLock { waiters in
      for continuation in waiters.continuations.values { continuation.yield(Revision(head)) }
    }
  }

  /// A stream of heads from now on.
  func wakeups() -> AsyncStream<Revision> {
    let (stream, continuation) = AsyncStream.makeStream(of: Revision.self, bufferingPolicy: .bufferingNewest(1))
    let id = waiters.withLock { waiters -> Int? in
      guard !waiters.isClosed else { return nil }
      waiters.nextID += 1
      waiters.continuations[waiters.nextID] = continuation
      return waiters.nextID
    }
    guard let id else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      _ = self?.waiters.withLock { $0.continuations.removeValue(forKey: id) }
    }
    return stream
  }

  /// Ends the streams.
  func finish() {
    let continuations = waiters.withLock { waiters in
      waiters.isClosed = true
      defer { waiters.continuations = [:] }
      return Array(waiters.continuations.values)
    }
    for continuation in continuations { continuation.finish() }
  }
}
