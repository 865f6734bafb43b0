internal import PlenaryAPI
internal import PlenaryStore

// Changes, positions and manifests as they go from a leader to a follower.

extension ReplicatedChange {
  /// A change as it is sent.
  init(_ entry: LogEntry) {
    self.init()
    revision = Int64(entry.revision.number)
    transactionRevision = Int64(entry.transaction.number)
    commitMicroseconds = entry.time.microseconds
    actor = entry.actor
    recordState = Int32(entry.state)
    resourceName = entry.key
    requestIDDigest = entry.requestID ?? []
    requestHash = entry.requestHash ?? []
    bodyDigest = entry.bodyDigest ?? []
    reason = entry.reason ?? ""
    chainHash = entry.chain
    version = entry.version.map(Version.init)
  }
}

extension ReplicatedChange.Version {
  fileprivate init(_ version: LogEntry.Version) {
    self.init()
    previousRevision = Int64(version.previous.number)
    label = version.marking.label
    originator = version.marking.originator
    detail = version.marking.detail
    erased = version.content == nil
    guard let content = version.content else { return }
    salt = content.salt
    body = content.body
    entries = content.entries
  }
}

extension LogEntry {
  /// A change as it was received.
  init(_ change: ReplicatedChange) {
    let hasID = !change.requestIDDigest.isEmpty
    self.init(
      revision: Revision(UInt64(bitPattern: change.revision)),
      transaction: Revision(UInt64(bitPattern: change.transactionRevision)),
      time: CommitTime(microseconds: change.commitMicroseconds), actor: change.actor,
      state: UInt8(truncatingIfNeeded: change.recordState), key: change.resourceName,
      requestID: hasID ? change.requestIDDigest : nil, requestHash: hasID ? change.requestHash : nil,
      bodyDigest: change.bodyDigest.isEmpty ? nil : change.bodyDigest,
      reason: change.reason.isEmpty ? nil : change.reason, chain: change.chainHash,
      version: change.version.map(Version.init))
  }
}

extension LogEntry.Version {
  fileprivate init(_ version: ReplicatedChange.Version) {
    self.init(
      previous: Revision(UInt64(bitPattern: version.previousRevision)),
      marking: Marking(label: version.label, originator: version.originator, detail: version.detail),
      content: version.erased ? nil : Content(salt: version.salt, body: version.body, entries: version.entries))
  }
}

extension LogSource {
  /// What a leader says of itself.
  init(_ response: FollowStoreResponse) {
    self.init(
      head: Revision(UInt64(bitPattern: response.headRevision)),
      compacted: Revision(UInt64(bitPattern: response.compactedRevision)), form: response.indexForm)
  }
}

extension FollowStoreRequest {
  /// The question for what comes after a position.
  init(_ position: LogPosition) {
    self.init()
    storeID = position.identity.id
    epoch = Int64(position.identity.epoch)
    revision = Int64(position.revision.number)
    chainHash = position.chain
  }

  /// The position that it asks after.
  var position: LogPosition {
    LogPosition(
      identity: StoreIdentity(id: storeID, epoch: UInt32(truncatingIfNeeded: epoch)),
      revision: Revision(UInt64(bitPattern: revision)), chain: chainHash)
  }
}

extension CopyStoreResponse.Manifest {
  /// What a copy is of, as it is sent.
  init(_ manifest: BackupManifest) {
    self.init()
    storeID = manifest.identity.id
    epoch = Int64(manifest.identity.epoch)
    revision = Int64(manifest.revision.number)
    chainHash = manifest.chain
    schemaVersion = Int32(manifest.schema)
    createMicroseconds = manifest.time.microseconds
    sizeBytes = manifest.byteCount
    sha256 = manifest.sha256
  }
}

extension BackupManifest {
  /// What a copy is of, as it was received.
  init(_ manifest: CopyStoreResponse.Manifest) {
    self.init(
      identity: StoreIdentity(id: manifest.storeID, epoch: UInt32(truncatingIfNeeded: manifest.epoch)),
      revision: Revision(UInt64(bitPattern: manifest.revision)), chain: manifest.chainHash,
      schema: Int(manifest.schemaVersion), time: CommitTime(microseconds: manifest.createMicroseconds),
      byteCount: manifest.sizeBytes, sha256: manifest.sha256)
  }
}
