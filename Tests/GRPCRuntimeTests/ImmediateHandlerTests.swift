import GRPCRuntime
import GRPCTestKit
import HTTP2
import NIOPosix
import ProtobufRuntime
import Synchronization
import Testing
import TestProtos

/// Handlers that answer at once: where they run, and that nothing else about a call changes.
@Suite(.timeLimit(.minutes(10))) struct ImmediateHandlerTests {
  /// A router whose `Say` is answered by this.
  private func answering(
    _ handler: @escaping @Sendable (KitEchoMsg, CallContext) throws -> KitEchoMsg
  ) -> Router {
    var router = Router.saying { _, _ in
      Issue.record("the handler that was replaced ran")
      return KitEchoMsg()
    }
    router.replace(KitEchoDefinition.say, immediate: handler)
    return router
  }

  private func exchange(
    _ router: Router, _ configuration: ServerConfiguration = ServerConfiguration(), accepts encodings: String? = nil
  ) async throws -> RawClient.Answer {
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var headers = sayHeaders
      if let encodings { headers.append("grpc-accept-encoding", encodings) }
      let answer = try await client.exchange(headers, body: emptyMessage)
      await client.close()
      return answer
    }
  }

  @Test func `it runs on the event loop and in no task`() async throws {
    let places = Mutex<[(isOnLoop: Bool, isInTask: Bool)]>([])
    let router = answering { request, context in
      #expect(context.method == "/kit.v1.Echo/Say")
      let isOnLoop = MultiThreadedEventLoopGroup.currentEventLoop != nil
      let isInTask = unsafe withUnsafeCurrentTask { unsafe $0 != nil }
      places.withLock { $0.append((isOnLoop, isInTask)) }
      return KitEchoMsg.with { $0.n = request.n + 1 }
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let answer = try await KitEchoClient(channel).say(KitEchoMsg.with { $0.n = 6 })
        #expect(answer.n == 7)
      }
    }
    let seen = places.withLock { $0 }
    #expect(seen.map(\.isOnLoop) == [true])
    #expect(seen.map(\.isInTask) == [false])
  }

  @Test func `its metadata goes out in the headers and the trailers`() async throws {
    let answer = try await exchange(
      answering { request, context in
        try context.initialMetadata.append("first", for: "x-initial")
        try context.trailingMetadata.append("last", for: "x-trailing")
        return request
      })
    #expect(answer.header("x-initial") == "first")
    #expect(answer.trailer("x-trailing") == "last")
    #expect(answer.trailer("grpc-status") == "0")
    #expect(messages(in: answer.body).count == 1)
  }

  @Test func `what it throws is the status, alone`() async throws {
    let answer = try await exchange(
      answering { _, context in
        try context.trailingMetadata.append("last", for: "x-trailing")
        throw GRPCStatus(.notFound, "no such thing")
      })
    #expect(answer.trailers.isEmpty)
    #expect(answer.header("grpc-status") == "5")
    #expect(answer.header("grpc-message") == "no such thing")
    #expect(answer.header("x-trailing") == "last")
    #expect(answer.body.isEmpty)
  }

  @Test func `headers that it asks to be sent go out before an error`() async throws {
    let answer = try await exchange(
      answering { _, context in
        context.sendInitialMetadata()
        throw GRPCStatus(.aborted, "later")
      })
    #expect(answer.header("grpc-status") == nil)
    #expect(answer.trailer("grpc-status") == "10")
  }

  @Test func `its answer is compressed like any other`() async throws {
    let text = String(repeating: "dialogue ", count: 500)
    let router = answering { _, context in
      context.responseEncoding = .gzip
      return KitEchoMsg.with { $0.text = text }
    }
    let answer = try await exchange(router, accepts: "gzip")
    #expect(answer.header("grpc-encoding") == "gzip")
    #expect(messages(in: answer.body).map(\.isCompressed) == [true])
    let plain = try await exchange(router)
    #expect(plain.header("grpc-encoding") == nil)
    #expect(messages(in: plain.body).map(\.isCompressed) == [false])
  }

  @Test func `interceptors run around it`() async throws {
    struct Refusal: ServerInterceptor {
      func intercept(_ call: CallContext, handler: CallHandler) async throws -> HandlerOutcome {
        if call.requestMetadata.text("x-pass") == nil { throw GRPCStatus(.permissionDenied, "not without x-pass") }
        return try await handler.run()
      }
    }
    var configuration = ServerConfiguration()
    configuration.interceptors = [Refusal()]
    let router = answering { request, _ in request }
    let refused = try await exchange(router, configuration)
    #expect(refused.header("grpc-status") == "7")
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var headers = sayHeaders
      headers.append("x-pass", "yes")
      #expect(try await client.exchange(headers, body: emptyMessage).trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `a response over the memory of its connection is refused`() async throws {
    var configuration = ServerConfiguration()
    configuration.requestMessageBytesMax = 1 << 16
    configuration.connectionMemoryBytesMax = 1 << 20
    let router = answering { request, _ in
      KitEchoMsg.with { $0.blob = [UInt8](repeating: 0, count: Int(request.n)) }
    }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      try await loopback.withChannel { channel in
        let echo = KitEchoClient(channel)
        let largest = try await echo.say(KitEchoMsg.with { $0.n = 1 << 19 })
        #expect(largest.blob.count == 1 << 19)
        let status = await #expect(throws: GRPCStatus.self) {
          try await echo.say(KitEchoMsg.with { $0.n = 1 << 20 })
        }
        #expect(status?.code == .resourceExhausted)
      }
    }
  }
}
