internal import PlenaryStore
internal import Synchronization

/// What the writer and upkeep note down, for whoever asks how the store is doing.
final class Figures: Sendable {
  /// How many commits are remembered.
  private static let commitCountMax = 1024

  private struct State {
    var microseconds: [Int64] = []
    var changes: [Int] = []
    var next = 0
    var health = StoreHealth()
  }

  private let state = Mutex(State())
  private let overCap = Atomic(false)

  /// Whether the log is so long that upkeep, which keeps it from being emptied, has to give way.
  var isLogOverCap: Bool {
    get { overCap.load(ordering: .relaxed) }
    set { overCap.store(newValue, ordering: .relaxed) }
  }

  /// A batch became durable.
  func noteCommit(nanoseconds: Int64, changes: Int) {
    state.withLock { state in
      state.health.commitCount += 1
      if state.microseconds.count < Self.commitCountMax {
        state.microseconds.append(nanoseconds / 1000)
        state.changes.append(changes)
      } else {
        state.microseconds[state.next] = nanoseconds / 1000
        state.changes[state.next] = changes
        state.next = (state.next + 1) % Self.commitCountMax
      }
    }
  }

  /// Notes something down.
  func note(_ body: (inout StoreHealth) -> Void) {
    state.withLock { body(&$0.health) }
  }

  /// What is known.
  var health: StoreHealth {
    let (sorted, changes, known) = state.withLock { ($0.microseconds, $0.changes, $0.health) }
    let times = sorted.sorted()
    var health = known
    guard let last = times.last else { return health }
    health.commitMicrosecondsP50 = times[times.count / 2]
    health.commitMicrosecondsP99 = times[min(times.count - 1, times.count * 99 / 100)]
    health.commitMicrosecondsMax = last
    health.batchChangesMean = Double(changes.reduce(0, +)) / Double(changes.count)
    health.batchChangesMax = changes.max() ?? 0
    return health
  }
}
