import GRPCRuntime
import GRPCTestKit
import HTTP2
import ProtobufRuntime
import SocketTransport
import Testing
import TestProtos

/// The compression cases of gRPC's interop test descriptions, from our client to grpcio's server.
///
/// grpcio's server cannot see whether a request came compressed, so it cannot refuse one that did not: that half of the
/// client cases our own server judges, in `CompressionTests`.
@Suite(.foreignServer, .timeLimit(.minutes(10))) struct CompressedClientTests {
  private static let gzip = {
    var options = CallOptions()
    options.requestEncoding = .gzip
    return options
  }()

  @Test func `client_compressed_unary, a request by gzip and one as it is`() async throws {
    try await run { client async throws in
      let request = TestingSimpleRequest.with {
        $0.responseSize = 314_159
        $0.payload = .with { $0.body = [UInt8](repeating: 0, count: 271_828) }
      }
      for options in [Self.gzip, CallOptions()] {
        #expect(try await client.unaryCall(request, options: options).payload?.body.count == 314_159)
      }
    }
  }

  @Test func `client_compressed_streaming, one request by gzip and the next as it is`() async throws {
    try await run { client async throws in
      let answer = try await client.streamingInputCall(options: Self.gzip) { requests in
        for (size, compressed) in [(27182, true), (45904, false)] {
          let request = TestingStreamingInputCallRequest.with {
            $0.payload = .with { $0.body = [UInt8](repeating: 0, count: size) }
          }
          try await requests.write(request, compressed: compressed)
        }
      }
      #expect(answer.aggregatedPayloadSize == 73086)
    }
  }

  @Test func `server_compressed_unary, a response by gzip and one as it is`() async throws {
    try await run { client async throws in
      for compressed in [true, false] {
        let request = TestingSimpleRequest.with {
          $0.responseSize = 314_159
          $0.responseCompressed = .with { $0.value = compressed }
        }
        #expect(try await client.unaryCall(request).payload?.body == [UInt8](repeating: 0, count: 314_159))
      }
    }
  }

  @Test func `server_compressed_streaming, one response by gzip and the next as it is`() async throws {
    try await run { client async throws in
      var sizes: [Int] = []
      for try await answer in try client.streamingOutputCall(Self.mixed) {
        sizes.append(answer.payload?.body.count ?? -1)
      }
      #expect(sizes == [31415, 92653])
    }
  }

  @Test func `a response by gzip is held to the client's limit`() async throws {
    var configuration = ChannelConfiguration()
    configuration.responseMessageBytesMax = 31_500
    try await run(configuration) { client async throws in
      var sizes: [Int] = []
      let request = Self.request([(31415, true), (92653, true)])
      let status = await #expect(throws: GRPCStatus.self) {
        for try await answer in try client.streamingOutputCall(request) {
          sizes.append(answer.payload?.body.count ?? -1)
        }
      }
      #expect(sizes == [31415])
      #expect(status?.code == .resourceExhausted)
    }
  }

  /// Without it the tests above could pass although nothing was ever compressed.
  @Test func `grpcio does compress for what our client asks with`() async throws {
    let client = try await RawClient.connect(to: TransportAddress(parsing: ForeignServer.ready.listen))
    var headers: HTTP2HeaderList = [":method": "POST", ":scheme": "http", ":authority": "test"]
    headers.append(":path", "/grpc.testing.TestService/StreamingOutputCall")
    headers.append("te", "trailers")
    headers.append("content-type", "application/grpc")
    headers.append("grpc-accept-encoding", MessageEncoding.acceptList)
    let request = try Self.mixed.serializedBytes()
    let answer = try await client.exchange(headers, body: [0, 0, 0, 0, UInt8(request.count)] + request)
    #expect(answer.header("grpc-encoding") == "gzip")
    var deframer = MessageDeframer(messageBytesMax: .max, encoding: .gzip)
    var flags: [Bool] = []
    var offset = 0
    while case .message(let message) = deframer.read(answer.body.span, from: &offset) {
      flags.append(message.isCompressed)
    }
    #expect(flags == [true, false])
    await client.close()
  }

  private static let mixed = request([(31415, true), (92653, false)])

  /// A request for responses of these sizes, by gzip or as they are.
  private static func request(_ responses: [(size: Int32, compressed: Bool)]) -> TestingStreamingOutputCallRequest {
    .with {
      $0.responseParameters = responses.map { response in
        .with {
          $0.size = response.size
          $0.compressed = .with { $0.value = response.compressed }
        }
      }
    }
  }

  private func run(
    _ configuration: ChannelConfiguration = ChannelConfiguration(),
    _ body: (TestingTestServiceClient) async throws -> Void
  ) async throws {
    let channel = try GRPCChannel(target: ForeignServer.ready.listen, configuration: configuration)
    do {
      try await body(TestingTestServiceClient(channel))
      await channel.close(grace: .zero)
    } catch {
      await channel.close(grace: .zero)
      throw error
    }
  }
}
