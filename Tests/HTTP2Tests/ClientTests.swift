import GRPCTestKit
import HTTP2
import Testing

/// The client's side of the exchanges in `ExchangeTests`.
struct ClientTests {
  private func client(settings: KeyValuePairs<UInt16, UInt32> = [:]) throws -> ScriptedPeer {
    let client = ScriptedPeer(.client)
    try client.open(settings: settings)
    return client
  }

  @Test func `a request leaves as headers and data, and its answer is told in order`() throws {
    let client = try client()

    let stream = try client.request(.request)
    try client.session.sendData(stream, HTTP2Payload(Array("question".utf8)))
    client.session.endSending(stream)
    #expect(
      try client.answer() == [
        .headers(1, .request(), endStream: false), .data(1, "question", endStream: true),
      ])

    try client.send(
      .headers(1, [":status": "200"]), .data(1, "answer"), .headers(1, ["grpc-status": "0"], endStream: true))
    #expect(
      client.events.take() == [
        .response(1, [":status": "200"]), .data(1, Array("answer".utf8)), .trailers(1, ["grpc-status": "0"]), .end(1),
        .closed(1, HTTP2StreamClosure(.completed, .noError)),
      ])
  }

  @Test func `an answer of trailers only is headers and an end`() throws {
    let client = try client()
    _ = try client.request(.request, endStream: true)
    _ = try client.answer()

    try client.send(.headers(1, [":status": "200", "grpc-status": "5"], endStream: true))

    #expect(
      client.events.take() == [
        .response(1, [":status": "200", "grpc-status": "5"]), .end(1),
        .closed(1, HTTP2StreamClosure(.completed, .noError)),
      ])
  }

  @Test func `informational responses are passed over`() throws {
    // RFC 9113 §8.1.
    let client = try client()
    _ = try client.request(.request, endStream: true)
    _ = try client.answer()

    try client.send(.headers(1, [":status": "103"]), .headers(1, [":status": "200"]))

    #expect(client.events.take() == [.response(1, [":status": "200"])])
  }

  @Test func `a request waits while the server's limit of streams is reached`() throws {
    let client = try client(settings: [3: 1])
    _ = try client.request(.request, endStream: true)
    let second = try client.request(.request)
    // What is queued for a request that waits is kept for it.
    try client.session.sendData(second, HTTP2Payload(Array("waits".utf8)))
    #expect(try client.answer() == [.headers(1, .request(), endStream: true)])

    try client.send(.headers(1, [":status": "200", "grpc-status": "0"], endStream: true))

    #expect(try client.answer() == [.headers(3, .request(), endStream: false), .data(3, "waits")])
  }

  @Test func `a request that waits can be cancelled`() throws {
    let client = try client(settings: [3: 1])
    _ = try client.request(.request, endStream: true)
    let second = try client.request(.request, endStream: true)
    client.session.reset(second, .cancel)
    _ = try client.answer()
    #expect(client.openStreams >= 1)

    try client.send(.headers(1, [":status": "200", "grpc-status": "0"], endStream: true))

    #expect(try client.answer() == [])
    #expect(client.events.take().last == .closed(3, HTTP2StreamClosure(.local, .cancel)))
    #expect(client.openStreams == 0)
  }

  @Test func `a reset by the server keeps its code`() throws {
    let client = try client()
    _ = try client.request(.request)
    _ = try client.answer()

    try client.send(.headers(1, [":status": "200"]), .reset(1, .internalError))

    #expect(client.events.take().last == .closed(1, HTTP2StreamClosure(.peer, .internalError)))
  }

  @Test func `an early answer with NO_ERROR is an answer`() throws {
    let client = try client()
    _ = try client.request(.request)
    _ = try client.answer()

    try client.send(
      .headers(1, [":status": "200"]), .headers(1, ["grpc-status": "0"], endStream: true), .reset(1, .noError))

    #expect(
      client.events.take() == [
        .response(1, [":status": "200"]), .trailers(1, ["grpc-status": "0"]), .end(1),
        .closed(1, HTTP2StreamClosure(.peer, .noError)),
      ])
  }

  @Test func `a server may not push`() throws {
    // RFC 9113 §8.4: SETTINGS_ENABLE_PUSH was zero.
    let client = try client()
    _ = try client.request(.request)
    _ = try client.answer()

    try client.send(HTTP2Frame(.init(rawValue: 5), flags: .endHeaders, stream: 1, payload: [0, 0, 0, 2, 0x82]))

    #expect(try client.answer() == [.goAway(lastStream: 0, .protocolError)])
  }

  @Test func `a response without a status is a stream error`() throws {
    let client = try client()
    _ = try client.request(.request)
    _ = try client.answer()

    try client.send(.headers(1, ["grpc-status": "0"], endStream: true))

    #expect(try client.answer() == [.reset(1, .protocolError)])
    #expect(client.events.take() == [.closed(1, HTTP2StreamClosure(.local, .protocolError))])
  }
}
