import GRPCRuntime
import GRPCTestKit
import ProtobufRuntime
import Synchronization
import Testing
import TestProtos

/// What every call of a channel passes: its order, what it may change, and what it hears.
@Suite(.timeLimit(.minutes(10))) struct ClientInterceptorTests {
  /// Notes the beginning and the end of calls, and marks them.
  private struct Noting: ClientInterceptor {
    let name: String
    let log: Log
    var onBegin: @Sendable (inout OutgoingCall) async throws -> Void = { _ in }

    func begin(_ call: inout OutgoingCall) async throws {
      log.note("\(name) begins \(call.method)")
      try call.options.metadata.append(name, for: "passed")
      try await onBegin(&call)
    }

    func end(_ call: OutgoingCall, status: GRPCStatus, trailingMetadata: Metadata) {
      log.note("\(name) ends \(status.code) \(trailingMetadata.text("trailer") ?? "-")")
    }
  }

  /// Says what the caller passed, in its answer; fails when asked for it.
  private static func passed(_ context: CallContext, fails: Bool = false) throws -> KitEchoMsg {
    try context.trailingMetadata.append("t", for: "trailer")
    if fails { throw GRPCStatus(.notFound, "nothing") }
    let names = context.requestMetadata["passed"].map { if case .text(let name) = $0 { name } else { "?" } }
    return KitEchoMsg.with { $0.text = names.joined(separator: ",") }
  }

  private static var router: Router {
    var router = Router.saying { request, context in try passed(context, fails: request.n == 1) }
    router.register(KitEchoDefinition.stream) { (request: KitBigMsg, responses, context) in
      try await responses.write(passed(context, fails: request.count == 1))
    }
    router.register(KitEchoDefinition.upload) { requests, context in
      for try await _ in requests {}
      return try passed(context)
    }
    router.register(pingPong) { requests, responses, context in
      for try await _ in requests { try await responses.write(passed(context)) }
    }
    return router
  }

  private func run(_ interceptors: [any ClientInterceptor], _ body: (GRPCChannel) async throws -> Void) async throws {
    var configuration = ChannelConfiguration()
    configuration.interceptors = interceptors
    try await LoopbackServer.run(Self.router) { loopback in
      try await loopback.withChannel(configuration: configuration) { channel in try await body(channel) }
    }
  }

  private func whole(_ method: String, _ status: String = "OK") -> [String] {
    ["a begins \(method)", "b begins \(method)", "b ends \(status) t", "a ends \(status) t"]
  }

  @Test func `the first begins first and ends last, for every kind of call`() async throws {
    let log = Log()
    try await run([Noting(name: "a", log: log), Noting(name: "b", log: log)]) { channel in
      let echo = KitEchoClient(channel)
      #expect(try await echo.say(KitEchoMsg()).text == "a,b")
      #expect(log.take() == whole("/kit.v1.Echo/Say"))

      var texts: [String] = []
      for try await response in try echo.stream(KitBigMsg()) { texts.append(response.text) }
      #expect(texts == ["a,b"])
      #expect(log.take() == whole("/kit.v1.Echo/Stream"))

      #expect(try await echo.upload { try await $0.write(KitEchoMsg()) }.text == "a,b")
      #expect(log.take() == whole("/kit.v1.Echo/Upload"))

      try await channel.bidirectional(pingPong) { requests, responses in
        var iterator = responses.makeAsyncIterator()
        try await requests.write(KitEchoMsg())
        #expect(try await iterator.next()?.text == "a,b")
        requests.finish()
        #expect(try await iterator.next() == nil)
      }
      #expect(log.take() == whole("/test.PingPong/PingPong"))
    }
  }

  @Test func `the end tells the status the server sent`() async throws {
    let log = Log()
    try await run([Noting(name: "a", log: log), Noting(name: "b", log: log)]) { channel in
      let echo = KitEchoClient(channel)
      await #expect(throws: GRPCStatus.self) { try await echo.say(KitEchoMsg.with { $0.n = 1 }) }
      #expect(log.take() == whole("/kit.v1.Echo/Say", "NOT_FOUND"))
      await #expect(throws: GRPCStatus.self) {
        for try await _ in try echo.stream(KitBigMsg.with { $0.count = 1 }) {}
      }
      #expect(log.take() == whole("/kit.v1.Echo/Stream", "NOT_FOUND"))
    }
  }

  @Test func `a status thrown at the beginning is the call's, and the server hears nothing`() async throws {
    let log = Log()
    let refusing = Noting(name: "b", log: log) { _ in throw GRPCStatus(.unauthenticated, "no token") }
    let expected = GRPCStatus(.unauthenticated, "no token")
    let lines = { (method: String) in ["a begins \(method)", "b begins \(method)", "a ends UNAUTHENTICATED -"] }
    // There is nobody at this address who could hear.
    var configuration = ChannelConfiguration()
    configuration.interceptors = [Noting(name: "a", log: log), refusing, Noting(name: "c", log: log)]
    try await GRPCChannel.run(to: .silentPort, configuration: configuration) { channel in
      let echo = KitEchoClient(channel)
      await #expect(throws: expected) { try await echo.say(KitEchoMsg()) }
      #expect(log.take() == lines("/kit.v1.Echo/Say"))

      let responses = try echo.stream(KitBigMsg())
      #expect(log.take() == [])
      var iterator = responses.makeAsyncIterator()
      for _ in 0..<2 {
        let status = await #expect(throws: GRPCStatus.self) { _ = try await iterator.next() }
        #expect(status == expected)
      }
      // It is refused once, however often it is asked.
      #expect(log.take() == lines("/kit.v1.Echo/Stream"))

      await #expect(throws: expected) {
        try await echo.upload { _ in Issue.record("there is a call to write to") }
      }
      #expect(log.take() == lines("/kit.v1.Echo/Upload"))
      await #expect(throws: expected) {
        try await channel.bidirectional(pingPong) { _, _ in Issue.record("there is a call") }
      }
      #expect(log.take() == lines("/test.PingPong/PingPong"))
    }
  }

  @Test func `an error that is no status becomes INTERNAL and names it`() async throws {
    struct Broken: Error {}
    let refusing = Noting(name: "a", log: Log()) { _ in throw Broken() }
    try await run([refusing]) { channel in
      let status = await #expect(throws: GRPCStatus.self) { try await KitEchoClient(channel).say(KitEchoMsg()) }
      #expect(status?.code == .internal)
      #expect(status?.message.contains("Broken") == true)
    }
  }

  @Test func `cancelling the caller while one waits ends the call before it began`() async throws {
    let log = Log()
    let waiting = Gate()
    let slow = Noting(name: "b", log: log) { _ in
      let cancelled = Gate()
      waiting.open()
      await cancelled.waitForCancellation()
    }
    try await run([Noting(name: "a", log: log), slow, Noting(name: "c", log: log)]) { channel in
      let call = Task { try await KitEchoClient(channel).say(KitEchoMsg()) }
      await waiting.wait()
      call.cancel()
      await #expect(throws: GRPCStatus.taskCancelled) { try await call.value }
    }
    let method = "/kit.v1.Echo/Say"
    #expect(log.take() == ["a begins \(method)", "b begins \(method)", "b ends CANCELLED -", "a ends CANCELLED -"])
  }

  @Test func `it may set a timeout, and what it takes itself counts against it`() async throws {
    let clock = ManualClock()
    let limiting = Noting(name: "a", log: Log()) { call in
      call.options.timeout = .seconds(3)
      clock.advance(by: .seconds(3))
    }
    var configuration = ChannelConfiguration()
    configuration.interceptors = [limiting]
    try await GRPCChannel.run(to: .silentPort, configuration: configuration, clock: clock) { channel in
      await #expect(throws: GRPCStatus.deadlinePassed) { try await KitEchoClient(channel).say(KitEchoMsg()) }
    }
  }
}
