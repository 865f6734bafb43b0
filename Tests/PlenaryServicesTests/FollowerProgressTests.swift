import GoogleAPI
import PlenaryClient
import PlenaryStore
import ProtobufRuntime
import Synchronization
import Testing

@testable import PlenaryServices

@Suite struct FollowerProgressTests {
  /// A clock that tests move.
  private final class Clock: Sendable {
    let time = Mutex(CommitTime(microseconds: 1_000_000))

    func advance(by microseconds: Int64) {
      time.withLock { $0 = CommitTime(microseconds: $0.microseconds + microseconds) }
    }
  }

  private func withProgress(_ body: (FollowerProgress, Clock) -> Void) {
    let clock = Clock()
    body(
      FollowerProgress(leader: "leader.example:7443", head: Revision(5), now: { clock.time.withLock { $0 } }), clock)
  }

  @Test func `what was never heard has no lag`() {
    withProgress { progress, _ in
      let status = progress.status
      #expect(!status.connected && status.lag == nil && status.hearTime == nil && status.lagChangeCount == 0)
      #expect(!progress.lose("refused"))
      #expect(progress.status.failure == "refused")
    }
  }

  @Test func `the lag counts from when nothing was missing`() {
    withProgress { progress, clock in
      #expect(progress.hear(head: Revision(5)))
      progress.reach(Revision(5), count: 0, completeTime: CommitTime(microseconds: 7))
      #expect(progress.status.lag == ProtobufDuration(.zero))
      clock.advance(by: 500_000)
      #expect(!progress.hear(head: Revision(8)))
      clock.advance(by: 250_000)
      var status = progress.status
      #expect(status.lagChangeCount == 3 && status.lag == ProtobufDuration(.milliseconds(250)))
      progress.reach(Revision(7), count: 2, completeTime: CommitTime(microseconds: 9))
      #expect(progress.completeTime == CommitTime(microseconds: 7), "not everything is here yet")
      progress.reach(Revision(8), count: 1, completeTime: CommitTime(microseconds: 9))
      status = progress.status
      #expect(status.lagChangeCount == 0 && status.lag == ProtobufDuration(.zero) && status.takenChangeCount == 3)
      #expect(progress.completeTime == CommitTime(microseconds: 9))
    }
  }

  @Test func `a leader that is lost makes the lag grow`() {
    withProgress { progress, clock in
      _ = progress.hear(head: Revision(5))
      progress.reach(Revision(5), count: 0, completeTime: nil)
      clock.advance(by: 1_000_000)
      #expect(progress.lose("the network"))
      clock.advance(by: 2_000_000)
      let status = progress.status
      #expect(!status.connected && status.failure == "the network" && status.lag == ProtobufDuration(.seconds(2)))
      #expect(progress.hear(head: Revision(5)))
      #expect(progress.status.failure.isEmpty && progress.status.lag == ProtobufDuration(.zero))
    }
  }
}
