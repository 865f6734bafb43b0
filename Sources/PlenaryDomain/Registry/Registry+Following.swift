package import PlenaryStore

/// How a follower reads what it may not have yet.
package struct FollowerReads: Sendable {
  let leader: String
  let waitMax: Duration
  let completeTime: @Sendable () -> CommitTime?
  let pause: @Sendable (Duration) async throws -> Void

  /// - Parameters:
  ///   - leader: The address of the leader.
  ///   - waitMax: How long a read waits for what it asks for.
  ///   - completeTime: The time up to which every change of the leader is here; nil if that is not known.
  ///   - pause: Waits for a time; throws if the task is cancelled before.
  package init(
    leader: String, waitMax: Duration, completeTime: @escaping @Sendable () -> CommitTime?,
    pause: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.leader = leader
    self.waitMax = waitMax
    self.completeTime = completeTime
    self.pause = pause
  }
}

extension Registry {
  /// How often a follower looks whether a time has been reached, which its leader tells about once a second.
  private static let completionStep = Duration.milliseconds(50)

  /// Waits for a revision to be here: a follower for some time, every other store not at all.
  /// - Throws: `followerBehind` if it does not come in time, `revisionFuture` if there is none to wait for.
  func arrival(of revision: Revision) async throws(DomainError) {
    if revision <= (try await head()) { return }
    guard let following else { throw DomainError(StoreError.revisionInFuture(head: revision)) }
    let wakeups = store.wakeups()
    // It may have come before the store was asked to tell.
    if revision <= (try await head()) { return }
    let hasCome = await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        for await head in wakeups where head >= revision { return true }
        return false
      }
      group.addTask {
        // It ends early if nobody waits any longer.
        try? await following.pause(following.waitMax)
        return false
      }
      defer { group.cancelAll() }
      return await group.next() ?? false
    }
    try DomainError.checkCancellation()
    if !hasCome { throw following.isBehind("this revision") }
  }

  /// Waits until a follower has every change up to a time; before that, what stood then is not known.
  /// - Throws: `followerBehind` if it has not in time.
  func completion(until time: CommitTime) async throws(DomainError) {
    guard let following else { return }
    var waited = Duration.zero
    while following.completeTime().map({ $0 < time }) ?? true {
      guard waited < following.waitMax else { throw following.isBehind("every change up to this time") }
      // It ends early if nobody waits any longer.
      try? await following.pause(Self.completionStep)
      try DomainError.checkCancellation()
      waited += Self.completionStep
    }
  }
}

extension FollowerReads {
  fileprivate func isBehind(_ what: String) -> DomainError {
    DomainError(
      .followerBehind, "this follower does not have \(what) yet; try again, or ask its leader at \(leader)",
      metadata: ["leader": leader])
  }
}
