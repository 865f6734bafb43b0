import GRPCRuntime
import ProtobufRuntime
import TestProtos

/// `grpc.testing.TestService`, as gRPC's interop test descriptions define it.
struct InteropHandler: TestingTestService {
  /// One empty message for another.
  func emptyCall(_ request: TestingEmpty, context: CallContext) async throws -> TestingEmpty {
    request
  }

  /// A payload of the size asked for, compressed or not as asked for; echoes metadata and a status.
  func unaryCall(_ request: TestingSimpleRequest, context: CallContext) async throws -> TestingSimpleResponse {
    try Self.echoMetadata(context)
    try Self.expectCompressed(request.expectCompressed, context)
    context.responseEncoding = request.responseCompressed?.value == true ? .gzip : .identity
    try Self.throwStatus(request.responseStatus)
    return try TestingSimpleResponse.with { $0.payload = try Self.payload(request.responseType, request.responseSize) }
  }

  /// Like `unaryCall`; there is no cache here that could answer instead.
  func cacheableUnaryCall(_ request: TestingSimpleRequest, context: CallContext) async throws -> TestingSimpleResponse {
    try await unaryCall(request, context: context)
  }

  /// A stream of payloads of the sizes asked for, each compressed or not as asked for.
  func streamingOutputCall(
    _ request: TestingStreamingOutputCallRequest, responses: ResponseWriter<TestingStreamingOutputCallResponse>,
    context: CallContext
  ) async throws {
    try Self.echoMetadata(context)
    context.responseEncoding = .gzip
    try await Self.answer(request, responses)
  }

  /// The sum of the payloads' sizes.
  func streamingInputCall(
    _ requests: RequestStream<TestingStreamingInputCallRequest>, context: CallContext
  ) async throws -> TestingStreamingInputCallResponse {
    var total = 0
    for try await request in requests {
      try Self.expectCompressed(request.expectCompressed, context)
      total += request.payload?.body.count ?? 0
    }
    return TestingStreamingInputCallResponse.with { $0.aggregatedPayloadSize = Int32(clamping: total) }
  }

  /// Answers each request as it comes.
  func fullDuplexCall(
    _ requests: RequestStream<TestingStreamingOutputCallRequest>,
    responses: ResponseWriter<TestingStreamingOutputCallResponse>, context: CallContext
  ) async throws {
    try Self.echoMetadata(context)
    context.responseEncoding = .gzip
    for try await request in requests { try await Self.answer(request, responses) }
  }

  /// Answers all requests once the last has come.
  func halfDuplexCall(
    _ requests: RequestStream<TestingStreamingOutputCallRequest>,
    responses: ResponseWriter<TestingStreamingOutputCallResponse>, context: CallContext
  ) async throws {
    context.responseEncoding = .gzip
    var kept: [TestingStreamingOutputCallRequest] = []
    for try await request in requests { kept.append(request) }
    for request in kept { try await Self.answer(request, responses) }
  }

  /// A method that the service has and does not implement.
  func unimplementedCall(_ request: TestingEmpty, context: CallContext) async throws -> TestingEmpty {
    throw GRPCStatus(.unimplemented, "the method is not implemented on purpose")
  }

  private static func answer(
    _ request: TestingStreamingOutputCallRequest, _ responses: ResponseWriter<TestingStreamingOutputCallResponse>
  ) async throws {
    for parameters in request.responseParameters {
      if parameters.intervalUs > 0 { try await Task.sleep(for: .microseconds(parameters.intervalUs)) }
      try await responses.write(
        TestingStreamingOutputCallResponse.with { $0.payload = try payload(request.responseType, parameters.size) },
        compressed: parameters.compressed?.value == true)
    }
    try throwStatus(request.responseStatus)
  }

  /// A request says whether it went compressed, so that its sender learns that this server looks.
  private static func expectCompressed(_ expected: TestingBoolValue?, _ context: CallContext) throws {
    guard let expected, expected.value != context.isRequestCompressed else { return }
    throw GRPCStatus(.invalidArgument, "the request came \(expected.value ? "uncompressed" : "compressed")")
  }

  private static func payload(_ type: TestingPayloadType, _ size: Int32) throws -> TestingPayload {
    guard size >= 0 else { throw GRPCStatus(.invalidArgument, "the response size is negative") }
    return TestingPayload.with {
      $0.type = type
      $0.body = [UInt8](repeating: 0, count: Int(size))
    }
  }

  private static func throwStatus(_ status: TestingEchoStatus?) throws {
    guard let status, status.code != 0 else { return }
    throw GRPCStatus(GRPCStatus.Code(rawValue: Int(status.code)), status.message)
  }

  private static func echoMetadata(_ context: CallContext) throws {
    for case .text(let text) in context.requestMetadata["x-grpc-test-echo-initial"] {
      try context.initialMetadata.append(text, for: "x-grpc-test-echo-initial")
    }
    for case .bytes(let bytes) in context.requestMetadata["x-grpc-test-echo-trailing-bin"] {
      try context.trailingMetadata.append(bytes, for: "x-grpc-test-echo-trailing-bin")
    }
  }
}
