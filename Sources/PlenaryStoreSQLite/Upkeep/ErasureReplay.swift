package import PlenaryStore
internal import Synchronization

/// What a restore does again of what was erased after the backup.
package struct ErasureReplay: Sendable {
  /// Further lists of erasures, besides the one in the directory.
  package var files: [String]

  /// What the records are found by that stand in the place of what was erased.
  let indexing: Indexing

  /// So many random bytes that nobody can guess.
  let randomBytes: @Sendable (Int) -> [UInt8]

  /// Says where erasures are listed, and how they are done.
  package init(
    files: [String] = [], indexing: Indexing, randomBytes: @escaping @Sendable (Int) -> [UInt8]
  ) {
    self.files = files
    self.indexing = indexing
    self.randomBytes = randomBytes
  }

  /// Who erases, in the audit.
  private static let actor = "plenaryd restore"

  /// The list of a directory, whose database may be unreadable, with what stands in further files.
  static func list(
    of directory: StoreDirectory, and files: [String], for storeID: [UInt8]
  ) throws(Fault) -> ErasureList {
    var list = ErasureList(of: storeID)
    for file in files { try list.add(file: file) }
    if DurableFile.exists(directory.erasuresPath) { try list.add(file: directory.erasuresPath) }
    guard DurableFile.exists(directory.databasePath) else { return list }
    // A store that is given up is often one that cannot be read any more; the file is there for that.
    let connection = try? SQLiteConnection(
      path: directory.databasePath, role: .reader, pageCacheBytes: 1 << 20, fileLayer: nil)
    // As above.
    if let connection, let found = try? Meta(connection), found.identity.id == storeID {
      try? list.add(from: connection)
    }
    return list
  }

  /// Erases in a database that nobody has open what a list says, as far as it is there, and returns how many records
  /// that were. The database is one file then, and has nothing more of them.
  func run(
    _ list: ErasureList, in database: String, _ directory: StoreDirectory, now: CommitTime
  ) throws(Fault) -> Int {
    var configuration = SQLiteStore.Configuration(
      .directory(directory.path), now: { now }, randomBytes: randomBytes)
    configuration.pageCacheBytesMax = UpkeepWork.pageCacheBytes
    let connection = try SQLiteConnection(
      path: database, role: .writer, pageCacheBytes: configuration.pageCacheBytesMax, fileLayer: nil)
    let requests = try self.requests(list, connection)
    if !requests.isEmpty {
      let names = try OpenedStore.names(connection)
      let (_, state) = try OpenedStore.state(connection)
      let writer = try Writer(
        connection: connection, configuration: configuration,
        published: Published(head: state.revision, names: names, configuration), figures: Figures(),
        ballast: Ballast(directory: directory.path, byteCount: 0), state: state, names: names, replica: nil,
        erasuresPath: nil)
      for request in requests { try write(request, with: writer) }
      try writer.beginCleaning()
      try writer.clean()
      try writer.noteClean()
    }
    guard try connection.checkpoint(truncating: true) != nil,
      try connection.text("PRAGMA journal_mode = DELETE") == "delete"
    else {
      throw .refusal(.unavailable(reason: "the restored database does not become one file", outcomeUnknown: false))
    }
    return requests.count
  }

  /// What has to be done in a database of all that a list says.
  private func requests(_ list: ErasureList, _ connection: SQLiteConnection) throws(Fault) -> [WriteRequest] {
    let row = try connection.prepare(
      """
      SELECT c.op, EXISTS(SELECT 1 FROM audit u WHERE u.op > 8 AND u.k = h.k AND u.rev >= c.born)
      FROM head h JOIN ver c ON c.rev = h.rev WHERE h.k = ? AND c.born = ?
      """)
    var requests: [WriteRequest] = []
    for (place, erasure) in list.erasures.sorted(by: { $0.value.revision < $1.value.revision }) {
      defer { row.reset() }
      guard try row.bind(place.key).bind(Int64(place.born)).step(),
        row.integer(0) != Int64(RecordState.purged.rawValue), row.integer(1) == 0, let key = Key(place.key)
      else { continue }
      var mutation = Mutation.purge(key)
      if let body = erasure.body {
        guard let entries = indexing.entries(key, body) else {
          throw .refusal(.corrupt(reason: "the list of erasures has something else in the place of \(key)"))
        }
        mutation = .erase(key, Content(body: body, marking: erasure.marking, entries: entries))
      }
      requests.append(WriteRequest(actor: Self.actor, reason: erasure.reason, mutations: [mutation]))
    }
    return requests
  }

  private func write(_ request: WriteRequest, with writer: Writer) throws(Fault) {
    let answers = Mutex<[Result<WriteReceipt, StoreError>]>([])
    let failure = writer.write([Submission(requests: [request]) { results in answers.withLock { $0 = results } }])
    if let failure { throw .refusal(failure) }
    for answer in answers.withLock({ $0 }) {
      if case .failure(let error) = answer { throw .refusal(error) }
    }
  }
}
