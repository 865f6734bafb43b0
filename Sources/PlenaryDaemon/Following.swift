internal import GRPCRuntime
internal import PlenaryDomain
internal import PlenaryServices
internal import PlenaryStore
internal import PlenaryStoreSQLite

/// A follower at work beside the services that answer reads.
struct Following: Sendable {
  let progress: FollowerProgress
  private let channel: GRPCChannel
  private let task: Task<Void, Never>

  /// Begins to follow, if the daemon is a follower.
  ///
  /// - Parameter ended: Is told why it can follow no longer.
  static func start(
    _ configuration: DaemonConfiguration, _ store: SQLiteStore, _ observer: DaemonObserver,
    pause: @escaping @Sendable (Duration) async throws -> Void,
    ended: @escaping @Sendable (OpenRegistry.Ending) -> Void
  ) async throws(DaemonFailure) -> Following? {
    guard let leader = configuration.follow.leader else { return nil }
    let head: Revision
    do throws(StoreError) {
      head = try await store.head()
    } catch {
      throw DaemonFailure(opening: configuration.data, error)
    }
    let progress = FollowerProgress(leader: leader.description, head: head, now: configuration.inputs.now)
    let channel = try configuration.follow.open(leader)
    let follower = Follower(
      store: store, channel: channel, progress: progress, pause: pause, tell: { observer.followerDid($0) })
    let isReplacing = configuration.follow.isReplacing
    let task = Task {
      switch await follower.run() {
      case .copyNeeded(let reason): ended(.copyNeeded(reason))
      case .refused(let reason) where isReplacing: ended(.copyNeeded(reason))
      case .refused(let reason):
        ended(.failed(DaemonFailure(.failed, "\(leader) cannot be followed any more: \(reason)")))
      case .storeClosed, nil: break
      }
    }
    return Following(progress: progress, channel: channel, task: task)
  }

  /// How reads wait for the leader.
  func reads(waitMax: Duration, pause: @escaping @Sendable (Duration) async throws -> Void) -> FollowerReads {
    FollowerReads(
      leader: progress.leader, waitMax: waitMax, completeTime: { [progress] in progress.completeTime }, pause: pause)
  }

  /// Follows no longer.
  func stop() async {
    task.cancel()
    await task.value
    await channel.close(grace: .zero)
  }
}
