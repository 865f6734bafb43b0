package import PlenaryStore
package import Transparency

extension SQLiteStore {
  /// How many revisions a restore leaves out, so that none is given out twice that was given out after the backup.
  package static let restoreGap: UInt64 = 1 << 20

  /// Who restores, in the audit.
  private static let restorer = "plenaryd restore"

  /// The manifest of a backup.
  /// - Throws: `corrupt`, `unavailable`.
  package static func manifest(ofBackup path: String) throws(StoreError) -> BackupManifest {
    do throws(Fault) {
      return try BackupManifest(json: try DurableFile.read("\(path)/\(Backup.manifestName)"))
    } catch {
      throw error.openingError
    }
  }

  /// Verifies a backup: its digest, and the database in it as thoroughly as is asked for. Nothing in it is changed.
  /// - Throws: `corrupt` if it is not what its manifest says, `newerSchema`, `unavailable`.
  package static func verify(
    backup path: String, _ depth: VerifyDepth, now: CommitTime, watch: UpkeepWatch
  ) throws(StoreError) -> (manifest: BackupManifest, report: VerifyReport) {
    let manifest = try manifest(ofBackup: path)
    guard manifest.seal == nil else { throw Self.isSealed(manifest) }
    let database = "\(path)/\(Backup.databaseName)"
    do throws(Fault) {
      let (byteCount, sha256) = try DurableFile.digest(database, watch: watch)
      try manifest.check(byteCount: byteCount, sha256: sha256)
      return (manifest, try inspect(database, manifest, depth, now: now, watch: watch))
    } catch {
      throw error.openingError
    }
  }

  /// Verifies a sealed backup: the digest of its file and, if there is the secret half of its key, that it opens and holds the
  /// database that was verified when the backup was made.
  /// - Throws: `corrupt` if it is not what its manifest says or does not open, `unavailable`.
  package static func verify(
    sealed path: String, with key: UnsealingKey?, watch: UpkeepWatch
  ) throws(StoreError) -> BackupManifest {
    let manifest = try manifest(ofBackup: path)
    guard let seal = manifest.seal else {
      throw .unavailable(reason: "\(path) is not sealed", outcomeUnknown: false)
    }
    let sealed = "\(path)/\(Backup.sealedName)"
    do throws(Fault) {
      let (byteCount, sha256) = try DurableFile.digest(sealed, watch: watch)
      guard byteCount == seal.byteCount, sha256 == seal.sha256 else {
        throw .refusal(.corrupt(reason: "the sealed file is not the one whose digest stands in the manifest"))
      }
      guard let key else { return manifest }
      let found = try SealedDatabase.unseal(sealed, to: nil, key, about: manifest.sealedHeader, watch: watch)
      try manifest.check(byteCount: found.byteCount, sha256: found.sha256)
      return manifest
    } catch {
      throw error.openingError
    }
  }

  private static func isSealed(_ manifest: BackupManifest) -> StoreError {
    .unavailable(
      reason: "the backup is sealed to the key \(manifest.seal?.keyID ?? "") and opens with its secret half alone",
      outcomeUnknown: false)
  }

  /// Makes the store of a directory from a backup, once that is verified. The store begins a new epoch, so that what was
  /// given out after the backup is told from what comes now; its history stays as it was.
  ///
  /// What was erased since the backup was made is erased again, as far as the list in the directory, its store and further
  /// lists say.
  ///
  /// - Parameters:
  ///   - isReplacing: Whether a store that the directory has is given up for it.
  ///   - key: The secret half of the key that the backup is sealed to, if it is.
  ///   - replay: How erasures are done again; nil if there are none, or nothing is restored.
  /// - Returns: what the backup holds, the store that it has become, and how many records were erased again.
  /// - Throws: `occupied` if there is a store and it is not to be replaced, `locked`, `corrupt` if the backup is not what
  ///   its manifest says or contradicts itself, `newerSchema`, `full`, `unavailable`. The directory is as before then.
  package static func restore(
    backup path: String, to target: String, isReplacing: Bool, with key: UnsealingKey? = nil,
    erasures replay: ErasureReplay? = nil, now: CommitTime, watch: UpkeepWatch
  ) throws(StoreError) -> (manifest: BackupManifest, identity: StoreIdentity, revision: Revision, erasureCount: Int) {
    let manifest = try manifest(ofBackup: path)
    let directory = try StoreDirectory(path: target)
    defer { directory.release() }
    let part = directory.databasePath + ".part"
    do throws(Fault) {
      guard isReplacing || !DurableFile.exists(directory.databasePath) else {
        throw .refusal(.occupied(path: directory.databasePath))
      }
      let (byteCount, sha256) = try copy(path, manifest, with: key, to: part, watch: watch)
      try manifest.check(byteCount: byteCount, sha256: sha256)
      let report = try inspect(part, manifest, .full, now: now, watch: watch)
      if let finding = report.findings.first {
        throw .refusal(.corrupt(reason: "the backup contradicts itself: \(finding)"))
      }
      let epoch = max(manifest.identity.epoch, replacedEpoch(directory)) + 1
      var restored = try beginEpoch(epoch, of: part, after: manifest, now: now)
      let list = try ErasureReplay.list(of: directory, and: replay?.files ?? [], for: manifest.identity.id)
      var erasureCount = 0
      if !list.erasures.isEmpty {
        guard let replay else {
          throw .refusal(.unavailable(reason: "what was erased cannot be erased again", outcomeUnknown: false))
        }
        erasureCount = try replay.run(list, in: part, directory, now: now)
        restored = try Meta(try SQLiteConnection(scratch: part))
        // What the backup does not have, another one may.
        try list.write(to: directory.erasuresPath)
      }
      try take(directory, part)
      return (manifest, restored.identity, Revision(restored.revision), erasureCount)
    } catch {
      for suffix in ["", "-journal", "-wal", "-shm"] { DurableFile.remove(part + suffix) }
      throw error.openingError
    }
  }

  /// Copies the database of a backup, and opens it if it is sealed. Returns the length and the SHA-256 of the copy.
  private static func copy(
    _ path: String, _ manifest: BackupManifest, with key: UnsealingKey?, to part: String, watch: UpkeepWatch
  ) throws(Fault) -> (byteCount: Int64, sha256: [UInt8]) {
    guard manifest.seal != nil else {
      return try DurableFile.digest("\(path)/\(Backup.databaseName)", copyingTo: part, watch: watch)
    }
    guard let key else { throw .refusal(isSealed(manifest)) }
    return try SealedDatabase.unseal(
      "\(path)/\(Backup.sealedName)", to: part, key, about: manifest.sealedHeader, watch: watch)
  }

  /// Verifies the database of a backup, and that it is the one that the manifest is of.
  static func inspect(
    _ database: String, _ manifest: BackupManifest, _ depth: VerifyDepth, now: CommitTime, watch: UpkeepWatch
  ) throws(Fault) -> VerifyReport {
    let connection = try SQLiteConnection(scratch: database)
    try connection.execute("PRAGMA query_only = ON")
    guard try Schema.currentVersion(connection) > 0 else {
      throw .refusal(.corrupt(reason: "there is no store in the backup"))
    }
    let meta = try Meta(connection)
    guard meta.identity == manifest.identity, meta.revision == manifest.revision.number, meta.chain == manifest.chain
    else { throw .refusal(.corrupt(reason: "the manifest is not that of the database beside it")) }
    try connection.execute("BEGIN")
    var verifier = Verifier(connection, watch: watch)
    let report = try verifier.run(depth, now: now)
    try connection.execute("COMMIT")
    return report
  }

  /// The epoch of the store that is given up, which must not come again; 0 if there is none or it cannot be read.
  private static func replacedEpoch(_ directory: StoreDirectory) -> UInt32 {
    guard DurableFile.exists(directory.databasePath) else { return 0 }
    // A store that is given up is often one that cannot be read any more.
    let connection = try? SQLiteConnection(
      path: directory.databasePath, role: .reader, pageCacheBytes: 1 << 20, fileLayer: nil)
    // As above.
    return connection.flatMap { try? Meta($0) }?.identity.epoch ?? 0
  }

  /// Has the copy begin an epoch.
  private static func beginEpoch(
    _ epoch: UInt32, of database: String, after manifest: BackupManifest, now: CommitTime
  ) throws(Fault) -> Meta {
    let connection = try SQLiteConnection(scratch: database)
    try connection.execute("PRAGMA synchronous = FULL")
    try Schema.prepare(connection, randomBytes: { _ in [] })
    try connection.execute("BEGIN IMMEDIATE")
    let reason = "restored from a backup of revision \(manifest.revision); epoch \(epoch) begins"
    let meta = try Epoch(number: epoch, actor: restorer, reason: reason).begin(on: connection, now: now)
    try connection.execute("COMMIT")
    return meta
  }

  /// Puts the copy in place of what the directory has.
  static func take(_ directory: StoreDirectory, _ part: String) throws(Fault) {
    try DurableFile.sync(part)
    let database = directory.databasePath
    // A log that is left would be taken for that of the new database.
    for suffix in ["-wal", "-shm"] { DurableFile.remove(database + suffix) }
    try DurableFile.sync(directory.path)
    try DurableFile.move(part, to: database)
    DurableFile.remove(directory.backupNotePath)
    // It has the words of what was given up.
    for suffix in ["", "-wal", "-shm"] { DurableFile.remove(directory.searchPath + suffix) }
  }
}

extension BackupManifest {
  /// Checks that a file is the one that the manifest is of.
  func check(byteCount: Int64, sha256: [UInt8]) throws(Fault) {
    guard byteCount == self.byteCount else {
      throw .refusal(.corrupt(reason: "the backup has \(byteCount) bytes, and its manifest says \(self.byteCount)"))
    }
    guard sha256 == self.sha256 else {
      throw .refusal(.corrupt(reason: "the backup is not the one whose digest stands in its manifest"))
    }
  }
}
