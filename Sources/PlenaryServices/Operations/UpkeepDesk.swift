internal import Foundation
internal import GRPCProtos
internal import GoogleAPI
internal import PlenaryAPI
package import PlenaryDomain
package import PlenaryStore
internal import ProtobufRuntime
internal import Transparency

/// Takes in what takes its time: backups, verifications, and reports to compile.
package struct UpkeepDesk: Sendable {
  let registry: Registry
  let operations: OperationRegister
  let backupDirectory: String?
  let accessLog: (any AccessLogReader)?

  /// - Parameters:
  ///   - backupDirectory: Where backups are made; nil if there is no place for them.
  ///   - accessLog: The access log, which is verified with the store; nil if there is none.
  package init(
    registry: Registry, operations: OperationRegister, backupDirectory: String?,
    accessLog: (any AccessLogReader)? = nil
  ) {
    self.accessLog = accessLog
    self.registry = registry
    self.operations = operations
    self.backupDirectory = backupDirectory
  }

  /// Begins a backup.
  func backUp(_ request: BackupRegistryRequest, as caller: Caller) throws(DomainError) -> LongRunningOperation {
    guard let backupDirectory else {
      throw DomainError(
        .backupPlaceMissing, "this daemon has no place for backups; set `backup.directory`, and start it again")
    }
    let id = request.backupID.isEmpty ? Self.backupID(registry.time) : request.backupID
    try ResourceID.check(id, field: "backup_id")
    let path = "\(backupDirectory)/\(id)"
    let key = try Self.sealingKey(request.sealingKey)
    return try begin("BackupRegistry", as: caller) { [registry] control throws(DomainError) in
      let manifest = try await registry.backUp(to: path, sealedTo: key, watch: control.watch)
      var backup = RegistryBackup(manifest, registry)
      backup.backupID = id
      backup.path = path
      return try Self.packed(BackupRegistryResponse.with { $0.backup = backup })
    }
  }

  /// The key that a backup is to be sealed to; nil if none is given.
  private static func sealingKey(_ text: String) throws(DomainError) -> [UInt8]? {
    guard !text.isEmpty else { return nil }
    do throws(SealingKey.Malformed) {
      return try SealingKey(text).bytes
    } catch {
      throw DomainError(
        .init(
          "sealing_key", .sealingKeyInvalid,
          "\(error); make one with `plenary backup make-key`, and send its public half"))
    }
  }

  /// Begins a verification.
  func verify(_ request: VerifyRegistryRequest, as caller: Caller) throws(DomainError) -> LongRunningOperation {
    let depth: VerifyDepth
    switch request.depth {
    case .quick: depth = .quick
    case .full, .unspecified: depth = .full
    default: throw DomainError(.init("depth", .numberOutOfRange, "it is none of the values; give QUICK or FULL"))
    }
    return try begin("VerifyRegistry", as: caller) { [registry, accessLog] control throws(DomainError) in
      var report = try await registry.verify(depth, watch: control.watch)
      if let accessLog {
        report.add(try await domain { () async throws(StoreError) in try await accessLog.verify() })
      }
      return try Self.packed(VerifyRegistryResponse(report, registry))
    }
  }

  /// How the store is doing.
  var health: PlenaryAPI.StoreHealth { PlenaryAPI.StoreHealth(registry.health, registry) }

  /// Begins the compiling of a report, once it is known that it may be compiled.
  func compile(
    _ request: CompileOutcomeReportRequest, as caller: Caller
  ) async throws(DomainError) -> LongRunningOperation {
    let task = try await registry.outcomeTask(request, as: caller)
    return try begin("CompileOutcomeReport", as: caller) { [registry] control throws(DomainError) in
      try Self.packed(try await registry.compileOutcome(task, as: caller, watch: control.watch))
    }
  }

  private func begin(
    _ verb: String, as caller: Caller, _ work: @escaping OperationRegister.Work
  ) throws(DomainError) -> LongRunningOperation {
    let control = OperationControl(verb, now: { [registry] in registry.time })
    return try operations.begin(
      "operations/\(registry.operationID())", by: caller.principal, control, work)
  }

  private static func packed(_ message: some ProtobufMessage) throws(DomainError) -> ProtobufAny {
    do {
      return try ProtobufAny(packing: message)
    } catch {
      throw DomainError(.storeUnavailable, "the answer cannot be encoded: \(error)")
    }
  }

  /// An id of the time: `backup-20261126-011500`.
  private static func backupID(_ time: CommitTime) -> String {
    let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    func digits(_ number: Int?, _ count: Int) -> String {
      let text = String(number ?? 0)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return "backup-" + digits(parts.year, 4) + digits(parts.month, 2) + digits(parts.day, 2) + "-"
      + digits(parts.hour, 2) + digits(parts.minute, 2) + digits(parts.second, 2)
  }
}

extension RegistryBackup {
  fileprivate init(_ manifest: BackupManifest, _ registry: Registry) {
    self.init()
    revision = registry.token(manifest.revision)
    createTime = ProtobufTimestamp(manifest.time)
    sizeBytes = manifest.byteCount
    sha256 = manifest.sha256
    schemaVersion = Int32(manifest.schema)
    sealedTo = manifest.seal?.keyID ?? ""
  }
}

extension VerifyRegistryResponse {
  fileprivate init(_ report: VerifyReport, _ registry: Registry) {
    self.init()
    sound = report.isSound
    depth = report.depth == .quick ? .quick : .full
    revision = registry.token(report.revision)
    auditRowCount = Int64(report.auditRowCount)
    versionCount = Int64(report.versionCount)
    verifyTime = ProtobufTimestamp(report.time)
    findings = report.findings.map { finding in
      .with {
        $0.revision = finding.revision.map(registry.token) ?? ""
        $0.message = finding.message
      }
    }
    firstBadRevision = report.firstBadRevision.map(registry.token) ?? ""
  }
}

extension PlenaryAPI.StoreHealth {
  fileprivate init(_ health: PlenaryStore.StoreHealth, _ registry: Registry) {
    self.init()
    commitCount = Int64(health.commitCount)
    commitMicrosecondsP50 = health.commitMicrosecondsP50
    commitMicrosecondsP99 = health.commitMicrosecondsP99
    commitMicrosecondsMax = health.commitMicrosecondsMax
    batchChangesMean = health.batchChangesMean
    batchChangesMax = Int64(health.batchChangesMax)
    logBytes = health.logByteCount
    checkpoint = health.checkpoint.map { checkpoint in
      .with {
        $0.createTime = ProtobufTimestamp(checkpoint.time)
        $0.movedPageCount = Int64(checkpoint.pagesMoved)
        $0.remainingPageCount = Int64(checkpoint.pagesRemaining)
        $0.failure = checkpoint.failure ?? ""
      }
    }
    diskFreeBytes = health.diskFreeBytes
    ballast =
      switch health.ballast {
      case .absent: .absent
      case .held: .held
      case .spent: .spent
      }
    failure = health.failure ?? ""
    lastBackup = health.lastBackup.map { RegistryBackup($0, registry) }
    lastVerification = health.lastVerification.map { VerifyRegistryResponse($0, registry) }
    schemaVersion = Int32(health.schema)
    searchIndex = registry.searchProgress.map { SearchIndexState($0, registry) }
  }
}

extension SearchIndexState {
  fileprivate init(_ progress: SearchProgress, _ registry: Registry) {
    self.init()
    failure = progress.failure ?? ""
    switch progress.stage {
    case .closed: stage = .unspecified
    case .loading, .settling, .givenUp: stage = .building
    case .fed(let through):
      stage = .following
      revision = registry.token(through)
    }
    if stage == .building { loadedCount = Int64(progress.loadedCount) }
  }
}
