/// What a transaction has changed, in order, for those who keep it in memory.
///
/// What the changes replaced is kept only for the last of them, as far as there is room for them in the ring: so a large
/// import takes no more memory for it than the ring does.
struct CommittedChanges {
  private let bytesMax: Int
  private var bytesBefore = 0

  private(set) var entries: [FeedEntry] = []

  /// How many of the first entries are without what they replaced.
  private(set) var incompleteCount = 0

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

  mutating func removeAll() {
    entries.removeAll(keepingCapacity: true)
    bytesBefore = 0
    incompleteCount = 0
  }

  private static func bytesBefore(_ entry: FeedEntry) -> Int { entry.before?.content?.byteCount ?? 0 }
}
