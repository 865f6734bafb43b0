internal import PlenaryDomain
internal import Synchronization

/// Whose tokens were good a moment ago, so that the next call with one need not be worked out again.
///
/// Of all but the last one it keeps fingerprints of 128 bits, which nobody can make without its secret; and what it knows
/// counts only as long as nothing has changed among the clients.
final class KnownTokens: Sendable {
  /// The most that it knows; beyond that it begins anew.
  static let countMax = 4096

  private struct Fingerprint: Hashable {
    let first: Int
    let second: Int
  }

  private struct Known {
    let member: ClientDirectory.Member
    let changeCount: UInt64
  }

  private struct State {
    var known: [Fingerprint: Known] = [:]
    /// The last one, as most calls have the same as the one before.
    var last: (text: String, known: Known)?
  }

  private let secret: [UInt8]
  private let state = Mutex(State())

  /// - Parameter secret: What nobody knows from outside.
  init(secret: [UInt8]) {
    self.secret = secret
  }

  /// Whose token a text is.
  ///
  /// - Parameters:
  ///   - changeCount: How often something has changed among the clients.
  ///   - find: Works it out; nil for a text that is no good token, which is not remembered.
  func member(
    _ text: String, at changeCount: UInt64, _ find: () -> ClientDirectory.Member?
  ) -> ClientDirectory.Member? {
    let last = state.withLock { state in
      state.last.flatMap { $0.known.changeCount == changeCount && $0.text == text ? $0.known.member : nil }
    }
    if let last { return last }
    let fingerprint = Fingerprint(first: digest(text, 0), second: digest(text, 1))
    let found = state.withLock { state in
      state.known[fingerprint].flatMap { $0.changeCount == changeCount ? $0.member : nil }
    }
    guard let member = found ?? find() else { return nil }
    let known = Known(member: member, changeCount: changeCount)
    state.withLock { state in
      state.last = (text, known)
      if found == nil {
        if state.known.count >= Self.countMax { state.known = [:] }
        state.known[fingerprint] = known
      }
    }
    return member
  }

  private func digest(_ text: String, _ half: UInt8) -> Int {
    var hasher = Hasher()
    hasher.combine(secret)
    hasher.combine(half)
    hasher.combine(text)
    return hasher.finalize()
  }
}
