import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import Synchronization
import Testing
import TestProtos

/// What runs around handlers: its order, what it may change, and what it sees.
@Suite(.timeLimit(.minutes(10))) struct ServerInterceptorTests {
  /// An interceptor that is a closure.
  private struct Around: ServerInterceptor {
    let body: @Sendable (CallContext, CallHandler) async throws -> HandlerOutcome

    init(_ body: @escaping @Sendable (CallContext, CallHandler) async throws -> HandlerOutcome) {
      self.body = body
    }

    func intercept(_ call: CallContext, handler: CallHandler) async throws -> HandlerOutcome {
      try await body(call, handler)
    }
  }

  /// Notes when it begins and ends.
  private static func noting(_ name: String, in log: Log) -> Around {
    Around { _, handler in
      log.note("\(name) begins")
      defer { log.note("\(name) ends") }
      return try await handler.run()
    }
  }

  private func configuration(_ interceptors: any ServerInterceptor...) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.interceptors = interceptors
    return configuration
  }

  @Test func `the first is the outermost, for every kind of call`() async throws {
    let log = Log()
    var router = Router.saying { request, _ in
      log.note("handler")
      return request
    }
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      log.note("handler")
      try await responses.write(KitEchoMsg())
    }
    router.register(KitEchoDefinition.upload) { requests, _ in
      log.note("handler")
      for try await _ in requests {}
      return KitEchoMsg()
    }
    router.register(pingPong) { requests, responses, _ in
      log.note("handler")
      for try await request in requests { try await responses.write(request) }
    }
    let configuration = configuration(Self.noting("first", in: log), Self.noting("second", in: log))
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      try await loopback.withChannel { channel in
        let echo = KitEchoClient(channel)
        let whole = ["first begins", "second begins", "handler", "second ends", "first ends"]
        #expect(try await echo.say(KitEchoMsg.with { $0.n = 7 }).n == 7)
        #expect(log.take() == whole)
        for try await _ in try echo.stream(KitBigMsg()) {}
        #expect(log.take() == whole)
        _ = try await echo.upload { try await $0.write(KitEchoMsg()) }
        #expect(log.take() == whole)
        try await channel.bidirectional(pingPong) { requests, responses in
          try await requests.write(KitEchoMsg())
          requests.finish()
          for try await _ in responses {}
        }
        #expect(log.take() == whole)
      }
    }
  }

  @Test func `an answer that would be ready without it waits for it`() async throws {
    let log = Log()
    let ready = try KitEchoMsg.with { $0.text = "ready" }.serializedBytes()
    var router = Router()
    router.register(
      KitEchoDefinition.say, ready: { _, _ in ReadyAnswer(EncodedMessage(ready), headers: ReadyHeaders()) },
      encoded: { request, _ in
        log.note("handler")
        return EncodedMessage(try request.serializedBytes())
      })
    try await LoopbackServer.run(router, configuration: configuration(Self.noting("it", in: log))) { loopback in
      try await loopback.withChannel { channel in
        let echo = try await channel.unary(KitEchoDefinition.say, KitEchoMsg.with { $0.text = "asked" })
        #expect(echo.text == "asked")
      }
    }
    #expect(log.take() == ["it begins", "handler", "it ends"])
  }

  @Test func `it sees the call, and its metadata goes out with the handler's`() async throws {
    let router = Router.saying { request, context in
      try context.initialMetadata.append("handler", for: "who")
      return request
    }
    let interceptor = Around { call, handler in
      #expect(call.method == "/kit.v1.Echo/Say")
      #expect(call.requestMetadata.text("token") == "secret")
      #expect(call.timeRemaining == .seconds(5))
      #expect(call.peer.hasPrefix("127.0.0.1:"))
      try call.initialMetadata.append("interceptor", for: "who")
      let outcome = try await handler.run()
      try call.trailingMetadata.append("behind", for: "trailer")
      return outcome
    }
    try await LoopbackServer.run(router, configuration: configuration(interceptor)) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var headers = sayHeaders
      headers.append("token", "secret")
      headers.append("grpc-timeout", "5S")
      let answer = try await client.exchange(headers, body: emptyMessage)
      #expect(answer.headers.filter { $0.name == "who" }.map(\.value) == ["interceptor", "handler"])
      #expect(answer.trailer("trailer") == "behind")
      #expect(answer.trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test(arguments: ["Say", "Upload"])
  func `a status thrown before the handler goes out alone, and the handler does not run`(method: String) async throws {
    var router = Router.saying { request, _ in
      Issue.record("the handler ran")
      return request
    }
    router.register(KitEchoDefinition.upload) { (_: RequestStream<KitEchoMsg>, _) in
      Issue.record("the handler ran")
      return KitEchoMsg()
    }
    let inner = Around { _, handler in
      Issue.record("the inner interceptor ran")
      return try await handler.run()
    }
    let outer = Around { call, _ in
      try call.trailingMetadata.append("Bearer", for: "authenticate")
      throw GRPCStatus(.unauthenticated, "no token")
    }
    try await LoopbackServer.run(router, configuration: configuration(outer, inner)) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let answer = try await client.exchange(headers(method), body: emptyMessage)
      #expect(answer.trailers.isEmpty)
      #expect(answer.trailer("grpc-status") == "16")
      #expect(answer.trailer("grpc-message") == "no token")
      #expect(answer.trailer("authenticate") == "Bearer")
      await client.close()
    }
  }

  @Test func `it sees what the handler threw, and may throw something else`() async throws {
    struct Broken: Error {}
    let log = Log()
    let router = Router.saying { _, _ in throw Broken() }
    let outer = Around { _, handler in
      do {
        return try await handler.run()
      } catch let status as GRPCStatus {
        log.note("outer saw \(status.code)")
        throw status
      }
    }
    let inner = Around { _, handler in
      do {
        return try await handler.run()
      } catch is Broken {
        log.note("inner saw Broken")
        throw GRPCStatus(.dataLoss, "it is broken")
      }
    }
    try await LoopbackServer.run(router, configuration: configuration(outer, inner)) { loopback in
      try await loopback.withChannel { channel in
        await #expect(throws: GRPCStatus(.dataLoss, "it is broken", origin: .peer)) {
          try await channel.unary(KitEchoDefinition.say, KitEchoMsg())
        }
      }
    }
    #expect(log.take() == ["inner saw Broken", "outer saw DATA_LOSS"])
  }

  @Test func `an error of its own that is no status tells the caller nothing`() async throws {
    struct Broken: Error {}
    let observer = RecordingObserver()
    let interceptor = Around { _, _ in throw Broken() }
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router, configuration: configuration(interceptor), observer: observer) { loopback in
      try await loopback.withChannel { channel in
        await #expect(throws: GRPCStatus(.unknown, "the handler failed", origin: .peer)) {
          try await channel.unary(KitEchoDefinition.say, KitEchoMsg())
        }
      }
    }
    #expect(observer.errors.contains { $0 is Broken })
  }

  @Test func `an error behind a handler that succeeded takes the answer's place`() async throws {
    let interceptor = Around { _, handler in
      _ = try await handler.run()
      throw GRPCStatus(.resourceExhausted, "the quota is used up")
    }
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router, configuration: configuration(interceptor)) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let answer = try await client.exchange(sayHeaders, body: emptyMessage)
      #expect(answer.body == [])
      #expect(answer.trailer("grpc-status") == "8")
      await client.close()
    }
  }

  @Test func `it may wait before the handler, and is cancelled with the call`() async throws {
    let waiting = Gate()
    let cancelled = Gate()
    let router = Router.saying { request, _ in
      Issue.record("the handler ran")
      return request
    }
    let interceptor = Around { _, handler in
      waiting.open()
      await cancelled.waitForCancellation()
      try Task.checkCancellation()
      return try await handler.run()
    }
    try await LoopbackServer.run(router, configuration: configuration(interceptor)) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let stream = try await client.begin(sayHeaders, body: emptyMessage, endStream: true)
      await waiting.wait()
      stream.reset(.cancel)
      await cancelled.wait()
      await client.close()
    }
  }

  @Test func `a deadline settles the status, and those around the handler end in order`() async throws {
    let log = Log()
    let started = Gate()
    let ended = Gate()
    let observer = RecordingObserver()
    let router = Router.saying { request, _ in
      let cancelled = Gate()
      started.open()
      await cancelled.waitForCancellation()
      throw CancellationError()
    }
    let outer = Around { _, handler in
      defer { ended.open() }
      do {
        return try await handler.run()
      } catch {
        log.note("outer saw \(error is CancellationError), cancelled \(Task.isCancelled)")
        throw GRPCStatus(.aborted, "this reaches nobody")
      }
    }
    let configuration = configuration(outer, Self.noting("inner", in: log))
    try await LoopbackServer.run(router, configuration: configuration, observer: observer) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var headers = sayHeaders
      headers.append("grpc-timeout", "5S")
      async let answer = client.exchange(headers, body: emptyMessage)
      await started.wait()
      await loopback.clock.waitForTimers(1)
      loopback.clock.advance(by: .seconds(5))
      #expect(try await answer.trailer("grpc-status") == "4")
      await ended.wait()
      await client.close()
    }
    #expect(log.take() == ["inner begins", "inner ends", "outer saw true, cancelled true"])
    #expect(observer.events.contains("/kit.v1.Echo/Say DEADLINE_EXCEEDED"))
  }

  @TaskLocal static var caller = "nobody"

  @Test func `what it sets for its task reaches the handler`() async throws {
    let router = Router.saying { _, _ in KitEchoMsg.with { $0.text = Self.caller } }
    let interceptor = Around { call, handler in
      try await Self.$caller.withValue(call.requestMetadata.text("user") ?? "anybody") { try await handler.run() }
    }
    try await LoopbackServer.run(router, configuration: configuration(interceptor)) { loopback in
      try await loopback.withChannel { channel in
        var options = CallOptions()
        try options.metadata.append("ada", for: "user")
        #expect(try await channel.unary(KitEchoDefinition.say, KitEchoMsg(), options: options).text == "ada")
      }
    }
  }

  @Test func `a call without a handler reaches no interceptor`() async throws {
    let interceptor = Around { _, handler in
      Issue.record("an interceptor ran")
      return try await handler.run()
    }
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router, configuration: configuration(interceptor)) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      #expect(try await client.exchange(headers("Nothing"), body: emptyMessage).trailer("grpc-status") == "12")
      #expect(try await client.exchange(sayHeaders).trailer("grpc-status") == "12")
      await client.close()
    }
  }
}

/// Lines in the order they were noted.
final class Log: Sendable {
  private let lines = Mutex<[String]>([])

  func note(_ line: String) {
    lines.withLock { $0.append(line) }
  }

  /// The lines since the last call.
  func take() -> [String] {
    lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
  }
}
