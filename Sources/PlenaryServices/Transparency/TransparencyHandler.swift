internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// `plenary.v1.TransparencyService`: proves that the past was not changed.
struct TransparencyHandler: TransparencyService {
  let desk: TransparencyDesk
  let failures: FailureReport

  func getTreeHead(_ request: GetTreeHeadRequest, context: CallContext) async throws -> TreeHead {
    try await failures.guarding(context) {
      try await offLoop { () async throws(DomainError) in try await desk.head(for: context.caller) }
    }
  }

  func getInclusionProof(_ request: GetInclusionProofRequest, context: CallContext) async throws -> InclusionProof {
    try await failures.guarding(context) {
      try await offLoop { () async throws(DomainError) in try await desk.inclusion(request, as: context.caller) }
    }
  }

  func getConsistencyProof(
    _ request: GetConsistencyProofRequest, context: CallContext
  ) async throws -> ConsistencyProof {
    try await failures.guarding(context) {
      try await offLoop { () async throws(DomainError) in try await desk.consistency(request, for: context.caller) }
    }
  }
}
