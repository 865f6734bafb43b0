package import PlenaryStore
package import Synchronization

/// On whose behalf the registry is asked.
///
/// It stays as it is. When what its client may see or do changes, another one takes its place, and whoever reads on with
/// this one's eyes, as a watch does, finds out by asking whether it is current.
package final class Caller: Sendable {
  /// Who it is, by the name that stays in the history.
  package let principal: String

  /// What of the registry exists for it.
  package let viewer: Viewer

  /// What it may do.
  package let rights: Rights

  /// What is remembered of it from call to call by whoever answers it.
  package let memory = Mutex<(any AnyObject & Sendable)?>(nil)

  private let hasSuccessor = Atomic(false)

  /// A caller, which may do everything unless it is said what it may.
  package init(principal: String, viewer: Viewer, rights: Rights = .all) {
    self.principal = principal
    self.viewer = viewer
    self.rights = rights
  }

  /// Whether what it may see and do is still the same.
  package var isCurrent: Bool { !hasSuccessor.load(ordering: .acquiring) }

  /// Checks that what it may see and do is still the same, in the middle of work that takes its time.
  /// - Throws: `rightsChanged`.
  func checkIsCurrent() throws(DomainError) {
    guard isCurrent else { throw .rightsChanged }
  }

  /// Notes that what its client may see or do has changed.
  func end() { hasSuccessor.store(true, ordering: .releasing) }
}

extension DomainError {
  /// What the caller may see or do has changed while its call was under way.
  package static let rightsChanged = DomainError(
    .rightsChanged, "what the caller may see or do has changed meanwhile; call again")
}
