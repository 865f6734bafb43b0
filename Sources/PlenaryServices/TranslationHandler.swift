internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// `plenary.v1.TranslationService`: tells how far the texts of the registry are translated.
struct TranslationHandler: TranslationService {
  let registry: Registry
  let failures: FailureReport

  func getTranslationStatus(
    _ request: GetTranslationStatusRequest, context: CallContext
  ) async throws -> TranslationStatus {
    try await failures.guarding(context) {
      let (status, revision) = try await offLoop { () async throws(DomainError) in
        try await registry.translationStatus(request, as: context.caller)
      }
      try context.tell(revision: revision)
      return status
    }
  }
}
