import GRPCRuntime
import Testing

@Suite struct GRPCTimeoutTests {
  @Test(
    arguments: [
      ("1H", .seconds(3600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
      ("5u", .microseconds(5)), ("6n", .nanoseconds(6)), ("0S", .zero), ("00000001S", .seconds(1)),
      ("99999999S", .seconds(99_999_999)), ("99999999H", .nanoseconds(Int64.max)),
    ] as [(String, Duration)])
  func `a timeout is read`(text: String, duration: Duration) {
    #expect(GRPCTimeout.parse(Array(text.utf8).span) == duration)
  }

  @Test(arguments: ["", "S", "10", "abc", "-1S", "+1S", "1.5S", "1 S", "1s", "1h", "100000000S", "1SS"])
  func `a malformed timeout is refused`(text: String) {
    #expect(GRPCTimeout.parse(Array(text.utf8).span) == nil)
  }

  @Test(
    arguments: [
      (.zero, "0n"), (.nanoseconds(1), "1n"), (.nanoseconds(99_999_999), "99999999n"), (.milliseconds(100), "100000u"),
      (.seconds(5), "5000000u"), (.seconds(100), "100000m"), (.seconds(100) + .nanoseconds(1), "100001m"),
      (.seconds(1_000_000), "1000000S"), (.seconds(3600 * 99_999_999), "2562048H"),
      (.seconds(-1), "0n"), (.nanoseconds(Int64.max), "2562048H"),
    ] as [(Duration, String)])
  func `a timeout is written in the finest unit that fits, rounded up`(duration: Duration, text: String) {
    #expect(GRPCTimeout.format(duration) == text)
  }

  @Test func `a point that is too far away is the farthest there is`() {
    let late = Deadline(nanoseconds: 1000).advanced(by: .nanoseconds(Int64.max))
    #expect(late == Deadline(nanoseconds: .max))
    #expect(late.remaining(at: Deadline(nanoseconds: 0)) == .nanoseconds(Int64.max))
  }
}
