/// What a store tells of the past, and how it forgets.
package protocol HistoryStore: Sendable {
  /// The revision to read at for a state of the registry that is asked for: always the last of a request, so that no
  /// read shows half of one.
  /// - Throws: `revisionInFuture`, `revisionCompacted`, `unavailable`, `corrupt`.
  func revision(for point: ReadPoint) async throws(StoreError) -> Revision

  /// The oldest revision that can be read: zero as long as all history is kept.
  func oldestRevision() async throws(StoreError) -> Revision

  /// The versions of a record, the newest first; none if the viewer does not see the record.
  ///
  /// - Parameter revision: Where to begin: at the version that was the newest then; nil for the newest of all. A version
  ///   that is kept is found by its own revision even where that is older than the history.
  /// - Throws: `revisionInFuture`, `revisionCompacted`, `unavailable`, `corrupt`.
  func versions(
    of key: Key, as viewer: Viewer, from revision: Revision?, limit: PageLimit
  ) async throws(StoreError) -> VersionPage

  /// Whether the viewer sees records and saw them at times, moment by moment: as `get` at the revision of the time would
  /// tell, in one read of all of them. What is no longer known was not seen.
  /// - Throws: `unavailable`, `corrupt`.
  func saw(_ moments: [RecordMoment], as viewer: Viewer) async throws(StoreError) -> [Bool]

  /// The records that differ between two revisions, the first not above the second, in the order of the last changes on
  /// the way that the viewer could have seen.
  ///
  /// - Parameters:
  ///   - place: The `next` of the page before.
  ///   - limit: How much a page holds; of no records it tells whether one more differs. It looks at `rejected` changes.
  ///   - isWanted: Which keys count. It is asked on the store's own threads.
  /// - Throws: `revisionInFuture`, `revisionCompacted`, `unavailable`, `corrupt`.
  func differences(
    from first: Revision, to last: Revision, as viewer: Viewer, after place: Revision?, limit: PageLimit,
    where isWanted: @escaping @Sendable (Key) -> Bool
  ) async throws(StoreError) -> DifferencePage

  /// How many versions compacting to a revision would remove.
  /// - Throws: `revisionInFuture`, `unavailable`, `corrupt`.
  func removableVersionCount(to revision: Revision) async throws(StoreError) -> Int

  /// Removes a part of the versions that were replaced at the revision or before it, in a transaction of its own, and
  /// records that are purged with them. From the first step on, nothing below the revision can be read.
  ///
  /// - Parameter place: How far the step before has come; zero for the first one.
  /// - Throws: `revisionInFuture`, `full`, `readOnly`, `unavailable`, `corrupt`.
  func compact(to revision: Revision, after place: Revision) async throws(StoreError) -> CompactionStep

  /// Who has an entry, live or soft-deleted, and who has had it as far as history is kept, in the order of keys; at most so
  /// many.
  /// - Throws: `unavailable`, `corrupt`.
  func holders(of entry: IndexEntry, as viewer: Viewer, limit: Int) async throws(StoreError) -> [EntryHolder]

  /// A page of the rows of the audit, which outlive the versions that they account for.
  /// - Throws: `revisionInFuture`, `unavailable`, `corrupt`.
  func auditRows(_ question: AuditQuestion) async throws(StoreError) -> AuditPage
}

/// A record at a time.
package struct RecordMoment: Hashable, Sendable {
  /// The record.
  package let key: Key

  /// The time, which has passed.
  package let time: CommitTime

  /// Names a record and a time.
  package init(_ key: Key, at time: CommitTime) {
    self.key = key
    self.time = time
  }
}

/// A record that has an entry in an index, or has had it for a while.
package struct EntryHolder: Hashable, Sendable {
  /// The record.
  package let key: Key

  /// The revision from which on it had the entry.
  package let start: Revision

  /// The revision from which on it had it no more; nil if it has it now.
  package let end: Revision?

  /// Names a record and says since when it has an entry.
  package init(key: Key, start: Revision, end: Revision?) {
    self.key = key
    self.start = start
    self.end = end
  }
}

/// A state of the registry that a read asks for.
package enum ReadPoint: Hashable, Sendable {
  /// As it stood at a revision, once the request that this belongs to was done.
  case revision(Revision)

  /// As it stood at a time, which has passed.
  case time(CommitTime)
}

/// One version of a record among others, and how it came about.
package struct RecordVersion: Sendable {
  /// What was done.
  package enum Kind: Hashable, Sendable {
    case created, updated, deleted, undeleted, erased
  }

  /// The version.
  package let record: StoredRecord

  /// What was done.
  package let kind: Kind

  /// Why, in the caller's words; empty if it gave no reason.
  package let reason: String

  /// Whether it is the version that stands now.
  package let isNewest: Bool

  /// Makes a version.
  package init(record: StoredRecord, kind: Kind, reason: String, isNewest: Bool) {
    self.record = record
    self.kind = kind
    self.reason = reason
    self.isNewest = isNewest
  }
}

/// A page of the versions of a record.
package struct VersionPage: Sendable {
  /// The revision at which these are the versions.
  package let revision: Revision

  /// The versions, the newest first.
  package let versions: [RecordVersion]

  /// The revision from which the next page begins; nil on the last page.
  package let next: Revision?

  /// Whether the next page has a version, if there is a next page. Else enough was looked at for one read.
  package let isWhole: Bool

  /// Makes a page.
  package init(revision: Revision, versions: [RecordVersion], next: Revision?, isWhole: Bool = true) {
    self.revision = revision
    self.versions = versions
    self.next = next
    self.isWhole = isWhole
  }
}

/// A record that is not the same at two revisions.
package struct RecordDifference: Sendable {
  /// The record.
  package let key: Key

  /// Its version at the first revision, live or soft-deleted; nil if there was none that the viewer sees.
  package let before: StoredRecord?

  /// Its version at the second one.
  package let after: StoredRecord?

  /// Names a record and its versions.
  package init(key: Key, before: StoredRecord?, after: StoredRecord?) {
    self.key = key
    self.before = before
    self.after = after
  }
}

/// A page of the records that differ.
package struct DifferencePage: Sendable {
  /// The records, in the order of their last changes.
  package let differences: [RecordDifference]

  /// What the next page begins after; nil on the last page.
  package let next: Revision?

  /// Whether the next page has a record, if there is a next page. Else enough was looked at for one read.
  package let isWhole: Bool

  /// Makes a page.
  package init(differences: [RecordDifference], next: Revision?, isWhole: Bool = true) {
    self.differences = differences
    self.next = next
    self.isWhole = isWhole
  }
}

/// What one step of a compaction has done.
package struct CompactionStep: Hashable, Sendable {
  /// The most versions that one step removes.
  package static let removedCountMax = 1000

  /// The most revisions that one step looks at.
  package static let revisionCountMax = 50_000

  /// How many versions it has removed.
  package let removedCount: Int

  /// How far it has come; the whole is done when this is the revision compacted to.
  package let through: Revision

  /// Makes the account of a step.
  package init(removedCount: Int, through: Revision) {
    self.removedCount = removedCount
    self.through = through
  }
}
