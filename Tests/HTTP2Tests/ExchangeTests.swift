import GRPCTestKit
import HTTP2
import Testing

/// RFC 9113 §8.1: requests and responses, as a server sees them.
struct ExchangeTests {
  @Test func `a request is answered with headers, data and trailers`() throws {
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.headers(1, .request()), .data(1, "question", endStream: true))
    #expect(
      server.events.take() == [
        .request(1, .request(), endStream: false), .data(1, Array("question".utf8)), .end(1),
      ])

    let stream = try server.stream(1)
    try server.session.sendHeaders(stream, [":status": "200", "content-type": "application/grpc"], endStream: false)
    try server.session.sendData(stream, HTTP2Payload(prefix: 6, prefixCount: 5, body: Array("answer".utf8)))
    try server.session.sendTrailers(stream, ["grpc-status": "0"])

    #expect(
      try server.answer() == [
        .headers(1, [":status": "200", "content-type": "application/grpc"], endStream: false),
        .data(1, "\0\0\0\0\u{6}answer"),
        .headers(1, ["grpc-status": "0"], endStream: true),
      ])
    #expect(server.events.take() == [.closed(1, HTTP2StreamClosure(.completed, .noError))])
    #expect(server.openStreams == 0)
  }

  @Test func `an answer given whole is what the three commands make`() throws {
    let server = ScriptedPeer(.server)
    try server.open(settings: [4: 6])
    try server.send(.headers(1, .request(), endStream: true))

    let payload = HTTP2Payload(prefix: 6, prefixCount: 5, body: Array("answer".utf8))
    try server.session.sendResponse(server.stream(1), [":status": "200"], payload, ["grpc-status": "0"])
    #expect(server.session.queuedBytes == 11)
    #expect(try server.answer() == [.headers(1, [":status": "200"], endStream: false), .data(1, "\0\0\0\0\u{6}a")])
    #expect(server.session.queuedBytes == 5)
    // RFC 9113 §5.2: trailers are no DATA, but they stand behind it.
    try server.send(.windowUpdate(1, 5))
    #expect(try server.answer() == [.data(1, "nswer"), .headers(1, ["grpc-status": "0"], endStream: true)])
    #expect(server.openStreams == 0)
  }

  @Test func `an answer given whole that is too long leaves the stream as it was`() throws {
    var configuration = HTTP2Configuration()
    configuration.sentHeaderListBytesMax = 200
    configuration.queuedBytesMax = 10
    let server = ScriptedPeer(.server, configuration)
    try server.open()
    try server.send(.headers(1, .request(), endStream: true))
    let stream = try server.stream(1)
    var long = HTTP2HeaderList()
    long.append("x-fill", String(repeating: "f", count: 200))

    let headers: HTTP2HeaderList = [":status": "200"]
    let trailers: HTTP2HeaderList = ["grpc-status": "0"]
    let ten = HTTP2Payload([UInt8](repeating: 0, count: 10))
    let eleven = HTTP2Payload([UInt8](repeating: 0, count: 11))
    for (headers, payload, trailers) in [(long, ten, trailers), (headers, ten, long), (headers, eleven, trailers)] {
      let error = #expect(throws: HTTP2Error.self) {
        try server.session.sendResponse(stream, headers, payload, trailers)
      }
      #expect(error?.origin == .limit)
    }
    #expect(try server.answer() == [])
    try server.session.sendResponse(stream, headers, ten, trailers)
    #expect(try server.answer().count == 3)
  }

  @Test func `an answer without a body is one HEADERS frame`() throws {
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.headers(1, .request(), endStream: true))
    #expect(server.events.take() == [.request(1, .request(), endStream: true), .end(1)])
    try server.session.sendHeaders(server.stream(1), [":status": "200", "grpc-status": "12"], endStream: true)

    #expect(try server.answer() == [.headers(1, [":status": "200", "grpc-status": "12"], endStream: true)])
    #expect(server.events.take() == [.closed(1, HTTP2StreamClosure(.completed, .noError))])
  }

  @Test func `trailers need no window when nothing is queued`() throws {
    let server = ScriptedPeer(.server)
    try server.open(settings: [4: 0])
    try server.send(.headers(1, .request(), endStream: true))

    try server.session.sendHeaders(server.stream(1), [":status": "200"], endStream: false)
    try server.session.sendTrailers(server.stream(1), ["grpc-status": "0"])

    #expect(
      try server.answer() == [
        .headers(1, [":status": "200"], endStream: false), .headers(1, ["grpc-status": "0"], endStream: true),
      ])
  }

  @Test func `messages sent one after another leave as they come`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(1, .request(), endStream: true))
    let stream = try server.stream(1)

    try server.session.sendHeaders(stream, [":status": "200"], endStream: false)
    #expect(try server.answer() == [.headers(1, [":status": "200"], endStream: false)])
    try server.session.sendData(stream, HTTP2Payload(Array("one".utf8)))
    #expect(try server.answer() == [.data(1, "one")])
    try server.session.sendData(stream, HTTP2Payload(Array("two".utf8)))
    try server.session.sendData(stream, HTTP2Payload(Array("three".utf8)))
    #expect(try server.answer() == [.data(1, "twothree")])
    try server.session.sendTrailers(stream, ["grpc-status": "0"])
    #expect(try server.answer() == [.headers(1, ["grpc-status": "0"], endStream: true)])
  }

  @Test func `a body can end without trailers`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(1, .request(), endStream: true))
    let stream = try server.stream(1)

    try server.session.sendHeaders(stream, [":status": "200"], endStream: false)
    try server.session.sendData(stream, HTTP2Payload(Array("all".utf8)))
    server.session.endSending(stream)

    #expect(try server.answer().last == .data(1, "all", endStream: true))
  }

  @Test func `commands given inside an event leave with the next bytes`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    server.events.onRequest = { stream in
      #expect(throws: Never.self) {
        try server.session.sendHeaders(stream, [":status": "200"], endStream: true)
      }
      return true
    }

    try server.send(.headers(1, .request(), endStream: true), .headers(3, .request(), endStream: true))

    #expect(
      try server.answer() == [
        .headers(1, [":status": "200"], endStream: true), .headers(3, [":status": "200"], endStream: true),
      ])
  }

  @Test func `a body cut into frames of one byte arrives whole`() throws {
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.headers(1, .request()))
    for byte in "bytes".utf8 { try server.send(.data(1, [byte])) }
    try server.send(.data(1, [], endStream: true))

    #expect(
      server.events.take().dropFirst() == ["b", "y", "t", "e", "s"].map { .data(1, Array($0.utf8)) } + [.end(1)])
  }

  @Test func `empty DATA is nothing, and padding is not data`() throws {
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(
      .headers(1, .request()), .data(1, ""),
      HTTP2Frame(.data, flags: [.padded, .endStream], stream: 1, payload: [4] + Array("text".utf8) + [0, 0, 0, 0]))

    #expect(
      server.events.take() == [.request(1, .request(), endStream: false), .data(1, Array("text".utf8)), .end(1)])
  }

  @Test func `a client may end with trailers of its own`() throws {
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.headers(1, .request()), .headers(1, ["checksum": "7"], endStream: true))

    #expect(server.events.take().suffix(2) == [.trailers(1, ["checksum": "7"]), .end(1)])
  }

  @Test func `an answer before the end of the request stops the client`() throws {
    // RFC 9113 §8.1: RST_STREAM(NO_ERROR) after a complete response.
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(1, .request()), .data(1, "a part"))

    try server.session.sendHeaders(server.stream(1), [":status": "200"], endStream: false)
    try server.session.sendData(server.stream(1), HTTP2Payload(Array("enough".utf8)))
    try server.session.sendTrailers(server.stream(1), ["grpc-status": "0"])

    #expect(
      try server.answer() == [
        .headers(1, [":status": "200"], endStream: false), .data(1, "enough"),
        .headers(1, ["grpc-status": "0"], endStream: true), .reset(1, .noError),
      ])
    #expect(server.events.take().last == .closed(1, HTTP2StreamClosure(.completed, .noError)))
  }

  @Test func `an early answer of headers alone stops the client too`() throws {
    let server = ScriptedPeer(.server)
    try server.open()
    try server.send(.headers(1, .request()))

    try server.session.sendHeaders(server.stream(1), [":status": "415"], endStream: true)

    #expect(try server.answer() == [.headers(1, [":status": "415"], endStream: true), .reset(1, .noError)])
  }

  @Test func `a refused stream was not begun`() throws {
    // RFC 9113 §8.7: REFUSED_STREAM lets the client try again.
    let server = ScriptedPeer(.server)
    try server.open()
    server.events.onRequest = { _ in false }

    try server.send(.headers(1, .request()), .data(1, "ignored"))

    #expect(try server.answer() == [.reset(1, .refusedStream)])
    #expect(server.openStreams == 0)
  }

  @Test func `frames are no longer than the peer allows`() throws {
    let server = ScriptedPeer(.server)
    try server.open(settings: [4: 1_000_000])
    try server.send(.headers(1, .request(), endStream: true), .windowUpdate(0, 1_000_000))

    try server.session.sendHeaders(server.stream(1), [":status": "200"], endStream: false)
    try server.session.sendData(server.stream(1), HTTP2Payload([UInt8](repeating: 7, count: 100_000)))

    let lengths = try server.answer().compactMap { answer in
      if case .frame(let frame) = answer, frame.kind == .data { frame.payload.count } else { nil }
    }
    #expect(lengths.allSatisfy { $0 <= 16384 })
    #expect(lengths.reduce(0, +) == 100_000)
  }

  @Test func `a PING comes back, and ours is told`() throws {
    // RFC 9113 §6.7.
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.ping(0x0102_0304_0506_0708))
    #expect(try server.answer() == [.frame(.ping(0x0102_0304_0506_0708, acknowledgement: true))])

    server.session.ping(42)
    #expect(try server.answer() == [.frame(.ping(42))])
    try server.send(.ping(42, acknowledgement: true))
    #expect(server.events.take() == [.pong(42)])
  }
}
