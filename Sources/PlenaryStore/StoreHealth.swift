/// How a store is doing.
package struct StoreHealth: Hashable, Sendable {
  /// What came of the last checkpoint.
  package struct Checkpoint: Hashable, Sendable {
    /// When it was made.
    package let time: CommitTime

    /// The pages that it moved from the write-ahead log into the database, and those that readers kept in the log.
    package let pagesMoved: Int
    package let pagesRemaining: Int

    /// Why it failed; nil if it did not.
    package let failure: String?

    /// Makes what came of a checkpoint.
    package init(time: CommitTime, pagesMoved: Int, pagesRemaining: Int, failure: String?) {
      self.time = time
      self.pagesMoved = pagesMoved
      self.pagesRemaining = pagesRemaining
      self.failure = failure
    }
  }

  /// What has become of the file that keeps some of the disk free for the hour of need.
  package enum Ballast: String, Sendable {
    /// There is none: the store is in memory, none is asked for, or the disk has no room for it.
    case absent
    /// It is there.
    case held
    /// The disk was full, and the file was given up for what frees space. Until there is room for it again, nothing
    /// is added to the store.
    case spent
  }

  /// Commits since the store was opened.
  package var commitCount = 0

  /// How long the last commits took, nearly all of it the fsync, in microseconds: half of them were as fast or faster,
  /// 99 of a hundred, and all.
  package var commitMicrosecondsP50: Int64 = 0
  package var commitMicrosecondsP99: Int64 = 0
  package var commitMicrosecondsMax: Int64 = 0

  /// How many changes the last commits made durable each: on average, and at most.
  package var batchChangesMean = 0.0
  package var batchChangesMax = 0

  /// The bytes in the write-ahead log.
  package var logByteCount: Int64 = 0

  /// The last checkpoint since the store was opened.
  package var checkpoint: Checkpoint?

  /// The bytes that are free on the store's disk; nil if that cannot be found out.
  package var diskFreeBytes: Int64?

  /// The file that keeps some of the disk free.
  package var ballast = Ballast.absent

  /// Why the store writes no more; nil if it does.
  package var failure: String?

  /// The last backup that was made and verified.
  package var lastBackup: BackupManifest?

  /// The last verification since the store was opened.
  package var lastVerification: VerifyReport?

  /// The schema of its tables.
  package var schema = 0

  /// The health of a store of which nothing is known yet.
  package init() {}
}
