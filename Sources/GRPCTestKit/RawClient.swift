package import HTTP2
internal import NIOCore
internal import NIOPosix
package import SocketTransport
internal import Synchronization

/// An HTTP/2 client without gRPC, to send a server what no gRPC client would.
package final class RawClient: Sendable {
  /// What came back on a stream, up to its end.
  package struct Answer: Sendable {
    /// The response headers, in order.
    package var headers: [(name: String, value: String)] = []
    /// The body.
    package var body: [UInt8] = []
    /// The trailers, in order.
    package var trailers: [(name: String, value: String)] = []
    /// How the stream ended.
    package var closure = HTTP2StreamClosure(.connection, .noError)

    /// The value of a header.
    package func header(_ name: String) -> String? {
      headers.first { $0.name == name }?.value
    }

    /// The value of a field of the trailers, or of the headers of an answer without trailers.
    package func trailer(_ name: String) -> String? {
      (trailers.isEmpty ? headers : trailers).first { $0.name == name }?.value
    }
  }

  private let connection: HTTP2Connection
  private let end: RawEnd

  private init(_ connection: HTTP2Connection, end: RawEnd) {
    self.connection = connection
    self.end = end
  }

  /// Connects to a server, with a window that does not grow unless the client reads.
  package static func connect(
    to address: TransportAddress, configuration: HTTP2Configuration = HTTP2Configuration()
  ) async throws -> RawClient {
    let end = RawEnd()
    let connection = try await HTTP2Connector.connect(
      to: address, group: MultiThreadedEventLoopGroup.singleton, configuration: configuration
    ) { _ in RawConnection(end: end) }
    return RawClient(connection, end: end)
  }

  /// Sends a request and returns the whole answer. Without `endStream` the request stays open.
  package func exchange(
    _ headers: HTTP2HeaderList, body: [UInt8] = [], endStream: Bool = true
  ) async throws -> Answer {
    try await begin(headers, body: body, endStream: endStream).answer()
  }

  /// Sends a request, or its beginning.
  package func begin(
    _ headers: HTTP2HeaderList, body: [UInt8] = [], endStream: Bool = false, reads: Bool = true
  ) async throws -> RawStream {
    let connection = connection
    return try await connection.eventLoop.submit {
      let recorder = RawRecorder(connection, reads: reads)
      let stream = try connection.submitRequest(
        headers, endStream: endStream && body.isEmpty, delegate: recorder)
      recorder.stream = stream
      if !body.isEmpty {
        try connection.sendData(stream, HTTP2Payload(body))
        if endStream { connection.endSending(stream) }
      }
      return RawStream(connection: connection, stream: stream, outcome: recorder.outcome)
    }.get()
  }

  /// Breaks the connection off, with GOAWAY, and returns when it is gone.
  package func close() async {
    let connection = connection
    connection.eventLoop.execute { connection.terminate(.noError) }
    await end.closed.wait()
  }

  /// Sends a PING and returns when it is answered, or the connection is gone.
  package func ping() async {
    let connection = connection
    let answered = Gate()
    end.pings.withLock { $0.append(answered) }
    connection.eventLoop.execute { connection.ping(0) }
    await answered.wait()
  }

  /// What the server's last GOAWAY said, once the connection is gone.
  package func goAway() async -> (code: HTTP2ErrorCode, debugText: String)? {
    await end.closed.wait()
    return end.goAway.withLock { $0 }
  }

  /// Returns when the connection is gone, whoever ended it.
  package func waitUntilClosed() async {
    await end.closed.wait()
  }
}

/// A request under way.
package struct RawStream: Sendable {
  fileprivate let connection: HTTP2Connection
  fileprivate let stream: HTTP2StreamID
  fileprivate let outcome: RawOutcome

  /// Sends more of the body.
  package func send(_ body: [UInt8], endStream: Bool = false) async throws {
    try await connection.eventLoop.submit { [connection, stream] in
      try connection.sendData(stream, HTTP2Payload(body))
      if endStream { connection.endSending(stream) }
    }.get()
  }

  /// Resets the stream.
  package func reset(_ code: HTTP2ErrorCode) {
    connection.eventLoop.execute { [connection, stream] in connection.reset(stream, code) }
  }

  /// The bytes of the body that have not left.
  package func queuedBytes() async throws -> Int {
    try await connection.eventLoop.submit { [connection, stream] in connection.queuedBytes(stream) }.get()
  }

  /// The whole answer, once the stream has ended.
  package func answer() async -> RawClient.Answer {
    await outcome.ended.wait()
    return outcome.answer.withLock { $0 }
  }

  /// Returns once the response headers have come, or the stream has ended without any.
  package func waitForHeaders() async {
    await outcome.begun.wait()
  }
}

private final class RawOutcome: Sendable {
  let answer = Mutex(RawClient.Answer())
  let begun = Gate()
  let ended = Gate()
}

private final class RawRecorder: HTTP2StreamDelegate {
  let outcome = RawOutcome()
  var stream: HTTP2StreamID?
  private let connection: HTTP2Connection
  private let reads: Bool

  init(_ connection: HTTP2Connection, reads: Bool) {
    self.connection = connection
    self.reads = reads
  }

  func headersReceived(_ headers: borrowing HTTP2HeaderBlock) {
    let fields = headers.fields
    outcome.answer.withLock { $0.headers = fields }
    outcome.begun.open()
  }

  func dataReceived(_ bytes: Span<UInt8>) {
    let copy = bytes.indices.map { bytes[$0] }
    outcome.answer.withLock { $0.body += copy }
    if reads, let stream { connection.consume(stream, copy.count) }
  }

  func trailersReceived(_ trailers: borrowing HTTP2HeaderBlock) {
    let fields = trailers.fields
    outcome.answer.withLock { $0.trailers = fields }
  }

  func endReceived() {
    // The stream may still be open on our side; `streamClosed` is the end.
  }

  func queueDrained() {
    // What is sent here is never more than a test can keep.
  }

  func streamClosed(_ closure: HTTP2StreamClosure) {
    outcome.answer.withLock { $0.closure = closure }
    outcome.begun.open()
    outcome.ended.open()
  }
}

private final class RawEnd: Sendable {
  let closed = Gate()
  let goAway = Mutex<(code: HTTP2ErrorCode, debugText: String)?>(nil)
  /// Opened when their PING is answered, in order.
  let pings = Mutex<[Gate]>([])
}

private final class RawConnection: HTTP2ConnectionDelegate {
  private let end: RawEnd

  init(end: RawEnd) {
    self.end = end
  }

  func streamOpened(
    _ stream: HTTP2StreamID, headers: borrowing HTTP2HeaderBlock, endStream: Bool
  ) -> (any HTTP2StreamDelegate)? {
    nil
  }

  func settingsReceived(_ settings: HTTP2PeerSettings) {
    // A raw client does as it is told and nothing by itself.
  }

  func pingAcknowledged(_ payload: UInt64) {
    end.pings.withLock { $0.isEmpty ? nil : $0.removeFirst() }?.open()
  }

  func goAwayReceived(lastStream: Int32, code: HTTP2ErrorCode, debugText: String) {
    self.end.goAway.withLock { $0 = (code, debugText) }
  }

  func connectionClosed(_ end: HTTP2ConnectionEnd) {
    self.end.closed.open()
    for gate in self.end.pings.withLock({ $0 }) { gate.open() }
  }
}

extension HTTP2HeaderBlock {
  fileprivate var fields: [(name: String, value: String)] {
    (0..<count).map { (name(at: $0), value(at: $0)) }
  }
}
