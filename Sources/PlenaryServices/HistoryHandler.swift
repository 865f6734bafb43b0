internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// `plenary.v1.HistoryService`: compares what stood in the registry at two revisions.
struct HistoryHandler: HistoryService {
  let registry: Registry
  let failures: FailureReport

  func diffResource(_ request: DiffResourceRequest, context: CallContext) async throws -> DiffResourceResponse {
    try await failures.guarding(context) {
      let response = try await offLoop { () async throws(DomainError) in
        try await registry.differences(request, as: context.caller)
      }
      try context.tell(revision: response.toRevision)
      return response
    }
  }

  func diffRegistry(_ request: DiffRegistryRequest, context: CallContext) async throws -> DiffRegistryResponse {
    try await failures.guarding(context) {
      let response = try await offLoop { () async throws(DomainError) in
        try await registry.differences(request, as: context.caller)
      }
      try context.tell(revision: response.toRevision)
      return response
    }
  }
}
