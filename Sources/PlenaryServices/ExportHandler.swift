internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
internal import ProtobufRuntime

/// `plenary.v1.ExportService`: sends records as they are read.
struct ExportHandler: ExportService {
  let registry: Registry
  let failures: FailureReport

  func exportRegistry(
    _ request: ExportRegistryRequest, responses: ResponseWriter<ExportRegistryResponse>, context: CallContext
  ) async throws {
    try await failures.guarding(context) {
      try await offLoop {
        try await registry.export(request, as: context.caller) { bytes in
          try await responses.write(encoded: EncodedMessage(bytes))
        }
      }
    }
  }
}
