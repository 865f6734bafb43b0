import PlenaryStore
import Testing

@testable import PlenaryDomain

/// How much one client may ask for at a time.
@Suite struct CallMeterTests {
  private static func time(_ milliseconds: Int64) -> CommitTime { CommitTime(microseconds: 1000 * milliseconds) }

  private let meter = CallMeter(CallTotal())

  private func call(_ quota: CallQuota, isStream: Bool = false, at milliseconds: Int64 = 0) -> CallMeter.Excess? {
    meter.begin(isStream: isStream, quota, at: Self.time(milliseconds))
  }

  private static func quota(perSecond: Int? = nil, burst: Int = 1, calls: Int? = nil, streams: Int? = nil) -> CallQuota
  {
    var quota = CallQuota()
    quota.callsPerSecond = perSecond
    quota.callsBurst = burst
    quota.concurrentCallsMax = calls
    quota.concurrentStreamsMax = streams
    return quota
  }

  @Test func `a burst is let in, one more is not, and one for each turn that has passed`() {
    let quota = Self.quota(perSecond: 10, burst: 3)
    for _ in 0..<3 { #expect(call(quota) == nil) }
    #expect(call(quota) == .rate(10))
    #expect(call(quota, at: 99) == .rate(10))
    #expect(call(quota, at: 100) == nil)
    #expect(call(quota, at: 100) == .rate(10))
    // A long while gives no more than a burst.
    for _ in 0..<3 { #expect(call(quota, at: 100_000) == nil) }
    #expect(call(quota, at: 100_000) == .rate(10))
  }

  @Test func `calls at the rate that is allowed are let in for ever`() {
    let quota = Self.quota(perSecond: 1000)
    for milliseconds in Int64(0)..<5000 { #expect(call(quota, at: milliseconds) == nil) }
    #expect(call(quota, at: 4999) == .rate(1000))
  }

  @Test func `a clock that is put back holds nobody up for longer than a burst takes`() {
    let quota = Self.quota(perSecond: 10, burst: 2)
    #expect(call(quota, at: 1_000_000) == nil)
    #expect(call(quota, at: 0) == .rate(10))
    #expect(call(quota, at: 300) == nil)
  }

  @Test func `calls and streams under way are counted apart, and what ends makes room`() {
    let quota = Self.quota(calls: 2, streams: 1)
    #expect(call(quota) == nil)
    #expect(call(quota) == nil)
    #expect(call(quota) == .calls(2))
    #expect(call(quota, isStream: true) == nil)
    #expect(call(quota, isStream: true) == .streams(1))
    #expect(meter.underWay == (2, 1))
    meter.end(isStream: false)
    #expect(call(quota) == nil)
    meter.end(isStream: true)
    #expect(call(quota, isStream: true) == nil)
    #expect(meter.underWay == (2, 1))
  }

  @Test func `what is refused takes no turn`() {
    let quota = Self.quota(perSecond: 10, burst: 2, calls: 1)
    #expect(call(quota) == nil)
    for _ in 0..<10 { #expect(call(quota) == .calls(1)) }
    meter.end(isStream: false)
    #expect(call(quota) == nil)
  }

  @Test func `without limits everything is let in`() {
    for isStream in [false, true] {
      for _ in 0..<10_000 { #expect(call(Self.quota(), isStream: isStream) == nil) }
    }
  }

  @Test func `all calls together have a limit`() {
    let total = CallTotal()
    let isFirstTwoIn = [total.begin(max: 2), total.begin(max: 2)]
    #expect(isFirstTwoIn == [true, true])
    #expect(!total.begin(max: 2))
    #expect(total.underWay == 2)
    // The end of a call of any client is the end of one of all.
    CallMeter(total).end(isStream: false)
    #expect(total.underWay == 1)
    #expect(total.begin(max: 2))
    CallMeter(total).end(isStream: true)
    #expect(total.underWay == 2)
  }
}
