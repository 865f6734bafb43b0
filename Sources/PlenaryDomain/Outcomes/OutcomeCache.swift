internal import Synchronization

/// The contents that were read last, so that whoever reads one in pieces, or many who read the same, have it compiled once.
final class OutcomeCache: Sendable {
  /// The most bytes of contents that are kept.
  static let byteCountMax = 64 << 20

  private struct State {
    var contents: [String: CompiledOutcome] = [:]
    /// The digests, that which was asked for last at the end.
    var order: [String] = []
    var byteCount = 0
  }

  private let state = Mutex(State())

  /// The content with a digest, if it is kept.
  func content(_ digest: String) -> CompiledOutcome? {
    state.withLock { state in
      guard let content = state.contents[digest] else { return nil }
      state.order.removeAll { $0 == digest }
      state.order.append(digest)
      return content
    }
  }

  /// Keeps a content, and forgets those that nobody has asked for the longest.
  func keep(_ content: CompiledOutcome) {
    guard content.bytes.count <= Self.byteCountMax else { return }
    state.withLock { state in
      guard state.contents[content.digest] == nil else { return }
      state.contents[content.digest] = content
      state.order.append(content.digest)
      state.byteCount += content.bytes.count
      while state.byteCount > Self.byteCountMax, let oldest = state.order.first {
        state.order.removeFirst()
        state.byteCount -= state.contents.removeValue(forKey: oldest)?.bytes.count ?? 0
      }
    }
  }

  /// Forgets all, since something that stands in one of them was erased.
  func forget() { state.withLock { $0 = State() } }
}
