package import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
package import PlenaryStore
internal import Synchronization

/// Takes a copy of a leader's store, with which a follower begins.
package struct CopyDownload: Sendable {
  private let channel: GRPCChannel
  private let pause: @Sendable (Duration) async throws -> Void
  private let now: @Sendable () -> CommitTime

  /// - Parameters:
  ///   - channel: Leads to the leader, set up by `Follower.configure`.
  ///   - pause: Waits for a time; throws if the task is cancelled before.
  package init(
    channel: GRPCChannel, pause: @escaping @Sendable (Duration) async throws -> Void,
    now: @escaping @Sendable () -> CommitTime
  ) {
    self.channel = channel
    self.pause = pause
    self.now = now
  }

  /// Takes the copy, and makes a store of it.
  ///
  /// - Parameter begin: Makes what takes the bytes in.
  /// - Returns: what the copy is of.
  /// - Throws: the `GRPCStatus` of the call, or a `StoreError`; nothing has changed then.
  package func run(
    into begin: @escaping @Sendable (BackupManifest) throws(StoreError) -> any StoreCopyReceiver
  ) async throws -> BackupManifest {
    let beats = Beats()
    return try await withThrowingTaskGroup(of: BackupManifest?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await take(beats, into: begin) }
      group.addTask {
        try await watch(beats)
        return nil
      }
      guard let manifest = try await group.next() ?? nil else {
        throw GRPCStatus(.unavailable, "nothing was heard of the leader for \(Follower.silentBeatsMax) s")
      }
      return manifest
    }
  }

  /// How many heartbeats nothing was heard.
  private final class Beats: Sendable {
    let silent = Mutex(0)
  }

  /// Returns when nothing comes any more.
  private func watch(_ beats: Beats) async throws {
    while beats.silent.withLock({ $0 }) < Follower.silentBeatsMax {
      try await pause(Follower.heartbeat)
      beats.silent.withLock { $0 += 1 }
    }
  }

  private func take(
    _ beats: Beats, into begin: (BackupManifest) throws(StoreError) -> any StoreCopyReceiver
  ) async throws -> BackupManifest {
    var manifest: BackupManifest?
    var receiver: (any StoreCopyReceiver)?
    defer { receiver?.discard() }
    for try await response in try ReplicationServiceClient(channel).copyStore(CopyStoreRequest()) {
      beats.silent.withLock { $0 = 0 }
      switch response.content {
      case .manifest(let sent):
        guard manifest == nil else { continue }
        let made = BackupManifest(sent)
        manifest = made
        receiver = try begin(made)
      case .chunk(let bytes): try receiver?.append(bytes)
      case nil: break
      }
    }
    guard let manifest, let receiver else {
      throw GRPCStatus(.dataLoss, "the leader has sent nothing of its store")
    }
    let watch = UpkeepWatch(
      isGivenUp: { Task.isCancelled }, report: { _ in beats.silent.withLock { $0 = 0 } })
    try receiver.install(now: now(), watch: watch)
    return manifest
  }
}
