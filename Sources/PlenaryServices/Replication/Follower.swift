internal import GoogleAPI
package import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
package import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// Takes over what a leader commits, as long as it runs: it asks for what comes after its last revision, and begins again
/// after every break.
///
/// Invariant: what it has taken is what the store has, so it can be ended at any moment and asked again.
package struct Follower: Sendable {
  /// Why it goes on no longer.
  package enum Ending: Hashable, Sendable {
    /// The leader no longer keeps the history between; a new copy of it has to be taken.
    case copyNeeded(String)
    /// The leader is not the one that this store is a copy of, or not in the same epoch.
    case refused(String)
    /// The store takes nothing any more.
    case storeClosed
  }

  /// What happens to it, for the log.
  package enum Event: Sendable {
    case connected(leader: String)
    case lost(leader: String, reason: String)
  }

  /// How often the leader says something, though nothing has changed.
  static let heartbeat = Duration.seconds(1)

  /// After so many heartbeats without a word the connection is given up.
  static let silentBeatsMax = 10

  /// The pauses between attempts to follow: the first one, and the longest.
  static let retryDelayInitial = Duration.milliseconds(100)
  static let retryDelayMax = Duration.seconds(2)

  /// How the channel to a leader has to be set up: a message holds a large record at most, and a leader that comes back is
  /// found soon.
  package static func configure(_ channel: inout ChannelConfiguration) {
    channel.responseMessageBytesMax = 64 << 20
    channel.callWindowBytes = 4 << 20
    channel.connectionWindowBytes = 8 << 20
    channel.reconnectDelayInitial = retryDelayInitial
    channel.reconnectDelayMax = retryDelayMax
    channel.connectTimeout = .seconds(10)
  }

  private let store: any ReplicatedStore
  private let channel: GRPCChannel
  private let progress: FollowerProgress
  private let pause: @Sendable (Duration) async throws -> Void
  private let tell: @Sendable (Event) -> Void

  /// - Parameters:
  ///   - channel: Leads to the leader, set up by `configure`.
  ///   - pause: Waits for a time; throws if the task is cancelled before.
  ///   - tell: Is told what happens.
  package init(
    store: any ReplicatedStore, channel: GRPCChannel, progress: FollowerProgress,
    pause: @escaping @Sendable (Duration) async throws -> Void, tell: @escaping @Sendable (Event) -> Void
  ) {
    self.store = store
    self.channel = channel
    self.progress = progress
    self.pause = pause
    self.tell = tell
  }

  /// Follows until the task is cancelled, or until there is a reason to end; nil if it was cancelled.
  package func run() async -> Ending? {
    var delay = Self.retryDelayInitial
    while !Task.isCancelled {
      let (ending, reason) = await follow()
      if Task.isCancelled { return nil }
      if progress.lose(reason) {
        tell(.lost(leader: progress.leader, reason: reason))
        delay = Self.retryDelayInitial
      }
      if let ending { return ending }
      // It ends early if nobody wants it to go on.
      try? await pause(delay)
      delay = min(Self.retryDelayMax, delay * 2)
    }
    return nil
  }

  /// Follows until something breaks: why, and whether that is for good.
  private func follow() async -> (Ending?, String) {
    do {
      let position = try await store.position()
      try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        let silence = Silence()
        group.addTask { try await take(after: position, silence) }
        group.addTask { try await watch(silence) }
        try await group.next()
      }
      return (nil, "the leader has ended the call")
    } catch let status as GRPCStatus {
      return (Self.ending(status), "\(status.code): \(status.message)")
    } catch let error as StoreError {
      return (Self.ending(error), "the store: \(error)")
    } catch {
      return (nil, "\(error)")
    }
  }

  // MARK: One call

  /// How many heartbeats nothing was heard.
  private final class Silence: Sendable {
    let beats = Mutex(0)
  }

  /// Gives the call up when nothing comes any more, as when the network drops everything.
  private func watch(_ silence: Silence) async throws {
    while true {
      try await pause(Self.heartbeat)
      let beats = silence.beats.withLock { beats in
        beats += 1
        return beats
      }
      guard beats < Self.silentBeatsMax else {
        throw GRPCStatus(.unavailable, "nothing was heard of the leader for \(Self.silentBeatsMax) s")
      }
    }
  }

  /// Takes what the leader sends.
  private func take(after position: LogPosition, _ silence: Silence) async throws {
    let responses = try ReplicationServiceClient(channel).followStore(FollowStoreRequest(position))
    var intake = LogIntake(store: store, head: position.revision)
    for try await response in responses {
      silence.beats.withLock { $0 = 0 }
      let source = LogSource(response)
      if progress.hear(head: source.head) { tell(.connected(leader: progress.leader)) }
      let count = try await intake.take(response.changes.map(LogEntry.init), from: source)
      let complete = response.completeMicroseconds
      progress.reach(
        intake.head, count: count, completeTime: complete == 0 ? nil : CommitTime(microseconds: complete))
    }
  }

  // MARK: Reasons to end

  private static func ending(_ status: GRPCStatus) -> Ending? {
    let packed = status.details.first { $0.holds(RPCErrorInfo.self) }
    // A detail that cannot be read tells nothing.
    let found = packed.flatMap { try? $0.unpacked(as: RPCErrorInfo.self) }
    switch (found?.reason).flatMap(Reason.init) {
    case .revisionCompacted: return .copyNeeded(status.message)
    case .epochChanged, .storeDiffers, .historyDiffers: return .refused(status.message)
    default: break
    }
    return status.code == .unimplemented
      ? .refused("it does not know the method; run the same version of plenaryd there") : nil
  }

  private static func ending(_ error: StoreError) -> Ending? {
    switch error {
    case .differs(let revision, let reason):
      .refused("revision \(revision) that it sent does not continue this copy: \(reason)")
    case .corrupt(let reason): .refused("this copy is damaged: \(reason)")
    case .full: nil
    default: .storeClosed
    }
  }
}

/// Gathers changes to whole requests, and has the store take these.
struct LogIntake {
  private let store: any ReplicatedStore
  private var pending: [LogEntry] = []

  /// How far the leader's compaction is done here, since the follower began.
  private var compacted = Revision.zero

  /// The last revision that the store has.
  private(set) var head: Revision

  init(store: any ReplicatedStore, head: Revision) {
    self.store = store
    self.head = head
  }

  /// Takes the next changes, and returns how many the store has taken: those of requests that are complete.
  ///
  /// - Parameter source: What the leader said of itself when it sent them.
  mutating func take(_ entries: [LogEntry], from source: LogSource) async throws -> Int {
    // What the leader writes after a compaction rests on what that has left.
    try await compact(to: source.compacted)
    pending += entries
    guard pending.count <= 2 * WriteRequest.mutationCountMax else {
      throw StoreError.differs(at: head, reason: "a request has more changes than one can have")
    }
    guard let end = pending.lastIndex(where: \.endsRequest) else { return 0 }
    let whole = Array(pending[...end])
    pending.removeFirst(end + 1)
    try await store.take(whole, from: source)
    head = whole[end].revision
    try await compact(to: source.compacted)
    return whole.count
  }

  private mutating func compact(to revision: Revision) async throws(StoreError) {
    guard revision > compacted, head >= revision else { return }
    var place = Revision.zero
    repeat {
      place = try await store.takeCompaction(to: revision, after: place).through
    } while place < revision
    compacted = revision
  }
}
