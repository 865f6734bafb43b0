import GRPCTestKit
import HTTP2
import Testing

/// RFC 9113 §8.2, §8.3 and §6.5.2: which header lists are accepted.
struct HeaderListTests {
  /// A request whose list counts exactly this many bytes.
  private func request(bytes: Int) -> HeaderFields {
    let base = HeaderFields.request()
    let room = bytes - base.listBytes - 32 - "x-fill".utf8.count
    return base + ["x-fill": String(repeating: "f", count: room)]
  }

  private func server(headerListBytesMax: Int) throws -> ScriptedPeer {
    var configuration = HTTP2Configuration()
    configuration.headerListBytesMax = headerListBytesMax
    let server = ScriptedPeer(.server, configuration)
    try server.open()
    return server
  }

  @Test func `when a header list began is known until it ends`() throws {
    // RFC 9113 §4.3: HEADERS without END_HEADERS goes on in CONTINUATION.
    let server = try server(headerListBytesMax: 2000)
    let block = HeaderEncoder.encode(.request())
    server.now = 7
    #expect(server.session.unfinishedHeadersSince == nil)

    let headers = HTTP2Frame(.headers, stream: 1, payload: Array(block.prefix(5))).bytes
    try server.send(bytes: Array(headers.prefix(9)))
    #expect(server.session.unfinishedHeadersSince == 7)
    server.now = 8
    try server.send(bytes: Array(headers.dropFirst(9)))
    #expect(server.session.unfinishedHeadersSince == 7)

    try server.send(HTTP2Frame(.continuation, flags: .endHeaders, stream: 1, payload: Array(block.dropFirst(5))))
    #expect(server.session.unfinishedHeadersSince == nil)
  }

  @Test func `a header list that is refused or ignored does not count as unfinished`() throws {
    let server = try server(headerListBytesMax: 2000)
    try server.send(.headers(1, [":method": "POST"]), .headers(3, request(bytes: 2001)))
    #expect(server.session.unfinishedHeadersSince == nil)
    server.session.beginShutdown()
    server.session.finishShutdown()
    _ = try server.answer()
    try server.send(.headers(5, .request()))
    #expect(server.session.unfinishedHeadersSince == nil)
  }

  @Test func `a header list as long as the limit passes`() throws {
    let server = try server(headerListBytesMax: 2000)

    try server.send(.headers(1, request(bytes: 2000), endStream: true))

    #expect(server.events.take().first == .request(1, request(bytes: 2000), endStream: true))
  }

  @Test func `a header list one byte longer is refused without opening a call`() throws {
    let server = try server(headerListBytesMax: 2000)

    try server.send(.headers(1, request(bytes: 2001)), .data(1, "ignored"))

    #expect(try server.answer() == [.headers(1, [":status": "431"], endStream: true), .reset(1, .noError)])
    #expect(server.events.take() == [])
    #expect(server.openStreams == 0)
    try server.send(.headers(3, .request(), endStream: true))
    #expect(server.events.take().first == .request(3, .request(), endStream: true))
  }

  @Test func `a header list far over the limit ends the connection`() throws {
    let server = try server(headerListBytesMax: 2000)

    let error = #expect(throws: HTTP2Error.self) { try server.send(.headers(1, request(bytes: 8001))) }

    #expect(error?.origin == .limit)
    #expect(try server.answer() == [.goAway(lastStream: 1, .enhanceYourCalm)])
    #expect(server.isFinished)
  }

  @Test func `four times the limit is not far over it`() throws {
    let server = try server(headerListBytesMax: 2000)

    try server.send(.headers(1, request(bytes: 8000)))

    #expect(try server.answer().first == .headers(1, [":status": "431"], endStream: true))
  }

  @Test func `fields of the dynamic table count in full each time`() throws {
    // RFC 7541 §6.1: one byte can name a field of kilobytes.
    let server = try server(headerListBytesMax: 16 * 1024)
    let fill = HeaderEncoder.integer(3000, prefixBits: 7, first: 0) + [UInt8](repeating: 0x66, count: 3000)
    let bomb = [0x40, 1, UInt8(ascii: "x")] + fill + [UInt8](repeating: 0x80 | 62, count: 10_000)
    let block = HeaderEncoder.encode(.request()) + bomb

    #expect(throws: HTTP2Error.self) {
      try server.send(HTTP2Frame(.headers, flags: .endHeaders, stream: 1, payload: block))
    }
    #expect(try server.answer() == [.goAway(lastStream: 1, .enhanceYourCalm)])
  }

  @Test func `a client refuses a response whose header list is too long`() throws {
    var configuration = HTTP2Configuration()
    configuration.headerListBytesMax = 500
    let client = ScriptedPeer(.client, configuration)
    try client.open()
    _ = try client.request(.request, endStream: true)
    _ = try client.answer()

    try client.send(.headers(1, [":status": "200", "x-fill": String(repeating: "f", count: 1000)]))

    #expect(try client.answer() == [.reset(1, .enhanceYourCalm)])
    #expect(client.events.take() == [.closed(1, HTTP2StreamClosure(.local, .enhanceYourCalm))])
  }

  @Test(
    arguments: [
      [":method": "POST", ":scheme": "http", ":path": "/", "Upper": "case"],
      [":method": "POST", ":scheme": "http", ":path": "/", "connection": "close"],
      [":method": "POST", ":scheme": "http", ":path": "/", "transfer-encoding": "chunked"],
      [":method": "POST", ":scheme": "http", ":path": "/", "te": "gzip"],
      [":method": "POST", ":scheme": "http", "late": "pseudo", ":path": "/"],
      [":method": "POST", ":scheme": "http", ":path": "/", ":unknown": "pseudo"],
      [":method": "POST", ":method": "POST", ":scheme": "http", ":path": "/"],
      [":method": "POST", ":scheme": "http"],
      [":method": "POST", ":scheme": "http", ":path": ""],
      [":method": "POST", ":scheme": "http", ":path": "/", "split": "a\r\nb: c"],
      [":method": "POST", ":scheme": "http", ":path": "/", "zero": "a\0b"],
      [":status": "200"],
    ] as [HeaderFields])
  func `a malformed request is a stream error and runs nothing`(headers: HeaderFields) throws {
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.headers(1, headers, endStream: true))

    #expect(try server.answer() == [.reset(1, .protocolError)])
    #expect(server.events.take() == [])
    try server.send(.headers(3, .request(), endStream: true))
    #expect(server.events.take().first == .request(3, .request(), endStream: true))
  }

  @Test func `a body shorter than its content-length is a stream error`() throws {
    // RFC 9113 §8.1.1.
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(.headers(1, .request() + ["content-length": "5"]), .data(1, "four", endStream: true))

    #expect(try server.answer() == [.reset(1, .protocolError)])
    #expect(server.events.take().last == .closed(1, HTTP2StreamClosure(.local, .protocolError)))
  }

  @Test func `bytes that are not HPACK end the connection`() throws {
    // RFC 9113 §4.3.
    let server = ScriptedPeer(.server)
    try server.open()

    try server.send(HTTP2Frame(.headers, flags: .endHeaders, stream: 1, payload: [0x80]))

    #expect(try server.answer() == [.goAway(lastStream: 1, .compressionError)])
    #expect(server.isFinished)
    #expect(server.failure?.origin == .peer)
  }

  @Test func `a header list too long to send is refused and the stream lives on`() throws {
    var configuration = HTTP2Configuration()
    configuration.sentHeaderListBytesMax = 1000
    let server = ScriptedPeer(.server, configuration)
    try server.open()
    try server.send(.headers(1, .request(), endStream: true))
    let stream = try server.stream(1)
    var exact: HTTP2HeaderList = [":status": "200"]
    exact.append("x-fill", String(repeating: "f", count: 1000 - 42 - 38))
    var longer: HTTP2HeaderList = [":status": "200"]
    longer.append("x-fill", String(repeating: "f", count: 1000 - 42 - 38 + 1))

    let error = #expect(throws: HTTP2Error.self) {
      try server.session.sendHeaders(stream, longer, endStream: true)
    }
    #expect(error?.origin == .limit)
    try server.session.sendHeaders(stream, exact, endStream: true)
    #expect(try server.answer().count == 1)
  }

  @Test func `bytes are the same only if each of them is`() {
    // Spans cannot be given to `#expect`.
    func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
      let result = left.span.isEqual(to: right.span)
      return result
    }
    for count in 0...40 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      #expect(areEqual(bytes, Array(bytes)))
      #expect(!areEqual(bytes, bytes + [0]))
      for place in bytes.indices {
        var other = bytes
        other[place] ^= 0x80
        #expect(!areEqual(bytes, other), "\(count) bytes, other at \(place)")
      }
    }
  }

  @Test func `known names are recognized, and values read without copies`() throws {
    final class Reader: HTTP2SessionDelegate {
      var tokens: [HTTP2FieldName] = []
      var isPost = false
      var pathBytes = 0
      func streamOpened(
        _ stream: HTTP2StreamID, headers: borrowing HTTP2HeaderBlock, endStream: Bool
      ) -> (any HTTP2StreamDelegate)? {
        for index in 0..<headers.count { tokens.append(headers.token(at: index)) }
        if let method = headers.firstIndex(of: .method) { isPost = headers.value(at: method, equals: "POST") }
        if let path = headers.firstIndex(of: .path) { pathBytes = headers.withValue(at: path) { $0.count } }
        return nil
      }
      func settingsReceived(_ settings: HTTP2PeerSettings) {}
      func pingAcknowledged(_ payload: UInt64) {}
      func goAwayReceived(lastStream: Int32, code: HTTP2ErrorCode, debugText: String) {}
    }
    let session = HTTP2Session(role: .server, configuration: HTTP2Configuration())
    let reader = Reader()
    let headers = HeaderFields.request() + ["grpc-timeout": "1S", "grpc-timeoux": "1S"]

    try session.receive(
      HTTP2Frame.preface + HTTP2Frame.settings().bytes + HTTP2Frame.headers(1, headers).bytes, now: 0,
      delegate: reader)

    #expect(reader.tokens == [.method, .scheme, .path, .authority, .contentType, .te, .grpcTimeout, .other])
    #expect(reader.isPost)
    #expect(reader.pathBytes == "/kit.v1.Echo/Say".utf8.count)
  }
}
