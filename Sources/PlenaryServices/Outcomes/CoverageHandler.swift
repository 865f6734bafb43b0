internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// `plenary.v1.CoverageService`: tells who was consulted under directives.
struct CoverageHandler: CoverageService {
  let registry: Registry
  let failures: FailureReport

  func getConsultationCoverage(
    _ request: GetConsultationCoverageRequest, context: CallContext
  ) async throws -> ConsultationCoverage {
    try await failures.guarding(context) {
      let (coverage, revision) = try await offLoop { () async throws(DomainError) in
        try await registry.consultationCoverage(request, as: context.caller)
      }
      try context.tell(revision: revision)
      return coverage
    }
  }
}
