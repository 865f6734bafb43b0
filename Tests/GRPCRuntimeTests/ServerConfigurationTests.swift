import GRPCRuntime
import Testing

/// What the limits of a server may be set to.
@Suite struct ServerConfigurationTests {
  @Test func `the defaults are within their bounds`() {
    #expect(ServerConfiguration().violations == [])
  }

  @Test func `every limit has bounds, and is named as the property is`() {
    let limits = Mirror(reflecting: ServerConfiguration()).children.compactMap(\.label)
    let choices: Set = ["statusForError", "responseEncoding", "interceptors", "tls", "gate"]
    #expect(ServerConfiguration.bounds.map(\.name) == limits.filter { !choices.contains($0) })
  }

  @Test(arguments: [Duration.milliseconds(99), .zero, .seconds(-1), .seconds(366 * 24 * 3600)])
  func `times outside of their bounds are named`(time: Duration) {
    var configuration = ServerConfiguration()
    configuration.handshakeTimeout = time
    configuration.connectionIdleMax = time
    #expect(
      configuration.violations == [
        "handshakeTimeout must be 0.1 seconds to 31536000.0 seconds",
        "connectionIdleMax must be 0.1 seconds to 31536000.0 seconds, or none",
      ])
  }

  @Test func `numbers at their bounds pass and beyond them do not`() {
    var configuration = ServerConfiguration()
    configuration.threads = 1024
    configuration.connectionsMax = 1
    configuration.pingStrikesMax = 0
    #expect(configuration.violations == [])
    configuration.threads = 1025
    configuration.connectionsMax = 0
    configuration.pingStrikesMax = -1
    #expect(configuration.violations.count == 3)
  }

  @Test func `a connection needs room for a message, and the server for a connection`() {
    var configuration = ServerConfiguration()
    configuration.requestMessageBytesMax = configuration.connectionMemoryBytesMax
    configuration.memoryBytesMax = configuration.connectionMemoryBytesMax
    #expect(configuration.violations == [])
    configuration.requestMessageBytesMax += 1
    configuration.memoryBytesMax -= 1
    #expect(configuration.violations.count == 2)
  }
}
