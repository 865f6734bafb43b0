internal import PlenaryStore

/// What a transaction has changed, in order, for those who keep it in memory.
///
/// What the changes replaced is kept only for the last of them, as far as there is room for them in the ring: so a large
/// import takes no more memory for it than the ring does.
struct CommittedChanges {
  private let bytesMax: Int
  private var bytesBefore = 0

  private(set) var entries: [FeedEntry] = []

  /// How many of the first entries are without what they replaced, or have been confined since.
  private(set) var incompleteCount = 0

  /// The records whose current version has been confined, which nobody is to be shown from memory.
  private(set) var outdated: [Key] = []

  init(bytesMax: Int) {
    self.bytesMax = bytesMax
  }

  mutating func append(_ entry: FeedEntry) {
    entries.append(entry)
    bytesBefore += Self.bytesBefore(entry)
    while bytesBefore > bytesMax, incompleteCount < entries.count {
      bytesBefore -= Self.bytesBefore(entries[incompleteCount])
      entries[incompleteCount].before?.content = nil
      incompleteCount += 1
    }
  }

  /// Forgets the entries after the first `count`, whose request was refused.
  mutating func truncate(to count: Int) {
    for entry in entries[count...] { bytesBefore -= Self.bytesBefore(entry) }
    entries.removeSubrange(count...)
    incompleteCount = min(incompleteCount, count)
  }

  /// Notes that what came before has been confined: from now on the store is asked who may see it.
  ///
  /// - Parameter keys: The deleted records whose last version is.
  mutating func outdate(_ keys: [Key]) {
    incompleteCount = entries.count
    outdated += keys
  }

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    outdated.removeAll()
    bytesBefore = 0
    incompleteCount = 0
  }

  private static func bytesBefore(_ entry: FeedEntry) -> Int { entry.before?.content?.byteCount ?? 0 }
}
