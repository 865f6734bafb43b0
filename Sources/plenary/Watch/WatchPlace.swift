internal import Synchronization

/// How far a watch has come, for whoever goes on with it.
final class WatchPlace: Sendable {
  private let last = Mutex<String?>(nil)

  /// The last revision; nil if there was none.
  var revision: String? { last.withLock { $0 } }

  /// Takes a revision down.
  func note(_ revision: String) { last.withLock { $0 = revision } }
}
