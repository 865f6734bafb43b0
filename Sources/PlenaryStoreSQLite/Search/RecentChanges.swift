internal import PlenaryStore

/// What has changed lately: the index may have lost sight of how these records stood before.
struct RecentChanges {
  /// The most changes that are kept.
  static let countMax = 65_536

  /// Everything after this revision is here.
  private(set) var start: Revision

  private var changes: [(revision: Revision, place: SearchPlace)] = []

  init(after start: Revision) {
    self.start = start
  }

  /// Notes further changes.
  mutating func append(_ further: [(revision: Revision, place: SearchPlace)]) {
    // A step that has failed is tried again.
    let known = changes.last?.revision ?? start
    changes += further.drop { $0.revision <= known }
    guard changes.count > Self.countMax else { return }
    // Half of them go at once, so that each is moved once on average.
    let dropped = max(changes.count - Self.countMax / 2, 0)
    start = changes[dropped - 1].revision
    changes.removeFirst(dropped)
  }

  /// The keys of what has changed after one revision and until another; nil if not all of that is known.
  func keys(
    after first: Revision, through last: Revision, _ search: SearchRequest, from start: SearchStart
  ) -> Set<String>? {
    guard first < last else { return [] }
    guard first >= self.start else { return nil }
    let begin = changes.partitioningIndex { $0.revision > first }
    var keys: Set<String> = []
    for (revision, place) in changes[begin...] {
      guard revision <= last else { break }
      guard search.groups.contains(place.group), search.scope.contains(place.key) else { continue }
      if let key = start.key, start.direction == .ascending ? place.key <= key : place.key >= key { continue }
      keys.insert(place.key.name)
    }
    return keys
  }
}

extension Array {
  /// The first place from which on all elements satisfy what none before them does.
  fileprivate func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
