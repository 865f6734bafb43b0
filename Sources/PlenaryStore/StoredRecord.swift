internal import Synchronization

/// What a version says about its record. The numbers are stored.
package enum RecordState: UInt8, Hashable, Sendable {
  /// In use.
  case live = 1

  /// Deleted, and can be undeleted: reads by key find it, lists only when asked to.
  case softDeleted = 2

  /// Gone for good; its body is erased from every version. Its key may be used again.
  case purged = 3
}

extension RecordState {
  /// What is added to the number of a state in the audit if the change erased what the record held before.
  package static let erasing: UInt8 = 8

  /// The state that a number in the audit tells of; nil if it is that of no record.
  package init?(audited number: UInt8) { self.init(rawValue: number & ~Self.erasing) }
}

/// One version of a record. It never changes, and is shared by whoever read it.
package final class StoredRecord: Sendable {
  /// The record's key.
  package let key: Key

  /// The change that wrote this version.
  package let revision: Revision

  /// Live or soft-deleted; purged only in a change.
  package let state: RecordState

  /// The number of its marking.
  package let acl: ACL

  /// The number of the label that the marking has.
  package let label: Int32

  /// Whether the version is confined, see `Confining`.
  package let isConfined: Bool

  /// The revision of the record's first version. With the store's identity it names the record for ever, even after
  /// its key has been used again.
  package let born: Revision

  /// When the first version was written.
  package let createTime: CommitTime

  /// When this version was written.
  package let updateTime: CommitTime

  /// When the record was soft-deleted; nil if it is live.
  package let deleteTime: CommitTime?

  /// Who wrote the first version.
  package let creator: String

  /// Who wrote this version.
  package let actor: String

  /// The record as it was handed to the store; empty if purged.
  package let body: [UInt8]

  private let rendering = Mutex<[UInt8]?>(nil)

  /// Makes a version.
  package init(
    key: Key, revision: Revision, state: RecordState, acl: ACL, label: Int32, born: Revision, createTime: CommitTime,
    updateTime: CommitTime, deleteTime: CommitTime?, creator: String, actor: String, body: [UInt8],
    isConfined: Bool = false
  ) {
    self.key = key
    self.revision = revision
    self.state = state
    self.acl = acl
    self.label = label
    self.isConfined = isConfined
    self.born = born
    self.createTime = createTime
    self.updateTime = updateTime
    self.deleteTime = deleteTime
    self.creator = creator
    self.actor = actor
    self.body = body
  }

  /// What readers are given of this version: made by the first of them, and kept for the others.
  ///
  /// - Parameter make: Makes it. It must give the same bytes each time.
  package func rendered(_ make: (StoredRecord) -> [UInt8]) -> [UInt8] {
    rendering.withLock { rendering in
      if let rendering { return rendering }
      let made = make(self)
      rendering = made
      return made
    }
  }

  /// The same version with other content, or with none.
  package func with(body: [UInt8]) -> StoredRecord {
    StoredRecord(
      key: key, revision: revision, state: state, acl: acl, label: label, born: born, createTime: createTime,
      updateTime: updateTime, deleteTime: deleteTime, creator: creator, actor: actor, body: body,
      isConfined: isConfined)
  }

  /// Whether the record is soft-deleted.
  package var isDeleted: Bool { state == .softDeleted }
}

/// Records as they stood together at one revision.
package struct Snapshot: Sendable {
  /// The revision.
  package let revision: Revision

  /// A record for each key asked for, in that order; nil where there is none, or none that the viewer sees.
  package let records: [StoredRecord?]

  /// Makes a snapshot.
  package init(revision: Revision, records: [StoredRecord?]) {
    self.revision = revision
    self.records = records
  }
}

/// One change of one record, as a viewer sees it.
package struct Change: Sendable {
  /// The place of the change in the store's order.
  package let revision: Revision

  /// The last revision of the request that made it; only this may be given out.
  package let transaction: Revision

  /// Which record.
  package let key: Key

  /// What the viewer sees of it from here on; nil if nothing: purged, or moved out of sight.
  package let record: StoredRecord?

  /// Whether the viewer saw a version of it before.
  package let wasVisible: Bool

  /// Whether it erased what the record held before, and left it there.
  package let erases: Bool

  /// Makes a change.
  package init(
    revision: Revision, transaction: Revision, key: Key, record: StoredRecord?, wasVisible: Bool, erases: Bool = false
  ) {
    self.erases = erases
    self.revision = revision
    self.transaction = transaction
    self.key = key
    self.record = record
    self.wasVisible = wasVisible
  }
}

/// A run of changes: whole transactions, in order.
package struct ChangeBatch: Sendable {
  /// The changes that the viewer may know of.
  package let changes: [Change]

  /// The revision that the run reaches, to be asked after next; it can be above the last change shown.
  package let through: Revision

  /// Makes a batch.
  package init(changes: [Change], through: Revision) {
    self.changes = changes
    self.through = through
  }
}
