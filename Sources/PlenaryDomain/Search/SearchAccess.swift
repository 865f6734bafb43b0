package import PlenaryStore

/// The way to a search index that somebody else feeds.
package struct SearchAccess: Sendable {
  /// How long a call waits for the index to come to what it reads, if nothing else is said.
  package static let waitDefault = Duration.seconds(2)

  /// The index.
  package let index: any SearchIndex

  private let wait: Duration
  private let pause: @Sendable (Duration) async throws -> Void

  /// The way to an index.
  ///
  /// - Parameters:
  ///   - wait: How long a call waits for the index.
  ///   - pause: Waits so long, or until the task is cancelled.
  package init(
    _ index: any SearchIndex, wait: Duration = Self.waitDefault,
    pause: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.index = index
    self.wait = wait
    self.pause = pause
  }

  /// Waits until the index knows everything up to a revision, so that whoever has written finds it.
  /// - Throws: `indexBuilding` while records are loaded, `indexBehind` if it does not come to the revision in time.
  func waitUntilFed(through revision: Revision) async throws(DomainError) {
    if index.progress.has(revision) { return }
    let updates = index.progressUpdates()
    // What happened before the updates began is not among them.
    if index.progress.has(revision) { return }
    let isFed = await withTaskGroup(of: Bool.self) { [wait, pause] group in
      group.addTask {
        for await progress in updates where progress.has(revision) { return true }
        return false
      }
      group.addTask {
        // It is cancelled when the index is fed, or with the call.
        try? await pause(wait)
        return false
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
    if isFed || index.progress.has(revision) { return }
    try DomainError.checkCancellation()
    throw refusal(index.progress)
  }

  private func refusal(_ progress: SearchProgress) -> DomainError {
    if case .fed = progress.stage {
      return DomainError(
        .indexBehind, "the search index has not come to the present state yet; try again in a moment",
        metadata: ["wait": "\(wait)"])
    }
    return DomainError(
      .indexBuilding,
      "the search index is being made, \(progress.loadedCount) records are in it; try again when it is done, or read "
        + "without search", metadata: ["loaded_count": "\(progress.loadedCount)"])
  }
}
