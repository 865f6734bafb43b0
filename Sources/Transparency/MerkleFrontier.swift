/// The right edge of a tree: what is needed to add entries to it and to know its root.
package struct MerkleFrontier: Hashable, Sendable {
  /// A subtree that is complete.
  package struct Node: Hashable, Sendable {
    /// It is over 2^level entries.
    package let level: Int

    /// Which one of its level it is, counted from 0.
    package let number: UInt64

    /// Its hash.
    package let hash: [UInt8]

    /// Names a subtree.
    package init(level: Int, number: UInt64, hash: [UInt8]) {
      self.level = level
      self.number = number
      self.hash = hash
    }
  }

  /// The entries of the tree.
  package private(set) var size: UInt64

  /// The largest complete subtrees from the left to the right: one for each bit of `size`, the highest first.
  private var peaks: [[UInt8]]

  /// The edge of a tree without entries.
  package init() {
    size = 0
    peaks = []
  }

  /// The edge of a tree that consists of complete subtrees.
  ///
  /// - Parameter peaks: Their hashes: one for each bit of `size`, the highest first.
  package init(size: UInt64, peaks: [[UInt8]]) {
    precondition(peaks.count == size.nonzeroBitCount, "there is one peak for each bit of the size")
    self.size = size
    self.peaks = peaks
  }

  /// The root.
  package var root: [UInt8] {
    guard var hash = peaks.last else { return MerkleTree.emptyRoot }
    for peak in peaks.dropLast().reversed() { hash = MerkleTree.node(peak, hash) }
    return hash
  }

  /// Adds the hash of an entry.
  ///
  /// - Parameter completed: Is given each subtree of at least `leastLevel` that the entry completes, the lowest first.
  package mutating func append<Failure: Error>(
    leaf: [UInt8], leastLevel: Int, completed: (Node) throws(Failure) -> Void
  ) throws(Failure) {
    var hash = leaf
    let merged = size.trailingOnesCount
    for level in 1..<(merged + 1) {
      hash = MerkleTree.node(peaks.removeLast(), hash)
      if level >= leastLevel {
        try completed(Node(level: level, number: size >> UInt64(level), hash: hash))
      }
    }
    peaks.append(hash)
    size += 1
  }

  /// Adds the hash of an entry.
  package mutating func append(leaf: [UInt8]) {
    append(leaf: leaf, leastLevel: Int.max) { (_: Node) in }
  }
}

extension UInt64 {
  /// The ones from the lowest bit on.
  fileprivate var trailingOnesCount: Int { (~self).trailingZeroBitCount }
}
