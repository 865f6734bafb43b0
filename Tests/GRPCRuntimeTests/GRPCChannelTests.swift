import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import SocketTransport
import Synchronization
import Testing
import TestProtos

/// The channel: its connection, and what becomes of calls when the server does not do its part.
@Suite(.timeLimit(.minutes(10))) struct GRPCChannelTests {
  @Test(arguments: [TransportAddress.silentPort, .unusedSocket()])
  func `a server that is not there is named in the error`(address: TransportAddress) async throws {
    try await GRPCChannel.run(to: address) { channel in
      let status = await #expect(throws: GRPCStatus.self) { try await say(channel) }
      #expect(status?.code == .unavailable)
      #expect(status?.origin == .transport)
      #expect(status?.message.contains("\(address)") == true)
    }
  }

  @Test func `a target that is no address is refused with the way to write it`() {
    let error = #expect(throws: (any Error).self) { try GRPCChannel(target: "localhost") }
    #expect(error.map { "\($0)" }?.contains("it needs a port") == true)
  }

  @Test func `a call that waits for ready outlasts the failures before`() async throws {
    let address = TransportAddress.unusedSocket()
    let clock = ManualClock()
    try await GRPCChannel.run(to: address, clock: clock) { channel in
      var options = CallOptions()
      options.waitsForReady = true
      async let answer = say(channel, options)
      // The first attempt has failed once its pause runs.
      await clock.waitForTimers(1)
      let server = GRPCServer(router: Router.saying { request, _ in request })
      try await server.listen(on: address.description)
      clock.advance(by: .seconds(1))
      let text = try await answer
      #expect(text == "hello")
      await server.stop(grace: .zero)
    }
  }

  @Test func `during the pause other calls fail at once`() async throws {
    let clock = ManualClock()
    try await GRPCChannel.run(to: .silentPort, clock: clock) { channel in
      await #expect(throws: GRPCStatus.self) { try await say(channel) }
      #expect(clock.timerCount == 1)
      await #expect(throws: GRPCStatus.self) { try await say(channel) }
      #expect(clock.timerCount == 1)
    }
    #expect(clock.timerCount == 0)
  }

  @Test func `a call the server refused unseen begins again`() async throws {
    try await RawServer.run { connection, stream, number in
      if number == 1 {
        connection.reset(stream, .refusedStream)
      } else {
        try answer(connection, stream)
      }
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        let text = try await say(channel)
        #expect(text == "raw")
      }
      #expect(server.requestCount == 2)
    }
  }

  @Test func `a server that refuses again and again is left alone`() async throws {
    try await RawServer.run { connection, stream, _ in
      connection.reset(stream, .refusedStream)
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        let status = await #expect(throws: GRPCStatus.self) { try await say(channel) }
        #expect(status?.code == .unavailable)
      }
      #expect(server.requestCount == 3)
    }
  }

  @Test(arguments: [
    (HTTP2ErrorCode.cancel, GRPCStatus.Code.cancelled), (.internalError, .internal),
    (.enhanceYourCalm, .resourceExhausted),
  ])
  func `a reset ends the call and is not tried again`(code: HTTP2ErrorCode, status: GRPCStatus.Code) async throws {
    try await RawServer.run { connection, stream, _ in
      connection.reset(stream, code)
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        #expect(await #expect(throws: GRPCStatus.self) { try await say(channel) }?.code == status)
      }
      #expect(server.requestCount == 1)
    }
  }

  /// An answer that is not what gRPC asks for, and what it has to become.
  static let badAnswers: [(HTTP2HeaderList, [UInt8]?, HTTP2HeaderList?, GRPCStatus.Code)] = [
    ([":status": "503"], nil, nil, .unavailable),
    ([":status": "404", "content-type": "text/html"], Array("<html>".utf8), nil, .unimplemented),
    ([":status": "200", "content-type": "text/html"], Array("<html>".utf8), nil, .unknown),
    (good, emptyMessage, nil, .internal),
    (good, nil, ["grpc-status": "0"], .unimplemented),
    (good, emptyMessage + emptyMessage, ["grpc-status": "0"], .unimplemented),
    (good, [0, 0, 0, 0, 9, 1], ["grpc-status": "0"], .internal),
    (good, [1, 0, 0, 0, 0], ["grpc-status": "0"], .internal),
    (good, [0, 0x7F, 0, 0, 0], ["grpc-status": "0"], .resourceExhausted),
    (good, [0, 0, 0, 0, 1, 0xFF], ["grpc-status": "0"], .internal),
    (good, emptyMessage, ["grpc-status": "x"], .unknown),
    (good, emptyMessage, ["grpc-status": "5", "grpc-message": "100%25"], .notFound),
    (good, emptyMessage, ["grpc-status": "0", "key-bin": "A"], .internal),
    ([":status": "200", "content-type": "application/grpc", "grpc-encoding": "zip9"], nil, nil, .internal),
    ([":status": "200", "content-type": "application/grpc", "grpc-status": "16"], nil, nil, .unauthenticated),
    ([":status": "403", "grpc-status": "7"], nil, nil, .permissionDenied),
  ]

  @Test(arguments: badAnswers.indices)
  func `an answer that is not right is an error that says so`(index: Int) async throws {
    let (headers, body, trailers, code) = Self.badAnswers[index]
    try await RawServer.run { connection, stream, _ in
      try connection.sendHeaders(stream, headers, endStream: body == nil && trailers == nil)
      if let body { try connection.sendData(stream, HTTP2Payload(body)) }
      if let trailers {
        try connection.sendTrailers(stream, trailers)
      } else if body != nil {
        connection.endSending(stream)
      }
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        #expect(await #expect(throws: GRPCStatus.self) { try await say(channel) }?.code == code)
      }
    }
  }

  @Test func `responses before an error are read before it, however late the reader comes`() async throws {
    var router = Router.saying { request, _ in request }
    router.register(KitEchoDefinition.stream) { request, responses, _ in
      for index in 0..<Int64(request.count) { try await responses.write(KitEchoMsg.with { $0.n = index }) }
      throw GRPCStatus(.notFound, "no more")
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let ended = Gate()
        var options = CallOptions()
        options.onTrailingMetadata = { _ in ended.open() }
        var responses = try KitEchoClient(channel).stream(KitBigMsg.with { $0.count = 50 }, options: options)
          .makeAsyncIterator()
        await ended.wait()
        // A call that begins now begins behind all that the end of the first one did.
        try await say(channel)
        let (numbers, status) = await rest(of: &responses)
        #expect(numbers == Array(0..<50))
        #expect(status == GRPCStatus(.notFound, "no more", origin: .peer))
      }
    }
  }

  /// What a server does to a call whose responses are on their way, and what the call has to become.
  enum Break: CaseIterable {
    case reset, lostConnection, endWithoutStatus, malformedMessage, malformedTrailers

    var code: GRPCStatus.Code {
      switch self {
      case .lostConnection: .unavailable
      case .reset, .endWithoutStatus, .malformedMessage, .malformedTrailers: .internal
      }
    }

    func perform(_ connection: HTTP2Connection, _ stream: HTTP2StreamID) throws {
      switch self {
      case .reset: connection.reset(stream, .internalError)
      case .lostConnection: connection.terminate(.internalError)
      case .endWithoutStatus: connection.endSending(stream)
      case .malformedMessage: try connection.sendData(stream, HTTP2Payload([2, 0, 0, 0, 0]))
      case .malformedTrailers: try connection.sendTrailers(stream, ["grpc-status": "0", "key-bin": "A"])
      }
    }
  }

  @Test(arguments: Break.allCases)
  func `responses before a broken end are read before its status`(end: Break) async throws {
    let first = Mutex<HTTP2StreamID?>(nil)
    try await RawServer.run { connection, stream, number in
      switch number {
      case 1:
        first.withLock { $0 = stream }
        try connection.sendHeaders(stream, good, endStream: false)
        for index in 1...3 {
          try connection.sendData(stream, HTTP2Payload(frame(KitEchoMsg.with { $0.n = Int64(index) })))
        }
      case 2:
        if let first = first.withLock({ $0 }) { try end.perform(connection, first) }
        if end != .lostConnection { try answer(connection, stream) }
      default: try answer(connection, stream)
      }
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        let begun = Gate()
        let ended = Gate()
        var options = CallOptions()
        options.onInitialMetadata = { _ in begun.open() }
        options.onTrailingMetadata = { _ in ended.open() }
        var responses = try KitEchoClient(channel).stream(KitBigMsg(), options: options).makeAsyncIterator()
        // The responses travel with the headers, in one write.
        await begun.wait()
        // `try?`: this one is lost together with its connection when that is what the server breaks.
        _ = try? await say(channel)
        await ended.wait()
        let text = try await say(channel)
        #expect(text == "raw")
        let (numbers, status) = await rest(of: &responses)
        #expect(numbers == [1, 2, 3])
        #expect(status?.code == end.code)
      }
    }
  }

  @Test func `what this side decides drops the responses nobody has read`() async throws {
    let clock = ManualClock()
    try await RawServer.run { connection, stream, _ in
      try connection.sendHeaders(stream, good, endStream: false)
      try connection.sendData(stream, HTTP2Payload(emptyMessage))
    } _: { server in
      try await GRPCChannel.run(to: server.address, clock: clock) { channel in
        let begun = Gate()
        let ended = Gate()
        var options = CallOptions(timeout: .seconds(3))
        options.onInitialMetadata = { _ in begun.open() }
        options.onTrailingMetadata = { _ in ended.open() }
        var responses = try KitEchoClient(channel).stream(KitBigMsg(), options: options).makeAsyncIterator()
        await begun.wait()
        clock.advance(by: .seconds(3))
        await ended.wait()
        // The channel's loop does one thing after the other: this call ends behind the first one.
        await #expect(throws: GRPCStatus.deadlinePassed) { try await say(channel, CallOptions(timeout: .zero)) }
        let (numbers, status) = await rest(of: &responses)
        #expect(numbers == [])
        #expect(status == .deadlinePassed)
      }
    }
  }

  @Test func `a connection that was lost is made anew by the next call`() async throws {
    try await RawServer.run { connection, stream, number in
      if number == 1 { return connection.terminate(.internalError) }
      try answer(connection, stream)
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        let status = await #expect(throws: GRPCStatus.self) { try await say(channel) }
        #expect(status?.code == .unavailable)
        #expect(status?.message.contains("\(server.address)") == true)
        let text = try await say(channel)
        #expect(text == "raw")
      }
      #expect(server.connectionCount == 2)
    }
  }

  @Test func `a server that leaves finishes its calls and gets no new ones`() async throws {
    try await RawServer.run { connection, stream, number in
      if number == 1 { connection.shutdown() }
      try answer(connection, stream)
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        for _ in 1...3 {
          let text = try await say(channel)
          #expect(text == "raw")
        }
      }
      #expect(server.connectionCount == 2)
    }
  }

  @Test func `a deadline ends the call here and resets it there`() async throws {
    let clock = ManualClock()
    try await RawServer.run { _, _, _ in
      // It never answers.
    } _: { server in
      try await GRPCChannel.run(to: server.address, clock: clock) { channel in
        let call = Task { try await say(channel, CallOptions(timeout: .seconds(3))) }
        await clock.waitForTimers(1)
        clock.advance(by: .seconds(3))
        await #expect(throws: GRPCStatus.deadlinePassed) { try await call.value }
      }
    }
  }

  @Test func `cancelling the task cancels the call`() async throws {
    let begun = Gate()
    try await RawServer.run { _, _, _ in
      begun.open()
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        let call = Task { try await say(channel) }
        await begun.wait()
        call.cancel()
        await #expect(throws: GRPCStatus.taskCancelled) { try await call.value }
        #expect(await server.resets(1) == [.cancel])
      }
    }
  }

  @Test func `dropping the responses before their end cancels the call`() async throws {
    try await RawServer.run { connection, stream, _ in
      try connection.sendHeaders(stream, good, endStream: false)
      try connection.sendData(stream, HTTP2Payload(emptyMessage))
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        for try await _ in try KitEchoClient(channel).stream(KitBigMsg()) { break }
        #expect(await server.resets(1) == [.cancel])
      }
    }
  }

  @Test func `a body that throws cancels the call it wrote`() async throws {
    struct Enough: Error {}
    let begun = Gate()
    let cancelled = Gate()
    var router = Router()
    router.register(KitEchoDefinition.upload) { requests, _ in
      defer { cancelled.open() }
      for try await _ in requests { begun.open() }
      return KitEchoMsg()
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        await #expect(throws: Enough.self) {
          try await KitEchoClient(channel).upload { requests in
            try await requests.write(KitEchoMsg())
            await begun.wait()
            throw Enough()
          }
        }
        await cancelled.wait()
      }
    }
  }

  @Test func `requests whose task is cancelled are never complete, even if their body returns`() async throws {
    let completed = Mutex(0)
    var router = Router()
    router.register(KitEchoDefinition.upload) { requests, _ in
      for try await _ in requests {}
      completed.withLock { $0 += 1 }
      return KitEchoMsg()
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        // Whether the end of the requests or of the call is sent first is a matter of luck, if both are.
        for _ in 0..<200 {
          let written = Gate()
          let call = Task {
            try await KitEchoClient(channel).upload { requests in
              try await requests.write(KitEchoMsg())
              written.open()
              await Gate().waitForCancellation()
            }
          }
          await written.wait()
          call.cancel()
          #expect(await #expect(throws: GRPCStatus.self) { try await call.value }?.code == .cancelled)
        }
      }
    }
    #expect(completed.withLock { $0 } == 0)
  }

  @Test func `a server may answer before it has had every request`() async throws {
    var router = Router()
    router.register(KitEchoDefinition.upload) { requests, _ in
      for try await request in requests { return request }
      return KitEchoMsg()
    }
    try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in
        let answer = try await KitEchoClient(channel).upload { requests in
          while true { try await requests.write(KitEchoMsg.with { $0.n = 7 }) }
        }
        #expect(answer.n == 7)
      }
    }
  }

  @Test func `calls beyond the server's limit wait for their turn`() async throws {
    let running = Mutex((now: 0, most: 0))
    var configuration = ServerConfiguration()
    configuration.concurrentCallsMax = 3
    let router = Router.saying { request, _ in
      running.withLock { running in
        running.now += 1
        running.most = max(running.most, running.now)
      }
      await Task.yield()
      running.withLock { $0.now -= 1 }
      return request
    }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      try await loopback.withChannel { channel in
        // The first answer comes behind the settings, so the client knows the limit from here on.
        _ = try await say(channel)
        try await withThrowingTaskGroup { group in
          for _ in 0..<100 { group.addTask { try await say(channel) } }
          for try await text in group { #expect(text == "hello") }
        }
      }
    }
    #expect(running.withLock { $0.most } <= 3)
  }

  @Test func `closing lets calls under way finish and refuses new ones`() async throws {
    let begun = Gate()
    let mayAnswer = Gate()
    let router = Router.saying { request, _ in
      begun.open()
      await mayAnswer.wait()
      return request
    }
    try await LoopbackServer.run(router) { loopback in
      let clock = ManualClock()
      let channel = try GRPCChannel(
        target: loopback.address, configuration: ChannelConfiguration(), clock: clock
      ) { _ in 0 }
      async let answer = say(channel)
      await begun.wait()
      async let closed: Void = channel.close()
      // The grace runs once the channel closes.
      await clock.waitForTimers(1)
      #expect(await #expect(throws: GRPCStatus.self) { try await say(channel) }?.code == .unavailable)
      mayAnswer.open()
      let text = try await answer
      #expect(text == "hello")
      await closed
      #expect(await #expect(throws: GRPCStatus.self) { try await say(channel) }?.code == .unavailable)
    }
  }

  @Test func `closing without grace ends the calls under way`() async throws {
    let begun = Gate()
    try await RawServer.run { _, _, _ in
      begun.open()
    } _: { server in
      let channel = try GRPCChannel(
        target: server.address, configuration: ChannelConfiguration(), clock: ManualClock()
      ) { _ in 0 }
      let call = Task { try await say(channel) }
      await begun.wait()
      await channel.close(grace: .zero)
      await #expect(throws: GRPCStatus.self) { try await call.value }
    }
  }

  @Test func `a Unix socket carries calls like a port`() async throws {
    let address = TransportAddress.unusedSocket()
    let server = GRPCServer(router: Router.saying { request, _ in request })
    #expect(try await server.listen(on: address.description) == address.description)
    try await GRPCChannel.run(to: address) { channel in
      let text = try await say(channel)
      #expect(text == "hello")
    }
    await server.stop(grace: .zero)
  }
}

/// Says hello, and returns the answer.
@discardableResult
private func say(_ channel: GRPCChannel, _ options: CallOptions = CallOptions()) async throws -> String {
  try await channel.unary(KitEchoDefinition.say, KitEchoMsg.with { $0.text = "hello" }, options: options).text
}

/// Reads on to the end: the numbers in the responses, and the status behind them unless it is OK.
private func rest(
  of responses: inout ResponseStream<KitEchoMsg>.AsyncIterator
) async -> (numbers: [Int64], status: GRPCStatus?) {
  var numbers: [Int64] = []
  do throws(GRPCStatus) {
    while let response = try await responses.next() { numbers.append(response.n) }
    return (numbers, nil)
  } catch {
    return (numbers, error)
  }
}

/// Headers as gRPC wants them.
private let good: HTTP2HeaderList = [":status": "200", "content-type": "application/grpc"]

/// Answers a call of `Say` as it should be, with the text "raw".
private func answer(_ connection: HTTP2Connection, _ stream: HTTP2StreamID) throws {
  try connection.sendHeaders(stream, good, endStream: false)
  try connection.sendData(stream, HTTP2Payload(frame(KitEchoMsg.with { $0.text = "raw" })))
  try connection.sendTrailers(stream, ["grpc-status": "0"])
}
