internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// The methods of `plenary.v1.ClientService` that give tokens out and take them back.
struct ClientTokenHandler: ClientService {
  let registry: Registry
  let failures: FailureReport

  func issueClientToken(
    _ request: IssueClientTokenRequest, context: CallContext
  ) async throws -> IssueClientTokenResponse {
    try await answer(context) { () async throws(DomainError) in
      try await registry.issueToken(request, as: context.caller)
    }
  }

  func rotateClientToken(
    _ request: RotateClientTokenRequest, context: CallContext
  ) async throws -> RotateClientTokenResponse {
    try await answer(context) { () async throws(DomainError) in
      try await registry.rotateToken(request, as: context.caller)
    }
  }

  func approveClientGrant(_ request: ApproveClientGrantRequest, context: CallContext) async throws -> Client {
    try await answer(context) { () async throws(DomainError) in
      try await registry.approveGrant(request, as: context.caller)
    }
  }

  func listClientElevations(
    _ request: ListClientElevationsRequest, context: CallContext
  ) async throws -> ListClientElevationsResponse {
    try await failures.guarding(context) {
      let (response, revision) = try await offLoop { () async throws(DomainError) in
        try await registry.elevations(request, as: context.caller)
      }
      try context.tell(revision: revision)
      return response
    }
  }

  func revokeClientToken(_ request: RevokeClientTokenRequest, context: CallContext) async throws -> Client {
    try await answer(context) { () async throws(DomainError) in
      try await registry.revokeToken(request, as: context.caller)
    }
  }

  /// Changes the tokens of a client.
  private func answer<Answer: Sendable>(
    _ context: CallContext, _ change: () async throws(DomainError) -> (Answer, revision: String)
  ) async throws -> Answer {
    try await failures.guarding(context) {
      let (answer, revision) = try await change()
      try context.tell(revision: revision)
      return answer
    }
  }
}
