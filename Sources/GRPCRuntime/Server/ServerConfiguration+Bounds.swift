extension ServerConfiguration {
  /// What a limit may be set to.
  public struct Bounds: Sendable, CustomStringConvertible {
    /// The name of the property.
    public let name: String

    /// The allowed values in words: `1 to 1024`.
    public let description: String

    fileprivate let allows: @Sendable (ServerConfiguration) -> Bool
  }

  /// The bounds of every limit, in the order of the properties.
  public static let bounds: [Bounds] = [
    bounds("requestMessageBytesMax", \.requestMessageBytesMax, 1...bytesMax),
    bounds("headerListBytesMax", \.headerListBytesMax, 1024...16 * 1024 * 1024),
    bounds("callWindowBytes", \.callWindowBytes, 1024...Int32.max),
    bounds("callQueueBytesMax", \.callQueueBytesMax, 1024...bytesMax),
    bounds("requestStallMax", \.requestStallMax, durations),
    bounds("responseStallMax", \.responseStallMax, durations),
    bounds("concurrentCallsMax", \.concurrentCallsMax, 1...65_536),
    // RFC 9113 §6.9.2: a connection's window begins at 65,535 and cannot be made smaller.
    bounds("connectionWindowBytes", \.connectionWindowBytes, 65_535...Int32.max),
    bounds("connectionMemoryBytesMax", \.connectionMemoryBytesMax, 64 * 1024...bytesMax),
    bounds("handshakeTimeout", \.handshakeTimeout, durations),
    bounds("headersTimeout", \.headersTimeout, durations),
    bounds("keepaliveInterval", \.keepaliveInterval, durations),
    bounds("keepaliveTimeout", \.keepaliveTimeout, durations),
    bounds("pingIntervalMin", \.pingIntervalMin, .zero...durations.upperBound),
    bounds("pingIntervalMinWithoutCalls", \.pingIntervalMinWithoutCalls, .zero...durations.upperBound),
    bounds("pingStrikesMax", \.pingStrikesMax, 0...1000),
    optionalBounds("connectionIdleMax", \.connectionIdleMax, durations),
    optionalBounds("connectionAgeMax", \.connectionAgeMax, durations),
    bounds("connectionAgeGrace", \.connectionAgeGrace, .zero...durations.upperBound),
    bounds("concurrentHandlersMax", \.concurrentHandlersMax, 1...10_000_000),
    bounds("memoryBytesMax", \.memoryBytesMax, 64 * 1024...bytesMax),
    bounds("connectionsMax", \.connectionsMax, 1...10_000_000),
    optionalBounds("connectionsPerPeerMax", \.connectionsPerPeerMax, 1...10_000_000),
    bounds("threads", \.threads, 1...1024),
    bounds("compressedBytesMin", \.compressedBytesMin, 0...bytesMax),
  ]

  /// The longest is a year, so that no sum of times can overflow.
  private static let durations: ClosedRange<Duration> = .milliseconds(100)...(.seconds(365 * 24 * 3600))

  private static let bytesMax = 1024 * 1024 * 1024 * 1024

  private static func bounds<Value: Comparable & Sendable>(
    _ name: String, _ value: @escaping @Sendable (ServerConfiguration) -> Value, _ range: ClosedRange<Value>
  ) -> Bounds {
    Bounds(name: name, description: "\(range.lowerBound) to \(range.upperBound)") {
      range.contains(value($0))
    }
  }

  private static func optionalBounds<Value: Comparable & Sendable>(
    _ name: String, _ value: @escaping @Sendable (ServerConfiguration) -> Value?, _ range: ClosedRange<Value>
  ) -> Bounds {
    Bounds(name: name, description: "\(range.lowerBound) to \(range.upperBound), or none") {
      value($0).map(range.contains) ?? true
    }
  }

  /// What is wrong with the limits, one line each; empty when all is well. A server is not made with what is wrong.
  public var violations: [String] {
    var found = Self.bounds.filter { !$0.allows(self) }.map { "\($0.name) must be \($0)" }
    if requestMessageBytesMax > connectionMemoryBytesMax {
      found.append("connectionMemoryBytesMax must have room for one message of requestMessageBytesMax")
    }
    if connectionMemoryBytesMax > memoryBytesMax {
      found.append("memoryBytesMax must have room for one connection of connectionMemoryBytesMax")
    }
    return found
  }
}
