import GRPCTestKit
import HTTP2
import Testing

/// RFC 9113 §3.4 and §6.5: how a connection begins.
struct ConnectionStartTests {
  @Test func `a server begins with its settings and its connection window`() throws {
    var configuration = HTTP2Configuration()
    configuration.concurrentStreamsMax = 100
    configuration.streamWindowBytes = 128 * 1024
    configuration.connectionWindowBytes = 65_535 + 1000
    configuration.headerListBytesMax = 8192
    let server = ScriptedPeer(.server, configuration)

    try server.send(bytes: HTTP2Frame.preface)

    #expect(
      try server.answer() == [
        .frame(.settings([1: 4096, 3: 100, 4: 128 * 1024, 5: 16384, 6: 8192, 9: 1])), .windowUpdate(0, 1000),
      ])
  }

  @Test func `a client begins with the preface and refuses pushes`() throws {
    let client = HTTP2Session(role: .client, configuration: HTTP2Configuration())
    var bytes = client.produce(atMost: 1000, delegate: EventRecorder())[...]

    #expect(bytes.prefix(24) == HTTP2Frame.preface[...])
    bytes = bytes.dropFirst(24)
    let settings = try #require(HTTP2Frame(takingFrom: &bytes))
    #expect(settings == .settings([1: 4096, 3: 0, 4: 256 * 1024, 5: 16384, 6: 16384, 9: 1, 2: 0]))
  }

  @Test func `each SETTINGS is acknowledged, and told`() throws {
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.settings([3: 7, 6: 9000]), .settings())

    #expect(try server.answer() == [.frame(.settingsAcknowledgement), .frame(.settingsAcknowledgement)])
    let settings = HTTP2PeerSettings(concurrentStreamsMax: 7, headerListBytesMax: 9000)
    #expect(server.events.take(settings: true) == [.settings(settings), .settings(settings)])
  }

  @Test func `unknown settings and unknown frames are ignored`() throws {
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.settings([0xabcd: 1]), HTTP2Frame(.init(rawValue: 0xee), stream: 0, payload: [1, 2, 3]))

    #expect(try server.answer() == [.frame(.settingsAcknowledgement)])
  }

  @Test(arguments: ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3}"])
  func `a peer that does not speak HTTP 2 is told and cut`(bytes: String) throws {
    let server = ScriptedPeer(.server)

    let error = #expect(throws: HTTP2Error.self) { try server.send(bytes: Array(bytes.utf8)) }

    #expect(error?.origin == .peer)
    #expect(try server.answer().last == .goAway(lastStream: 0, .protocolError))
    #expect(server.isFinished)
  }

  @Test func `a connection survives being cut into single bytes`() throws {
    let pipe = LoopbackPipe()
    pipe.serverEvents.onRequest = { [pipe] stream in
      #expect(throws: Never.self) {
        try pipe.server.sendHeaders(stream, [":status": "200"], endStream: false)
        try pipe.server.sendData(stream, HTTP2Payload(Array("answer".utf8)))
        try pipe.server.sendTrailers(stream, ["grpc-status": "0"])
      }
      return true
    }
    let recorder = pipe.clientEvents.recorder(of: 1)

    _ = try pipe.client.submitRequest(.request, endStream: true, delegate: recorder)
    try pipe.settle(pieceBytes: 1)

    let events = pipe.clientEvents.take()
    #expect(events.first == .response(1, [":status": "200"]))
    #expect(events.last == .closed(1, HTTP2StreamClosure(.completed, .noError)))
    let body = events.flatMap { event -> [UInt8] in if case .data(1, let bytes) = event { bytes } else { [] } }
    #expect(body == Array("answer".utf8))
  }
}

extension HTTP2HeaderList {
  /// A POST request as gRPC makes it.
  static let request: HTTP2HeaderList = [
    ":method": "POST", ":scheme": "http", ":path": "/kit.v1.Echo/Say", ":authority": "test",
    "content-type": "application/grpc", "te": "trailers",
  ]
}
