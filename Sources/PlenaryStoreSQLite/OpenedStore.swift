internal import PlenaryStore

/// A store that is open, before its threads run.
struct OpenedStore {
  let configuration: SQLiteStore.Configuration
  let directory: StoreDirectory
  let identity: StoreIdentity
  let published: Published
  let writer: Writer
  let readers: [Reader]
  let figures: Figures
  let search: SQLiteSearchIndex

  /// Where the store comes from, if it is a copy.
  let replica: Replica?

  init(_ configuration: SQLiteStore.Configuration) throws(StoreError) {
    let directory =
      switch configuration.location {
      case .directory(let path): try StoreDirectory(path: path)
      case .memory: try StoreDirectory.temporary()
      }
    do throws(Fault) {
      try self.init(configuration, directory)
    } catch {
      directory.release()
      throw error.openingError
    }
  }

  private init(_ configuration: SQLiteStore.Configuration, _ directory: StoreDirectory) throws(Fault) {
    if let image = configuration.image, !DurableFile.exists(directory.databasePath) {
      try DurableFile.write(image, to: directory.databasePath)
    }
    let connection = try Self.connect(.writer, configuration, directory)
    try Schema.prepare(connection, randomBytes: configuration.randomBytes)
    for path in [directory.copyPath, directory.sealingPath] { Backup.remove(path) }
    replica = try Self.replica(connection, leader: configuration.leader)
    if let indexing = configuration.indexing {
      try Reindexing(connection, indexing).run { configuration.observer?.storeIsReindexing(records: $0, of: $1) }
    }
    let names = try Self.names(connection)
    let state: Writer.State
    (identity, state) = try Self.state(connection)
    let erasuresPath = directory.isInMemory ? nil : directory.erasuresPath
    if let erasuresPath, !DurableFile.exists(erasuresPath),
      try connection.integer("SELECT 1 FROM audit WHERE op > \(RecordState.erasing) LIMIT 1") != nil
    {
      try ErasureList.update(erasuresPath, from: connection)
    }
    published = Published(head: state.revision, names: names, configuration)
    figures = Figures()
    Self.noteStart(figures, directory)
    let ballast = Ballast(
      directory: directory.path, byteCount: directory.isInMemory ? 0 : configuration.ballastBytes)
    writer = try Writer(
      connection: connection, configuration: configuration, published: published, figures: figures, ballast: ballast,
      state: state, names: names, replica: replica, erasuresPath: erasuresPath)
    readers = try (0..<max(1, configuration.readers)).map { [published] _ throws(Fault) in
      try Reader(try Self.connect(.reader, configuration, directory), published, configuration.listEffort)
    }
    search = SQLiteSearchIndex(identity, in: directory, fileLayer: configuration.fileLayer)
    self.configuration = configuration
    self.directory = directory
  }

  /// What the store says of where it comes from, which has to be what it is opened as.
  private static func replica(_ connection: SQLiteConnection, leader: String?) throws(Fault) -> Replica? {
    guard let replica = try Replica(connection) else {
      guard leader == nil else { throw .refusal(.notFollower) }
      return nil
    }
    guard let leader else { throw .refusal(.follower(leader: replica.leader)) }
    guard leader != replica.leader else { return replica }
    try connection.execute("BEGIN IMMEDIATE")
    try Replica.set(leader, on: connection)
    try connection.execute("COMMIT")
    return try Replica(connection)
  }

  /// What is known of a store's health before anything is done.
  private static func noteStart(_ figures: Figures, _ directory: StoreDirectory) {
    figures.note { health in
      health.schema = Schema.version
      // There may have been no backup yet; one whose manifest cannot be read is as good as none.
      guard let bytes = try? DurableFile.read(directory.backupNotePath) else { return }
      // As above.
      health.lastBackup = try? BackupManifest(json: bytes)
    }
  }

  private static func connect(
    _ role: SQLiteConnection.Role, _ configuration: SQLiteStore.Configuration, _ directory: StoreDirectory
  ) throws(Fault) -> SQLiteConnection {
    try SQLiteConnection(
      path: directory.databasePath, role: role, pageCacheBytes: configuration.pageCacheBytesMax,
      fileLayer: configuration.fileLayer)
  }

  /// Which store it is, and what the last change has left.
  static func state(_ connection: SQLiteConnection) throws(Fault) -> (identity: StoreIdentity, state: Writer.State) {
    let meta = try connection.prepare(
      "SELECT store_id, epoch, rev, chain, ifnull((SELECT ts FROM audit WHERE rev = meta.rev), 0) FROM meta")
    guard try meta.step() else { throw .refusal(.corrupt(reason: "the store has lost its meta row")) }
    defer { meta.reset() }
    let state = Writer.State(
      revision: UInt64(meta.integer(2)), time: meta.integer(4), chain: meta.blob(3),
      tree: try AuditTree.load(connection))
    return (StoreIdentity(id: meta.blob(0), epoch: UInt32(meta.integer(1))), state)
  }

  /// The markings and principals that rows name by number.
  static func names(_ connection: SQLiteConnection) throws(Fault) -> Names {
    var names = Names()
    try addMarkings(to: &names, connection)
    let actors = try connection.prepare("SELECT id, name FROM actor ORDER BY id")
    while try actors.step() { try expect(names.actors.append(actors.text(1)), actors.integer(0)) }
    return names
  }

  /// Adds the markings that the database has and the names have not.
  static func addMarkings(to names: inout Names, _ connection: SQLiteConnection) throws(Fault) {
    let row = try connection.prepare(
      "SELECT id, label, originator, detail, keeper FROM acl WHERE id > ? ORDER BY id")
    row.bind(Int64(names.markings.count))
    while try row.step() {
      let marking = Marking(
        label: Int32(row.integer(1)), originator: row.text(2), detail: row.blob(3),
        keeper: row.isNull(4) ? nil : row.text(4))
      try expect(names.markings.append(marking), row.integer(0))
    }
  }

  private static func expect(_ number: UInt32, _ stored: Int64) throws(Fault) {
    guard Int64(number) == stored else { throw .refusal(.corrupt(reason: "the names in the store have gaps")) }
  }
}
