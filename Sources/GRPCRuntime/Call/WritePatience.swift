internal import Synchronization

/// How long one writer waits for room: until somebody else says that it is enough.
///
/// It is for one write at a time. What is said while nothing waits holds for all writes to come.
public final class WritePatience: Sendable {
  private struct State {
    var isOver = false
    var end: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// Makes one that has no end yet.
  public init() {}

  /// Whether it has come to its end.
  public var isOver: Bool { state.withLock { $0.isOver } }

  /// Ends the waiting, now and for good.
  public func end() {
    let end = state.withLock { state in
      state.isOver = true
      return state.end.take()
    }
    end?()
  }

  /// Notes how the waiting that begins now is ended; false if it must not begin.
  func begin(_ end: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if !state.isOver { state.end = end }
      return !state.isOver
    }
  }

  /// The waiting is over by itself.
  func finish() {
    state.withLock { $0.end = nil }
  }
}
