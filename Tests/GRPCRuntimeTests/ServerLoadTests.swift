import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import Synchronization
import Testing
import TestProtos

/// What a server takes, and what it refuses: handlers, memory, connections.
@Suite(.timeLimit(.minutes(10))) struct ServerLoadTests {
  // MARK: Handlers

  @Test func `a call beyond the handlers is refused at once, and health still answers`() async throws {
    let mayAnswer = Gate()
    let started = [Gate(), Gate()]
    let count = Mutex(0)
    var configuration = ServerConfiguration()
    configuration.concurrentHandlersMax = 2
    var router = Router.saying { request, _ in
      let index = count.withLock { count in
        count += 1
        return count - 1
      }
      started[index].open()
      await mayAnswer.wait()
      return request
    }
    router.register(healthCheck) { request, _ in request }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let clients = [try await RawClient.connect(to: loopback.address), try await .connect(to: loopback.address)]
      // One handler on each connection: the limit is the server's.
      let calls = [
        try await clients[0].begin(sayHeaders, body: emptyMessage, endStream: true),
        try await clients[1].begin(sayHeaders, body: emptyMessage, endStream: true),
      ]
      for gate in started { await gate.wait() }

      #expect(try await clients[0].exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "8")
      var health: HTTP2HeaderList = [":method": "POST", ":scheme": "http", ":authority": "test"]
      health.append(":path", "/grpc.health.v1.Health/Check")
      health.append("content-type", "application/grpc")
      #expect(try await clients[1].exchange(health, body: emptyMessage).trailer("grpc-status") == "0")

      mayAnswer.open()
      for call in calls { #expect(await call.answer().trailer("grpc-status") == "0") }
      #expect(count.withLock { $0 } == 2)
      for client in clients { await client.close() }
    }
  }

  @Test func `a call that was taken is refused when there is no room once its request is here`() async throws {
    let mayAnswer = Gate()
    let started = Gate()
    var configuration = ServerConfiguration()
    configuration.concurrentHandlersMax = 1
    let router = Router.saying { request, _ in
      started.open()
      await mayAnswer.wait()
      return request
    }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let late = try await client.begin(sayHeaders)
      let first = try await client.begin(sayHeaders, body: emptyMessage, endStream: true)
      await started.wait()
      try await late.send(emptyMessage, endStream: true)
      #expect(await late.answer().trailer("grpc-status") == "8")
      mayAnswer.open()
      #expect(await first.answer().trailer("grpc-status") == "0")
      await client.close()
    }
  }

  // MARK: Memory

  /// The size of a message of so many bytes in its frame.
  private func framed(_ count: Int) throws -> [UInt8] {
    [0] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) } + [UInt8](repeating: 0, count: count)
  }

  private func memoryConfiguration(connection: Int, server: Int) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.requestMessageBytesMax = connection
    configuration.connectionMemoryBytesMax = connection
    configuration.memoryBytesMax = server
    configuration.pingIntervalMin = .zero
    configuration.pingIntervalMinWithoutCalls = .zero
    return configuration
  }

  @Test func `unfinished requests of one connection are bounded together`() async throws {
    let router = Router.saying { request, _ in request }
    let configuration = memoryConfiguration(connection: 100_000, server: 1_000_000)
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      // Each call also holds its headers, a few hundred bytes.
      let message = try framed(48_000)
      let half = try await client.begin(sayHeaders, body: Array(message.dropLast()))
      let other = try await client.begin(sayHeaders, body: Array(message.dropLast()))
      let third = try await client.begin(sayHeaders, body: Array(message.prefix(10_000)))
      let refused = await third.answer()
      #expect(refused.trailer("grpc-status") == "8")
      #expect(refused.trailer("grpc-message") == "the calls of this connection hold as many bytes as they may")
      // Those that were there before go on to their end.
      for call in [half, other] {
        try await call.send([0], endStream: true)
        #expect(await call.answer().trailer("grpc-status") == "13", "zeros are no message of protobuf")
      }
      await client.close()
    }
  }

  @Test func `answers that nobody takes are bounded together, and leave room when they are taken`() async throws {
    var router = Router()
    router.register(KitEchoDefinition.big) { (request: KitBigMsg, _: CallContext) in
      KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: Int(request.size)) }
    }
    let configuration = memoryConfiguration(connection: 100_000, server: 1_000_000)
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      var http2 = HTTP2Configuration()
      http2.streamWindowBytes = 0
      let client = try await RawClient.connect(to: loopback.address, configuration: http2)
      let request = try frame(KitBigMsg.with { $0.size = 40_000 })
      let first = try await client.begin(headers("Big"), body: request, endStream: true)
      let second = try await client.begin(headers("Big"), body: request, endStream: true)
      #expect(try await client.exchange(headers("Big"), body: request).trailer("grpc-status") == "8")
      #expect(loopback.server.census.memoryBytes > 80_000)
      first.reset(.cancel)
      _ = await first.answer()
      let again = try await client.begin(headers("Big"), body: request, endStream: true)
      await again.waitForHeaders()
      for call in [second, again] { call.reset(.cancel) }
      await client.close()
    }
  }

  @Test func `a connection that holds half of the total gets no more, and others are served`() async throws {
    let router = Router.saying { request, _ in request }
    let configuration = memoryConfiguration(connection: 90_000, server: 100_000)
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let hoarder = try await RawClient.connect(to: loopback.address)
      let other = try await RawClient.connect(to: loopback.address)
      // It would hold 82,000 bytes, of which the server has room for half.
      let message = try framed(85_000)
      let half = try await hoarder.begin(sayHeaders, body: Array(message.prefix(82_000)))
      let answer = await half.answer()
      #expect(answer.trailer("grpc-status") == "8")
      #expect(answer.trailer("grpc-message") == "the server holds as many bytes of calls as it can")
      #expect(try await other.exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "0")
      #expect(try await hoarder.exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "0")
      await hoarder.close()
      await other.close()
    }
  }

  @Test func `thousands of stalled callers of big answers hold no more than the total`() async throws {
    var router = Router()
    router.register(KitEchoDefinition.big) { (request: KitBigMsg, _: CallContext) in
      KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: Int(request.size)) }
    }
    let configuration = memoryConfiguration(connection: 2_000_000, server: 4_000_000)
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      var http2 = HTTP2Configuration()
      http2.streamWindowBytes = 0
      let request = try frame(KitBigMsg.with { $0.size = 100_000 })
      var clients: [RawClient] = []
      for _ in 0..<8 {
        let client = try await RawClient.connect(to: loopback.address, configuration: http2)
        clients.append(client)
        for _ in 0..<250 { _ = try await client.begin(headers("Big"), body: request, endStream: true, reads: false) }
        await client.ping()
      }
      let bytes = loopback.server.census.memoryBytes
      #expect(bytes > 3_000_000 && bytes <= 4_000_000)
      for client in clients { await client.close() }
    }
  }

  // MARK: Connections

  @Test func `a connection beyond the limit is told so, and the next has its place`() async throws {
    let observer = RecordingObserver()
    var configuration = ServerConfiguration()
    configuration.connectionsMax = 2
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router, configuration: configuration, observer: observer) { loopback in
      let clients = [try await RawClient.connect(to: loopback.address), try await .connect(to: loopback.address)]
      for client in clients {
        #expect(try await client.exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "0")
      }
      let refused = try await RawSocket.connect(to: loopback.address)
      let frames = await refused.rest()
      #expect(frames.first?.kind == .settings)
      #expect(frames.last == .goAway(lastStream: 0, .noError, debugText: "too_many_connections"))
      try await refused.waitUntilClosed()
      #expect(observer.events.contains("refused: the server has as many connections as it may"))

      await clients[0].close()
      // The server learns of the end some time after the client does.
      var answer: RawClient.Answer?
      while answer?.trailer("grpc-status") != "0" {
        // A connection that is refused may be gone before there is a client.
        guard let client = try? await RawClient.connect(to: loopback.address) else { continue }
        // Or before the call leaves: then there is no answer to look at.
        answer = try? await client.exchange(sayHeaders, body: emptyMessage)
        await client.close()
      }
      await clients[1].close()
    }
  }

  @Test func `a host has its own limit`() async throws {
    let observer = RecordingObserver()
    var configuration = ServerConfiguration()
    configuration.connectionsPerPeerMax = 1
    try await LoopbackServer.run(Router(), configuration: configuration, observer: observer) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      await client.ping()
      let refused = try await RawSocket.connect(to: loopback.address)
      #expect(await refused.rest().last?.goAwayText == "too_many_connections")
      try await refused.waitUntilClosed()
      await client.close()
    }
    #expect(observer.events.contains("refused: the peer has as many connections as it may"))
  }

  // MARK: Leaks

  @Test func `a call that something keeps behind the server's end is noticed`() async throws {
    let kept = Mutex<CallContext?>(nil)
    let router = Router.saying { request, context in
      kept.withLock { $0 = context }
      return request
    }
    let leak = await #expect(throws: ServerLeak.self) {
      try await LoopbackServer.run(router) { loopback in
        try await loopback.withChannel { channel in
          _ = try await channel.unary(KitEchoDefinition.say, KitEchoMsg())
        }
      }
    }
    #expect(leak?.census.calls == 1)
    #expect(leak?.census.handlers == 0)
  }
}

/// As much of the health service as admission knows: its path.
private let healthCheck = MethodDescriptor<KitEchoMsg, KitEchoMsg>(
  service: "grpc.health.v1.Health", method: "Check", kind: .unary)
