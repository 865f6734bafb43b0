internal import Glibc
package import PlenaryStore

extension SQLiteStore {
  /// What stands in a directory.
  package enum Condition: Hashable, Sendable {
    /// No store yet; the first one that opens the directory makes it.
    case missing

    /// A store that a process has open.
    case inUse(processID: Int32?)

    /// A store that this program can open, with the schema that its tables have.
    case ready(schema: Int)
  }

  /// Looks at the store in a directory, and changes nothing in it.
  /// - Throws: `newerSchema`, `corrupt`, `unavailable`.
  package static func condition(ofDirectory path: String) throws(StoreError) -> Condition {
    // SAFETY: the path is lent for the length of the call.
    guard unsafe access(path + "/plenary.db", F_OK) == 0 else { return .missing }
    switch FileLock.take(path + "/lock") {
    case .held(let processID): return .inUse(processID: processID)
    case .failed(let reason): throw .unavailable(reason: reason, outcomeUnknown: false)
    case .taken(let lock):
      defer { lock.release() }
      do throws(Fault) {
        let connection = try SQLiteConnection(
          path: path + "/plenary.db", role: .reader, pageCacheBytes: 1 << 20, fileLayer: nil)
        return .ready(schema: try Schema.currentVersion(connection))
      } catch {
        throw error.openingError
      }
    }
  }
}
