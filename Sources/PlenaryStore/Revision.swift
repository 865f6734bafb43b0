/// The position of one change in the store's single order of changes.
///
/// Revisions have no gaps: the first change of a store is 1, and each changed record gets the next number, in commit
/// order. The changes of one request are contiguous, and only the last of them is ever given out, so a revision that
/// somebody holds never stands in the middle of a transaction. Outside the service a revision is an opaque token.
package struct Revision: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The revision of an empty store, before any change.
  package static let zero = Revision(0)

  /// The number of changes up to and including this one.
  package let number: UInt64

  /// Makes the revision with a number.
  package init(_ number: UInt64) {
    self.number = number
  }

  package var description: String { String(number) }

  package static func < (left: Revision, right: Revision) -> Bool { left.number < right.number }
}

/// Which store a revision belongs to: a revision means nothing without it.
package struct StoreIdentity: Hashable, Sendable {
  /// 16 random bytes, drawn when the store was created.
  package let id: [UInt8]

  /// Counts the restores of the store, so that a token from before one fails loudly.
  package let epoch: UInt32

  /// Names a store.
  package init(id: [UInt8], epoch: UInt32) {
    self.id = id
    self.epoch = epoch
  }
}

/// The time of a commit, in microseconds since 1970-01-01T00:00:00Z. It rises strictly from commit to commit.
package struct CommitTime: Hashable, Comparable, Sendable {
  /// Microseconds since the Unix epoch.
  package let microseconds: Int64

  /// Makes the time so many microseconds after the Unix epoch.
  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  package static func < (left: CommitTime, right: CommitTime) -> Bool { left.microseconds < right.microseconds }
}
