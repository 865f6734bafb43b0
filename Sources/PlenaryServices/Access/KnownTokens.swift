internal import PlenaryDomain
internal import Synchronization

/// Whose tokens were good a moment ago, so that the next call with one need not be worked out again.
///
/// It keeps no tokens but fingerprints of 128 bits, which nobody can make without its secrets; and what it knows counts only
/// as long as nothing has changed among the clients.
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

  private let secrets: (UInt64, UInt64) = (.random(in: .min ... .max), .random(in: .min ... .max))
  private let known = Mutex<[Fingerprint: Known]>([:])

  /// Whose token a text is.
  ///
  /// - Parameters:
  ///   - changeCount: How often something has changed among the clients.
  ///   - find: Works it out; nil for a text that is no good token, which is not remembered.
  func member(
    _ text: String, at changeCount: UInt64, _ find: () -> ClientDirectory.Member?
  ) -> ClientDirectory.Member? {
    let fingerprint = Fingerprint(first: digest(text, secrets.0), second: digest(text, secrets.1))
    let found = known.withLock { known in known[fingerprint].flatMap { $0.changeCount == changeCount ? $0.member : nil }
    }
    if let found { return found }
    guard let member = find() else { return nil }
    known.withLock { known in
      if known.count >= Self.countMax { known = [:] }
      known[fingerprint] = Known(member: member, changeCount: changeCount)
    }
    return member
  }

  private func digest(_ text: String, _ secret: UInt64) -> Int {
    var hasher = Hasher()
    hasher.combine(secret)
    hasher.combine(text)
    return hasher.finalize()
  }
}
