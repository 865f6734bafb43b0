internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
internal import PlenaryStore

/// `plenary.v1.AuditService`: tells officers what was done with the registry, and by whom.
struct AuditHandler: AuditService {
  let registry: Registry
  let accessLog: (any AccessLogReader)?
  let failures: FailureReport

  func listAuditEntries(
    _ request: ListAuditEntriesRequest, context: CallContext
  ) async throws -> ListAuditEntriesResponse {
    try await failures.guarding(context) {
      let (response, revision) = try await offLoop { () async throws(DomainError) in
        try await registry.auditEntries(request, as: context.caller)
      }
      try context.tell(revision: revision)
      return response
    }
  }

  func listAccessEntries(
    _ request: ListAccessEntriesRequest, context: CallContext
  ) async throws -> ListAccessEntriesResponse {
    try await failures.guarding(context) {
      try await offLoop { () async throws(DomainError) in
        try await registry.accessEntries(request, in: accessLog, as: context.caller)
      }
    }
  }
}
