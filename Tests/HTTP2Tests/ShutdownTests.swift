import GRPCTestKit
import HTTP2
import Testing

/// RFC 9113 §6.8: how a connection ends.
struct ShutdownTests {
  private static let lastPossible = Int32.max
  private static let shutdownPing = HTTP2Frame.ping(0x7368_7574_646f_776e)

  @Test func `a graceful end is announced, then names the last stream, then comes`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(1, .request(), endStream: true))

    server.session.beginShutdown()
    #expect(
      try server.answer() == [.goAway(lastStream: Self.lastPossible, .noError), .frame(Self.shutdownPing)])

    // A request that crossed the announcement is served.
    try server.send(.headers(3, .request(), endStream: true), .ping(0x7368_7574_646f_776e, acknowledgement: true))
    #expect(try server.answer() == [.goAway(lastStream: 3, .noError)])
    #expect(!server.isFinished)

    for number in [Int32(1), 3] {
      try server.session.sendHeaders(server.stream(number), [":status": "200"], endStream: true)
    }
    #expect(try server.answer().count == 2)
    #expect(server.isFinished)
    #expect(server.failure == nil)
  }

  @Test func `a request behind the last stream is not begun`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(1, .request(), endStream: true))
    server.session.beginShutdown()
    server.session.finishShutdown()
    _ = try server.answer()
    _ = server.events.take()

    try server.send(.headers(3, .request(), endStream: true))

    #expect(server.events.take() == [])
    #expect(server.openStreams == 1)
  }

  @Test func `the second step does not wait for a peer that is silent`() throws {
    let server = ScriptedPeer(.server)
    try server.open()

    server.session.beginShutdown()
    server.session.finishShutdown()
    server.session.beginShutdown()
    server.session.finishShutdown()

    #expect(
      try server.answer() == [.goAway(lastStream: Self.lastPossible, .noError), .goAway(lastStream: 0, .noError)])
    #expect(server.isFinished)
  }

  @Test func `a session that is terminated says why and reads no more`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(1, .request(), endStream: true))

    server.session.terminate(.enhanceYourCalm)

    #expect(try server.answer() == [.goAway(lastStream: 1, .enhanceYourCalm)])
    #expect(server.isFinished)
    try server.send(.headers(3, .request()))
    #expect(try server.answer() == [])
  }

  @Test func `a client's streams above the last one close as refused`() throws {
    let client = ScriptedPeer(.client)
    try client.open()
    _ = try client.request(.request, endStream: true)
    _ = try client.request(.request, endStream: true)
    _ = try client.answer()

    try client.send(.goAway(lastStream: 1, .noError))

    #expect(
      client.events.take() == [
        .goAway(lastStream: 1, .noError), .closed(3, HTTP2StreamClosure(.peer, .refusedStream)),
      ])
    #expect(!client.isFinished)
    try client.send(.headers(1, [":status": "200", "grpc-status": "0"], endStream: true))
    #expect(client.isFinished)
  }

  @Test func `a request after the server's GOAWAY is refused without leaving`() throws {
    let client = ScriptedPeer(.client)
    try client.open()
    _ = try client.request(.request, endStream: true)
    _ = try client.answer()
    try client.send(.goAway(lastStream: 1, .noError))
    _ = client.events.take()

    _ = try client.request(.request, endStream: true)

    #expect(try client.answer() == [])
    #expect(client.events.take() == [.closed(3, HTTP2StreamClosure(.peer, .refusedStream))])
    #expect(client.openStreams == 1)
  }

  @Test func `a client leaves when its streams have ended`() throws {
    let client = ScriptedPeer(.client)
    try client.open()
    _ = try client.request(.request, endStream: true)
    _ = try client.answer()
    client.session.beginShutdown()
    #expect(try client.answer() == [.goAway(lastStream: 0, .noError)])
    #expect(!client.isFinished)

    try client.send(.headers(1, [":status": "200", "grpc-status": "0"], endStream: true))

    #expect(client.isFinished)
  }

  @Test func `both steps of a graceful end say why`() throws {
    // RFC 9113 §6.8: "Additional Debug Data".
    let server = ScriptedPeer(.server)
    try server.open()

    server.session.beginShutdown(debugText: "max_age")
    #expect(
      try server.answer(bufferBytes: 1) == [
        .goAway(lastStream: Self.lastPossible, .noError), .frame(Self.shutdownPing),
      ])
    server.session.finishShutdown()
    #expect(try server.answer() == [.goAway(lastStream: 0, .noError)])
    #expect(server.goAwayTexts == ["max_age", "max_age"])
  }

  @Test func `a session that is failed says the error's word and keeps the error`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    let error = HTTP2Error(.limit, .settingsTimeout, "too slow", debugText: "handshake_timeout")

    server.session.fail(error)

    #expect(try server.answer() == [.goAway(lastStream: 0, .settingsTimeout)])
    #expect(server.goAwayTexts == ["handshake_timeout"])
    #expect(server.failure == error)
  }

  @Test func `a client hears what the server said, made printable and cut`() throws {
    let client = ScriptedPeer(.client)
    try client.open()
    let text = "a\u{1}b\r\n\u{e9}" + String(repeating: "x", count: 100)

    try client.send(.goAway(lastStream: 0, .enhanceYourCalm, debugText: text))

    let heard = "a?b????" + String(repeating: "x", count: 57)
    #expect(client.events.take() == [.goAway(lastStream: 0, .enhanceYourCalm, debugText: heard)])
  }
}
