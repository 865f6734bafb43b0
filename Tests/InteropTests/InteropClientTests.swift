import GRPCRuntime
import GRPCTestKit
import ProtobufRuntime
import Synchronization
import Testing
import TestProtos

/// The cases of gRPC's interop test descriptions, from our client to grpcio's server.
@Suite(.foreignServer, .timeLimit(.minutes(10))) struct InteropClientTests {
  private typealias Responses = ResponseStream<TestingStreamingOutputCallResponse>

  @Test func `empty_unary, an empty message for another`() async throws {
    try await run { client async throws in
      #expect(try await client.emptyCall(TestingEmpty()) == TestingEmpty())
    }
  }

  @Test func `large_unary, messages longer than a frame and a window`() async throws {
    try await run { client async throws in
      let answer = try await client.unaryCall(largeRequest)
      #expect(answer.payload?.type == .compressable)
      #expect(answer.payload?.body == [UInt8](repeating: 0, count: 314_159))
    }
  }

  @Test func `client_streaming, the sizes of four requests summed up`() async throws {
    try await run { client async throws in
      let answer = try await client.streamingInputCall { requests in
        for size in [27182, 8, 1828, 45904] { try await requests.write(.with { $0.payload = payload(size) }) }
      }
      #expect(answer.aggregatedPayloadSize == 74922)
    }
  }

  @Test func `server_streaming, four responses in order`() async throws {
    try await run { client async throws in
      let sizes = [31415, 9, 2653, 58979]
      var received: [Int] = []
      for try await answer in try client.streamingOutputCall(outputRequest(0, sizes)) { received.append(size(answer)) }
      #expect(received == sizes)
    }
  }

  @Test func `ping_pong, a response for each request before the next`() async throws {
    try await run { client async throws in
      try await client.fullDuplexCall { requests, responses in
        var answers = responses.makeAsyncIterator()
        for (body, wanted) in [(27182, 31415), (8, 9), (1828, 2653), (45904, 58979)] {
          try await requests.write(outputRequest(body, [wanted]))
          #expect(try await size(answers.next()) == wanted)
        }
        requests.finish()
        #expect(try await answers.next() == nil)
      }
    }
  }

  @Test func `empty_stream, an OK without a message`() async throws {
    try await run { client async throws in
      try await client.fullDuplexCall { requests, responses in
        requests.finish()
        for try await _ in responses { Issue.record("there was a response") }
      }
    }
  }

  @Test func `cancel_after_begin, before there is a request`() async throws {
    try await run { client async throws in
      let begun = Gate()
      let cancelled = Gate()
      let call = Task {
        try await client.streamingInputCall { _ in
          begun.open()
          await cancelled.waitForCancellation()
        }
      }
      await begun.wait()
      call.cancel()
      #expect(await #expect(throws: GRPCStatus.self) { try await call.value }?.code == .cancelled)
    }
  }

  @Test func `cancel_after_first_response, with the call still open`() async throws {
    try await run { client async throws in
      let answered = Gate()
      let call = Task {
        try await client.fullDuplexCall { requests, responses in
          var answers = responses.makeAsyncIterator()
          try await requests.write(outputRequest(27182, [31415]))
          #expect(try await size(answers.next()) == 31415)
          answered.open()
          _ = try await answers.next()
        }
      }
      await answered.wait()
      call.cancel()
      #expect(await #expect(throws: GRPCStatus.self) { try await call.value }?.code == .cancelled)
    }
  }

  @Test func `timeout_on_sleeping_server, the deadline ends the call`() async throws {
    try await run { client async throws in
      let status = await #expect(throws: GRPCStatus.self) {
        try await client.fullDuplexCall(options: CallOptions(timeout: .milliseconds(1))) { requests, responses in
          try await requests.write(outputRequest(27182, []))
          for try await _ in responses { Issue.record("there was a response") }
        }
      }
      #expect(status?.code == .deadlineExceeded)
    }
  }

  @Test func `custom_metadata on a unary call`() async throws {
    try await run { client async throws in
      let echo = try MetadataEcho()
      #expect(try await client.unaryCall(largeRequest, options: echo.options).payload?.body.count == 314_159)
      echo.expectBoth()
    }
  }

  @Test func `custom_metadata on a full duplex call`() async throws {
    try await run { client async throws in
      let echo = try MetadataEcho()
      try await client.fullDuplexCall(options: echo.options) { requests, responses in
        try await requests.write(outputRequest(271_828, [314_159]))
        requests.finish()
        for try await answer in responses { #expect(size(answer) == 314_159) }
      }
      echo.expectBoth()
    }
  }

  @Test func `status_code_and_message on a unary call`() async throws {
    try await run { client async throws in
      await #expect(throws: GRPCStatus(.unknown, "test status message", origin: .peer)) {
        try await client.unaryCall(.with { $0.responseStatus = status("test status message") })
      }
    }
  }

  @Test func `status_code_and_message on a full duplex call`() async throws {
    try await run { client async throws in
      await #expect(throws: GRPCStatus(.unknown, "test status message", origin: .peer)) {
        try await client.fullDuplexCall { requests, responses in
          try await requests.write(.with { $0.responseStatus = status("test status message") })
          requests.finish()
          for try await _ in responses { Issue.record("there was a response") }
        }
      }
    }
  }

  @Test func `special_status_message, white space and Unicode in a status`() async throws {
    let special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
    try await run { client async throws in
      await #expect(throws: GRPCStatus(.unknown, special, origin: .peer)) {
        try await client.unaryCall(.with { $0.responseStatus = status(special) })
      }
    }
  }

  @Test func `unimplemented_method, a method the service does not have`() async throws {
    try await run { client async throws in
      let status = await #expect(throws: GRPCStatus.self) { try await client.unimplementedCall(TestingEmpty()) }
      #expect(status?.code == .unimplemented)
    }
  }

  @Test func `unimplemented_service, a service the server does not have`() async throws {
    try await run { client async throws in
      let other = TestingUnimplementedServiceClient(client.channel)
      let status = await #expect(throws: GRPCStatus.self) { try await other.unimplementedCall(TestingEmpty()) }
      #expect(status?.code == .unimplemented)
    }
  }

  @Test func `responses before an error are all read before it`() async throws {
    try await run { client async throws in
      let sizes = Array(repeating: 1000, count: 100)
      let request = TestingStreamingOutputCallRequest.with {
        $0.responseParameters = outputRequest(0, sizes).responseParameters
        $0.responseStatus = status("no more")
      }
      var received: [Int] = []
      await #expect(throws: GRPCStatus(.unknown, "no more", origin: .peer)) {
        for try await answer in try client.streamingOutputCall(request) { received.append(size(answer)) }
      }
      #expect(received == sizes)
    }
  }

  /// Runs `body` with a client of the suite's server, over a connection of its own: once in clear, once with TLS.
  private func run(_ body: (TestingTestServiceClient) async throws -> Void) async throws {
    try await run(GRPCChannel(target: ForeignServer.ready.listen), body)
    var configuration = ChannelConfiguration()
    configuration.tls = TLSClientConfiguration()
    configuration.tls?.authorityFile = ForeignServer.ready.authority
    try await run(GRPCChannel(target: ForeignServer.ready.listenTLS, configuration: configuration), body)
  }

  private func run(_ channel: GRPCChannel, _ body: (TestingTestServiceClient) async throws -> Void) async throws {
    do {
      try await body(TestingTestServiceClient(channel))
      await channel.close(grace: .zero)
    } catch {
      await channel.close(grace: .zero)
      throw error
    }
  }
}

/// Sends the metadata that the server echoes, and keeps what comes back.
private final class MetadataEcho: Sendable {
  private static let initialName = "x-grpc-test-echo-initial"
  private static let trailingName = "x-grpc-test-echo-trailing-bin"
  private let initial = Mutex(Metadata())
  private let trailing = Mutex(Metadata())
  private let sent: Metadata

  init() throws {
    var sent = Metadata()
    try sent.append("test_initial_metadata_value", for: Self.initialName)
    try sent.append([0xAB, 0xAB, 0xAB], for: Self.trailingName)
    self.sent = sent
  }

  var options: CallOptions {
    var options = CallOptions(metadata: sent)
    options.onInitialMetadata = { metadata in self.initial.withLock { $0 = metadata } }
    options.onTrailingMetadata = { metadata in self.trailing.withLock { $0 = metadata } }
    return options
  }

  func expectBoth() {
    #expect(initial.withLock { $0[Self.initialName] } == [.text("test_initial_metadata_value")])
    #expect(trailing.withLock { $0[Self.trailingName] } == [.bytes([0xAB, 0xAB, 0xAB])])
  }
}

private let largeRequest = TestingSimpleRequest.with {
  $0.responseSize = 314_159
  $0.payload = payload(271_828)
}

private func payload(_ size: Int) -> TestingPayload {
  .with { $0.body = [UInt8](repeating: 0, count: size) }
}

private func status(_ message: String) -> TestingEchoStatus {
  .with {
    $0.code = 2
    $0.message = message
  }
}

/// A request with a body of `size` bytes, for responses of `sizes`.
private func outputRequest(_ size: Int, _ sizes: [Int]) -> TestingStreamingOutputCallRequest {
  .with {
    $0.payload = payload(size)
    $0.responseParameters = sizes.map { size in .with { $0.size = Int32(size) } }
  }
}

private func size(_ response: TestingStreamingOutputCallResponse?) -> Int {
  response?.payload?.body.count ?? -1
}
