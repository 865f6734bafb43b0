internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// `plenary.v1.ApplyService`: brings records into the state that files describe.
struct ApplyHandler: ApplyService {
  let registry: Registry
  let failures: FailureReport

  func applyResources(_ request: ApplyResourcesRequest, context: CallContext) async throws -> ApplyResourcesResponse {
    try await failures.guarding(context) {
      let reply = try await offLoop { () async throws(DomainError) in
        try await registry.apply(request, as: context.caller)
      }
      try context.tell(revision: reply.response.revision, isReplay: reply.isReplay)
      return reply.response
    }
  }
}
