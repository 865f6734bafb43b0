/// Why a store did not do what it was asked.
package enum StoreError: Error, Hashable, Sendable {
  /// A mutation needs a record that is not there, or not in the state that it changes.
  case notFound(Key)

  /// A precondition does not hold, and nothing was written.
  case conflict(Conflict)

  /// The request id was used before, with other content.
  case requestIDReused

  /// The request exceeds a limit of the store.
  case limitExceeded(Limit)

  /// The revision is above the store's, which is this one.
  case revisionInFuture(head: Revision)

  /// The history up to this revision is no longer kept.
  case revisionCompacted(oldest: Revision)

  /// No space is left. Nothing of the request was written; reads go on.
  case full

  /// The store does not accept writes now.
  case readOnly

  /// The store has failed or is closed. If `outcomeUnknown`, the request may or may not have been written: ask again
  /// with the same request id.
  case unavailable(reason: String, outcomeUnknown: Bool)

  /// The store's data contradict themselves.
  case corrupt(reason: String)

  /// The store was written by a newer version, in a schema that this one cannot read.
  case newerSchema(found: Int, supported: Int)

  /// Another process has the store open.
  case locked(processID: Int32?)

  /// Something stands where a store or a backup was to be made.
  case occupied(path: String)

  /// The store is a copy, and takes changes from this leader alone.
  case follower(leader: String)

  /// The store is no copy of another one.
  case notFollower

  /// What was to be taken over does not continue the history of this store at the revision.
  case differs(at: Revision, reason: String)
}

/// The precondition that did not hold, and what was found instead.
package struct Conflict: Hashable, Sendable {
  /// The place of the failed precondition in the request.
  package let precondition: Int

  /// What was found.
  package let finding: Finding

  /// Makes a conflict.
  package init(precondition: Int, finding: Finding) {
    self.precondition = precondition
    self.finding = finding
  }

  /// What was found instead of what a precondition asks for.
  package enum Finding: Hashable, Sendable {
    /// `absent`: a record has the key.
    case present(Key, RecordState)

    /// `exists`: there is no such record.
    case missing(Key)

    /// `exists`: the record is soft-deleted.
    case deleted(Key)

    /// `revision`: the record's last version is another; nil if there is no record.
    case otherRevision(Key, Revision?)

    /// `prefixUnchangedSince`: a record under the prefix changed in this revision.
    case changed(Key, Revision)

    /// `unique`: these live records, two of them named, have the entry.
    case taken(IndexEntry, by: [Key])

    /// `noReferrer`: so many entries of live records refer to the key; up to `referrerSampleMax` records are named.
    case referred(Key, by: [Key], count: Int)

    /// `quota`: the originator would have so many records.
    case tooMany(originator: String, count: Int)
  }

  /// The most referrers named in a conflict.
  package static let referrerSampleMax = 20
}

/// A limit of the store, with its value.
package enum Limit: Hashable, Sendable {
  /// Mutations in a request.
  case mutations(max: Int)

  /// Bytes of a request.
  case requestBytes(max: Int)

  /// Bytes of a record's body.
  case bodyBytes(Key, max: Int)

  /// Index entries of a record.
  case entries(Key, max: Int)

  /// Bytes of an index entry's value.
  case entryBytes(Key, IndexField, max: Int)
}
