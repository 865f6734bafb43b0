import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import SocketTransport
import Synchronization
import Testing
import TestProtos

/// What is let in, and for how long.
@Suite(.timeLimit(.minutes(10))) struct CallGateTests {
  /// Lets in whoever says a word, as long as that is the word.
  private final class Password: CallGate {
    private let state: Mutex<(word: String, ends: [Int: @Sendable (GRPCStatus) -> Void], next: Int)>

    init(_ word: String) { state = Mutex((word, [:], 0)) }

    static let refusal = GRPCStatus(.unauthenticated, "say the word")

    var watchCount: Int { state.withLock { $0.ends.count } }

    func admit(_ call: CallArrival) throws(GRPCStatus) -> CallLeave {
      let word = call.metadata.text("word")
      guard word == state.withLock({ $0.word }) else { throw Self.refusal }
      return CallLeave(caller: "\(word ?? "") at \(call.path)")
    }

    func watch(_ call: CallArrival, _ end: @escaping @Sendable (GRPCStatus) -> Void) -> LeaveWatch {
      let id = state.withLock { state in
        state.next += 1
        state.ends[state.next] = end
        return state.next
      }
      return LeaveWatch { self.state.withLock { $0.ends[id] = nil } }
    }

    func review(_ call: CallArrival, _ leave: CallLeave) throws(GRPCStatus) {
      guard call.metadata.text("word") == state.withLock({ $0.word }) else { throw Self.refusal }
    }

    func change(to word: String) {
      let ends = state.withLock { state in
        state.word = word
        return Array(state.ends.values)
      }
      for end in ends { end(Self.refusal) }
    }
  }

  private func configuration(_ gate: Password) -> ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.gate = gate
    return configuration
  }

  private func options(_ word: String) throws -> CallOptions {
    var options = CallOptions()
    try options.metadata.append(word, for: "word")
    return options
  }

  @Test func `a call that is not let in reaches no handler, and one that is says for whom`() async throws {
    let router = Router.saying { request, context in
      KitEchoMsg.with { $0.text = context.leave?.caller as? String ?? "nobody" }
    }
    try await LoopbackServer.run(router, configuration: configuration(Password("please"))) { loopback in
      try await loopback.withChannel { channel in
        let echo = KitEchoClient(channel)
        let status = await #expect(throws: GRPCStatus.self) { try await echo.say(KitEchoMsg()) }
        #expect(status?.code == .unauthenticated && status?.message == "say the word")
        let please = try options("please")
        #expect(try await echo.say(KitEchoMsg(), options: please).text == "please at /kit.v1.Echo/Say")
      }
    }
  }

  @Test func `a call whose request takes its time is looked at again once it has come`() async throws {
    let gate = Password("please")
    let handled = Mutex(0)
    let router = Router.saying { request, _ in
      handled.withLock { $0 += 1 }
      return request
    }
    var configuration = configuration(gate)
    configuration.pingIntervalMin = .zero
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var list = sayHeaders
      list.append(name: "word", value: "please")
      let calls = [try await client.begin(list, body: [0, 0]), try await client.begin(list, body: [0, 0])]
      // So that what was sent has come.
      await client.ping()
      loopback.clock.advance(by: .milliseconds(1))
      try await calls[0].send([0, 0, 0], endStream: true)
      #expect(await calls[0].answer().trailer("grpc-status") == "0")
      gate.change(to: "thanks")
      try await calls[1].send([0, 0, 0], endStream: true)
      #expect(await calls[1].answer().trailer("grpc-status") == "16")
      #expect(handled.withLock { $0 } == 1)
      await client.close()
    }
  }

  @Test func `an answer that is ready is for those who are let in`() async throws {
    var router = Router()
    let callers = Mutex<[String]>([])
    router.register(
      KitEchoDefinition.say,
      ready: { _, leave in
        callers.withLock { $0.append(leave?.caller as? String ?? "nobody") }
        return ReadyAnswer(EncodedMessage([]), headers: ReadyHeaders())
      }, encoded: { _, _ in throw GRPCStatus(.internal, "it was ready") })
    try await LoopbackServer.run(router, configuration: configuration(Password("please"))) { loopback in
      try await loopback.withChannel { channel in
        let echo = KitEchoClient(channel)
        let now = try options("now")
        await #expect(throws: GRPCStatus.self) { try await echo.say(KitEchoMsg(), options: now) }
        #expect(callers.withLock { $0 } == [])
        _ = try await echo.say(KitEchoMsg(), options: options("please"))
        #expect(callers.withLock { $0 } == ["please at /kit.v1.Echo/Say"])
      }
    }
  }

  @Test func `a stream ends once its caller is let in no longer, and is then not watched over`() async throws {
    let gate = Password("please")
    var router = Router()
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      try await responses.write(KitEchoMsg())
      guard gate.watchCount == 1 else { return }
      // As long as nobody cancels it.
      for await _ in AsyncStream<Never>.makeStream().stream {}
    }
    try await LoopbackServer.run(router, configuration: configuration(gate)) { loopback in
      try await loopback.withChannel { channel in
        let echo = KitEchoClient(channel)
        let please = try options("please")
        let status = await #expect(throws: GRPCStatus.self) {
          for try await _ in try echo.stream(KitBigMsg(), options: please) { gate.change(to: "thanks") }
        }
        #expect(status?.code == .unauthenticated)
        #expect(gate.watchCount == 0)
      }
    }
  }

  /// Lets everybody in, and keeps count.
  private final class Counting: CallGate, CallAccount {
    private let state = Mutex((begun: 0, calls: 0, streams: 0))
    /// Tells of each end.
    let ends: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation

    init() { (ends, end) = AsyncStream.makeStream() }

    var counts: [Int] { state.withLock { [$0.begun, $0.calls, $0.streams] } }

    func admit(_ call: CallArrival) throws(GRPCStatus) -> CallLeave {
      state.withLock { $0.begun += 1 }
      if call.metadata.text("word") == "refuse" { throw Password.refusal }
      return CallLeave(caller: call.path, account: self)
    }

    func watch(_ call: CallArrival, _ end: @escaping @Sendable (GRPCStatus) -> Void) -> LeaveWatch { LeaveWatch {} }

    func review(_ call: CallArrival, _ leave: CallLeave) throws(GRPCStatus) {}

    func callIsOver(isStream: Bool) {
      state.withLock { state in
        if isStream { state.streams += 1 } else { state.calls += 1 }
      }
      end.yield()
    }
  }

  @Test func `whoever counts calls hears of the end of each once, however it ends`() async throws {
    let gate = Counting()
    var router = Router.saying { request, _ in
      if request.text == "fail" { throw GRPCStatus(.notFound, "nothing") }
      return request
    }
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      try await responses.write(KitEchoMsg())
      // Until it is cancelled.
      for await _ in AsyncStream<Never>.makeStream().stream {}
    }
    var configuration = ServerConfiguration()
    configuration.gate = gate
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      var ends = gate.ends.makeAsyncIterator()
      try await loopback.withChannel { channel in
        let echo = KitEchoClient(channel)
        _ = try await echo.say(KitEchoMsg())
        _ = await ends.next()
        await #expect(throws: GRPCStatus.self) { try await echo.say(.with { $0.text = "fail" }) }
        _ = await ends.next()
        #expect(gate.counts == [2, 2, 0])
        // What was not let in was not counted.
        let refuse = try options("refuse")
        await #expect(throws: GRPCStatus.self) { try await echo.say(KitEchoMsg(), options: refuse) }
        #expect(gate.counts == [3, 2, 0])
        // The caller gives up after the first answer.
        for try await _ in try echo.stream(KitBigMsg()) { break }
        _ = await ends.next()
        #expect(gate.counts == [4, 2, 1])
      }
    }
  }
}
