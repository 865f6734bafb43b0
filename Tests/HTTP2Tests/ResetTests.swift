import GRPCTestKit
import HTTP2
import Testing

/// RFC 9113 §5.4.2 and §6.4: streams that end before their time, and commands that come too late for them.
struct ResetTests {
  private func serverWithRequest() throws -> ScriptedPeer {
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(1, .request()))
    _ = server.events.take()
    return server
  }

  @Test func `a reset by the client before the answer is told`() throws {
    let server = try serverWithRequest()

    try server.send(.reset(1, .cancel))

    #expect(server.events.take() == [.closed(1, HTTP2StreamClosure(.peer, .cancel))])
    #expect(server.openStreams == 0)
  }

  @Test func `a reset by the client drops what was queued`() throws {
    let server = try serverWithRequest()
    let stream = try server.stream(1)
    try server.session.sendHeaders(stream, [":status": "200"], endStream: false)
    try server.session.sendData(stream, HTTP2Payload([UInt8](repeating: 7, count: 100_000)))
    _ = try server.answer()

    try server.send(.reset(1, .cancel), .windowUpdate(0, 100_000))

    #expect(try server.answer() == [])
  }

  @Test func `a reset of ours is sent and told, and no other stream is touched`() throws {
    let server = try serverWithRequest()
    try server.send(.headers(3, .request(), endStream: true))
    _ = server.events.take()

    try server.session.reset(server.stream(1), .cancel)

    #expect(try server.answer() == [.reset(1, .cancel)])
    #expect(server.events.take() == [.closed(1, HTTP2StreamClosure(.local, .cancel))])
    try server.session.sendHeaders(server.stream(3), [":status": "200"], endStream: true)
    #expect(try server.answer() == [.headers(3, [":status": "200"], endStream: true)])
  }

  /// Every command that may come too late.
  enum LateCommand: CaseIterable {
    case headers, data, trailers, end, reset, consume

    func give(_ session: borrowing HTTP2Session, _ stream: HTTP2StreamID) throws(HTTP2Error) {
      switch self {
      case .headers: try session.sendHeaders(stream, [":status": "200"], endStream: false)
      case .data: try session.sendData(stream, HTTP2Payload([1, 2, 3]))
      case .trailers: try session.sendTrailers(stream, ["grpc-status": "0"])
      case .end: session.endSending(stream)
      case .reset: session.reset(stream, .cancel)
      case .consume: session.consume(stream, 10)
      }
    }
  }

  @Test(arguments: LateCommand.allCases)
  func `a command on a dead stream is ignored`(command: LateCommand) throws {
    let server = try serverWithRequest()
    let stream = try server.stream(1)
    try server.send(.reset(1, .cancel))

    try command.give(server.session, stream)

    #expect(try server.answer() == [])
  }

  @Test(arguments: LateCommand.allCases.filter { $0 != .consume })
  func `a command behind our own reset is ignored`(command: LateCommand) throws {
    let server = try serverWithRequest()
    let stream = try server.stream(1)
    server.session.reset(stream, .internalError)

    try command.give(server.session, stream)

    #expect(try server.answer() == [.reset(1, .internalError)])
  }

  @Test(arguments: LateCommand.allCases)
  func `the name of a dead stream does not reach the stream that took its place`(command: LateCommand) throws {
    let server = try serverWithRequest()
    let dead = try server.stream(1)
    try server.send(.reset(1, .cancel), .headers(3, .request()))

    try command.give(server.session, dead)

    #expect(try server.answer() == [])
    #expect(server.openStreams == 1)
  }

  @Test func `an abandoned session tells every stream and ignores everything after`() throws {
    let server = try serverWithRequest()
    try server.send(.headers(3, .request(), endStream: true))
    _ = server.events.take()

    server.session.abandon()

    #expect(
      Set(server.events.take()) == [
        .closed(1, HTTP2StreamClosure(.connection, .noError)), .closed(3, HTTP2StreamClosure(.connection, .noError)),
      ])
    try server.session.sendHeaders(server.stream(3), [":status": "200"], endStream: true)
    try server.send(.headers(5, .request()))
    #expect(try server.answer() == [])
    #expect(server.events.take() == [])
    #expect(server.isFinished)
  }

  @Test func `frames on a stream that was never opened end the connection`() throws {
    // RFC 9113 §5.1: idle streams.
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.data(5, "early"))

    #expect(try server.answer() == [.goAway(lastStream: 0, .protocolError)])
    #expect(server.failure?.code == .protocolError)
  }

  @Test func `a client may not use even stream numbers`() throws {
    // RFC 9113 §5.1.1.
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.headers(2, .request()))

    #expect(try server.answer() == [.goAway(lastStream: 0, .protocolError)])
  }

  @Test func `order is kept where a bug would be hidden`() async {
    await #expect(processExitsWith: .failure) {
      let server = ScriptedPeer(.server)
      try server.open()
      try server.send(.headers(1, .request()))
      try server.session.sendData(server.stream(1), HTTP2Payload([1]))
    }
    await #expect(processExitsWith: .failure) {
      let server = ScriptedPeer(.server)
      try server.open()
      try server.send(.headers(1, .request()), .data(1, "four"))
      try server.session.consume(server.stream(1), 5)
    }
  }

  @Test(arguments: [Int32(1), 3, 7]) func `a number that was passed over begins no stream`(number: Int32) throws {
    // RFC 9113 §5.1.1: new numbers are greater than all that were used.
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(5, .request()), .headers(9, .request()), .headers(11, .request()))
    _ = server.events.take()

    let error = #expect(throws: HTTP2Error.self) { try server.send(.headers(number, .request())) }

    #expect(error?.origin == .peer)
    #expect(try server.answer().last == .goAway(lastStream: 11, .protocolError))
    #expect(server.events.take() == [])
  }

  @Test func `trailers on streams that were used are no new streams`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(5, .request()), .headers(9, .request()))

    try server.send(.headers(5, ["a": "1"], endStream: true), .headers(9, ["b": "2"], endStream: true))

    #expect(server.events.take().contains(.trailers(5, ["a": "1"])))
  }

  @Test func `a client that passes over numbers again and again is remembered only for the last of them`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    // A thousand gaps, each of one number.
    for index in Int32(0)..<1000 {
      try server.send(.headers(4 * index + 3, .request(), endStream: true))
      try server.session.reset(server.stream(4 * index + 3), .cancel)
      _ = try server.answer()
    }
    try server.send(.headers(1, .request(), endStream: true))
    #expect(server.failure == nil)
    #expect(throws: HTTP2Error.self) { try server.send(.headers(3997, .request(), endStream: true)) }
  }

  @Test func `a priority for no stream ends the connection`() throws {
    // RFC 9113 §6.3.
    let server = ScriptedPeer(.server)
    try server.open()
    #expect(throws: HTTP2Error.self) { try server.send(HTTP2Frame(.priority, payload: [0, 0, 0, 0, 0])) }
    #expect(try server.answer() == [.goAway(lastStream: 0, .protocolError)])
  }
}
