import GRPCTestKit
import HTTP2
import Testing

/// How often a client may ask by PING whether the server lives: gRPC A8, and RFC 9113 §6.7 for the frame.
struct PingStrikesTests {
  private static let second: UInt64 = 1_000_000_000

  private func server() throws -> ScriptedPeer {
    var configuration = HTTP2Configuration()
    configuration.keepalivePings = PingLimits(
      intervalMin: 300 * Self.second, intervalMinWithoutStreams: 7200 * Self.second, strikesMax: 2)
    let server = ScriptedPeer(.server, configuration)
    try server.open()
    return server
  }

  /// Sends PINGs with this much time before each; returns how many were taken.
  private func ping(_ server: ScriptedPeer, times: Int, after nanoseconds: UInt64) throws -> Int {
    for count in 0..<times {
      server.now += nanoseconds
      do throws(HTTP2Error) { try server.send(.ping(1)) } catch {
        #expect(error.code == .enhanceYourCalm && error.debugText == "too_many_pings")
        return count
      }
    }
    return times
  }

  @Test func `the third PING that comes too early ends the connection, and says why`() throws {
    let server = try server()
    try server.send(.headers(1, .request()))

    // The first is free, two more are forgiven.
    #expect(try ping(server, times: 10, after: 300 * Self.second - 1) == 3)

    #expect(try server.answer().last == .goAway(lastStream: 1, .enhanceYourCalm))
    #expect(server.goAwayTexts == ["too_many_pings"])
    #expect(server.isFinished)
  }

  @Test func `PINGs at the shortest interval go on for ever`() throws {
    let server = try server()
    try server.send(.headers(1, .request()))
    #expect(try ping(server, times: 1000, after: 300 * Self.second) == 1000)
  }

  @Test(arguments: [(UInt64(7200), 10), (7199, 3)])
  func `without calls the interval is another`(seconds: UInt64, allowed: Int) throws {
    let server = try server()
    #expect(try ping(server, times: 10, after: seconds * Self.second) == allowed)
  }

  @Test func `each HEADERS and DATA that is sent forgives what was before`() throws {
    let server = try server()
    try server.send(.headers(1, .request()))
    #expect(try ping(server, times: 3, after: 1) == 3)

    try server.session.sendHeaders(server.stream(1), [":status": "200"], endStream: false)
    _ = try server.answer()
    #expect(try ping(server, times: 3, after: 1) == 3)

    try server.session.sendData(server.stream(1), HTTP2Payload([1]))
    _ = try server.answer()
    #expect(try ping(server, times: 10, after: 1) == 3)
  }

  @Test func `answers to PING and windows that are sent forgive nothing`() throws {
    let server = try server()
    try server.send(.headers(1, .request()))
    for count in 0..<3 {
      #expect(try ping(server, times: 1, after: 1) == 1, "\(count)")
      #expect(try server.answer() == [.frame(.ping(1, acknowledgement: true))])
    }
    #expect(try ping(server, times: 1, after: 1) == 0)
  }

  @Test func `acknowledgements of our own PING are no strikes`() throws {
    let server = try server()
    for _ in 0..<100 { try server.send(.ping(1, acknowledgement: true)) }
    #expect(server.events.take().count == 100)
  }
}
