internal import Synchronization

/// Tells any number of readers of the newest of some elements; whoever is slow misses what was in between.
///
/// Waking a reader takes a lock of its task, and cancelling that task holds the same lock while it takes `state`. So
/// nobody is woken within `state`; what comes one after another does so by `order`, which no cancellation takes.
final class Broadcast<Element: Sendable>: Sendable {
  private struct State {
    var continuations: [Int: AsyncStream<Element>.Continuation] = [:]
    var nextID = 0
    var isFinished = false
  }

  private let order = Mutex(())
  private let state = Mutex(State())

  /// The elements from now on. It ends when the readers are told that there are no more.
  func stream() -> AsyncStream<Element> {
    let (stream, continuation) = AsyncStream.makeStream(of: Element.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state -> Int? in
      guard !state.isFinished else { return nil }
      state.nextID += 1
      state.continuations[state.nextID] = continuation
      return state.nextID
    }
    guard let id else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      _ = self?.state.withLock { $0.continuations.removeValue(forKey: id) }
    }
    return stream
  }

  /// Tells all readers of an element, one element after another.
  func send(_ element: Element) {
    order.withLock { _ in
      let continuations = state.withLock { Array($0.continuations.values) }
      for continuation in continuations { continuation.yield(element) }
    }
  }

  /// Ends all streams, and those to come.
  func finish() {
    let continuations = state.withLock { state in
      state.isFinished = true
      defer { state.continuations = [:] }
      return Array(state.continuations.values)
    }
    for continuation in continuations { continuation.finish() }
  }
}
