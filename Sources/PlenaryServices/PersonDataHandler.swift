internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
internal import PlenaryStore

/// The methods of `plenary.v1.PersonService` that the law asks for: what there is on a person, and that it is erased.
struct PersonDataHandler: PersonService {
  let registry: Registry
  let accessLog: (any AccessLogReader)?
  let failures: FailureReport

  func reportPersonData(
    _ request: ReportPersonDataRequest, responses: ResponseWriter<ReportPersonDataResponse>, context: CallContext
  ) async throws {
    try await failures.guarding(context) {
      try await offLoop {
        try await registry.reportPersonData(request, in: accessLog, as: context.caller) {
          try await responses.write($0)
        }
      }
    }
  }

  func erasePerson(_ request: ErasePersonRequest, context: CallContext) async throws -> ErasePersonResponse {
    try await failures.guarding(context) {
      let (response, reply) = try await offLoop { () async throws(DomainError) in
        try await registry.erasePerson(request, as: context.caller)
      }
      try context.tell(revision: reply.revision, isReplay: reply.isReplay)
      return response
    }
  }
}
