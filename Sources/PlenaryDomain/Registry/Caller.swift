package import PlenaryStore

/// On whose behalf the registry is asked.
package struct Caller: Sendable {
  /// Who it is, by the name that stays in the history.
  package let principal: String

  /// What of the registry exists for it.
  package let viewer: Viewer

  /// What it may do.
  package let rights: Rights

  /// A caller, which may do everything unless it is said what it may.
  package init(principal: String, viewer: Viewer, rights: Rights = .all) {
    self.principal = principal
    self.viewer = viewer
    self.rights = rights
  }
}
