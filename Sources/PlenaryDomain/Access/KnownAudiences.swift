internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// The audiences of the markings that callers meet with, understood once for all of them: there are few markings, and each is
/// met with again and again.
///
/// Invariants: what is remembered takes at most about `byteCountMax`, however many callers and markings there are. What is not
/// remembered is understood anew each time, and the answer is the same.
package final class KnownAudiences: Sendable {
  /// The most bytes of it, by a rough count; beyond that it begins anew.
  static let byteCountMax = 16 << 20

  /// What an audience takes besides the names in it, and how much more these take than in their encoding: each is a string in
  /// a set, and its encoding is kept as what it is found by.
  private static let byteCountLeast = 256
  private static let byteCountFactor = 4

  private struct State {
    var audiences: [PlenaryStore.Marking: Audience] = [:]
    var byteCount = 0
  }

  private let state = Mutex(State())

  package init() {}

  /// How many are remembered, and about how many bytes they take.
  var size: (count: Int, bytes: Int) { state.withLock { ($0.audiences.count, $0.byteCount) } }

  /// The audience of a marking; nil if it cannot be understood.
  func audience(of marking: PlenaryStore.Marking) -> Audience? {
    // Readers wait for nothing but to be handed the table.
    let known = state.withLock { $0.audiences }
    if let audience = known[marking] { return audience }
    guard let audience = Audience(marking) else { return nil }
    let byteCount = Self.byteCountLeast + Self.byteCountFactor * marking.detail.count
    guard byteCount <= Self.byteCountMax else { return audience }
    state.withLock { state in
      guard state.audiences[marking] == nil else { return }
      if state.byteCount + byteCount > Self.byteCountMax { state = State() }
      state.audiences[marking] = audience
      state.byteCount += byteCount
    }
    return audience
  }
}

extension Audience {
  /// The audience of a marking as the store compares it; nil if it cannot be understood.
  fileprivate init?(_ marking: PlenaryStore.Marking) {
    // What is not understood lets nobody in, so why it is not does not matter.
    guard var own = try? PlenaryAPI.Marking(serializedBytes: marking.detail) else { return nil }
    own.label = PlenaryAPI.Marking.Label(rawValue: marking.label)
    self.init(own, originator: marking.originator)
  }
}
