package import PlenaryStore
internal import Transparency

extension SQLiteStore {
  package func backUp(
    to path: String, sealedTo key: [UInt8]?, watch: UpkeepWatch
  ) async throws(StoreError) -> BackupManifest {
    try await upkeep(watch) { work throws(Fault) in
      let seal = try Self.seal(key, in: work.directory)
      let manifest = try Backup(path: path, watch: work.watch, seal: seal).make(
        from: try work.connect(), now: work.now())
      try DurableFile.write(Array(manifest.json.utf8), to: work.directory.backupNotePath)
      work.figures.note { $0.lastBackup = manifest }
      return manifest
    }
  }

  package func verify(_ depth: VerifyDepth, watch: UpkeepWatch) async throws(StoreError) -> VerifyReport {
    try await upkeep(watch) { work throws(Fault) in
      let report = try Self.verify(try work.connect(), depth, now: work.now(), watch: work.watch)
      work.figures.note { $0.lastVerification = report }
      return report
    }
  }

  /// The database as it is now, while reads and writes go on: what a store that is given it as its `image` begins as.
  package func image() async throws(StoreError) -> [UInt8] {
    try await upkeep(.nobody) { work throws(Fault) in try work.connect().image() }
  }

  package func health() -> StoreHealth {
    var health = figures.health
    health.diskFreeBytes = Ballast.freeBytes(directoryPath)
    return health
  }

  /// Which store is in a directory that no process has open.
  /// - Throws: as `verify(directory:_:now:watch:)`, and `corrupt`.
  package static func identity(directory path: String) throws(StoreError) -> StoreIdentity {
    try withStopped(path) { connection throws(Fault) in try Meta(connection).identity }
  }

  /// Verifies the store in a directory that no process has open, and changes nothing in it.
  /// - Throws: `locked`, `newerSchema`, `unavailable`; `unavailable` also if there is none.
  package static func verify(
    directory path: String, _ depth: VerifyDepth, now: CommitTime, watch: UpkeepWatch
  ) throws(StoreError) -> VerifyReport {
    try withStopped(path) { connection throws(Fault) in try verify(connection, depth, now: now, watch: watch) }
  }

  /// Copies the store in a directory that no process has open.
  /// - Throws: as `backUp(to:watch:)`, and `locked`, `newerSchema`.
  package static func backUp(
    directory path: String, to target: String, sealedTo key: [UInt8]? = nil, now: CommitTime, watch: UpkeepWatch
  ) throws(StoreError) -> BackupManifest {
    try withStopped(path) { connection, directory throws(Fault) in
      let seal = try seal(key, in: directory)
      return try Backup(path: target, watch: watch, seal: seal).make(from: connection, now: now)
    }
  }

  private static func seal(_ key: [UInt8]?, in directory: StoreDirectory) throws(Fault) -> Backup.Seal? {
    guard let key else { return nil }
    guard let key = SealingKey(bytes: key) else {
      throw .refusal(.unavailable(reason: "a key to seal to has 32 bytes", outcomeUnknown: false))
    }
    return Backup.Seal(key: key, place: directory.sealingPath)
  }

  /// Does something with the store in a directory that no process has open: reads it, unless another role is given.
  static func withStopped<Result>(
    _ path: String, role: SQLiteConnection.Role = .reader, _ body: (SQLiteConnection) throws(Fault) -> Result
  ) throws(StoreError) -> Result {
    try withStopped(path, role: role) { connection, _ throws(Fault) in try body(connection) }
  }

  private static func withStopped<Result>(
    _ path: String, role: SQLiteConnection.Role = .reader,
    _ body: (SQLiteConnection, StoreDirectory) throws(Fault) -> Result
  ) throws(StoreError) -> Result {
    guard DurableFile.exists(path + "/plenary.db") else {
      throw .unavailable(reason: "there is no store in \(path)", outcomeUnknown: false)
    }
    let directory = try StoreDirectory(path: path)
    defer { directory.release() }
    do throws(Fault) {
      let connection = try SQLiteConnection(
        path: directory.databasePath, role: role, pageCacheBytes: UpkeepWork.pageCacheBytes, fileLayer: nil)
      _ = try Schema.currentVersion(connection)
      return try body(connection, directory)
    } catch {
      throw error.openingError
    }
  }

  private static func verify(
    _ connection: SQLiteConnection, _ depth: VerifyDepth, now: CommitTime, watch: UpkeepWatch
  ) throws(Fault) -> VerifyReport {
    try connection.execute("BEGIN")
    var verifier = Verifier(connection, watch: watch)
    let report = try verifier.run(depth, now: now)
    // It has only read, and a transaction that has met a damaged page cannot be committed.
    try connection.execute("ROLLBACK")
    return report
  }

  /// Does upkeep on the store's thread for it.
  func upkeep<Value: Sendable>(
    _ watch: UpkeepWatch, _ body: @escaping @Sendable (UpkeepWork) throws(Fault) -> Value
  ) async throws(StoreError) -> Value {
    let result = Handover<Result<Value, StoreError>>()
    let work = upkeepWork(watch)
    let job: UpkeepQueue.Job = { refusal in
      if let refusal { return result.give(.failure(refusal)) }
      do throws(Fault) {
        result.give(.success(try body(work)))
      } catch {
        result.give(.failure(work.explain(error)))
      }
    }
    if let refusal = upkeepQueue.update({ $0.submit(job) }) { job(refusal) }
    return try await result.take().get()
  }
}

/// What a piece of upkeep works with.
struct UpkeepWork: Sendable {
  /// The pages that upkeep keeps in memory: it reads each about once.
  static let pageCacheBytes = 16 << 20

  let configuration: SQLiteStore.Configuration
  let directory: StoreDirectory
  let figures: Figures
  let watch: UpkeepWatch

  func now() -> CommitTime { configuration.now() }

  /// A connection of its own, so that readers and the writer do not wait for it.
  func connect() throws(Fault) -> SQLiteConnection {
    try SQLiteConnection(
      path: directory.databasePath, role: .reader, pageCacheBytes: Self.pageCacheBytes,
      fileLayer: configuration.fileLayer)
  }

  /// Why it was not done.
  func explain(_ fault: Fault) -> StoreError {
    guard figures.isLogOverCap else { return fault.storeError }
    return .unavailable(
      reason: "it kept the write-ahead log from being emptied, which has reached its limit", outcomeUnknown: false)
  }
}
