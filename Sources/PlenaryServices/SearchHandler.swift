internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// `plenary.v1.SearchService`: finds records by the words in their texts.
struct SearchHandler: SearchService {
  let registry: Registry
  let failures: FailureReport

  func searchResources(
    _ request: SearchResourcesRequest, context: CallContext
  ) async throws -> SearchResourcesResponse {
    try await failures.guarding(context) {
      let (response, revision) = try await offLoop { () async throws(DomainError) in
        try await registry.search(request, as: context.caller)
      }
      try context.tell(revision: revision)
      return response
    }
  }
}
