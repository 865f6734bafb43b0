/// How far work that takes its time has come: a backup, a verification, or a report that is compiled.
package struct UpkeepProgress: Hashable, Sendable {
  /// What is being done.
  package enum Stage: String, Sendable {
    /// The database is copied.
    case copying
    /// The digest of a file is taken.
    case hashing
    /// The pages of the database are checked.
    case pages
    /// The chain of the audit is computed again.
    case chain
    /// Versions are compared with the audit, and bodies with their digests.
    case versions
    /// Each record's versions are compared with its head and its index entries.
    case records
    /// The records of a report are read.
    case gathering
    /// A report is put together.
    case composing
  }

  /// What is being done.
  package let stage: Stage

  /// How much of it is done, in units of the stage.
  package let done: Int64

  /// How much there is to do; 0 if that is not known.
  package let total: Int64

  /// Tells how far a stage has come.
  package init(_ stage: Stage, done: Int64, of total: Int64) {
    self.stage = stage
    self.done = done
    self.total = total
  }
}

/// Who looks on while upkeep is done.
package struct UpkeepWatch: Sendable {
  /// Whether nobody wants the result any longer; asked often, from the store's thread.
  package let isGivenUp: @Sendable () -> Bool

  /// Is told how far it has come, from the store's thread: it must return at once.
  package let report: @Sendable (UpkeepProgress) -> Void

  /// Nobody looks on.
  package static let nobody = UpkeepWatch(isGivenUp: { false }, report: { _ in })

  /// Makes somebody who looks on.
  package init(
    isGivenUp: @escaping @Sendable () -> Bool, report: @escaping @Sendable (UpkeepProgress) -> Void
  ) {
    self.isGivenUp = isGivenUp
    self.report = report
  }
}

/// What a backup holds, as its manifest says.
package struct BackupManifest: Hashable, Sendable {
  /// What is known of the file of a sealed backup without opening it.
  package struct Seal: Hashable, Sendable {
    /// The key that it is sealed to, by its id.
    package let keyID: String

    /// The bytes of the sealed file.
    package let byteCount: Int64

    /// Its SHA-256.
    package let sha256: [UInt8]

    /// Makes what is known of a sealed file.
    package init(keyID: String, byteCount: Int64, sha256: [UInt8]) {
      self.keyID = keyID
      self.byteCount = byteCount
      self.sha256 = sha256
    }
  }

  /// The store that was copied, and in which epoch.
  package let identity: StoreIdentity

  /// The last revision in the copy.
  package let revision: Revision

  /// The hash of the last row of the audit in the copy.
  package let chain: [UInt8]

  /// The schema of the copy's tables.
  package let schema: Int

  /// When the copy was made.
  package let time: CommitTime

  /// The bytes of the copied database.
  package let byteCount: Int64

  /// Its SHA-256.
  package let sha256: [UInt8]

  /// How the database is sealed; nil if it is not.
  package var seal: Seal?

  /// Makes the manifest of a backup.
  package init(
    identity: StoreIdentity, revision: Revision, chain: [UInt8], schema: Int, time: CommitTime, byteCount: Int64,
    sha256: [UInt8], seal: Seal? = nil
  ) {
    self.seal = seal
    self.identity = identity
    self.revision = revision
    self.chain = chain
    self.schema = schema
    self.time = time
    self.byteCount = byteCount
    self.sha256 = sha256
  }
}

/// How thoroughly a store is verified.
package enum VerifyDepth: String, CaseIterable, Sendable {
  /// The pages of the database, and the chain of the audit.
  case quick

  /// Also every body's digest, every version against the audit, and every head and index entry against the versions.
  case full
}

/// What a verification has found.
package struct VerifyReport: Hashable, Sendable {
  /// The most findings in a report; the first are enough to know what to do.
  package static let findingCountMax = 20

  /// Something in the store that contradicts something else in it.
  package struct Finding: Hashable, Sendable {
    /// The revision that is not as it was written; nil if it is about no single one.
    package let revision: Revision?

    /// What is wrong.
    package let message: String

    /// Tells what is wrong.
    package init(_ revision: Revision?, _ message: String) {
      self.revision = revision
      self.message = message
    }
  }

  /// How thoroughly the store was looked at.
  package let depth: VerifyDepth

  /// The store, and its last revision.
  package let identity: StoreIdentity
  package let revision: Revision

  /// The rows of the audit and the versions of records that were looked at.
  package let auditRowCount: Int
  package let versionCount: Int

  /// When it was done.
  package let time: CommitTime

  /// What is wrong, at most `findingCountMax`.
  package private(set) var findings: [Finding]

  /// Makes a report.
  package init(
    depth: VerifyDepth, identity: StoreIdentity, revision: Revision, auditRowCount: Int, versionCount: Int,
    time: CommitTime, findings: [Finding]
  ) {
    self.depth = depth
    self.identity = identity
    self.revision = revision
    self.auditRowCount = auditRowCount
    self.versionCount = versionCount
    self.time = time
    self.findings = findings
  }

  /// Adds what is wrong beside the store, as far as there is room.
  package mutating func add(_ findings: [Finding]) {
    self.findings += findings.prefix(max(0, Self.findingCountMax - self.findings.count))
  }

  /// Whether nothing is wrong.
  package var isSound: Bool { findings.isEmpty }

  /// The first revision that is not as it was written.
  package var firstBadRevision: Revision? { findings.compactMap(\.revision).min() }
}
