/// Makes of a part of a feed what is told of it, where the part is read.
///
/// A teller is a value: what one has taken may be dropped before it has told anything, and a copy of it begin again.
///
/// Most changes need no object of their own: they are lent, one after the other, as they stand in the store. A teller that
/// has to look at records takes none so, and is given them in the part.
package protocol FeedTeller: Sendable {
  /// What is told of a part.
  associatedtype Told: Sendable

  /// Whether changes may be lent to it.
  var takesLent: Bool { get }

  /// Takes the next change of the part. Other reads may have to wait for it.
  ///
  /// - Parameters:
  ///   - key: The record's key, lent for the call.
  ///   - body: The version that was written, lent for the call; nil if the record was removed.
  mutating func take(_ change: LentChange, key: Span<UInt8>, body: Span<UInt8>?)

  /// What is told. Nothing is taken or told after that.
  ///
  /// - Parameter part: The part, with all changes but those that were lent: they are either all lent, or none is.
  mutating func told(of part: FeedPart) -> Told
}

/// Tells of a part just the part.
private struct PartTeller: FeedTeller {
  var takesLent: Bool { false }
  mutating func take(_ change: LentChange, key: Span<UInt8>, body: Span<UInt8>?) {}
  mutating func told(of part: FeedPart) -> FeedPart { part }
}

extension FeedStore {
  /// What comes next, from wherever it is.
  /// - Throws: `revisionInFuture`, `revisionCompacted`, `unavailable`, `corrupt`.
  package func feed(_ question: FeedQuestion) async throws(StoreError) -> FeedPart {
    try await feed(question, to: PartTeller())
  }
}
