internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// The methods of `plenary.v1.ClientService` that give tokens out and take them back. They answer once that holds.
struct ClientTokenHandler: ClientService {
  let registry: Registry
  let failures: FailureReport
  let callGuard: CallGuard?

  func issueClientToken(
    _ request: IssueClientTokenRequest, context: CallContext
  ) async throws -> IssueClientTokenResponse {
    try await failures.guarding(context.id, method: context.method) {
      let (response, revision) = try await registry.issueToken(request, as: context.caller)
      try await callGuard?.refresh()
      try context.tell(revision: revision)
      return response
    }
  }

  func rotateClientToken(
    _ request: RotateClientTokenRequest, context: CallContext
  ) async throws -> RotateClientTokenResponse {
    try await failures.guarding(context.id, method: context.method) {
      let (response, revision) = try await registry.rotateToken(request, as: context.caller)
      try await callGuard?.refresh()
      try context.tell(revision: revision)
      return response
    }
  }

  func revokeClientToken(_ request: RevokeClientTokenRequest, context: CallContext) async throws -> Client {
    try await failures.guarding(context.id, method: context.method) {
      let (client, revision) = try await registry.revokeToken(request, as: context.caller)
      try await callGuard?.refresh()
      try context.tell(revision: revision)
      return client
    }
  }
}
