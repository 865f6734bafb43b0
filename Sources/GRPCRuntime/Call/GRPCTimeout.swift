/// The `grpc-timeout` header: one to eight digits and a unit.
///
/// gRPC PROTOCOL-HTTP2, "Requests": Timeout → "grpc-timeout" TimeoutValue TimeoutUnit.
package enum GRPCTimeout {
  private static let units: [(letter: UInt8, nanoseconds: Int64)] = [
    (UInt8(ascii: "n"), 1), (UInt8(ascii: "u"), 1_000), (UInt8(ascii: "m"), 1_000_000),
    (UInt8(ascii: "S"), 1_000_000_000), (UInt8(ascii: "M"), 60_000_000_000), (UInt8(ascii: "H"), 3_600_000_000_000),
  ]

  private static let valueMax: Int64 = 99_999_999

  /// The time a header allows, or nil when it is malformed. What exceeds 292 years is as good as 292 years.
  package static func parse(_ text: Span<UInt8>) -> Duration? {
    guard (2...9).contains(text.count) else { return nil }
    let letter = text[text.count - 1]
    guard let unit = units.first(where: { $0.letter == letter }) else { return nil }
    var value: Int64 = 0
    for index in 0..<text.count - 1 {
      let byte = text[index]
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    let (nanoseconds, overflow) = value.multipliedReportingOverflow(by: unit.nanoseconds)
    return .nanoseconds(overflow ? Int64.max : nanoseconds)
  }

  /// The header for a time, in the finest unit that fits into eight digits, rounded up so that the server never gives up
  /// before the client does.
  package static func format(_ duration: Duration) -> String {
    let nanoseconds = max(0, duration.nanosecondsClamped)
    for unit in units {
      let value = nanoseconds / unit.nanoseconds + (nanoseconds % unit.nanoseconds == 0 ? 0 : 1)
      if value <= valueMax { return "\(value)\(Character(Unicode.Scalar(unit.letter)))" }
    }
    return "\(valueMax)H"
  }
}

extension Duration {
  /// The duration in nanoseconds, or the nearest value an `Int64` can hold.
  package var nanosecondsClamped: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflowed ? (seconds < 0 ? .min : .max) : sum
  }
}
