internal import Synchronization

/// Counts the calls of all callers that are under way, streams aside, from any thread.
package final class CallTotal: Sendable {
  private let count = Atomic(0)

  /// Calls that are under way.
  package var underWay: Int { count.load(ordering: .relaxed) }

  /// Counts a call that begins; false, and nothing is counted, if there are as many as may be.
  package func begin(max: Int) -> Bool {
    guard count.add(1, ordering: .relaxed).newValue > max else { return true }
    end()
    return false
  }

  /// Counts the end of a call that was counted.
  package func end() {
    count.subtract(1, ordering: .relaxed)
  }
}
