import GRPCRuntime
import GRPCTestKit
import HTTP2
import GoogleAPI
import ProtobufRuntime
import Synchronization
import Testing
import TestProtos

/// The server through our own client, over the loopback interface.
@Suite(.timeLimit(.minutes(10))) struct GRPCServerTests {
  @Test func `the four kinds of calls`() async throws {
    var router = Router()
    router.register(KitEchoDefinition.say) { request, _ in request }
    router.register(KitEchoDefinition.stream) { request, responses, _ in
      for index in 0..<Int64(request.count) { try await responses.write(KitEchoMsg.with { $0.n = index }) }
    }
    router.register(KitEchoDefinition.upload) { requests, _ in
      var total: Int64 = 0
      for try await request in requests { total += request.n }
      return KitEchoMsg.with { $0.n = total }
    }
    router.register(pingPong) { requests, responses, _ in
      for try await request in requests { try await responses.write(KitEchoMsg.with { $0.n = -request.n }) }
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let echo = KitEchoClient(channel)
        #expect(try await echo.say(KitEchoMsg.with { $0.text = "hello" }).text == "hello")

        var numbers: [Int64] = []
        for try await message in try echo.stream(KitBigMsg.with { $0.count = 100 }) { numbers.append(message.n) }
        #expect(numbers == Array(0..<100))

        let sum = try await echo.upload { requests in
          for index in 1...100 { try await requests.write(KitEchoMsg.with { $0.n = Int64(index) }) }
        }
        #expect(sum.n == 5050)

        let negated = try await channel.bidirectional(pingPong) { requests, responses in
          var answers: [Int64] = []
          var iterator = responses.makeAsyncIterator()
          for index in 1...10 {
            try await requests.write(KitEchoMsg.with { $0.n = Int64(index) })
            answers.append(try await iterator.next()?.n ?? 0)
          }
          requests.finish()
          #expect(try await iterator.next() == nil)
          return answers
        }
        #expect(negated == (1...10).map { -$0 })
      }
    }
  }

  @Test func `metadata travels both ways, text and bytes`() async throws {
    let received = Mutex(Metadata())
    let router = Router.saying { request, context in
      received.withLock { $0 = context.requestMetadata }
      try context.initialMetadata.append("i", for: "initial")
      try context.trailingMetadata.append([0, 0xFF], for: "trailing-bin")
      return request
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let initial = Mutex(Metadata())
        let trailing = Mutex(Metadata())
        var options = CallOptions()
        try options.metadata.append("one", for: "key")
        try options.metadata.append("two", for: "key")
        try options.metadata.append([1, 2, 3], for: "key-bin")
        options.onInitialMetadata = { metadata in initial.withLock { $0 = metadata } }
        options.onTrailingMetadata = { metadata in trailing.withLock { $0 = metadata } }
        _ = try await channel.unary(KitEchoDefinition.say, KitEchoMsg(), options: options)
        #expect(received.withLock { $0["key"] } == [.text("one"), .text("two")])
        #expect(received.withLock { $0.bytes("key-bin") } == [1, 2, 3])
        #expect(initial.withLock { $0.text("initial") } == "i")
        #expect(trailing.withLock { $0.bytes("trailing-bin") } == [0, 0xFF])
      }
    }
  }

  @Test func `a status with details and metadata reaches the caller`() async throws {
    let detail = ProtobufAny.with {
      $0.typeURL = "type.googleapis.com/google.rpc.ErrorInfo"
      $0.value = [10, 1, 65]
    }
    let router = Router.saying { _, context in
      try context.trailingMetadata.append("t", for: "trailing")
      throw GRPCStatus(.notFound, "no 你好\n100%", details: [detail])
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let trailing = Mutex(Metadata())
        var options = CallOptions()
        options.onTrailingMetadata = { metadata in trailing.withLock { $0 = metadata } }
        await #expect(throws: GRPCStatus(.notFound, "no 你好\n100%", details: [detail], origin: .peer)) {
          try await channel.unary(KitEchoDefinition.say, KitEchoMsg(), options: options)
        }
        #expect(trailing.withLock { $0.text("trailing") } == "t")
      }
    }
  }

  @Test func `a status too long to send arrives without what makes it long`() async throws {
    let router = Router.saying { _, _ in
      throw GRPCStatus(.aborted, String(repeating: "x", count: 100_000))
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let status = await #expect(throws: GRPCStatus.self) {
          try await channel.unary(KitEchoDefinition.say, KitEchoMsg())
        }
        #expect(status?.code == .aborted)
      }
    }
  }

  @Test func `an error that is no status tells the caller nothing`() async throws {
    struct Secret: Error {}
    let observer = RecordingObserver()
    let router = Router.saying { _, _ in throw Secret() }
    try await LoopbackServer.run(router, observer: observer) { loopback in
      try await loopback.withChannel { channel in
        await #expect(throws: GRPCStatus(.unknown, "the handler failed", origin: .peer)) {
          try await channel.unary(KitEchoDefinition.say, KitEchoMsg())
        }
      }
    }
    #expect(observer.errors.contains { $0 is Secret })
  }

  @Test func `each call has a name, and those of a connection share a part of it`() async throws {
    let observer = RecordingObserver()
    let seen = Mutex<[CallID]>([])
    let router = Router.saying { request, context in
      seen.withLock { $0.append(context.id) }
      return request
    }
    try await LoopbackServer.run(router, observer: observer) { loopback in
      for _ in 0..<2 {
        try await loopback.withChannel { channel in
          for _ in 0..<2 { _ = try await channel.unary(KitEchoDefinition.say, KitEchoMsg()) }
        }
      }
    }
    #expect(seen.withLock { $0 } == observer.calls)
    #expect(observer.calls.map(\.description) == ["1.1", "1.3", "2.1", "2.3"])
  }

  @Test func `a user agent alone is every request's own`() async throws {
    let router = Router.saying { _, context in
      KitEchoMsg.with { $0.text = "\(context.requestMetadata.map(\.wireValue))" }
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      for (agents, metadata) in [
        (["one"], #"["one"]"#), (["one"], #"["one"]"#), (["other"], #"["other"]"#), ([], "[]"), (["one"], #"["one"]"#),
        (["one", "two"], #"["one", "two"]"#), (["one"], #"["one"]"#),
      ] {
        var headers = sayHeaders
        for agent in agents { headers.append("user-agent", agent) }
        let answer = try await client.exchange(headers, body: emptyMessage)
        let echo = try KitEchoMsg(serializedBytes: Array(answer.body.dropFirst(5)))
        #expect(echo.text == metadata)
      }
    }
  }

  @Test func `the configuration says what an unknown error becomes`() async throws {
    struct Secret: Error {}
    var configuration = ServerConfiguration()
    configuration.statusForError = { _ in GRPCStatus(.internal, "request 7") }
    let router = Router.saying { _, _ in throw Secret() }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      try await loopback.withChannel { channel in
        await #expect(throws: GRPCStatus(.internal, "request 7", origin: .peer)) {
          try await channel.unary(KitEchoDefinition.say, KitEchoMsg())
        }
      }
    }
  }

  @Test func `stored bytes go out as they are, in segments`() async throws {
    let whole = try KitEchoMsg.with {
      $0.text = "stored"
      $0.n = 7
    }.serializedBytes()
    var router = Router()
    router.register(
      KitEchoDefinition.say,
      encoded: { _, _ in
        var message = EncodedMessage(Array(whole[..<3]))
        message.append(Array(whole[3...]))
        return message
      })
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let answer = try await channel.unary(KitEchoDefinition.say, KitEchoMsg())
        #expect(answer.text == "stored")
        #expect(answer.n == 7)
      }
    }
  }

  @Test func `an answer that is ready is sent without a handler, and otherwise the handler runs`() async throws {
    let known = try KitEchoMsg.with { $0.text = "known" }.serializedBytes()
    let answer = try KitEchoMsg.with { $0.text = "ready" }.serializedBytes()
    var metadata = Metadata()
    try metadata.append("ready", for: "from")
    let headers = ReadyHeaders(metadata)
    let handled = Mutex(0)
    var router = Router()
    router.register(
      KitEchoDefinition.say,
      ready: { request, _ in request == known ? ReadyAnswer(EncodedMessage(answer), headers: headers) : nil },
      encoded: { request, _ in
        handled.withLock { $0 += 1 }
        return EncodedMessage(try request.serializedBytes())
      })
    let observer = RecordingObserver()
    try await LoopbackServer.run(router, observer: observer) { loopback in
      try await loopback.withChannel { channel in
        let from = Mutex<[String?]>([])
        var options = CallOptions()
        options.onInitialMetadata = { metadata in from.withLock { $0.append(metadata.text("from")) } }
        for text in ["known", "other", "known"] {
          let echo = try await channel.unary(
            KitEchoDefinition.say, KitEchoMsg.with { $0.text = text }, options: options)
          #expect(echo.text == (text == "known" ? "ready" : text))
        }
        #expect(from.withLock { $0 } == ["ready", nil, "ready"])
        #expect(handled.withLock { $0 } == 1)
        let expired = await #expect(throws: GRPCStatus.self) {
          try await channel.unary(
            KitEchoDefinition.say, KitEchoMsg.with { $0.text = "known" }, options: CallOptions(timeout: .zero))
        }
        #expect(expired?.code == .deadlineExceeded)
      }
    }
    #expect(observer.events.filter { $0 == "/kit.v1.Echo/Say OK" }.count == 3)
  }

  @Test func `a request of the longest length passes and one byte more does not`() async throws {
    let message = KitEchoMsg.with { $0.text = String(repeating: "x", count: 10_000) }
    var configuration = ServerConfiguration()
    configuration.requestMessageBytesMax = try message.serializedBytes().count
    let router = Router.saying { request, _ in KitEchoMsg.with { $0.n = Int64(request.text.utf8.count) } }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      try await loopback.withChannel { channel in
        let answer = try await channel.unary(KitEchoDefinition.say, message)
        #expect(answer.n == 10_000)
        var longer = message
        longer.text += "x"
        let status = await #expect(throws: GRPCStatus.self) {
          try await channel.unary(KitEchoDefinition.say, longer)
        }
        #expect(status?.code == .resourceExhausted)
      }
    }
  }

  @Test func `messages longer than every window pass both ways`() async throws {
    var router = Router()
    router.register(KitEchoDefinition.say) { request, _ in request }
    router.register(pingPong) { requests, responses, _ in
      for try await request in requests { try await responses.write(request) }
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let message = KitEchoMsg.with { $0.blob = [UInt8](repeating: 7, count: 3 << 20) }
        #expect(try await channel.unary(KitEchoDefinition.say, message) == message)
        try await channel.bidirectional(pingPong) { requests, responses in
          var iterator = responses.makeAsyncIterator()
          for _ in 0..<3 {
            try await requests.write(message)
            #expect(try await iterator.next() == message)
          }
        }
      }
    }
  }

  @Test func `the observer hears of connections and calls`() async throws {
    let observer = RecordingObserver()
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router, observer: observer) { loopback in
      try await loopback.withChannel { channel in
        _ = try await channel.unary(KitEchoDefinition.say, KitEchoMsg())
      }
    }
    #expect(observer.events == ["opened", "/kit.v1.Echo/Say OK", "closed"])
  }
}

/// A bidirectional method, which `kit.v1.Echo` has none of.
let pingPong = MethodDescriptor<KitEchoMsg, KitEchoMsg>(
  service: "test.PingPong", method: "PingPong", kind: .bidirectional)

/// Writes down what a server does.
final class RecordingObserver: ServerObserver {
  private let log = Mutex<(events: [String], errors: [any Error], calls: [CallID])>(([], [], []))

  /// The calls that have ended.
  var calls: [CallID] { log.withLock { $0.calls } }
  var events: [String] { log.withLock { $0.events } }
  var errors: [any Error] { log.withLock { $0.errors } }

  func connectionOpened(_ connection: UInt64, peer: String) {
    log.withLock { $0.events.append("opened") }
  }

  func connectionClosed(_ connection: UInt64, peer: String, reason: String?) {
    log.withLock { $0.events.append(reason.map { "closed: \($0)" } ?? "closed") }
  }

  func connectionRefused(peer: String, reason: String) {
    log.withLock { $0.events.append("refused: \(reason)") }
  }

  func certificateIsOutOfDate(_ message: String) {
    log.withLock { $0.events.append(message) }
  }

  var hearsCalls: Bool { true }

  func callFinished(_ call: FinishedCall) {
    log.withLock { log in
      log.events.append("\(call.method) \(call.status.code)")
      log.calls.append(call.id)
    }
  }

  func handlerFailed(_ call: CallID, method: String, peer: String, error: any Error) {
    log.withLock { $0.errors.append(error) }
  }
}
