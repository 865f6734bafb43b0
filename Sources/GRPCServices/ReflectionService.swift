internal import GRPCProtos
package import GRPCRuntime
internal import GoogleAPI
package import ProtobufRuntime

/// Server reflection: clients without stubs ask here what the services, methods and messages are.
struct ReflectionService: Sendable {
  private let index: ReflectionIndex
  private let services: [String]

  init(index: ReflectionIndex, services: [String]) {
    self.index = index
    self.services = services
  }

  /// Answers each request, in order. What is not found is told in the answer and does not end the call.
  func answer(
    _ requests: RequestStream<ReflectionV1ServerReflectionRequest>,
    _ responses: ResponseWriter<ReflectionV1ServerReflectionResponse>
  ) async throws {
    for try await request in requests {
      try await responses.write(
        .with {
          $0.validHost = request.host
          $0.originalRequest = request
          $0.messageResponse = answer(request)
        })
    }
  }

  private func answer(
    _ request: ReflectionV1ServerReflectionRequest
  ) -> ReflectionV1ServerReflectionResponse.MessageResponse {
    switch request.messageRequest {
    case .fileByFilename(let name):
      files(index.files(named: name), or: "there is no file \"\(name)\"")
    case .fileContainingSymbol(let symbol):
      files(index.files(declaring: symbol), or: "there is no symbol \"\(symbol)\"")
    case .fileContainingExtension(let field):
      files(
        index.files(extending: field.containingType, number: field.extensionNumber),
        or: "there is no extension \(field.extensionNumber) of \"\(field.containingType)\"")
    case .allExtensionNumbersOfType(let type):
      extensionNumbers(type)
    case .listServices:
      .listServicesResponse(
        .with { $0.service = services.map { name in .with { $0.name = name } } })
    case nil:
      error(.invalidArgument, "the request asks for nothing")
    }
  }

  private func files(
    _ files: [[UInt8]]?, or message: String
  ) -> ReflectionV1ServerReflectionResponse.MessageResponse {
    guard let files else { return error(.notFound, message) }
    return .fileDescriptorResponse(.with { $0.fileDescriptorProto = files })
  }

  private func extensionNumbers(_ type: String) -> ReflectionV1ServerReflectionResponse.MessageResponse {
    guard let numbers = index.extensionNumbers(of: type) else {
      return error(.notFound, "there is no message \"\(type)\"")
    }
    return .allExtensionNumbersResponse(
      .with {
        $0.baseTypeName = type
        $0.extensionNumber = numbers
      })
  }

  private func error(
    _ code: GRPCStatus.Code, _ message: String
  ) -> ReflectionV1ServerReflectionResponse.MessageResponse {
    .errorResponse(
      .with {
        $0.errorCode = Int32(code.rawValue)
        $0.errorMessage = message
      })
  }
}

extension Router {
  /// Answers reflection, v1 and v1alpha, about the services registered so far and about itself; so it comes last.
  ///
  /// `descriptors` are those of the modules the services come from. The health and reflection protos are there without
  /// being named, and so are `google.rpc`'s, with which tools decode the details of errors.
  package mutating func registerReflection(_ descriptors: [DescriptorSet]) {
    let versions = [
      ReflectionV1ServerReflectionDefinition.serviceName, ReflectionV1AlphaServerReflectionDefinition.serviceName,
    ]
    let service = ReflectionService(
      index: ReflectionIndex(descriptors + [GRPCProtoFiles.descriptors, GoogleAPIProtoFiles.descriptors]),
      services: (services + versions).sorted())
    for version in versions {
      // The messages of v1alpha are those of v1 under another name, the same bytes on the wire.
      register(
        MethodDescriptor<ReflectionV1ServerReflectionRequest, ReflectionV1ServerReflectionResponse>(
          service: version, method: ReflectionV1ServerReflectionDefinition.serverReflectionInfo.method,
          kind: .bidirectional),
        bidirectional: { requests, responses, _ in try await service.answer(requests, responses) })
    }
  }
}
