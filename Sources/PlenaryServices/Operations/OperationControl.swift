internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// What an operation and those who look on have in common: whether it is to stop, and how far it is.
final class OperationControl: Sendable {
  private let now: @Sendable () -> CommitTime
  private let state: Mutex<UpkeepMetadata>
  private let isCancelled = Atomic(false)

  /// - Parameters:
  ///   - verb: The method that was called.
  ///   - now: The clock.
  init(_ verb: String, now: @escaping @Sendable () -> CommitTime) {
    self.now = now
    state = Mutex(
      UpkeepMetadata.with {
        $0.verb = verb
        $0.createTime = ProtobufTimestamp(now())
      })
  }

  /// Asks it to stop.
  func cancel() {
    isCancelled.store(true, ordering: .relaxed)
    state.withLock { $0.cancelRequested = true }
  }

  /// Who looks on while upkeep is done.
  var watch: UpkeepWatch {
    UpkeepWatch(
      isGivenUp: { self.isCancelled.load(ordering: .relaxed) },
      report: { progress in
        self.state.withLock { metadata in
          metadata.stage = UpkeepMetadata.Stage(progress.stage)
          metadata.doneCount = progress.done
          metadata.totalCount = progress.total
        }
      })
  }

  /// What is told of it.
  func metadata(isDone: Bool) -> ProtobufAny? {
    let metadata = state.withLock { state in
      if isDone { state.endTime = ProtobufTimestamp(now()) }
      return state
    }
    // A flat message can always be encoded.
    return try? ProtobufAny(packing: metadata)
  }
}

extension UpkeepMetadata.Stage {
  fileprivate init(_ stage: UpkeepProgress.Stage) {
    self =
      switch stage {
      case .copying: .copying
      case .hashing: .hashing
      case .pages: .pages
      case .chain: .chain
      case .versions: .versions
      case .records: .records
      case .gathering: .gathering
      case .composing: .composing
      }
  }
}
