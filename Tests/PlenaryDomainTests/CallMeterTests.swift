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

  @Test func `the clients of an organization have what is for all of them together`() {
    let total = CallTotal()
    let organization = CallMeter(total)
    let (one, two) = (CallMeter(total, within: organization), CallMeter(total, within: organization))
    let (wide, narrow) = (CallQuota.unlimited, Self.quota(calls: 2, streams: 1))
    func begin(_ meter: CallMeter, _ quota: CallQuota? = nil, isStream: Bool = false) -> CallMeter.Excess? {
      _ = isStream || total.begin(max: 100)
      return meter.begin(isStream: isStream, quota ?? wide, organization: narrow, at: Self.time(0))
    }
    #expect(begin(one) == nil && begin(two) == nil)
    #expect(begin(one) == .organization(.calls(2)) && begin(two) == .organization(.calls(2)))
    // What is too much for the client is told as that, and takes nothing from the organization.
    #expect(begin(one, Self.quota(calls: 1)) == .calls(1))
    #expect(organization.underWay == (2, 0) && one.underWay == (1, 0) && organization.refusals == 2)
    two.end(isStream: false)
    #expect(begin(one) == nil)
    #expect(begin(two, isStream: true) == nil && begin(one, isStream: true) == .organization(.streams(1)))
    two.end(isStream: true)
    #expect(begin(one, isStream: true) == nil)
  }

  @Test func `the rate of an organization is that of all its clients`() {
    let organization = CallMeter(CallTotal())
    let clients = (0..<3).map { _ in CallMeter(CallTotal(), within: organization) }
    let narrow = Self.quota(perSecond: 10, burst: 3)
    for client in clients {
      #expect(client.begin(isStream: false, .unlimited, organization: narrow, at: Self.time(0)) == nil)
    }
    for client in clients {
      let excess = client.begin(isStream: false, .unlimited, organization: narrow, at: Self.time(99))
      #expect(excess == .organization(.rate(10)))
    }
    #expect(clients[0].begin(isStream: false, .unlimited, organization: narrow, at: Self.time(100)) == nil)
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
