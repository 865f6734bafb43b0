import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import SocketTransport
import Synchronization
import Testing
import TestProtos

/// Compression on the wire: who asks for it, who gets it, and what becomes of messages that are not right.
@Suite(.timeLimit(.minutes(10))) struct CompressionTests {
  private static let message = KitEchoMsg.with { $0.text = String(repeating: "dialogue ", count: 500) }

  /// Headers of a call whose requests may be compressed.
  private func gzipHeaders(_ method: String) -> HTTP2HeaderList {
    var list = headers(method)
    list.append("grpc-encoding", "gzip")
    return list
  }

  private func requestHeaders(accepting list: String) -> HTTP2HeaderList {
    var headers = headers("Say")
    headers.append("grpc-accept-encoding", list)
    return headers
  }

  // MARK: Responses

  @Test(arguments: ["gzip", "identity,gzip", "identity, deflate, gzip", "deflate,gzip \t,identity"])
  func `a response is compressed when the handler says so and the caller lists gzip`(list: String) async throws {
    let router = Router.saying { _, context in
      context.responseEncoding = .gzip
      return Self.message
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let answer = try await client.exchange(requestHeaders(accepting: list), body: emptyMessage)
      #expect(answer.header("grpc-encoding") == "gzip")
      #expect(answer.header("grpc-accept-encoding") == nil)
      let received = messages(in: answer.body)
      #expect(received.map(\.isCompressed) == [true])
      let first = try #require(received.first)
      #expect(first.bytes.count < 200)
      let bytes = try MessageCompressor.forTests.contents(of: first)
      #expect(try bytes == Self.message.serializedBytes())
      #expect(answer.trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test(arguments: [nil, "", ",", "identity", "deflate", "gzipped,xgzip", "GZIP", "g zip"])
  func `a caller that does not list gzip gets the response as it is`(list: String?) async throws {
    var configuration = ServerConfiguration()
    configuration.responseEncoding = .gzip
    let router = Router.saying { _, _ in Self.message }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let answer = try await client.exchange(list.map(requestHeaders(accepting:)) ?? headers("Say"), body: emptyMessage)
      #expect(answer.header("grpc-encoding") == nil)
      #expect(messages(in: answer.body).map(\.isCompressed) == [false])
      await client.close()
    }
  }

  @Test func `nothing is compressed unless someone chose it, and the handler has the last word`() async throws {
    try await LoopbackServer.run(Router.saying { _, _ in Self.message }) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let answer = try await client.exchange(requestHeaders(accepting: "gzip"), body: emptyMessage)
      #expect(answer.header("grpc-encoding") == nil)
      await client.close()
    }
    var configuration = ServerConfiguration()
    configuration.responseEncoding = .gzip
    let router = Router.saying { _, context in
      #expect(context.responseEncoding == .gzip)
      context.responseEncoding = .identity
      return Self.message
    }
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let answer = try await client.exchange(requestHeaders(accepting: "gzip"), body: emptyMessage)
      #expect(answer.header("grpc-encoding") == nil)
      #expect(messages(in: answer.body).map(\.isCompressed) == [false])
      await client.close()
    }
  }

  @Test func `a response of the least length is compressed and a shorter one is not`() async throws {
    let length = try Self.message.serializedBytes().count
    for (least, isCompressed) in [(length, true), (length + 1, false)] {
      var configuration = ServerConfiguration()
      configuration.responseEncoding = .gzip
      configuration.compressedBytesMin = least
      try await LoopbackServer.run(Router.saying { _, _ in Self.message }, configuration: configuration) { loopback in
        let client = try await RawClient.connect(to: loopback.address)
        let answer = try await client.exchange(requestHeaders(accepting: "gzip"), body: emptyMessage)
        #expect(messages(in: answer.body).map(\.isCompressed) == [isCompressed])
        await client.close()
      }
    }
  }

  @Test func `a stream of responses says for each whether it is compressed`() async throws {
    var router = Router()
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, context) in
      context.responseEncoding = .gzip
      try await responses.write(Self.message)
      try await responses.write(Self.message, compressed: false)
      // The headers are on their way, and with them the encoding.
      context.responseEncoding = .identity
      var stored = EncodedMessage(try Self.message.serializedBytes())
      try await responses.write(encoded: stored)
      stored.isCompressible = false
      try await responses.write(encoded: stored)
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var list = headers("Stream")
      list.append("grpc-accept-encoding", "identity,gzip")
      let answer = try await client.exchange(list, body: emptyMessage)
      let received = messages(in: answer.body)
      #expect(received.map(\.isCompressed) == [true, false, true, false])
      let bytes = try Self.message.serializedBytes()
      for message in received { #expect(try MessageCompressor.forTests.contents(of: message) == bytes) }
      await client.close()
    }
  }

  // MARK: Requests

  @Test func `a compressed request reaches the handler, which can see that it was, and the answer lists gzip`()
    async throws
  {
    let router = Router.saying { request, context in
      KitEchoMsg.with { $0.n = Int64(request.text.utf8.count) * (context.isRequestCompressed ? 1 : -1) }
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      for (body, n) in [(try gzipFrame(Self.message), 4500), (try frame(Self.message), -4500)] as [([UInt8], Int64)] {
        let answer = try await client.exchange(gzipHeaders("Say"), body: body)
        #expect(answer.header("grpc-accept-encoding") == "identity,gzip")
        #expect(answer.header("grpc-encoding") == nil)
        #expect(try answer.body == frame(KitEchoMsg.with { $0.n = n }))
      }
      await client.close()
    }
  }

  @Test func `a status that travels alone lists gzip as well`() async throws {
    let router = Router.saying { _, _ in throw GRPCStatus(.notFound, "nothing") }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let answer = try await client.exchange(gzipHeaders("Say"), body: gzipFrame(Self.message))
      #expect(answer.trailers.isEmpty)
      #expect(answer.trailer("grpc-status") == "5")
      #expect(answer.trailer("grpc-accept-encoding") == "identity,gzip")
      await client.close()
    }
  }

  /// A compressed request that is not right, and the status it has to get.
  static let badRequests: [(body: [UInt8], status: String)] = [
    (gzipFrame(Bomb.zeros(mebibytes: 8)), "8"),
    ([1, 0, 0x40, 0, 1], "8"),
    (gzipFrame([]), "13"),
    (gzipFrame([UInt8](repeating: 0x1F, count: 40)), "13"),
    (gzipFrame(Array(Bomb.zeros(mebibytes: 1).dropLast())), "13"),
    (gzipFrame(Bomb.zeros(mebibytes: 1)), "13"),
    (gzipFrame(Bomb.zeros(mebibytes: 1) + [0]), "13"),
  ]

  @Test(arguments: badRequests.indices, ["Say", "Upload"])
  func `a bad compressed request gets its status, and the next call is as good as before`(
    index: Int, method: String
  ) async throws {
    let (body, status) = Self.badRequests[index]
    var router = Router.saying { request, _ in
      if request.text.isEmpty { Issue.record("the handler ran") }
      return KitEchoMsg()
    }
    router.register(KitEchoDefinition.upload) { requests, _ in
      for try await _ in requests { Issue.record("there was a request") }
      return KitEchoMsg()
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      #expect(try await client.exchange(gzipHeaders(method), body: body).trailer("grpc-status") == status)
      let next = try await client.exchange(gzipHeaders("Say"), body: gzipFrame(Self.message))
      #expect(next.trailer("grpc-status") == "0")
      await client.close()
    }
  }

  @Test func `a flag without an encoding is refused, with identity too`() async throws {
    try await LoopbackServer.run(Router.saying { request, _ in request }) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      var identity = sayHeaders
      identity.append("grpc-encoding", "identity")
      for list in [sayHeaders, identity] {
        let answer = try await client.exchange(list, body: gzipFrame(Self.message))
        #expect(answer.trailer("grpc-status") == "13")
        #expect(answer.trailer("grpc-message")?.contains("flagged as compressed") == true)
      }
      await client.close()
    }
  }

  @Test func `a request inflates to the longest length and not to one byte more`() async throws {
    var configuration = ServerConfiguration()
    configuration.requestMessageBytesMax = try Self.message.serializedBytes().count
    try await LoopbackServer.run(Router.saying { request, _ in request }, configuration: configuration) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let fits = try await client.exchange(gzipHeaders("Say"), body: gzipFrame(Self.message))
      #expect(fits.trailer("grpc-status") == "0")
      var longer = Self.message
      longer.text += "x"
      let over = try await client.exchange(gzipHeaders("Say"), body: gzipFrame(longer))
      #expect(over.trailer("grpc-status") == "8")
      await client.close()
    }
  }

  // MARK: Both ends ours

  @Test func `the four kinds of calls, compressed both ways, each message as its sender said`() async throws {
    let seen = Mutex<[Bool]>([])
    let note: @Sendable (CallContext) -> Void = { context in seen.withLock { $0.append(context.isRequestCompressed) } }
    var router = Router.saying { request, context in
      note(context)
      return request
    }
    router.register(KitEchoDefinition.stream) { (_: KitBigMsg, responses, context) in
      note(context)
      for index in 0..<4 { try await responses.write(Self.message, compressed: index % 2 == 0) }
    }
    router.register(KitEchoDefinition.upload) { requests, context in
      var total = 0
      for try await request in requests {
        note(context)
        total += request.text.utf8.count
      }
      return KitEchoMsg.with { $0.n = Int64(total) }
    }
    router.register(pingPong) { requests, responses, context in
      for try await request in requests {
        note(context)
        try await responses.write(request)
      }
    }
    var configuration = ServerConfiguration()
    configuration.responseEncoding = .gzip
    configuration.compressedBytesMin = 0
    try await LoopbackServer.run(router, configuration: configuration) { loopback in
      try await loopback.withChannel { channel in
        let echo = KitEchoClient(channel)
        var options = CallOptions()
        options.requestEncoding = .gzip
        #expect(try await echo.say(Self.message, options: options) == Self.message)
        #expect(try await echo.say(Self.message) == Self.message)
        var count = 0
        for try await response in try echo.stream(KitBigMsg(), options: options) {
          #expect(response == Self.message)
          count += 1
        }
        #expect(count == 4)
        let sum = try await echo.upload(options: options) { requests in
          for compressed in [true, false, true] { try await requests.write(Self.message, compressed: compressed) }
        }
        #expect(sum.n == 3 * 4500)
        try await channel.bidirectional(pingPong, options: options) { requests, responses in
          var iterator = responses.makeAsyncIterator()
          for compressed in [false, true] {
            try await requests.write(Self.message, compressed: compressed)
            #expect(try await iterator.next() == Self.message)
          }
        }
      }
    }
    // The request for a stream is too short to become shorter.
    #expect(seen.withLock { $0 } == [true, false, false] + [true, false, true] + [false, true])
  }

  @Test func `compressed messages longer than every window pass both ways`() async throws {
    var generator = SystemRandomNumberGenerator()
    let random = (0..<3 << 20).map { _ in UInt8.random(in: 0...15, using: &generator) }
    let message = KitEchoMsg.with { $0.blob = random }
    var configuration = ServerConfiguration()
    configuration.responseEncoding = .gzip
    try await LoopbackServer.run(Router.saying { request, _ in request }, configuration: configuration) { loopback in
      try await loopback.withChannel { channel in
        var options = CallOptions()
        options.requestEncoding = .gzip
        let answer = try await channel.unary(KitEchoDefinition.say, message, options: options)
        #expect(answer == message)
      }
    }
  }

  @Test func `compressed requests wait for a slow handler and are all read`() async throws {
    let one = try gzipFrame(KitEchoMsg.with { $0.blob = [UInt8](repeating: 0, count: 1 << 20) })
    let mayRead = Gate()
    let total = Mutex(0)
    var router = Router()
    router.register(KitEchoDefinition.upload) { requests, _ in
      await mayRead.wait()
      for try await request in requests { total.withLock { $0 += request.blob.count } }
      return KitEchoMsg()
    }
    try await LoopbackServer.run(router) { loopback in
      let client = try await RawClient.connect(to: loopback.address)
      let stream = try await client.begin(gzipHeaders("Upload"))
      for _ in 0..<20 { try await stream.send(one) }
      try await stream.send([], endStream: true)
      mayRead.open()
      #expect(await stream.answer().trailer("grpc-status") == "0")
      #expect(total.withLock { $0 } == 20 << 20)
      await client.close()
    }
  }

  // MARK: The client

  /// An answer that begins with `grpc-encoding: gzip`, and what the call has to become; nil is a success.
  static let answers: [(body: [UInt8], code: GRPCStatus.Code?)] = [
    ((try? gzipFrame(message)) ?? [], nil),
    ((try? frame(message)) ?? [], nil),
    (gzipFrame(Bomb.zeros(mebibytes: 8)), .resourceExhausted),
    (gzipFrame(Bomb.zeros(mebibytes: 1)), .internal),
    (gzipFrame([1, 2, 3]), .internal),
    ([1, 0x7F, 0, 0, 0], .resourceExhausted),
  ]

  @Test(arguments: answers.indices)
  func `a compressed response is inflated under the client's own limit`(index: Int) async throws {
    let (body, code) = Self.answers[index]
    try await RawServer.run { connection, stream, _ in
      try connection.sendHeaders(
        stream, [":status": "200", "content-type": "application/grpc", "grpc-encoding": "gzip"], endStream: false)
      try connection.sendData(stream, HTTP2Payload(body))
      try connection.sendTrailers(stream, ["grpc-status": "0"])
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        let echo = KitEchoClient(channel)
        let unary = await outcome { try await echo.say(KitEchoMsg()) }
        let stream = await outcome {
          var last = KitEchoMsg()
          for try await response in try echo.stream(KitBigMsg()) { last = response }
          return last
        }
        for result in [unary, stream] {
          switch result {
          case .success(let response):
            #expect(code == nil)
            #expect(response == Self.message)
          case .failure(let status): #expect(status.code == code)
          }
        }
      }
    }
  }

  @Test func `the client lists what it reads, and names what it sends`() async throws {
    try await RawServer.run { connection, stream, _ in
      try connection.sendHeaders(
        stream, [":status": "200", "content-type": "application/grpc", "grpc-status": "0"], endStream: true)
    } _: { server in
      try await GRPCChannel.run(to: server.address) { channel in
        var options = CallOptions()
        _ = await outcome { try await channel.unary(KitEchoDefinition.say, KitEchoMsg(), options: options) }
        options.requestEncoding = .gzip
        _ = await outcome { [options] in
          try await channel.unary(KitEchoDefinition.say, KitEchoMsg(), options: options)
        }
      }
      let requests = server.requestHeaders
      #expect(requests.map { $0["grpc-accept-encoding"] } == ["identity,gzip", "identity,gzip"])
      #expect(requests.map { $0["grpc-encoding"] } == [nil, "gzip"])
    }
  }
}

/// What a call comes to.
private func outcome(_ call: () async throws -> KitEchoMsg) async -> Result<KitEchoMsg, GRPCStatus> {
  do {
    return .success(try await call())
  } catch {
    return .failure(error as? GRPCStatus ?? GRPCStatus(.unknown, "\(error)"))
  }
}
