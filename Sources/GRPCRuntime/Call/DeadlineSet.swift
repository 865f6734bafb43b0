/// The deadlines of the open calls of one connection, served by one timer.
///
/// A connection has a few hundred calls at most and most of them end long before their deadline, so nothing is sorted and
/// no timer is moved when a call ends: the timer looks for the expired and for the next one when it fires.
package struct DeadlineSet<Call> {
  private var entries: [Int: (deadline: Deadline, call: Call)] = [:]
  /// When the timer that runs will fire.
  private var timer: Deadline?

  /// Makes an empty set.
  package init() {}

  /// Adds a call. Returns when the timer has to fire if that is earlier than it was going to.
  package mutating func add(_ call: Call, id: Int, deadline: Deadline) -> Deadline? {
    entries[id] = (deadline, call)
    if let timer, timer <= deadline { return nil }
    timer = deadline
    return deadline
  }

  /// Forgets a call that is over.
  package mutating func remove(id: Int) {
    entries.removeValue(forKey: id)
  }

  /// The timer fired. Takes out the calls whose deadline has come, the oldest first, and returns when to fire again.
  package mutating func expire(at now: Deadline) -> (expired: [Call], next: Deadline?) {
    let expired = entries.filter { $0.value.deadline <= now }
    for id in expired.keys { entries.removeValue(forKey: id) }
    timer = entries.values.lazy.map(\.deadline).min()
    return (expired.sorted { $0.key < $1.key }.map(\.value.call), timer)
  }
}
