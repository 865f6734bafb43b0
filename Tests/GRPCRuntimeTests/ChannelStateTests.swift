import GRPCRuntime
import Testing

@Suite struct ChannelStateTests {
  private let reason = GRPCStatus(.unavailable, "nothing listens")

  @Test func `the first call connects and the next ones wait for it`() {
    var state = ChannelState()
    #expect(state.call(waitsForReady: false) == .waitAndConnect)
    #expect(state.call(waitsForReady: false) == .wait)
    #expect(state.connected() == true)
    #expect(state.call(waitsForReady: false) == .begin)
  }

  @Test func `after a failure calls fail with its reason until the pause is over`() {
    var state = ChannelState()
    _ = state.call(waitsForReady: false)
    #expect(state.failed(reason) == true)
    #expect(state.call(waitsForReady: false) == .fail(reason))
    #expect(state.call(waitsForReady: true) == .wait)
    #expect(state.pauseEnded(someoneWaits: true) == true)
    #expect(state.call(waitsForReady: false) == .wait)
  }

  @Test func `when nobody waits the next call connects`() {
    var state = ChannelState()
    _ = state.call(waitsForReady: false)
    _ = state.failed(reason)
    #expect(state.pauseEnded(someoneWaits: false) == false)
    #expect(state.call(waitsForReady: false) == .waitAndConnect)
  }

  @Test func `a connection that leaves is replaced when it is needed`() {
    var state = ChannelState()
    _ = state.call(waitsForReady: false)
    _ = state.connected()
    #expect(state.left(someoneWaits: false) == false)
    #expect(state.left(someoneWaits: false) == false)
    #expect(state.call(waitsForReady: false) == .waitAndConnect)
  }

  @Test func `a closed channel refuses calls and does not want its connection`() {
    var state = ChannelState()
    _ = state.call(waitsForReady: true)
    state.close()
    #expect(state.isClosed)
    #expect(state.connected() == false)
    #expect(state.failed(reason) == false)
    guard case .fail(let status) = state.call(waitsForReady: true) else {
      Issue.record("a closed channel took a call")
      return
    }
    #expect(status.code == .unavailable)
  }

  @Test func `each pause is longer than the one before, up to the longest, and starts again after success`() {
    var backoff = ConnectionBackoff(initial: .seconds(1), max: .seconds(2)) { _ in 0 }
    #expect(backoff.failed() == .seconds(1))
    #expect(backoff.failed() == .seconds(1) * 1.6)
    #expect(backoff.failed() == .seconds(2))
    #expect(backoff.failed() == .seconds(2))
    backoff.succeeded()
    #expect(backoff.failed() == .seconds(1))
  }

  @Test func `a pause is shifted by at most a fifth`() {
    var late = ConnectionBackoff(initial: .seconds(10), max: .seconds(100)) { $0.upperBound }
    var early = ConnectionBackoff(initial: .seconds(10), max: .seconds(100)) { $0.lowerBound }
    #expect(late.failed() == .seconds(12))
    #expect(early.failed() == .seconds(8))
  }
}
