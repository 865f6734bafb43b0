internal import PlenaryStore

/// The records of several partitions, merged into one order.
struct PartitionMerge {
  /// The walks that are not at their end, the one at the next record last.
  private var walks: [IndexIntersection] = []
  private let direction: IndexRun.Direction

  /// Whether walks through different values are merged by key alone. A record that has several of the values comes once.
  private let isByKey: Bool
  private var last: String?

  init(_ walks: [IndexIntersection], going direction: IndexRun.Direction, isByKey: Bool) {
    self.direction = direction
    self.isByKey = isByKey
    for walk in walks { insert(walk) }
  }

  /// The next record's place; nil at the end.
  mutating func next() throws(Fault) -> IndexPlace? {
    while let walk = walks.popLast(), let place = walk.current {
      try walk.advance()
      insert(walk)
      if isByKey {
        guard place.key != last else { continue }
        last = place.key
      }
      return place
    }
    return nil
  }

  private mutating func insert(_ walk: IndexIntersection) {
    guard let place = walk.current else { return }
    var (low, high) = (0, walks.count)
    while low < high {
      let middle = (low + high) / 2
      if let other = walks[middle].current, precedes(place, other) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    walks.insert(walk, at: low)
  }

  private func precedes(_ left: IndexPlace, _ right: IndexPlace) -> Bool {
    if isByKey || left.value == right.value { return IndexRun.precedes(left.key, right.key, going: direction) }
    return left.value.lexicographicallyPrecedes(right.value) == (direction == .up)
  }
}
