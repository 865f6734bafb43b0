internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// `plenary.v1.TraceService`: follows the chain from mandates to what became of recommendations.
struct TraceHandler: TraceService {
  let registry: Registry
  let failures: FailureReport

  func traceResource(_ request: TraceResourceRequest, context: CallContext) async throws -> ResourceTrace {
    try await failures.guarding(context) {
      let (trace, revision) = try await offLoop { () async throws(DomainError) in
        try await registry.trace(request, as: context.caller)
      }
      try context.tell(revision: revision)
      return trace
    }
  }
}
