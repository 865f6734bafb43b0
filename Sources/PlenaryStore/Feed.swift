/// The changes of a store as those see them who follow it: what has become of the records that they want, in order.
///
/// The last changes are in memory, so that any number of followers costs the store nothing; whoever is behind them is
/// served from the store, and no writer ever waits for anyone.
package protocol FeedStore: Sendable {
  /// What comes next, if it is in memory; nil says that it is not, and `feed` has to be asked.
  ///
  /// It never blocks, so that a call can be answered on its event loop.
  func feedInMemory(_ question: FeedQuestion) -> FeedPart?

  /// What is told of what comes next, from wherever it is.
  ///
  /// It never blocks either, and the teller is never called on the executor of the call.
  /// - Throws: `revisionInFuture`, `revisionCompacted`, `unavailable`, `corrupt`.
  func feed<Teller: FeedTeller>(_ question: FeedQuestion, to teller: Teller) async throws(StoreError) -> Teller.Told
}

/// Which changes a follower is to be told of.
package struct FeedSelection: Sendable {
  /// What of a key's records is wanted: the place of their query among `queries`; nil if nothing is. Keys that agree up to
  /// their last slash have the same.
  package let queryIndex: @Sendable (_ key: Span<UInt8>) -> Int?

  /// What the records must satisfy, as a list with such a query would have them. Scope and order say nothing here, and
  /// deleted records are never wanted.
  package let queries: [Query]

  /// Whether the versions before are wanted too.
  package let includesBefore: Bool

  /// Makes a selection.
  package init(queries: [Query], includesBefore: Bool, queryIndex: @escaping @Sendable (_ key: Span<UInt8>) -> Int?) {
    self.queryIndex = queryIndex
    self.queries = queries
    self.includesBefore = includesBefore
  }
}

/// Where a part of a feed ends: before the first change that does not fit any more. A first change that is larger still
/// makes a part.
package struct FeedLimit: Hashable, Sendable {
  /// The most changes.
  package var changes: Int

  /// The most bytes of bodies.
  package var bytes: Int

  /// The most changes looked at in one read, those left out counted. The part is then not whole.
  package var lookedAt: Int

  /// Makes a limit.
  package init(changes: Int, bytes: Int, lookedAt: Int) {
    self.changes = changes
    self.bytes = bytes
    self.lookedAt = lookedAt
  }
}

/// What a follower asks for.
package struct FeedQuestion: Sendable {
  /// The place that it has come to. It may lie within a request.
  package var after: Revision

  /// The last revision that it wants to know of; nil if there is no last one.
  package var end: Revision?

  /// What it may see.
  package let viewer: Viewer

  /// What it wants to know of.
  package let selection: FeedSelection

  /// How much it takes at a time.
  package var limit: FeedLimit

  /// A part that is not whole, which was read in answer to this question and is to be gone on with.
  package var begun: FeedPart?

  /// Where the reading begins.
  package var place: Revision { begun?.lookedThrough ?? after }

  /// Makes a question.
  package init(
    after: Revision, end: Revision? = nil, viewer: Viewer, selection: FeedSelection, limit: FeedLimit
  ) {
    self.after = after
    self.end = end
    self.viewer = viewer
    self.selection = selection
    self.limit = limit
  }
}

/// What became of one record, to a follower.
package struct FeedChange: Sendable {
  /// What became of it.
  package enum Kind: Hashable, Sendable {
    /// It is there and was not before.
    case created
    /// It was there before, and has another version.
    case updated
    /// It was there before, and is not any longer: deleted, out of sight, or nothing that the follower wants. This is told
    /// of the change by which it went, whatever has become of the record since.
    case removed
  }

  /// What became of it.
  package let kind: Kind

  /// The record.
  package let key: Key

  /// The place of its query in the selection.
  package let queryIndex: Int

  /// When it happened.
  package let time: CommitTime

  /// The last revision of the request that did it; only this may be given out.
  package let transaction: Revision

  /// The version that was written; nil if it was removed.
  package let after: StoredRecord?

  /// The version before, if it is wanted, kept and in sight.
  package let before: StoredRecord?

  /// Makes a change.
  package init(
    kind: Kind, key: Key, queryIndex: Int, time: CommitTime, transaction: Revision, after: StoredRecord?,
    before: StoredRecord?
  ) {
    self.kind = kind
    self.key = key
    self.queryIndex = queryIndex
    self.time = time
    self.transaction = transaction
    self.after = after
    self.before = before
  }
}

/// A run of changes, and how far it goes.
///
/// Where a whole part ends, and whether within a request, follows from the changes that the follower is told of: how many
/// others lie between them shows nowhere. A part that is not whole is no part yet, but to who may know that.
package struct FeedPart: Sendable {
  /// The changes, in order.
  package let changes: [FeedChange]

  /// The place that the part reaches, to be asked after next. It is that of the question if there is nothing more.
  package let through: Revision

  /// Whether the place is the end of a request, and may be given out. If it is not, the same request has changed more that
  /// the follower is told of.
  package let isAtEndOfRequest: Bool

  /// Whether nothing more had happened when it was read.
  package let isLast: Bool

  /// How far was looked: behind `through` if a request goes on there with nothing to the follower.
  package let lookedThrough: Revision

  /// Whether it ends before a change that does not fit, or where there is nothing more. Else enough was looked at for one
  /// read, and the question is to be asked again with this part as `begun`.
  package let isWhole: Bool

  /// Makes a part.
  package init(
    changes: [FeedChange], through: Revision, isAtEndOfRequest: Bool, isLast: Bool, lookedThrough: Revision,
    isWhole: Bool
  ) {
    self.changes = changes
    self.through = through
    self.isAtEndOfRequest = isAtEndOfRequest
    self.isLast = isLast
    self.lookedThrough = lookedThrough
    self.isWhole = isWhole
  }
}
