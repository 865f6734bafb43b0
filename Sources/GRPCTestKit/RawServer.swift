package import HTTP2
internal import NIOCore
internal import NIOPosix
package import SocketTransport
internal import Synchronization

/// An HTTP/2 server without gRPC, to answer a client as no gRPC server would.
package final class RawServer: Sendable {
  /// Answers a request, whose number among all requests to this server is given, counting from one.
  package typealias Script = @Sendable (HTTP2Connection, HTTP2StreamID, Int) throws -> Void

  /// Where it listens.
  package let address: TransportAddress
  private let listener: HTTP2Listener
  private let log: RawServerLog

  private init(_ listener: HTTP2Listener, log: RawServerLog) {
    self.listener = listener
    self.log = log
    address = listener.address
  }

  /// Runs `body` with a server that answers every request by `script`, once the whole request has come.
  @discardableResult
  package static func run<Result>(
    configuration: HTTP2Configuration = HTTP2Configuration(),
    on address: TransportAddress = .tcp(host: "127.0.0.1", port: 0), _ script: @escaping Script,
    isolation: isolated (any Actor)? = #isolation, _ body: (RawServer) async throws -> Result
  ) async throws -> Result {
    let log = RawServerLog()
    let listener = try await HTTP2Listener.listen(
      on: address, group: MultiThreadedEventLoopGroup.singleton, configuration: configuration
    ) { connection in
      log.connections.withLock { $0.append(connection) }
      return RawServerConnection(connection, script, log)
    }
    do {
      let result = try await body(RawServer(listener, log: log))
      await listener.stop()
      return result
    } catch {
      await listener.stop()
      throw error
    }
  }

  /// The headers of the requests that began, in their order.
  package var requestHeaders: [[String: String]] {
    log.headers.withLock { $0 }
  }

  /// How many requests began.
  package var requestCount: Int {
    log.requests.withLock { $0 }
  }

  /// How many connections were made.
  package var connectionCount: Int {
    log.connections.withLock { $0.count }
  }

  /// Gives a command to every connection.
  package func forEachConnection(_ body: @escaping @Sendable (HTTP2Connection) -> Void) {
    for connection in log.connections.withLock({ $0 }) {
      connection.eventLoop.execute { body(connection) }
    }
  }

  /// The resets that came, in order; returns once there are `count` of them.
  package func resets(_ count: Int) async -> [HTTP2ErrorCode] {
    await log.resets(count)
  }
}

private final class RawServerLog: Sendable {
  let requests = Mutex(0)
  let headers = Mutex<[[String: String]]>([])
  let connections = Mutex<[HTTP2Connection]>([])
  private let received = Mutex<(codes: [HTTP2ErrorCode], waiting: [(Int, Gate)])>(([], []))

  func reset(_ code: HTTP2ErrorCode) {
    let ready = received.withLock { received in
      received.codes.append(code)
      return received.waiting.filter { $0.0 <= received.codes.count }
    }
    for (_, gate) in ready { gate.open() }
  }

  func resets(_ count: Int) async -> [HTTP2ErrorCode] {
    let gate = Gate()
    received.withLock { received in
      received.waiting.append((count, gate))
      if received.codes.count >= count { gate.open() }
    }
    await gate.wait()
    return received.withLock { $0.codes }
  }
}

private final class RawServerConnection: HTTP2ConnectionDelegate {
  private let connection: HTTP2Connection
  private let script: RawServer.Script
  private let log: RawServerLog

  init(_ connection: HTTP2Connection, _ script: @escaping RawServer.Script, _ log: RawServerLog) {
    self.connection = connection
    self.script = script
    self.log = log
  }

  func streamOpened(
    _ stream: HTTP2StreamID, headers: borrowing HTTP2HeaderBlock, endStream: Bool
  ) -> (any HTTP2StreamDelegate)? {
    var fields: [String: String] = [:]
    for index in 0..<headers.count { fields[headers.name(at: index)] = headers.value(at: index) }
    log.headers.withLock { [fields] in $0.append(fields) }
    let number = log.requests.withLock { requests in
      requests += 1
      return requests
    }
    return RawServerStream(connection, stream, number, script, log)
  }

  func settingsReceived(_ settings: HTTP2PeerSettings) {
    // A raw server does what its script says and nothing by itself.
  }

  func pingAcknowledged(_ payload: UInt64) {
    // It sends no PING.
  }

  func goAwayReceived(lastStream: Int32, code: HTTP2ErrorCode, debugText: String) {
    // The end of the connection tells everything.
  }

  func connectionClosed(_ end: HTTP2ConnectionEnd) {
    // Streams hear of it first.
  }
}

private final class RawServerStream: HTTP2StreamDelegate {
  private let connection: HTTP2Connection
  private let stream: HTTP2StreamID
  private let number: Int
  private let script: RawServer.Script
  private let log: RawServerLog

  init(
    _ connection: HTTP2Connection, _ stream: HTTP2StreamID, _ number: Int, _ script: @escaping RawServer.Script,
    _ log: RawServerLog
  ) {
    self.connection = connection
    self.stream = stream
    self.number = number
    self.script = script
    self.log = log
  }

  func headersReceived(_ headers: borrowing HTTP2HeaderBlock) {
    // Only clients receive response headers.
  }

  func dataReceived(_ bytes: Span<UInt8>) {
    connection.consume(stream, bytes.count)
  }

  func trailersReceived(_ trailers: borrowing HTTP2HeaderBlock) {
    // Scripts do not look at what a client sends.
  }

  func endReceived() {
    do {
      try script(connection, stream, number)
    } catch {
      connection.terminate(.internalError)
    }
  }

  func queueDrained() {
    // What is sent here is never more than a test can keep.
  }

  func streamClosed(_ closure: HTTP2StreamClosure) {
    if closure.origin == .peer { log.reset(closure.code) }
  }
}
