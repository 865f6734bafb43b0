internal import Crypto
internal import Foundation

/// The hashes of RFC 6962 (2.1): a tree over entries that only grows, whose root stands for all of them in their order.
package enum MerkleTree {
  /// The bytes of a hash.
  package static let hashByteCount = 32

  /// The root of a tree without entries.
  package static let emptyRoot = Array(SHA256().finalize())

  /// The hash of an entry: SHA-256 of 0x00 and the entry.
  package static func leaf(_ entry: [UInt8]) -> [UInt8] { digest(0x00, entry, []) }

  /// The hash of what stands above two others: SHA-256 of 0x01 and both.
  package static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { digest(0x01, left, right) }

  private static func digest(_ prefix: UInt8, _ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1 + first.count + second.count)
    bytes.append(prefix)
    bytes += first
    bytes += second
    return Array(SHA256.hash(data: bytes))
  }

  // MARK: Proofs

  /// The hash over the 2^level entries from `number` · 2^level on, all of which the tree has.
  package typealias Subtree<Failure: Error> = (_ level: Int, _ number: UInt64) throws(Failure) -> [UInt8]

  /// The root over the first entries.
  package static func root<Failure: Error>(
    size: UInt64, _ subtree: Subtree<Failure>
  ) throws(Failure) -> [UInt8] {
    size == 0 ? emptyRoot : try root(0, size, subtree)
  }

  /// The hashes that lead from an entry to the root over the first `size` ones (RFC 6962, 2.1.1), the lowest first.
  ///
  /// - Precondition: `index` is below `size`.
  package static func inclusionProof<Failure: Error>(
    of index: UInt64, size: UInt64, _ subtree: Subtree<Failure>
  ) throws(Failure) -> [[UInt8]] {
    precondition(index < size, "a proof is of an entry that the tree has")
    var proof: [[UInt8]] = []
    var (start, count) = (UInt64(0), size)
    while count > 1 {
      let left = leftCount(count)
      if index - start < left {
        proof.append(try root(start + left, count - left, subtree))
        count = left
      } else {
        proof.append(try root(start, left, subtree))
        (start, count) = (start + left, count - left)
      }
    }
    return proof.reversed()
  }

  /// The hashes that show that the tree over the first `size` entries continues the one over the first `first` (RFC 6962,
  /// 2.1.2).
  ///
  /// - Precondition: `first` is from 1 to `size`.
  package static func consistencyProof<Failure: Error>(
    from first: UInt64, to size: UInt64, _ subtree: Subtree<Failure>
  ) throws(Failure) -> [[UInt8]] {
    precondition(0 < first && first <= size, "a tree continues one that is not larger")
    var proof: [[UInt8]] = []
    var (start, count) = (UInt64(0), size)
    var isWhole = true
    while first - start != count {
      let left = leftCount(count)
      if first - start <= left {
        proof.append(try root(start + left, count - left, subtree))
        count = left
      } else {
        proof.append(try root(start, left, subtree))
        (start, count) = (start + left, count - left)
        isWhole = false
      }
    }
    if !isWhole { proof.append(try root(start, count, subtree)) }
    return proof.reversed()
  }

  private static func root<Failure: Error>(
    _ start: UInt64, _ count: UInt64, _ subtree: Subtree<Failure>
  ) throws(Failure) -> [UInt8] {
    if count.nonzeroBitCount == 1 {
      let level = count.trailingZeroBitCount
      return try subtree(level, start >> UInt64(level))
    }
    let left = leftCount(count)
    return node(try root(start, left, subtree), try root(start + left, count - left, subtree))
  }

  /// The largest power of two below a number above 1.
  private static func leftCount(_ count: UInt64) -> UInt64 {
    1 << UInt64(63 - (count - 1).leadingZeroBitCount)
  }

  // MARK: Verification

  /// Whether a proof leads from an entry to a root (RFC 9162, 2.1.3.2).
  package static func holds(
    inclusion proof: [[UInt8]], of leaf: [UInt8], at index: UInt64, size: UInt64, root: [UInt8]
  ) -> Bool {
    guard index < size else { return false }
    var (place, last) = (index, size - 1)
    var hash = leaf
    for sibling in proof {
      guard last > 0, sibling.count == hashByteCount else { return false }
      if place & 1 == 1 || place == last {
        hash = node(sibling, hash)
        while place & 1 == 0, place != 0 { (place, last) = (place >> 1, last >> 1) }
      } else {
        hash = node(hash, sibling)
      }
      (place, last) = (place >> 1, last >> 1)
    }
    return last == 0 && hash == root
  }

  /// Whether a proof shows that one root continues another (RFC 9162, 2.1.4.2).
  package static func holds(
    consistency proof: [[UInt8]], from first: UInt64, _ firstRoot: [UInt8], to size: UInt64, _ root: [UInt8]
  ) -> Bool {
    guard first <= size else { return false }
    if first == size { return proof.isEmpty && firstRoot == root }
    // Everything continues the empty tree.
    if first == 0 { return proof.isEmpty && firstRoot == emptyRoot }
    var path = proof[...]
    // The first tree is a subtree of the other, so that its root begins the path.
    if first.nonzeroBitCount == 1 { path = [firstRoot] + path }
    guard let seed = path.popFirst(), path.allSatisfy({ $0.count == hashByteCount }) else { return false }
    var (place, last) = (first - 1, size - 1)
    while place & 1 == 1 { (place, last) = (place >> 1, last >> 1) }
    var (old, new) = (seed, seed)
    for hash in path {
      guard last > 0 else { return false }
      if place & 1 == 1 || place == last {
        (old, new) = (node(hash, old), node(hash, new))
        while place & 1 == 0, place != 0 { (place, last) = (place >> 1, last >> 1) }
      } else {
        new = node(new, hash)
      }
      (place, last) = (place >> 1, last >> 1)
    }
    return last == 0 && old == firstRoot && new == root
  }
}
