import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import Testing
import TestProtos

/// Many calls on one connection: who is slow, on whichever side, slows nobody else, and holds no more than the limits.
@Suite(.timeLimit(.minutes(10))) struct NeighbourTests {
  private typealias Requests = RequestStream<KitEchoMsg>
  private typealias Responses = ResponseWriter<KitEchoMsg>

  private static let slowCalls = 200

  @Test func `slow handlers hold up their own callers and nobody else`() async throws {
    let mayRead = Gate()
    var router = Router.saying { request, _ in request }
    router.register(KitEchoDefinition.upload) { requests, _ in
      await mayRead.wait()
      var total: Int64 = 0
      for try await request in requests { total += Int64(request.blob.count) }
      return KitEchoMsg.with { $0.n = total }
    }
    router.register(pingPong) { requests, responses, _ in
      await mayRead.wait()
      for try await request in requests { try await responses.write(KitEchoMsg.with { $0.n = request.n }) }
    }
    var configuration = ServerConfiguration()
    configuration.pingIntervalMin = .zero
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let message = try frame(KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 9_000) })
      let body = [[UInt8]](repeating: message, count: 10).flatMap { $0 }
      var slow: [RawStream] = []
      for index in 0..<Self.slowCalls {
        let list = index % 2 == 0 ? headers("Upload") : pingPongHeaders
        slow.append(try await client.begin(list, body: body, endStream: true))
      }
      // In the end each of them stands at its window.
      let window = Int(configuration.callWindowBytes)
      while loopback.server.census.memoryBytes < Self.slowCalls * window { await client.ping() }
      // What is more than the window is the room of the first message, which was given back before it was whole.
      for call in slow {
        #expect(try await call.queuedBytes() >= body.count - window - message.count)
      }
      #expect(loopback.server.census.memoryBytes <= Self.slowCalls * (window + message.count + 1000))
      let long = KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 500_000) }
      for _ in 0..<10 {
        let answer = try await client.exchange(sayHeaders, body: frame(long))
        #expect(answer.trailer("grpc-status") == "0")
        #expect(answer.body.count > 500_000)
      }
      mayRead.open()
      for call in slow { #expect(await call.answer().trailer("grpc-status") == "0") }
      await client.close()
    }
  }

  @Test func `slow readers hold up their own handlers and nobody else`() async throws {
    var router = Router.saying { request, _ in request }
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      while true { try await responses.write(KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 1000) }) }
    }
    router.register(pingPong) { (_: Requests, responses: Responses, _: CallContext) in
      while true { try await responses.write(KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 1000) }) }
    }
    let configuration = ServerConfiguration()
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      var http2 = HTTP2Configuration()
      http2.streamWindowBytes = 16_384
      http2.connectionWindowBytes = 16 * 1024 * 1024
      let client = try await RawClient.connect(to: loopback.address, configuration: http2)
      var slow: [RawStream] = []
      for index in 0..<Self.slowCalls {
        let list = index % 2 == 0 ? headers("Stream") : pingPongHeaders
        slow.append(try await client.begin(list, body: emptyMessage, endStream: index % 2 == 0, reads: false))
      }
      for call in slow { await call.waitForHeaders() }
      await client.ping()
      let held = loopback.server.census.memoryBytes
      #expect(held <= Self.slowCalls * (configuration.callQueueBytesMax + 2000))
      let long = KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 500_000) }
      for _ in 0..<10 {
        #expect(try await client.exchange(sayHeaders, body: frame(long)).trailer("grpc-status") == "0")
      }
      for call in slow { call.reset(.cancel) }
      for call in slow { _ = await call.answer() }
      await client.close()
    }
  }

  @Test func `a stream that is read as fast as it comes leaves room for its neighbours`() async throws {
    var router = Router.saying { request, _ in request }
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      while true { try await responses.write(KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 50_000) }) }
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var fast: [RawStream] = []
      for _ in 0..<4 { fast.append(try await client.begin(headers("Stream"), body: emptyMessage, endStream: true)) }
      for call in fast { await call.waitForHeaders() }
      for _ in 0..<20 {
        #expect(try await client.exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "0")
      }
      for call in fast { call.reset(.cancel) }
      for call in fast { _ = await call.answer() }
      await client.close()
    }
  }

  // MARK: Ends

  /// The four kinds of calls, with handlers that wait for their cancellation.
  private func waiting(_ started: Gate, _ cancelled: Gate) -> Router {
    var router = Router.saying { request, _ in
      started.open()
      await cancelled.waitForCancellation()
      return request
    }
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, _: Responses, _: CallContext) in
      started.open()
      await cancelled.waitForCancellation()
    }
    router.register(KitEchoDefinition.upload) { (_: Requests, _: CallContext) in
      started.open()
      await cancelled.waitForCancellation()
      return KitEchoMsg()
    }
    router.register(pingPong) { (_: Requests, _: Responses, _: CallContext) in
      started.open()
      await cancelled.waitForCancellation()
    }
    return router
  }

  private static let kinds = ["Say", "Stream", "Upload", "PingPong"]

  private func list(_ kind: String) -> HTTP2HeaderList {
    kind == "PingPong" ? pingPongHeaders : headers(kind)
  }

  @Test(arguments: kinds) func `a deadline cancels the task of the handler`(kind: String) async throws {
    let (started, cancelled) = (Gate(), Gate())
    try await LoopbackServer.run(waiting(started, cancelled)) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var list = list(kind)
      list.append("grpc-timeout", "3S")
      let call = try await client.begin(list, body: emptyMessage, endStream: true)
      await started.wait()
      await loopback.clock.waitForTimer(due: .seconds(3))
      loopback.clock.advance(by: .seconds(3))
      await cancelled.wait()
      #expect(await call.answer().trailer("grpc-status") == "4")
      await client.close()
    }
  }

  @Test(arguments: kinds) func `a reset cancels the task of the handler`(kind: String) async throws {
    let (started, cancelled) = (Gate(), Gate())
    try await LoopbackServer.run(waiting(started, cancelled)) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let call = try await client.begin(list(kind), body: emptyMessage, endStream: true)
      await started.wait()
      call.reset(.cancel)
      await cancelled.wait()
      await client.close()
    }
  }

  @Test(arguments: kinds) func `the loss of the connection cancels the task of the handler`(kind: String) async throws {
    let (started, cancelled) = (Gate(), Gate())
    try await LoopbackServer.run(waiting(started, cancelled)) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      _ = try await client.begin(list(kind), body: emptyMessage, endStream: true)
      await started.wait()
      await client.close()
      await cancelled.wait()
    }
  }
}

/// The headers of a call of `pingPong`.
private var pingPongHeaders: HTTP2HeaderList {
  var list: HTTP2HeaderList = [":method": "POST", ":scheme": "http", ":authority": "test"]
  list.append(":path", "/test.PingPong/PingPong")
  list.append("te", "trailers")
  list.append("content-type", "application/grpc")
  return list
}
