/// One atomic request to write: all of its changes happen, or none.
package struct WriteRequest: Sendable {
  /// The most changes in one request.
  package static let mutationCountMax = 50_000

  /// The most bytes of bodies in one request.
  package static let byteCountMax = 256 << 20

  /// Who asks, by the name that stays in the history.
  package var actor: String

  /// Why, in the caller's words; empty if it gave no reason. It stays in the audit for good, also after a purge.
  package var reason: String

  /// What makes a repeated request answer as the first did; nil if a repetition is a new request.
  package var idempotency: Idempotency?

  /// What must hold, or nothing is written.
  package var preconditions: [Precondition]

  /// The changes, in order; each gets a revision of its own.
  package var mutations: [Mutation]

  /// Makes a request.
  package init(
    actor: String, reason: String = "", idempotency: Idempotency? = nil, preconditions: [Precondition] = [],
    mutations: [Mutation]
  ) {
    self.actor = actor
    self.reason = reason
    self.idempotency = idempotency
    self.preconditions = preconditions
    self.mutations = mutations
  }
}

/// Names a request, so that sending it twice writes once.
package struct Idempotency: Hashable, Sendable {
  /// The caller, to whom the request id belongs.
  package let client: String

  /// The method called.
  package let method: String

  /// The id that the caller gave the request.
  package let requestID: String

  /// A digest of the request's content: the same id with other content is refused.
  package let requestHash: [UInt8]

  /// Names a request.
  package init(client: String, method: String, requestID: String, requestHash: [UInt8]) {
    self.client = client
    self.method = method
    self.requestID = requestID
    self.requestHash = requestHash
  }
}

/// A condition on which a request depends. The one writer checks it in the transaction that writes, so between the
/// check and the change nobody comes first.
package enum Precondition: Hashable, Sendable {
  /// Before the request, no record has the key: it was never used, or was purged.
  case absent(Key)

  /// Before the request, the record's last version is this one.
  case revision(Key, Revision)

  /// Before the request, no record under the prefix has changed after the revision.
  case prefixUnchangedSince(KeyPrefix, Revision)

  /// After the request, the record is live. Guards a reference, also to a record that the same request writes.
  case exists(Key)

  /// After the request, at most one live record has this entry, whatever its marking.
  case unique(IndexEntry)

  /// After the request, no live record refers to the key by an entry of one of the fields.
  case noReferrer(Key, through: [IndexField])

  /// After the request, at most so many records, live and soft-deleted, have a marking with this originator.
  case quota(originator: String, max: Int)
}

/// One change of one record.
package enum Mutation: Sendable {
  /// Creates the record, or replaces its content. A soft-deleted record stays deleted.
  case put(Key, Content)

  /// Deletes a live record so that it can be undeleted; its content stays.
  case softDelete(Key)

  /// Makes a soft-deleted record live again.
  case undelete(Key)

  /// Ends a record, live or soft-deleted, and erases the bodies of all its versions.
  case purge(Key)

  /// Puts other content in the place of what the record holds, and of what all its versions before held: what that was
  /// is erased. The record stays as it is otherwise, live or soft-deleted.
  case erase(Key, Content)

  /// The record that changes.
  package var key: Key {
    switch self {
    case .put(let key, _), .softDelete(let key), .undelete(let key), .purge(let key), .erase(let key, _): key
    }
  }

  /// What the record is to hold; nil if the change gives it nothing new to hold.
  package var content: Content? {
    switch self {
    case .put(_, let content), .erase(_, let content): content
    case .softDelete, .undelete, .purge: nil
    }
  }

  /// Whether it erases what the store holds.
  package var erases: Bool {
    switch self {
    case .purge, .erase: true
    case .put, .softDelete, .undelete: false
    }
  }
}

/// What a record holds.
package struct Content: Hashable, Sendable {
  /// The largest body, in bytes.
  package static let byteCountMax = 1 << 20

  /// The most index entries of one record.
  package static let entryCountMax = 4096

  /// The record's bytes, which the store never looks into.
  package var body: [UInt8]

  /// Who may see it.
  package var marking: Marking

  /// What it is found by. Order and repetition carry no meaning.
  package var entries: [IndexEntry]

  /// Makes the content of a record.
  package init(body: [UInt8], marking: Marking, entries: [IndexEntry]) {
    self.body = body
    self.marking = marking
    self.entries = entries
  }
}

/// What a request has done. It is given only when the changes are durable.
package struct WriteReceipt: Hashable, Sendable {
  /// What became of one mutation.
  package struct Change: Hashable, Sendable {
    /// The record.
    package let key: Key

    /// The version that the mutation wrote.
    package let revision: Revision

    /// Makes the account of a mutation.
    package init(key: Key, revision: Revision) {
      self.key = key
      self.revision = revision
    }
  }

  /// The last revision of the request; for a request without mutations, the store's at that moment.
  package let revision: Revision

  /// When it was committed.
  package let commitTime: CommitTime

  /// One change for each mutation, in order.
  package let changes: [Change]

  /// Whether the request had been done before, and this is what it did then.
  package let isReplay: Bool

  /// Makes a receipt.
  package init(revision: Revision, commitTime: CommitTime, changes: [Change], isReplay: Bool) {
    self.revision = revision
    self.commitTime = commitTime
    self.changes = changes
    self.isReplay = isReplay
  }
}
