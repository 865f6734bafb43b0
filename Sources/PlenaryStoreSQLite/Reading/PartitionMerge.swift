internal import PlenaryStore

/// The records of several partitions, merged into one order.
struct PartitionMerge {
  /// The walks that are not at their end, the one at the next record last.
  private var walks: [IndexIntersection] = []
  private let direction: IndexRun.Direction

  init(_ walks: [IndexIntersection], going direction: IndexRun.Direction) {
    self.direction = direction
    for walk in walks { insert(walk) }
  }

  /// The next record's place; nil at the end.
  mutating func next() throws(Fault) -> IndexPlace? {
    guard let walk = walks.popLast(), let place = walk.current else { return nil }
    try walk.advance()
    insert(walk)
    return place
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
    if left.value == right.value { return IndexRun.precedes(left.key, right.key, going: direction) }
    return left.value.lexicographicallyPrecedes(right.value) == (direction == .up)
  }
}
