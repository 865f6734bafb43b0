package import PlenaryStore
internal import PlenaryAPI
internal import ProtobufRuntime
internal import GoogleAPI
internal import Synchronization

/// How far a follower is, for whoever asks.
///
/// How long it has been behind is told by its own clock alone, so that two clocks that differ do no harm.
package final class FollowerProgress: Sendable {
  /// The address of the leader.
  package let leader: String

  private struct State {
    var isConnected = false
    var hearTime: CommitTime?
    var leaderHead = Revision.zero
    var head: Revision
    var takenCount: UInt64 = 0
    var completeTime: CommitTime?
    /// When everything was here that the leader had told of.
    var caughtUpTime: CommitTime?
    var failure = ""

    var isCaughtUp: Bool { isConnected && head >= leaderHead }
    var missingCount: UInt64 { leaderHead > head ? leaderHead.number - head.number : 0 }
  }

  private let state: Mutex<State>
  private let now: @Sendable () -> CommitTime

  /// The progress of a follower that begins at a revision.
  package init(leader: String, head: Revision, now: @escaping @Sendable () -> CommitTime) {
    self.leader = leader
    self.now = now
    state = Mutex(State(head: head))
  }

  /// The time up to which every change of the leader is here; nil if that is not known.
  package var completeTime: CommitTime? { state.withLock { $0.completeTime } }

  /// Whether the leader is heard now.
  var isConnected: Bool { state.withLock { $0.isConnected } }

  /// How many changes the leader has told of that are not here.
  var missingCount: UInt64 { state.withLock { $0.missingCount } }

  /// The leader was heard, and says what its last revision is. Returns whether it was not heard before.
  func hear(head: Revision) -> Bool {
    let time = now()
    return state.withLock { state in
      defer { state.isConnected = true }
      // Until now nothing was missing.
      if state.isCaughtUp { state.caughtUpTime = time }
      state.hearTime = time
      state.leaderHead = head
      state.failure = ""
      return !state.isConnected
    }
  }

  /// Everything up to a revision is here.
  ///
  /// - Parameter completeTime: The time up to which these are all changes; nil if that is not known.
  func reach(_ head: Revision, count: Int, completeTime: CommitTime?) {
    let time = now()
    state.withLock { state in
      state.head = head
      state.takenCount += UInt64(count)
      guard state.head >= state.leaderHead else { return }
      state.caughtUpTime = time
      if let completeTime { state.completeTime = completeTime }
    }
  }

  /// The leader is not heard any more. Returns whether it was before.
  func lose(_ reason: String) -> Bool {
    let time = now()
    return state.withLock { state in
      defer { state.isConnected = false }
      if state.isCaughtUp { state.caughtUpTime = time }
      state.failure = reason
      return state.isConnected
    }
  }

  /// What is told of it.
  var status: FollowerStatus {
    let time = now()
    let state = state.withLock { $0 }
    return .with {
      $0.leader = leader
      $0.connected = state.isConnected
      $0.hearTime = state.hearTime.map { ProtobufTimestamp($0) }
      $0.lagChangeCount = Int64(state.missingCount)
      if state.isCaughtUp {
        $0.lag = ProtobufDuration(.zero)
      } else if let caughtUp = state.caughtUpTime {
        $0.lag = ProtobufDuration(.microseconds(max(0, time.microseconds - caughtUp.microseconds)))
      }
      $0.takenChangeCount = Int64(state.takenCount)
      $0.failure = state.failure
    }
  }
}
