package import PlenaryStore

/// On whose behalf the registry is asked.
package struct Caller: Sendable {
  /// Who it is, by the name that stays in the history.
  package let principal: String

  /// What of the registry exists for it.
  package let viewer: Viewer

  /// A caller.
  package init(principal: String, viewer: Viewer) {
    self.principal = principal
    self.viewer = viewer
  }
}
