import PlenaryStore
import Testing

@testable import PlenaryDomain
@testable import PlenaryServices

/// Which tokens need not be worked out again.
@Suite struct KnownTokensTests {
  private let tokens = KnownTokens(secret: Array(0..<16))

  private func member(_ name: String) -> ClientDirectory.Member {
    ClientDirectory.Member(
      caller: Caller(principal: name, viewer: .everything), expireTime: CommitTime(microseconds: 1),
      meter: CallMeter(CallTotal()))
  }

  /// Whose token a text is, and whether that had to be worked out.
  private func asked(_ text: String, at changeCount: UInt64 = 1) -> (name: String?, isNew: Bool) {
    var isNew = false
    let found = tokens.member(text, at: changeCount) {
      isNew = true
      return text.hasPrefix("good") ? member(text) : nil
    }
    return (found?.caller.principal, isNew)
  }

  @Test func `a token is worked out once, until something changes among the clients`() {
    for text in ["good 1", "good 2"] { #expect(asked(text) == (text, true)) }
    for text in ["good 1", "good 1", "good 2", "good 1"] { #expect(asked(text) == (text, false)) }
    #expect(asked("good 1", at: 2) == ("good 1", true))
    #expect(asked("good 1", at: 2) == ("good 1", false))
    // What was found out before a change is not told after it, nor the other way round.
    #expect(asked("good 2", at: 2) == ("good 2", true))
    #expect(asked("good 1", at: 1) == ("good 1", true))
  }

  @Test func `what is no good token is worked out each time`() {
    for _ in 0..<3 { #expect(asked("bad") == (nil, true)) }
  }

  @Test func `so many tokens are known and no more`() {
    for number in 0..<KnownTokens.countMax { #expect(asked("good \(number)") == ("good \(number)", true)) }
    #expect(asked("good 0") == ("good 0", false))
    // One more, and it begins anew.
    #expect(asked("good more") == ("good more", true))
    #expect(asked("good 1") == ("good 1", true))
    #expect(asked("good more") == ("good more", false))
  }
}
