import PlenaryStore
import Testing

@testable import PlenaryServices

/// How often credentials from one machine may be good for nothing.
@Suite struct FailedCredentialsTests {
  private let failed = FailedCredentials()

  private static func time(_ seconds: Int64) -> CommitTime { CommitTime(microseconds: 1_000_000 * seconds) }

  private func fail(_ count: Int = 1, from peer: String, at seconds: Int64 = 0) {
    for _ in 0..<count { failed.note(from: peer, at: Self.time(seconds)) }
  }

  private func isTooMuch(from peer: String, max: Int? = 3, at seconds: Int64 = 0) -> Bool {
    failed.isTooMuch(from: peer, max: max, at: Self.time(seconds))
  }

  @Test func `as many as may fail are listened to, and after one more nothing is for a minute`() {
    fail(2, from: "10.0.0.1:5000")
    #expect(!isTooMuch(from: "10.0.0.1:5000"))
    fail(from: "10.0.0.1:5000")
    #expect(isTooMuch(from: "10.0.0.1:5000") && isTooMuch(from: "10.0.0.1:5000", at: 59))
    #expect(!isTooMuch(from: "10.0.0.1:5000", at: 60))
    #expect(!isTooMuch(from: "10.0.0.1:5000", max: nil))
    // What failed a minute ago counts no longer.
    fail(from: "10.0.0.1:5000", at: 60)
    #expect(!isTooMuch(from: "10.0.0.1:5000", at: 60))
  }

  @Test func `connections of one machine are counted together, and machines apart`() {
    for port in 1...3 { fail(from: "10.0.0.1:\(port)") }
    #expect(isTooMuch(from: "10.0.0.1:9") && !isTooMuch(from: "10.0.0.2:9"))
    #expect(!isTooMuch(from: "unix"))
    fail(3, from: "unix")
    #expect(isTooMuch(from: "unix"))
  }

  @Test(arguments: [
    ("10.0.0.1:80", "10.0.0.1"), ("unix", "unix"), ("", "unknown"), ("[2001:db8:1:2:3:4:5:6]:80", "2001:db8:1:2::/64"),
    ("[2001:db8::6]:80", "2001:db8:0:0::/64"), ("[::1]:80", "0:0:0:0::/64"), ("[fe80::1%eth0]:80", "fe80:0:0:0::/64"),
  ])
  func `of IPv6 a network is one peer`(address: String, machine: String) {
    #expect(FailedCredentials.machine(address) == machine)
  }

  @Test func `more peers than are told apart are counted as one, until others have been quiet`() {
    for number in 0..<FailedCredentials.peersMax { fail(from: "peer-\(number):1") }
    fail(3, from: "late:1")
    // The ones that are known are still counted by themselves.
    #expect(isTooMuch(from: "late:1") && isTooMuch(from: "later:1") && !isTooMuch(from: "peer-7:1"))
    fail(2, from: "peer-7:1", at: 1)
    #expect(isTooMuch(from: "peer-7:1", at: 1))
    #expect(failed.counts(at: Self.time(1)).peers.map(\.peer).prefix(2) == ["others", "peer-7"])
    fail(from: "late:1", at: 61)
    #expect(!isTooMuch(from: "late:1", at: 61) && failed.counts(at: Self.time(61)).peers.map(\.peer) == ["late"])
  }

  @Test func `administrators are told of all failures, and of the peers with the most`() {
    for number in 0..<12 { fail(number + 1, from: "peer-\(number):1") }
    failed.noteUnheard()
    let counts = failed.counts(at: Self.time(0))
    #expect((counts.total, counts.unheard) == (78, 1))
    #expect(counts.peers.map(\.count) == Array((3...12).reversed()) && counts.peers.first?.peer == "peer-11")
  }
}
