import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import SocketTransport
import Synchronization
import Testing
import TestProtos

/// The channel: its connection, and what becomes of calls when the server does not do its part.
@Suite(.timeLimit(.minutes(1))) struct GRPCChannelTests {
  @Test func `a server that is not there is named in the error`() async throws {
    let address = try await unusedAddress()
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
    let address = try await unusedAddress()
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
    try await GRPCChannel.run(to: try await unusedAddress(), clock: clock) { channel in
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
      let channel = GRPCChannel(
        target: loopback.address, configuration: ChannelConfiguration(), clock: ManualClock()
      ) { _ in 0 }
      async let answer = say(channel)
      await begun.wait()
      async let closed: Void = channel.close()
      await #expect(throws: GRPCStatus.self) {
        while true { _ = try await say(channel, CallOptions(timeout: .zero)) }
      }
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
      let channel = GRPCChannel(
        target: server.address, configuration: ChannelConfiguration(), clock: ManualClock()
      ) { _ in 0 }
      let call = Task { try await say(channel) }
      await begun.wait()
      await channel.close(grace: .zero)
      await #expect(throws: GRPCStatus.self) { try await call.value }
    }
  }

  @Test func `a Unix socket carries calls like a port`() async throws {
    let path = "/tmp/plenary-test-\(UInt64.random(in: 0 ... .max)).sock"
    let server = GRPCServer(router: Router.saying { request, _ in request })
    #expect(try await server.listen(on: "unix:\(path)") == "unix:\(path)")
    try await GRPCChannel.run(to: .unix(path: path)) { channel in
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

/// Headers as gRPC wants them.
private let good: HTTP2HeaderList = [":status": "200", "content-type": "application/grpc"]

/// Answers a call of `Say` as it should be, with the text "raw".
private func answer(_ connection: HTTP2Connection, _ stream: HTTP2StreamID) throws {
  try connection.sendHeaders(stream, good, endStream: false)
  try connection.sendData(stream, HTTP2Payload(frame(KitEchoMsg.with { $0.text = "raw" })))
  try connection.sendTrailers(stream, ["grpc-status": "0"])
}

/// An address where nothing listens.
private func unusedAddress() async throws -> TransportAddress {
  let server = GRPCServer(router: Router())
  let address = try await server.listen(on: TransportAddress.tcp(host: "127.0.0.1", port: 0))
  await server.stop(grace: .zero)
  return address
}
