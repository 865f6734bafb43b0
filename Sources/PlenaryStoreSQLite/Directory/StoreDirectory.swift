internal import PlenaryStore

/// The directory of one store, held by this process alone until it is released.
struct StoreDirectory: Sendable {
  /// Where the database is.
  let path: String

  private let lock: FileLock

  /// Removes the directory when it is released.
  private let isTemporary: Bool

  /// Takes a directory for a store, making it if it is missing.
  ///
  /// - Throws: `locked` if another process, or another store of this one, has it.
  init(path: String) throws(StoreError) {
    try Self.makeDirectories(path)
    switch FileLock.take(path + "/lock") {
    case .taken(let lock): self.lock = lock
    case .held(let processID): throw .locked(processID: processID)
    case .failed(let reason): throw .unavailable(reason: reason, outcomeUnknown: false)
    }
    self.path = path
    isTemporary = false
  }

  /// Makes a private directory in memory, for a store that ends with its process.
  ///
  /// Directories that processes have left behind by ending abruptly are removed on the way.
  static func temporary() throws(StoreError) -> StoreDirectory {
    let parent = MemoryDirectories.parent
    MemoryDirectories.sweep(parent)
    while true {
      let path = try MemoryDirectories.newPath(in: parent)
      // The lock stands beside the directory and is taken first, so no sweep finds the directory unlocked.
      switch FileLock.take(path + MemoryDirectories.lockSuffix) {
      case .taken(let lock):
        let directory = StoreDirectory(path: path, lock: lock, isTemporary: true)
        do throws(StoreError) {
          try makeDirectories(path)
        } catch {
          directory.release()
          throw error
        }
        return directory
      // Somebody who sweeps looks at the lock just now, and removes it.
      case .held: continue
      case .failed(let reason): throw .unavailable(reason: reason, outcomeUnknown: false)
      }
    }
  }

  private init(path: String, lock: FileLock, isTemporary: Bool) {
    self.path = path
    self.lock = lock
    self.isTemporary = isTemporary
  }

  /// The database file.
  var databasePath: String { path + "/plenary.db" }

  /// The file of the search index, which can be made anew from the database.
  var searchPath: String { path + "/search.db" }

  /// The manifest of the last backup, so that its age is known after a restart.
  var backupNotePath: String { path + "/last-backup.json" }

  /// Where a copy is made that is to be sealed, until it is.
  var sealingPath: String { path + "/sealing" }

  /// What was erased in the store, for the restore of a backup of before.
  var erasuresPath: String { path + "/erasures.jsonl" }

  /// Where a copy for a follower is made, until it has lost its name.
  var copyPath: String { path + "/copy" }

  /// Whether it ends with its process.
  var isInMemory: Bool { isTemporary }

  /// Gives the directory up. Called once, when nothing of it is in use any more.
  func release() {
    if isTemporary {
      MemoryDirectories.remove(path)
      lock.removeFile()
    }
    lock.release()
  }

  private static func makeDirectories(_ path: String) throws(StoreError) {
    do throws(Fault) {
      try DurableFile.makeDirectories(path)
    } catch {
      throw error.storeError
    }
  }
}
