import GRPCProtos
import GRPCRuntime
import GRPCServices
import GRPCTestKit
import ProtobufRuntime
import Testing
import TestProtos

@Suite(.timeLimit(.minutes(10))) struct ReflectionServiceTests {
  typealias Request = ReflectionV1ServerReflectionRequest
  typealias Response = ReflectionV1ServerReflectionResponse

  @Test(arguments: ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"])
  func `all services are listed, reflection itself included`(version: String) async throws {
    let answer = try await ask(version, .listServices(""))
    guard case .listServicesResponse(let list) = answer.messageResponse else {
      Issue.record("the answer is no list")
      return
    }
    #expect(
      list.service.map(\.name) == [
        "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection", "kit.v1.Echo",
      ])
    #expect(answer.validHost == "host")
    #expect(answer.originalRequest?.messageRequest == .listServices(""))
  }

  @Test(
    arguments: [
      (.fileByFilename("kit/v1/echo.proto"), ["kit/v1/echo.proto"]),
      (.fileContainingSymbol("kit.v1.Echo"), ["kit/v1/echo.proto"]),
      (.fileContainingSymbol("kit.v1.Echo.Say"), ["kit/v1/echo.proto"]),
      (.fileContainingSymbol("kit.v1.EchoMsg"), ["kit/v1/echo.proto"]),
      (
        .fileContainingSymbol("grpc.testing.TestService"),
        ["grpc/testing/test.proto", "grpc/testing/empty.proto", "grpc/testing/messages.proto"]
      ),
      (
        .fileContainingSymbol("grpc.health.v1.HealthCheckResponse.ServingStatus"), ["grpc/health/v1/health.proto"]
      ),
      (
        .fileContainingSymbol("google.rpc.ErrorInfo"),
        ["google/rpc/error_details.proto", "google/protobuf/duration.proto"]
      ),
      (.fileContainingSymbol("google.rpc.Status"), ["google/rpc/status.proto", "google/protobuf/any.proto"]),
    ] as [(Request.MessageRequest, [String])])
  func `a file comes with all it imports`(question: Request.MessageRequest, names: [String]) async throws {
    let answer = try await ask(ReflectionV1ServerReflectionDefinition.serviceName, question)
    guard case .fileDescriptorResponse(let files) = answer.messageResponse else {
      Issue.record("the answer holds no files: \(answer)")
      return
    }
    // The name is the first field of a FileDescriptorProto.
    let found = files.fileDescriptorProto.map { String(decoding: $0[2..<2 + Int($0[1])], as: UTF8.self) }
    #expect(found == names)
  }

  @Test(
    arguments: [
      (.fileByFilename("no.proto"), 5), (.fileContainingSymbol("kit.v1.Nothing"), 5), (.fileContainingSymbol(""), 5),
      (.allExtensionNumbersOfType("kit.v1.Nothing"), 5),
      (.fileContainingExtension(.with { $0.containingType = "kit.v1.EchoMsg" }), 5), (nil, 3),
    ] as [(Request.MessageRequest?, Int32)])
  func `what is not there is told in the answer`(question: Request.MessageRequest?, code: Int32) async throws {
    let answer = try await ask(ReflectionV1ServerReflectionDefinition.serviceName, question)
    guard case .errorResponse(let error) = answer.messageResponse else {
      Issue.record("the answer is no error: \(answer)")
      return
    }
    #expect(error.errorCode == code)
  }

  @Test func `a message without extensions has an empty list of them`() async throws {
    let answer = try await ask(
      ReflectionV1ServerReflectionDefinition.serviceName, .allExtensionNumbersOfType("kit.v1.EchoMsg"))
    #expect(
      answer.messageResponse == .allExtensionNumbersResponse(.with { $0.baseTypeName = "kit.v1.EchoMsg" }))
  }

  @Test func `one call answers many requests in order, errors among them`() async throws {
    let questions: [Request.MessageRequest] = [.listServices(""), .fileByFilename("no.proto"), .listServices("")]
    try await run { channel in
      let client = ReflectionV1ServerReflectionClient(channel)
      try await client.serverReflectionInfo { requests, responses in
        var iterator = responses.makeAsyncIterator()
        for question in questions {
          try await requests.write(.with { $0.messageRequest = question })
          let answer = try await iterator.next()
          #expect(answer?.originalRequest?.messageRequest == question)
        }
        requests.finish()
        #expect(try await iterator.next() == nil)
      }
    }
  }

  private func ask(_ version: String, _ question: Request.MessageRequest?) async throws -> Response {
    let method = MethodDescriptor<Request, Response>(
      service: version, method: "ServerReflectionInfo", kind: .bidirectional)
    return try await run { channel in
      try await channel.bidirectional(method) { requests, responses in
        try await requests.write(
          .with {
            $0.host = "host"
            $0.messageRequest = question
          })
        var iterator = responses.makeAsyncIterator()
        return try #require(try await iterator.next())
      }
    }
  }

  private func run<Result>(_ body: (GRPCChannel) async throws -> Result) async throws -> Result {
    var router = Router.saying { request, _ in request }
    router.registerReflection([TestProtoFiles.descriptors])
    return try await LoopbackServer.run(router) { loopback in
      try await loopback.withChannel { channel in try await body(channel) }
    }
  }
}
