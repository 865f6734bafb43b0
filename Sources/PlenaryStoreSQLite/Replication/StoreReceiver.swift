internal import Crypto
internal import Glibc
package import PlenaryStore

/// Makes the store of a follower from the bytes of a copy that its leader sends.
///
/// The copy grows beside what the directory has, and takes its place only when it is whole, is what its manifest says, and
/// is on the disk. Until then everything is as before, however it ends.
// SAFETY: the descriptor is opened once and closed once; buffers are lent for the length of one call.
package final class StoreReceiver: StoreCopyReceiver {
  private let directory: StoreDirectory
  private let leader: String
  private let manifest: BackupManifest
  private let part: String
  private var fd: Int32
  private var hash = SHA256()
  private var byteCount: Int64 = 0
  private var isReleased = false

  /// Takes the directory for itself, and begins.
  /// - Throws: `differs` if the directory has a later epoch of the same store, `locked`, `newerSchema` if this program
  ///   cannot read the copy, `full`, `unavailable`.
  package init(directory path: String, leader: String, manifest: BackupManifest) throws(StoreError) {
    guard manifest.schema <= Schema.version else {
      throw .newerSchema(found: manifest.schema, supported: Schema.version)
    }
    let directory = try StoreDirectory(path: path)
    do throws(StoreError) {
      try Self.check(directory, mayBecome: manifest)
    } catch {
      directory.release()
      throw error
    }
    self.directory = directory
    self.leader = leader
    self.manifest = manifest
    part = directory.databasePath + ".part"
    fd = unsafe open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard fd >= 0 else {
      let fault = DurableFile.failure("open", part, errno)
      directory.release()
      isReleased = true
      throw fault.storeError
    }
  }

  deinit {
    discard()
  }

  /// Adds the next bytes.
  /// - Throws: `corrupt` if there are more than the manifest says, `full`, `unavailable`.
  package func append(_ bytes: [UInt8]) throws(StoreError) {
    byteCount += Int64(bytes.count)
    guard byteCount <= manifest.byteCount else {
      throw .corrupt(reason: "the copy is longer than its manifest says")
    }
    unsafe bytes.withUnsafeBytes { buffer in unsafe hash.update(bufferPointer: buffer) }
    do throws(Fault) {
      try DurableFile.append(bytes[...], to: fd, part)
    } catch {
      throw error.storeError
    }
  }

  /// Puts the copy in place of what the directory has, and gives the directory up.
  /// - Throws: `corrupt` if it is not what its manifest says, `full`, `unavailable`.
  package func install(now: CommitTime, watch: UpkeepWatch) throws(StoreError) {
    defer { discard() }
    do throws(Fault) {
      close(fd)
      fd = -1
      try manifest.check(byteCount: byteCount, sha256: Array(hash.finalize()))
      let report = try SQLiteStore.inspect(part, manifest, .quick, now: now, watch: watch)
      if let finding = report.findings.first {
        throw .refusal(.corrupt(reason: "the copy contradicts itself: \(finding)"))
      }
      try mark()
      try SQLiteStore.take(directory, part)
    } catch {
      throw error.openingError
    }
  }

  /// Gives up what is there of the copy, and the directory.
  package func discard() {
    guard !isReleased else { return }
    isReleased = true
    if fd >= 0 { close(fd) }
    for suffix in ["", "-journal", "-wal", "-shm"] { DurableFile.remove(part + suffix) }
    directory.release()
  }

  /// A store is not given up for an earlier epoch of it: its tokens could come again, and mean something else.
  private static func check(_ directory: StoreDirectory, mayBecome manifest: BackupManifest) throws(StoreError) {
    guard DurableFile.exists(directory.databasePath) else { return }
    // A store that cannot be read is given up like any other.
    let connection = try? SQLiteConnection(
      path: directory.databasePath, role: .reader, pageCacheBytes: 1 << 20, fileLayer: nil)
    // As above.
    guard let found = connection.flatMap({ try? Meta($0) })?.identity, found.id == manifest.identity.id,
      found.epoch > manifest.identity.epoch
    else { return }
    throw .differs(
      at: manifest.revision,
      reason: "it is in epoch \(found.epoch) and the leader in epoch \(manifest.identity.epoch), which is older; "
        + "have the leader follow this one")
  }

  /// Has the copy say that it is one.
  private func mark() throws(Fault) {
    let connection = try SQLiteConnection(scratch: part)
    try connection.execute("PRAGMA synchronous = FULL")
    try Schema.prepare(connection, randomBytes: { _ in [] })
    try connection.execute("BEGIN IMMEDIATE")
    try Replica.set(leader, on: connection)
    try connection.execute("COMMIT")
  }
}
