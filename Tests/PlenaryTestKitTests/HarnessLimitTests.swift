import GRPCRuntime
import GoogleAPI
import HarnessProtos
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryTestKit

/// Every limit of a test daemon, at the limit and one beyond it, and what it refuses.
@Suite struct HarnessLimitTests {
  private let faults = Faults(seed: 1)
  private let latency = TestingFault.with {
    $0.method = "*"
    $0.latency = .with { $0.seconds = 1 }
  }

  private func refusal(of fault: TestingFault) -> GRPCStatus.Code? {
    let status = #expect(throws: GRPCStatus.self) { try faults.inject(fault) }
    return status?.code
  }

  private func changed(_ change: (inout TestingFault) -> Void) -> TestingFault {
    var fault = latency
    change(&fault)
    return fault
  }

  @Test func `so many faults are in force at once`() throws {
    for _ in 0..<HarnessLimits.faultCountMax { _ = try faults.inject(latency) }
    #expect(refusal(of: latency) == .resourceExhausted)
    #expect(try faults.clear("fault-7").map(\.id) == ["fault-7"])
    #expect(try faults.inject(latency).id == "fault-101")
    #expect(try faults.clear("").count == HarnessLimits.faultCountMax)
    #expect(throws: GRPCStatus.self) { try faults.clear("fault-7") }
  }

  @Test func `patterns, statuses and delays have their longest`() throws {
    let longest = String(repeating: "a", count: HarnessLimits.patternBytesMax)
    _ = try faults.inject(changed { $0.method = longest })
    #expect(refusal(of: changed { $0.method = longest + "a" }) == .resourceExhausted)
    func ending(_ byteCount: Int) -> TestingFault {
      changed { fault in
        fault.end = .status(
          .with {
            $0.code = 3
            $0.message = String(repeating: "m", count: byteCount - 12)
            $0.details = [
              .with {
                $0.typeURL = "a/b.C"; $0.value = [UInt8](repeating: 1, count: 7)
              }
            ]
          })
      }
    }
    _ = try faults.inject(ending(HarnessLimits.statusBytesMax))
    #expect(refusal(of: ending(HarnessLimits.statusBytesMax + 1)) == .resourceExhausted)
    _ = try faults.inject(changed { $0.latency = ProtobufDuration(HarnessLimits.delayMax) })
    #expect(
      refusal(of: changed { $0.latency = ProtobufDuration(HarnessLimits.delayMax + .nanoseconds(1)) })
        == .resourceExhausted)
  }

  @Test func `a fault that says nothing, or what cannot be, is refused`() {
    let faults: [TestingFault] = [
      .with { $0.method = "*" },
      changed { $0.method = "" },
      changed { $0.latency?.seconds = -1 },
      changed { $0.latency?.nanos = -1 },
      changed { $0.probability = 0 },
      changed { $0.probability = 1.1 },
      changed { $0.probability = .nan },
      changed { $0.callCountMax = -1 },
      changed { $0.afterMessages = 1 },
      changed { $0.moment = .afterHandler },
      changed { $0.end = .status(.with { $0.code = 0 }) },
      changed { $0.end = .status(.with { $0.code = 17 }) },
      changed { $0.end = .cut(.unspecified) },
      changed { $0.slowness = .with { $0.bytesPerSecond = -1 } },
    ]
    for fault in faults { #expect(refusal(of: fault) == .invalidArgument, "\(fault)") }
  }

  @Test func `a fault strikes its share of the calls, the same ones for a seed`() throws {
    func strikes(seed: UInt64) throws -> [Bool] {
      let faults = Faults(seed: seed)
      _ = try faults.inject(changed { $0.probability = 0.25 })
      return (0..<400).map { _ in !faults.strike("a/b").faults.isEmpty }
    }
    let first = try strikes(seed: 3)
    #expect(try strikes(seed: 3) == first)
    #expect(try strikes(seed: 4) != first)
    #expect((60...140).contains(first.count { $0 }))
  }

  @Test func `of calls beyond the most, the oldest are forgotten`() throws {
    let log = CallLog()
    #expect(log.begin("a/b") { TestingCall() } == nil)
    log.record(try WildcardPattern(ofMethods: "a/*"), keeping: false)
    func begin(_ request: [UInt8] = []) -> Int? {
      log.begin("a/b") {
        .with {
          $0.method = "a/b"
          $0.request = request
        }
      }
    }
    for number in 0..<HarnessLimits.callCountMax { #expect(begin() == number) }
    #expect(log.calls(of: nil).forgotten == 0)
    let last = try #require(begin())
    #expect(log.calls(of: nil).forgotten == 1 && log.calls(of: nil).calls.count == HarnessLimits.callCountMax)
    log.change(0) { $0.statusCode = 5 }
    log.change(last) { $0.statusCode = 6 }
    #expect(log.calls(of: nil).calls.map(\.statusCode).filter { $0 != 0 } == [6])
    log.record(try WildcardPattern(ofMethods: "*"), keeping: false)
    #expect(log.calls(of: nil) == ([], 0))
    log.change(last) { $0.statusCode = 7 }
    let request = [UInt8](repeating: 1, count: HarnessLimits.requestBytesMax)
    var count = 0
    while log.calls(of: nil).forgotten == 0 {
      _ = begin(request)
      count += 1
    }
    // A call takes its request and something more.
    #expect(count == HarnessLimits.callBytesMax / HarnessLimits.requestBytesMax)
    #expect(log.calls(of: try WildcardPattern(ofMethods: "b/*")).calls == [])
  }

  @Test func `snapshots have a number, a size and a name`() throws {
    let snapshots = Snapshots()
    func keep(_ name: String, _ image: [UInt8] = [1]) throws {
      try Snapshots.check(name)
      _ = try snapshots.keep(
        Snapshots.Snapshot(name: name, image: image, chance: 0, clockStandsAt: nil, time: ProtobufTimestamp()))
    }
    for number in 0..<HarnessLimits.snapshotCountMax { try keep("s\(number)") }
    #expect(throws: GRPCStatus.self) { try keep("more") }
    try keep("s3", [1, 2])
    try snapshots.delete("s4")
    try keep(String(repeating: "n", count: HarnessLimits.snapshotNameBytesMax))
    #expect(throws: GRPCStatus.self) { try keep(String(repeating: "n", count: HarnessLimits.snapshotNameBytesMax + 1)) }
    #expect(throws: GRPCStatus.self) { try keep("No") }
    #expect(throws: GRPCStatus.self) { try snapshots.snapshot("s4") }
    for snapshot in snapshots.all { try snapshots.delete(snapshot.name) }
    let half = [UInt8](repeating: 0, count: HarnessLimits.snapshotBytesMax / 2)
    try keep("a", half)
    try keep("b", half)
    #expect(throws: GRPCStatus.self) { try keep("c", [1]) }
  }

  @Test func `a clock goes from the year 1 to the year 9999`() throws {
    let clock = HarnessClock(.manual(0), machine: { .init(microseconds: 5) })
    let (first, last) = (HarnessClock.range.lowerBound, HarnessClock.range.upperBound)
    try clock.set(to: ProtobufTimestamp(microseconds: last - 1))
    try clock.advance(by: .microseconds(1))
    #expect(clock.standsAt == last)
    #expect(throws: GRPCStatus.self) { try clock.advance(by: .microseconds(1)) }
    #expect(throws: GRPCStatus.self) { try clock.advance(by: .seconds(Int64.max)) }
    #expect(throws: GRPCStatus.self) { try clock.advance(by: .nanoseconds(-1)) }
    try clock.set(to: ProtobufTimestamp(microseconds: first))
    #expect(clock.time == .with { $0.seconds = -62_135_596_800 })
    for microseconds in [first - 1, last + 1] {
      #expect(throws: GRPCStatus.self) { try clock.set(to: ProtobufTimestamp(microseconds: microseconds)) }
    }
    #expect(clock.standsAt == first)
  }

  @Test func `a clock stands, runs or is the machine's`() throws {
    let clock = HarnessClock(.system, machine: { .init(microseconds: 5) })
    #expect(clock.now.microseconds == 5 && clock.state.mode == .system)
    #expect(throws: GRPCStatus.self) { try clock.advance(by: .seconds(1)) }
    try clock.set(.manual)
    #expect(clock.standsAt == 5)
    try clock.set(.running, to: ProtobufTimestamp(microseconds: 100))
    #expect(clock.now.microseconds == 100 && clock.state.mode == .running && clock.standsAt == nil)
    #expect(throws: GRPCStatus.self) { try clock.set(.system, to: ProtobufTimestamp(microseconds: 1)) }
    try clock.set(.system)
    try clock.set(to: ProtobufTimestamp(microseconds: 1))
    #expect(clock.now.microseconds == 1 && clock.state.mode == .running)
    #expect(throws: GRPCStatus.self) { try clock.set(.init(rawValue: 9)) }
  }
}
