/// What is asked of the rows of the audit: one for each change, in the order of revisions.
package struct AuditQuestion: Sendable {
  /// Who asks. A row counts only if the viewer sees both the marking that the version had then and the one that the
  /// record has now; what is no longer known is for whoever sees everything.
  package var viewer: Viewer

  /// Whether the oldest rows come first.
  package var isOldestFirst: Bool

  /// The last revision that counts.
  package var through: Revision

  /// The revision that the page begins after, in the order that is asked for; nil for the first page.
  package var place: Revision?

  /// The first time that counts, and the first that does not any more.
  package var start: CommitTime?
  package var end: CommitTime?

  /// The principal that has made the change; nil for all.
  package var actor: String?

  /// Which rows count besides. It is asked on the store's own threads.
  package var isWanted: @Sendable (AuditRow) -> Bool

  /// The most rows of a page, and the most that are looked at in one read. A page of none tells whether there is one more.
  package var limit: Int
  package var lookedAtMax: Int

  /// Asks for the rows up to a revision, the newest first.
  package init(
    viewer: Viewer, through: Revision, limit: Int, lookedAtMax: Int,
    isWanted: @escaping @Sendable (AuditRow) -> Bool = { _ in true }
  ) {
    self.viewer = viewer
    self.through = through
    self.limit = limit
    self.lookedAtMax = lookedAtMax
    self.isWanted = isWanted
    isOldestFirst = false
  }
}

/// One row of the audit.
package struct AuditRow: Hashable, Sendable {
  /// The revision of the change, and the last one of the request that it belongs to.
  package let revision: Revision
  package let transaction: Revision

  /// When it was committed.
  package let time: CommitTime

  /// Who changed which record into which state. A restore of the store has no record.
  package let actor: String
  package let state: UInt8
  package let key: String

  /// The digest of the id that the caller gave the request; nil if it gave none.
  package let requestID: [UInt8]?

  /// The salted digest of what the record holds since; nil if it was removed for good.
  package let bodyDigest: [UInt8]?

  /// Why, in the caller's words; nil if the request does not say so.
  package let reason: String?

  /// The hash of the chain up to and including the row.
  package let chain: [UInt8]

  /// Makes a row.
  package init(
    revision: Revision, transaction: Revision, time: CommitTime, actor: String, state: UInt8, key: String,
    requestID: [UInt8]?, bodyDigest: [UInt8]?, reason: String?, chain: [UInt8]
  ) {
    self.revision = revision
    self.transaction = transaction
    self.time = time
    self.actor = actor
    self.state = state
    self.key = key
    self.requestID = requestID
    self.bodyDigest = bodyDigest
    self.reason = reason
    self.chain = chain
  }

  /// Whether it is the row of a restore, which is no record's.
  package var isRestore: Bool { key.isEmpty }
}

/// A page of rows of the audit.
package struct AuditPage: Sendable {
  /// The rows.
  package let rows: [AuditRow]

  /// The place of the next page; nil after the last one.
  package let next: Revision?

  /// Whether the next page has a row, if there is a next page. Else enough was looked at for one read.
  package let isWhole: Bool

  /// Makes a page.
  package init(rows: [AuditRow], next: Revision?, isWhole: Bool = true) {
    self.rows = rows
    self.next = next
    self.isWhole = isWhole
  }
}
