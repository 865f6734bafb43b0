import GRPCTestKit
import HTTP2
import Testing

/// RFC 9113 §6.9: the windows in both directions.
struct FlowControlTests {
  /// A server with these windows, and one request whose body may begin.
  private func server(stream: Int32 = 65_535, connection: Int32 = 65_535) throws -> ScriptedPeer {
    var configuration = HTTP2Configuration()
    configuration.streamWindowBytes = stream
    configuration.connectionWindowBytes = connection
    let server = ScriptedPeer(.server, configuration)
    try server.open()
    try server.send(.headers(1, .request()))
    return server
  }

  private func body(_ count: Int) -> [UInt8] {
    [UInt8](repeating: 7, count: count)
  }

  @Test func `nothing is given back before it is consumed`() throws {
    let server = try server()

    for _ in 0..<3 { try server.send(.data(1, body(16_000))) }
    #expect(try server.answer() == [])

    try server.session.consume(server.stream(1), 48_000)
    #expect(try server.answer() == [.windowUpdate(0, 48_000), .windowUpdate(1, 48_000)])
  }

  @Test func `more than the stream's window is a stream error`() throws {
    let server = try server(stream: 1000, connection: 65_535)

    try server.send(.data(1, body(1000)))
    #expect(try server.answer() == [])
    try server.send(.data(1, body(1)))

    #expect(try server.answer() == [.reset(1, .flowControlError)])
    #expect(server.events.take().last == .closed(1, HTTP2StreamClosure(.local, .flowControlError)))
  }

  @Test func `more than the connection's window ends the connection`() throws {
    let server = try server(stream: 200_000, connection: 65_535)

    for _ in 0..<4 { try server.send(.data(1, body(16_383))) }
    try server.send(.data(1, body(3)))
    #expect(try server.answer() == [])
    try server.send(.data(1, body(1)))

    #expect(try server.answer() == [.goAway(lastStream: 1, .flowControlError)])
  }

  @Test func `unread bytes of a reset stream go back to the connection`() throws {
    let server = try server()
    try server.send(.data(1, body(16_384)), .data(1, body(16_384)), .data(1, body(1000)))

    try server.send(.reset(1, .cancel))

    #expect(try server.answer() == [.windowUpdate(0, 33_768)])
  }

  @Test func `bytes of a stream reset by us go back once`() throws {
    let server = try server()
    try server.send(.data(1, body(16_384)), .data(1, body(16_384)), .data(1, body(1000)))
    let stream = try server.stream(1)

    server.session.reset(stream, .cancel)
    // Bytes that were under way are read and dropped; the late consume of the layer above is ignored.
    try server.send(.data(1, body(1000)))
    let answer = try server.answer()
    server.session.consume(stream, 33_768)

    #expect(answer == [.reset(1, .cancel), .windowUpdate(0, 34_768)])
    #expect(try server.answer() == [])
  }

  @Test func `padding is given back without being consumed`() throws {
    let server = try server()
    let padded = HTTP2Frame(.data, flags: .padded, stream: 1, payload: [255] + body(1) + body(255))

    for _ in 0..<130 { try server.send(padded) }

    let increments = try server.answer().reduce(0) { sum, answer in
      guard case .frame(let frame) = answer, frame.kind == .windowUpdate, frame.stream == 0 else { return sum }
      return sum + frame.payload.reduce(0) { $0 << 8 | Int($1) }
    }
    #expect(increments > 30_000)
  }

  @Test func `a peer's stream window is honoured, and its updates`() throws {
    let server = ScriptedPeer(.server)
    try server.open(settings: [4: 10])
    try server.send(.headers(1, .request(), endStream: true))
    let stream = try server.stream(1)

    try server.session.sendHeaders(stream, [":status": "200"], endStream: false)
    try server.session.sendData(stream, HTTP2Payload(Array("0123456789abcdef".utf8)))
    try server.session.sendTrailers(stream, ["grpc-status": "0"])
    #expect(try server.answer().last == .data(1, "0123456789"))
    let waiting = server.session.queuedBytes(stream)
    #expect(waiting == 6)

    try server.send(.windowUpdate(1, 4))
    #expect(try server.answer() == [.data(1, "abcd")])
    try server.send(.windowUpdate(1, 100))
    #expect(try server.answer() == [.data(1, "ef"), .headers(1, ["grpc-status": "0"], endStream: true)])
  }

  @Test func `a peer may take its window back`() throws {
    // RFC 9113 §6.9.2: a window can become negative.
    let server = ScriptedPeer(.server)
    try server.open(settings: [4: 10])
    try server.send(.headers(1, .request(), endStream: true))
    let stream = try server.stream(1)
    try server.session.sendHeaders(stream, [":status": "200"], endStream: false)
    try server.session.sendData(stream, HTTP2Payload(Array("0123456789abcdef".utf8)))
    _ = try server.answer()

    try server.send(.settings([4: 2]), .windowUpdate(1, 8))
    #expect(try server.answer() == [.frame(.settingsAcknowledgement)])
    try server.send(.windowUpdate(1, 1))
    #expect(try server.answer() == [.data(1, "a")])
  }

  @Test func `a stalled stream does not hold up its neighbour`() throws {
    let server = ScriptedPeer(.server)
    try server.open(settings: [4: 4])
    try server.send(.headers(1, .request(), endStream: true), .headers(3, .request(), endStream: true))
    for number in [Int32(1), 3] {
      try server.session.sendHeaders(server.stream(number), [":status": "200"], endStream: false)
      try server.session.sendData(server.stream(number), HTTP2Payload(Array("12345678".utf8)))
    }
    _ = try server.answer()

    try server.send(.windowUpdate(3, 100))

    #expect(try server.answer() == [.data(3, "5678")])
  }

  @Test func `the queue says when it has drained`() throws {
    var configuration = HTTP2Configuration()
    configuration.queuedBytesLow = 100
    let server = ScriptedPeer(.server, configuration)
    try server.open(settings: [4: 0])
    try server.send(.headers(1, .request(), endStream: true))
    let stream = try server.stream(1)
    try server.session.sendHeaders(stream, [":status": "200"], endStream: false)
    _ = server.events.take()

    let first = try server.session.sendData(stream, HTTP2Payload(body(100)))
    let second = try server.session.sendData(stream, HTTP2Payload(body(101)))
    #expect([first, second] == [100, 201])
    _ = try server.answer()
    try server.send(.windowUpdate(1, 100))
    _ = try server.answer()
    #expect(server.events.take() == [])

    try server.send(.windowUpdate(1, 1))
    _ = try server.answer()
    #expect(server.events.take() == [.drained(1)])
  }

  @Test func `no more is queued than the session's limit`() throws {
    var configuration = HTTP2Configuration()
    configuration.queuedBytesMax = 1000
    let server = ScriptedPeer(.server, configuration)
    try server.open(settings: [4: 0])
    try server.send(.headers(1, .request(), endStream: true), .headers(3, .request(), endStream: true))
    for number in [Int32(1), 3] {
      try server.session.sendHeaders(server.stream(number), [":status": "200"], endStream: false)
    }

    try server.session.sendData(server.stream(1), HTTP2Payload(body(600)))
    try server.session.sendData(server.stream(3), HTTP2Payload(body(400)))
    let error = #expect(throws: HTTP2Error.self) {
      try server.session.sendData(server.stream(3), HTTP2Payload(body(1)))
    }
    #expect(error?.origin == .limit)

    // What a reset stream had queued counts no longer.
    try server.session.reset(server.stream(1), .cancel)
    _ = try server.answer()
    try server.session.sendData(server.stream(3), HTTP2Payload(body(600)))
  }

  @Test func `a window that overflows is an error of its stream or of the connection`() throws {
    // RFC 9113 §6.9.1.
    let server = try server()

    try server.send(.windowUpdate(1, 0x7fff_ffff))
    #expect(try server.answer() == [.reset(1, .flowControlError)])
    try server.send(.windowUpdate(0, 0x7fff_ffff))
    #expect(try server.answer() == [.goAway(lastStream: 1, .flowControlError)])
  }

  @Test func `a stream with much to send does not hold up one that has little`() throws {
    // RFC 9218 §10: how responses share a connection is up to the server.
    let server = ScriptedPeer(.server)
    try server.open(settings: [4: 1 << 30])
    try server.send(.windowUpdate(0, 1 << 30))
    try server.send(.headers(1, .request(), endStream: true), .headers(3, .request(), endStream: true))
    for number in [Int32(1), 3] {
      try server.session.sendHeaders(server.stream(number), [":status": "200"], endStream: false)
    }
    try server.session.sendData(server.stream(1), HTTP2Payload(body(1_000_000)))
    try server.session.sendData(server.stream(3), HTTP2Payload(body(100)))

    let streams = try server.answer().compactMap { answer -> Int32? in
      guard case .frame(let frame) = answer, frame.kind == .data else { return nil }
      return frame.stream
    }

    #expect(streams.count == 63)
    #expect(streams.prefix(3).contains(3))
  }

  @Test func `what waits on each stream, and what of it was taken, can be looked at`() throws {
    let server = ScriptedPeer(.server)
    try server.open(settings: [4: 10])
    try server.send(.headers(1, .request(), endStream: true))
    try server.session.sendHeaders(server.stream(1), [":status": "200"], endStream: false)
    try server.session.sendData(server.stream(1), HTTP2Payload(body(25)))
    _ = try server.answer()

    func backlogs() -> [HTTP2StreamBacklog] {
      var backlogs: [HTTP2StreamBacklog] = []
      server.session.forEachStream { _, _, backlog in backlogs.append(backlog) }
      return backlogs
    }
    #expect(backlogs() == [HTTP2StreamBacklog(bytesWaiting: 15, bytesTaken: 10)])
    #expect(server.session.queuedBytes == 15)

    try server.send(.windowUpdate(1, 5))
    _ = try server.answer()
    #expect(backlogs() == [HTTP2StreamBacklog(bytesWaiting: 10, bytesTaken: 15)])
    try server.send(.reset(1, .cancel))
    #expect(backlogs() == [])
    #expect(server.session.queuedBytes == 0)
  }

  @Test func `it is known whether our windows let the peer send`() throws {
    var configuration = HTTP2Configuration()
    configuration.streamWindowBytes = 10
    let server = ScriptedPeer(.server, configuration)
    try server.open()
    try server.send(.headers(1, .request()), .data(1, "123456789"))
    let stream = try server.stream(1)
    var may = [server.session.mayReceive(stream)]
    try server.send(.data(1, "0"))
    may.append(server.session.mayReceive(stream))
    server.session.consume(stream, 10)
    _ = try server.answer()
    may.append(server.session.mayReceive(stream))
    #expect(may == [true, false, true])
  }
}
