/// What a store proves of its audit: that a row is in it, and that it only grows.
///
/// The rows are the entries of a Merkle tree (RFC 6962), in the order of their revisions. The tree of a store has every
/// row up to its head.
package protocol TransparencyLog: Sendable {
  /// The tree as it is now, or of what was committed at a time or before it.
  /// - Throws: `unavailable`, `corrupt`.
  func treeHead(at time: CommitTime?) async throws(StoreError) -> TreeHead

  /// Proves that the row of a revision is in the tree of a size; nil if it is not, or the tree has no such size.
  ///
  /// - Parameter size: The entries of the tree; nil for all that there are.
  /// - Throws: `unavailable`, `corrupt`.
  func inclusion(of revision: Revision, size: UInt64?) async throws(StoreError) -> TreeInclusion?

  /// Proves that the tree of one size continues that of another; nil if it never had one of them.
  ///
  /// - Throws: `unavailable`, `corrupt`.
  func consistency(from first: UInt64, to size: UInt64) async throws(StoreError) -> [[UInt8]]?
}

/// A tree, by what stands for all of it.
package struct TreeHead: Hashable, Sendable {
  /// Its entries.
  package let size: UInt64

  /// Its root, 32 bytes.
  package let root: [UInt8]

  /// The revision of its last entry.
  package let revision: Revision

  /// Makes a head.
  package init(size: UInt64, root: [UInt8], revision: Revision) {
    self.size = size
    self.root = root
    self.revision = revision
  }
}

/// The way from a row of the audit to the root of a tree.
package struct TreeInclusion: Hashable, Sendable {
  /// What a version holds whose digest stands in the row.
  package struct Content: Hashable, Sendable {
    /// What stands before the body under the digest.
    package let salt: [UInt8]

    /// The record's bytes as they are stored.
    package let body: [UInt8]

    /// Makes the content.
    package init(salt: [UInt8], body: [UInt8]) {
      self.salt = salt
      self.body = body
    }
  }

  /// The tree.
  package let head: TreeHead

  /// The place of the row in it, counted from 0.
  package let index: UInt64

  /// The row, in the bytes that are hashed.
  package let entry: [UInt8]

  /// The hashes beside the way to the root, the lowest first.
  package let hashes: [[UInt8]]

  /// What the version of the revision holds; nil if it is erased, or no longer kept.
  package let content: Content?

  /// Makes a proof.
  package init(head: TreeHead, index: UInt64, entry: [UInt8], hashes: [[UInt8]], content: Content?) {
    self.head = head
    self.index = index
    self.entry = entry
    self.hashes = hashes
    self.content = content
  }
}
