internal import GRPCRuntime
internal import Logging
internal import PlenaryServices
internal import PlenaryStore
internal import PlenaryStoreSQLite

/// Sees to it that a follower has a copy of its leader before it opens its store.
struct FirstCopy {
  /// What came of it.
  enum Outcome {
    /// There was one already.
    case there
    /// One was taken.
    case copied
    /// The daemon was told to stop before there was one.
    case stopped
  }

  private static let retryDelay = Duration.seconds(1)

  let configuration: DaemonConfiguration
  let logger: Logger

  /// Takes a copy if there is none, or if it has to be taken anew. It waits for a leader that does not answer.
  func ensure() async throws(DaemonFailure) -> Outcome {
    guard let leader = configuration.follow.leader, case .directory(let path) = configuration.data else {
      return .there
    }
    guard try needsCopy(path) else { return .there }
    let channel = try configuration.follow.open(leader)
    let outcome: Result<Outcome, DaemonFailure>
    do throws(DaemonFailure) {
      outcome = .success(try await take(over: channel, from: leader.description, to: path))
    } catch {
      outcome = .failure(error)
    }
    await channel.close(grace: .zero)
    return try outcome.get()
  }

  /// Whether the directory has no copy that can be continued.
  private func needsCopy(_ path: String) throws(DaemonFailure) -> Bool {
    do throws(StoreError) {
      switch try SQLiteStore.condition(ofDirectory: path) {
      case .missing: return true
      // Whoever opens it next says so.
      case .inUse: return false
      case .ready:
        let isCopy = try SQLiteStore.leader(ofDirectory: path) != nil
        if isCopy { return configuration.follow.needsCopy }
        guard configuration.follow.isReplacing else { throw .notFollower }
        return true
      }
    } catch {
      throw DaemonFailure(opening: configuration.data, error)
    }
  }

  private func take(
    over channel: GRPCChannel, from leader: String, to path: String
  ) async throws(DaemonFailure) -> Outcome {
    logger.notice("follower.copying", metadata: ["leader": "\(leader)"])
    let download = CopyDownload(
      channel: channel, pause: { try await Task.sleep(for: $0) }, now: configuration.inputs.now)
    while !Task.isCancelled {
      do {
        let manifest = try await download.run { manifest throws(StoreError) in
          try StoreReceiver(directory: path, leader: leader, manifest: manifest)
        }
        logger.notice(
          "follower.copied",
          metadata: ["leader": "\(leader)", "bytes": "\(manifest.byteCount)", "epoch": "\(manifest.identity.epoch)"])
        return .copied
      } catch let error as StoreError {
        throw DaemonFailure(opening: configuration.data, error)
      } catch let status as GRPCStatus where status.code == .unimplemented {
        throw DaemonFailure(
          .failed, "\(leader) cannot be followed: it knows no followers; run the same version of plenaryd there")
      } catch {
        guard !Task.isCancelled else { break }
        logger.warning("follower.copy.failed", metadata: ["leader": "\(leader)", "reason": "\(error)"])
        // It ends early if the daemon is to stop.
        try? await Task.sleep(for: Self.retryDelay)
      }
    }
    return .stopped
  }
}
