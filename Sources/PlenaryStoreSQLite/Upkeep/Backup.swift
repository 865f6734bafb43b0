internal import PlenaryStore
internal import Transparency

/// A directory that a backup is made in: the database as one file, and its manifest.
///
/// It is written under another name and given its own when all of it is on the disk, so it is whole or not there.
struct Backup {
  /// The names of the files in a backup.
  static let databaseName = "plenary.db"
  static let manifestName = "manifest.json"

  /// The name of a database that is sealed.
  static let sealedName = "plenary.db.sealed"

  /// A key that a backup is sealed to, and where the copy is made that nobody but its holder is to read: where the store is,
  /// which has the same in the clear.
  struct Seal {
    let key: SealingKey
    let place: String
  }

  let path: String
  let watch: UpkeepWatch
  var seal: Seal?

  private var part: String { path + ".part" }

  /// Copies the store behind a connection, and verifies the copy.
  func make(from source: SQLiteConnection, now: CommitTime) throws(Fault) -> BackupManifest {
    guard !DurableFile.exists(path) else { throw .refusal(.occupied(path: path)) }
    Self.removeFiles(part)
    // What somebody else keeps there is not ours to remove.
    guard !DurableFile.exists(part) else { throw .refusal(.occupied(path: part)) }
    try DurableFile.makeDirectories(part)
    if let seal {
      Self.removeFiles(seal.place)
      try DurableFile.makeDirectories(seal.place)
    }
    defer { if let seal { Self.removeFiles(seal.place) } }
    do throws(Fault) {
      let manifest = try write(from: source, now: now)
      try DurableFile.sync(part)
      // A directory in the way is replaced by none but an empty one, so this is no race to lose data by.
      try DurableFile.move(part, to: path)
      return manifest
    } catch {
      Self.removeFiles(part)
      throw error
    }
  }

  /// Removes a backup, and what was left of one that did not become whole.
  static func remove(_ path: String) {
    for path in [path, path + ".part"] { removeFiles(path) }
  }

  /// Removes the files of a backup, and the directory if nothing else is in it.
  private static func removeFiles(_ path: String) {
    let names = ["", "-journal", "-wal", "-shm"].map { databaseName + $0 } + [sealedName, manifestName]
    DurableFile.removeDirectory(path, with: names)
  }

  private func write(from source: SQLiteConnection, now: CommitTime) throws(Fault) -> BackupManifest {
    let database = "\(seal?.place ?? part)/\(Self.databaseName)"
    let meta = try copy(source, to: database)
    try check(database, is: meta, now: now)
    try DurableFile.sync(database)
    let (byteCount, sha256) = try DurableFile.digest(database, watch: watch)
    var manifest = BackupManifest(
      identity: meta.identity, revision: Revision(meta.revision), chain: meta.chain, schema: meta.schema, time: now,
      byteCount: byteCount, sha256: sha256)
    if let seal {
      let sealed = "\(part)/\(Self.sealedName)"
      try SealedDatabase.seal(database, to: sealed, seal.key, about: manifest.sealedHeader, watch: watch)
      let (byteCount, sha256) = try DurableFile.digest(sealed, watch: watch)
      manifest.seal = BackupManifest.Seal(keyID: seal.key.id, byteCount: byteCount, sha256: sha256)
    }
    try DurableFile.write(Array(manifest.json.utf8), to: "\(part)/\(Self.manifestName)")
    return manifest
  }

  /// Copies the pages as they are in one read transaction, and returns what the copy must say of itself.
  private func copy(_ source: SQLiteConnection, to database: String) throws(Fault) -> Meta {
    let target = try SQLiteConnection(scratch: database)
    // The file is synced when it is whole, and thrown away if it does not become so.
    try target.execute("PRAGMA synchronous = OFF")
    try target.execute("PRAGMA journal_mode = OFF")
    try source.execute("BEGIN")
    // The first read fixes what is copied.
    let meta = try Meta(source)
    try source.copyPages(to: target) { left, total throws(Fault) in
      if watch.isGivenUp() { throw .givenUp }
      watch.report(UpkeepProgress(.copying, done: Int64(total - left), of: Int64(total)))
    }
    try source.execute("COMMIT")
    return meta
  }

  /// Looks whether the copy is sound, and is of what it was to be.
  private func check(_ database: String, is meta: Meta, now: CommitTime) throws(Fault) {
    let copy = try SQLiteConnection(scratch: database)
    // One file without a log beside it, which can be read from a place that cannot be written to.
    guard try copy.text("PRAGMA journal_mode = DELETE") == "delete" else {
      throw .refusal(.unavailable(reason: "the copy does not become one file", outcomeUnknown: false))
    }
    var verifier = Verifier(copy, watch: watch)
    let report = try verifier.run(.quick, now: now)
    if let finding = report.findings.first { throw .refusal(.corrupt(reason: "\(finding)")) }
    let found = try Meta(copy)
    guard found.identity == meta.identity, found.revision == meta.revision, found.chain == meta.chain else {
      throw .refusal(.corrupt(reason: "the copy is not of the store as it was when it began"))
    }
  }
}

extension VerifyReport.Finding: CustomStringConvertible {
  /// The revision and what is wrong.
  package var description: String { revision.map { "revision \($0): \(message)" } ?? message }
}
