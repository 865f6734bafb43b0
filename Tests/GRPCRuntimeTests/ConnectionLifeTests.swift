import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import Testing
import TestProtos

/// How long a connection may be silent, idle, old, or half begun.
@Suite(.timeLimit(.minutes(10))) struct ConnectionLifeTests {
  /// Waits until the connection's timer is due then, and moves the clock there.
  private func pass(_ duration: Duration, _ clock: ManualClock) async {
    await clock.waitForTimer(due: duration)
    clock.advance(by: duration)
  }

  // MARK: Keepalive

  @Test func `a peer that does not answer the keepalive is given up, and its calls are cancelled`() async throws {
    let started = Gate()
    let cancelled = Gate()
    let router = Router.saying { request, _ in
      started.open()
      await cancelled.waitForCancellation()
      return request
    }
    let observer = RecordingObserver()
    var configuration = ServerConfiguration()
    configuration.keepaliveInterval = .seconds(8)
    configuration.keepaliveTimeout = .seconds(1)
    configuration.handshakeTimeout = .seconds(8)
    try await LoopbackServer.run(router, configuration: configuration, observer: observer) { loopback in
      let socket = try await RawSocket.connect(to: loopback.address)
      try await socket.open(
        .settingsAcknowledgement, .headers(1, .request()), .data(1, emptyMessage, endStream: true))
      await started.wait()
      var frames = socket.makeFrames()
      await pass(.seconds(8), loopback.clock)
      #expect(await frames.next(.ping)?.flags == [])
      await pass(.seconds(1), loopback.clock)
      #expect(await frames.next(.goAway)?.goAwayText == "keepalive_timeout")
      await cancelled.wait()
      await socket.close()
    }
    #expect(observer.events.last == "closed: the peer does not answer (NO_ERROR, by limit)")
  }

  @Test func `a peer that answers the keepalive stays`() async throws {
    var configuration = ServerConfiguration()
    configuration.keepaliveInterval = .seconds(8)
    configuration.keepaliveTimeout = .seconds(1)
    configuration.handshakeTimeout = .seconds(8)
    configuration.pingIntervalMinWithoutCalls = .zero
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      // The second leaves behind everything with which a client begins.
      await client.ping()
      await client.ping()
      await pass(.seconds(8), loopback.clock)
      // The acknowledgement moves the next look from one second to eight.
      await loopback.clock.waitForTimer(due: .seconds(1))
      // The answer to the first PING comes behind the server's own PING, the second leaves behind its acknowledgement.
      await client.ping()
      await client.ping()
      await pass(.seconds(1), loopback.clock)
      await loopback.clock.waitForTimer(due: .seconds(7))
      #expect(try await client.exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `a client that asks too often is told so and closed`() async throws {
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      for _ in 0..<4 { await client.ping() }
      let goAway = await client.goAway()
      #expect(goAway?.code == .enhanceYourCalm)
      #expect(goAway?.debugText == "too_many_pings")
    }
  }

  @Test func `what a server says when it goes is in the status of the calls it leaves`() async throws {
    let begun = Gate()
    let cancelled = Gate()
    var configuration = ServerConfiguration()
    configuration.connectionAgeMax = .seconds(9)
    configuration.connectionAgeGrace = .zero
    let router = Router.saying { request, _ in
      begun.open()
      await cancelled.waitForCancellation()
      return request
    }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      try await loopback.withChannel { channel in
        let call = Task { try await channel.unary(KitEchoDefinition.say, KitEchoMsg()) }
        await begun.wait()
        await pass(.seconds(9), loopback.clock)
        let status = await #expect(throws: GRPCStatus.self) { try await call.value }
        #expect(status?.code == .unavailable)
        #expect(status?.message.contains("max_age") == true)
      }
    }
  }

  // MARK: Idle and old

  @Test func `an idle connection is asked to leave`() async throws {
    var configuration = ServerConfiguration()
    configuration.connectionIdleMax = .seconds(5)
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      await loopback.clock.waitForTimer(due: .seconds(5))
      loopback.clock.advance(by: .seconds(4))
      #expect(try await client.exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "0")
      // The call began the time anew: at five seconds only the timer comes, at nine the end.
      await pass(.seconds(1), loopback.clock)
      await pass(.seconds(4), loopback.clock)
      let goAway = await client.goAway()
      #expect(goAway?.code == .noError)
      #expect(goAway?.debugText == "max_idle")
    }
  }

  @Test func `an old connection finishes its calls within its grace`() async throws {
    let begun = Gate()
    let mayAnswer = Gate()
    var configuration = ServerConfiguration()
    configuration.connectionAgeMax = .seconds(5)
    let router = Router.saying { request, _ in
      begun.open()
      await mayAnswer.wait()
      return request
    }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let call = try await client.begin(sayHeaders, body: emptyMessage, endStream: true)
      await begun.wait()
      await pass(.seconds(5), loopback.clock)
      await client.ping()
      mayAnswer.open()
      #expect(await call.answer().trailer("grpc-status") == "0")
      let goAway = await client.goAway()
      #expect(goAway?.code == .noError)
      #expect(goAway?.debugText == "max_age")
    }
  }

  // MARK: Beginnings without an end

  @Test func `a peer that says nothing is closed behind the handshake's time`() async throws {
    let observer = RecordingObserver()
    try await LoopbackServer.run(Router(), observer: observer) { loopback in
      let socket = try await RawSocket.connect(to: loopback.address)
      await pass(.seconds(10), loopback.clock)
      let frames = await socket.rest()
      #expect(frames.last == .goAway(lastStream: 0, .settingsTimeout, debugText: "handshake_timeout"))
      try await socket.waitUntilClosed()
    }
    #expect(observer.events.last == "closed: the peer did not begin in time (SETTINGS_TIMEOUT, by limit)")
  }

  @Test func `the preface without settings is no handshake`() async throws {
    // RFC 9113 §3.4: "The client connection preface ... This sequence MUST be followed by a SETTINGS frame".
    try await LoopbackServer.run(Router()) { loopback in
      let socket = try await RawSocket.connect(to: loopback.address)
      try await socket.send(bytes: HTTP2Frame.preface)
      await pass(.seconds(10), loopback.clock)
      #expect(await socket.rest().last?.goAwayText == "handshake_timeout")
      try await socket.waitUntilClosed()
    }
  }

  @Test(arguments: [9, 12, 0])
  func `a header list that is not finished ends the connection`(bytes: Int) async throws {
    var configuration = ServerConfiguration()
    configuration.headersTimeout = .seconds(3)
    try await LoopbackServer.run(Router(), configuration: configuration) { loopback in
      let socket = try await RawSocket.connect(to: loopback.address)
      // RFC 9113 §6.2: without END_HEADERS a CONTINUATION has to follow.
      let headers = HTTP2Frame(.headers, stream: 1, payload: HeaderEncoder.encode(.request())).bytes
      try await socket.open()
      try await socket.send(bytes: bytes == 0 ? headers : Array(headers.prefix(bytes)))
      await pass(.seconds(3), loopback.clock)
      #expect(await socket.rest().last?.goAwayText == "headers_timeout")
      try await socket.waitUntilClosed()
    }
  }

  // MARK: Stalls

  /// A server whose patience with stalls is four seconds, so that it looks every second.
  private var impatient: ServerConfiguration {
    var configuration = ServerConfiguration()
    configuration.requestStallMax = .seconds(4)
    configuration.responseStallMax = .seconds(4)
    // The tests ask by PING whether what they sent has come.
    configuration.pingIntervalMin = .zero
    configuration.pingIntervalMinWithoutCalls = .zero
    return configuration
  }

  @Test func `a request that does not go on ends, and the one beside it that does not`() async throws {
    var router = Router.saying { request, _ in request }
    router.register(KitEchoDefinition.upload) { requests, _ in
      for try await _ in requests {}
      return KitEchoMsg()
    }
    try await LoopbackServer.run(router, configuration: impatient) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let half = try await client.begin(sayHeaders, body: [0, 0, 0])
      let bodyless = try await client.begin(sayHeaders)
      let inside = try await client.begin(headers("Upload"), body: emptyMessage + [0, 0, 0, 0, 9, 1])
      // Between two messages of a stream, a caller may be silent as long as it likes.
      let between = try await client.begin(headers("Upload"), body: emptyMessage)
      await client.ping()
      for _ in 0..<5 { await pass(.seconds(1), loopback.clock) }
      for call in [half, bodyless, inside] {
        #expect(await call.answer().trailer("grpc-status") == "4")
      }
      try await between.send([], endStream: true)
      #expect(await between.answer().trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `a request that goes on slowly is not stalled`() async throws {
    let router = Router.saying { request, _ in request }
    try await LoopbackServer.run(router, configuration: impatient) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let call = try await client.begin(sayHeaders, body: [0])
      for byte in 1...4 {
        await client.ping()
        for _ in 0..<3 { await pass(.seconds(1), loopback.clock) }
        try await call.send([0], endStream: byte == 4)
      }
      #expect(await call.answer().trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `a caller that the handler holds back is not stalled`() async throws {
    let mayRead = Gate()
    var configuration = impatient
    configuration.callWindowBytes = 65_535
    var router = Router()
    router.register(KitEchoDefinition.upload) { requests, _ in
      await mayRead.wait()
      var count: Int64 = 0
      for try await _ in requests { count += 1 }
      return KitEchoMsg.with { $0.n = count }
    }
    router.register(KitEchoDefinition.say) { request, _ in request }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let message = try frame(KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 50_000) })
      let call = try await client.begin(headers("Upload"), body: message + message + message)
      #expect(try await client.exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "0")
      for _ in 0..<10 { await pass(.seconds(1), loopback.clock) }
      mayRead.open()
      try await call.send([], endStream: true)
      #expect(await call.answer().trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `an answer that nobody takes is reset, and its neighbour is served`() async throws {
    let cancelled = Gate()
    var router = Router.saying { request, _ in request }
    router.register(KitEchoDefinition.big) { (_: KitBigMsg, _: CallContext) in
      KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 1_000_000) }
    }
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      defer { cancelled.open() }
      while true { try await responses.write(KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 10_000) }) }
    }
    try await LoopbackServer.run(router, configuration: impatient) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let whole = try await client.begin(headers("Big"), body: emptyMessage, endStream: true, reads: false)
      let endless = try await client.begin(headers("Stream"), body: emptyMessage, endStream: true, reads: false)
      await whole.waitForHeaders()
      await endless.waitForHeaders()
      await client.ping()
      for _ in 0..<5 { await pass(.seconds(1), loopback.clock) }
      for call in [whole, endless] {
        #expect(await call.answer().closure == HTTP2StreamClosure(.peer, .enhanceYourCalm))
      }
      await cancelled.wait()
      #expect(try await client.exchange(sayHeaders, body: emptyMessage).trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `a connection that takes nothing is closed without a word`() async throws {
    let observer = RecordingObserver()
    let cancelled = Gate()
    var router = Router()
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      defer { cancelled.open() }
      while true { try await responses.write(KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 100_000) }) }
    }
    try await LoopbackServer.run(router, configuration: impatient, observer: observer) { loopback in
      let socket = try await RawSocket.connect(to: loopback.address, reads: false)
      try await socket.open(
        .settings([4: 1 << 30]), .windowUpdate(0, 1 << 30), .headers(1, .request(path: "/kit.v1.Echo/Stream")),
        .data(1, emptyMessage, endStream: true))
      // Nobody can tell when the system's buffers are full, so time passes until it must have been noticed.
      let neighbour = try await RawClient.connect(to: loopback.address)
      for _ in 0..<100 where !cancelled.isOpen {
        loopback.clock.advance(by: .seconds(1))
        await neighbour.ping()
      }
      await cancelled.wait()
      await neighbour.close()
      await socket.close()
    }
    #expect(
      observer.events.contains("closed: the peer takes nothing of what is sent to it (ENHANCE_YOUR_CALM, by limit)"))
  }

  @Test func `a server whose peer takes nothing stops all the same`() async throws {
    let started = Gate()
    var router = Router()
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, _) in
      started.open()
      while true { try await responses.write(KitEchoMsg.with { $0.blob = [UInt8](repeating: 1, count: 100_000) }) }
    }
    try await LoopbackServer.run(router) { loopback in
      let socket = try await RawSocket.connect(to: loopback.address, reads: false)
      try await socket.open(
        .settings([4: 1 << 30]), .windowUpdate(0, 1 << 30), .headers(1, .request(path: "/kit.v1.Echo/Stream")),
        .data(1, emptyMessage, endStream: true))
      await started.wait()
      await loopback.server.stop(grace: .zero)
      await socket.close()
    }
  }
}
