import GRPCTestKit
import HTTP2
import Testing

/// Peers that keep the rules of single frames and mean harm: RFC 9113 §10.5.
struct AbuseTests {
  private static let allowance = AbuseLimits.Allowance(burst: 10, perSecond: 1)

  private func server(_ limit: WritableKeyPath<AbuseLimits, AbuseLimits.Allowance>) throws -> ScriptedPeer {
    var configuration = HTTP2Configuration()
    configuration.abuse[keyPath: limit] = Self.allowance
    let server = ScriptedPeer(.server, configuration)
    try server.open()
    return server
  }

  /// Sends the frame until the session refuses; returns how many were taken.
  private func flood(_ server: ScriptedPeer, _ frame: (Int32) -> [HTTP2Frame]) -> Int {
    for count in 0..<1000 {
      do throws(HTTP2Error) {
        for frame in frame(Int32(2 * count + 1)) { try server.send(frame) }
      } catch {
        #expect(error.origin == .limit && error.code == .enhanceYourCalm)
        return count
      }
    }
    return 1000
  }

  private func expectCut(_ server: ScriptedPeer) throws {
    guard case .goAway(_, .enhanceYourCalm) = try server.answer().last else {
      Issue.record("the connection did not end with GOAWAY")
      return
    }
    #expect(server.isFinished)
  }

  @Test func `a flood of PING is cut`() throws {
    let server = try server(\.pings)
    #expect(flood(server) { _ in [.ping(0)] } == 10)
    try expectCut(server)
  }

  @Test func `acknowledgements of PING are not counted`() throws {
    let server = try server(\.pings)
    #expect(flood(server) { _ in [.ping(0, acknowledgement: true)] } == 1000)
  }

  @Test func `a flood of SETTINGS is cut`() throws {
    // The connection's first SETTINGS count too.
    let server = try server(\.settings)
    #expect(flood(server) { _ in [.settings()] } == 9)
    try expectCut(server)
  }

  @Test func `rapid resets are cut`() throws {
    let server = try server(\.resets)
    #expect(flood(server) { [.headers($0, .request()), .reset($0, .cancel)] } == 10)
    try expectCut(server)
  }

  @Test func `resets that the peer provokes are cut`() throws {
    let server = try server(\.provokedResets)
    #expect(flood(server) { [.headers($0, [":method": "POST"])] } == 10)
    try expectCut(server)
  }

  @Test func `a flood of empty DATA is cut`() throws {
    let server = try server(\.emptyData)
    try server.send(.headers(1, .request()))
    #expect(flood(server) { _ in [.data(1, "")] } == 10)
    try expectCut(server)
  }

  @Test func `a flood of WINDOW_UPDATE is cut`() throws {
    let server = try server(\.windowUpdates)
    #expect(flood(server) { _ in [.windowUpdate(0, 1)] } == 10)
    try expectCut(server)
  }

  @Test(arguments: [
    HTTP2Frame(.priority, stream: 1, payload: [0, 0, 0, 0, 1]),
    HTTP2Frame(.init(rawValue: 0x10), payload: [0, 0, 0, 1]),
    HTTP2Frame(.init(rawValue: 0xee)),
  ])
  func `a flood of frames we ignore is cut`(frame: HTTP2Frame) throws {
    let server = try server(\.ignoredFrames)
    #expect(flood(server) { _ in [frame] } == 10)
    try expectCut(server)
  }

  @Test func `an allowance comes back with time`() throws {
    let server = try server(\.pings)
    for _ in 0..<10 { try server.send(.ping(0)) }

    server.now += 2_000_000_000

    #expect(flood(server) { _ in [.ping(0)] } == 2)
  }

  @Test func `a CONTINUATION flood is cut with GOAWAY`() throws {
    // CVE-2024-28182: nghttp2 stops, but says nothing to the peer by itself.
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(HTTP2Frame(.headers, stream: 1, payload: HeaderEncoder.encode(.request())))

    let error = #expect(throws: HTTP2Error.self) {
      for _ in 0..<100 { try server.send(HTTP2Frame(.continuation, stream: 1)) }
    }

    #expect(error?.code == .enhanceYourCalm)
    try expectCut(server)
  }

  @Test func `streams beyond the limit are refused before the settings are acknowledged`() throws {
    // RFC 9113 §5.1.2.
    var configuration = HTTP2Configuration()
    configuration.concurrentStreamsMax = 2
    let server = ScriptedPeer(.server, configuration)
    try server.send(bytes: HTTP2Frame.preface)
    try server.send(.settings(), .headers(1, .request()), .headers(3, .request()), .headers(5, .request()))

    #expect(try server.answer().last == .reset(5, .refusedStream))
    #expect(server.events.take().count == 2)
  }

  @Test func `streams beyond the acknowledged limit end the connection`() throws {
    var configuration = HTTP2Configuration()
    configuration.concurrentStreamsMax = 2
    let server = ScriptedPeer(.server, configuration)
    try server.open()
    try server.send(.headers(1, .request()), .headers(3, .request()))
    #expect(try server.answer() == [])

    try server.send(.headers(5, .request()))

    #expect(try server.answer() == [.goAway(lastStream: 3, .protocolError)])
  }
}
