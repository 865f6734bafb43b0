internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC

/// `plenary.v1.ReplicationService`: keeps copies of the registry elsewhere.
struct ReplicationHandler: ReplicationService {
  let desk: ReplicationDesk
  let failures: FailureReport

  func getReplicationStatus(
    _ request: GetReplicationStatusRequest, context: CallContext
  ) async throws -> ReplicationStatus {
    try await failures.guarding(context) { try await desk.status() }
  }

  func followStore(
    _ request: FollowStoreRequest, responses: ResponseWriter<FollowStoreResponse>, context: CallContext
  ) async throws {
    try await failures.guarding(context) {
      // A follower waits for it though there may be nothing to send.
      context.sendInitialMetadata()
      try await offLoop {
        try await desk.serve(request.position) { try await responses.write($0) }
      }
    }
  }

  func copyStore(
    _ request: CopyStoreRequest, responses: ResponseWriter<CopyStoreResponse>, context: CallContext
  ) async throws {
    try await failures.guarding(context) {
      context.sendInitialMetadata()
      try await offLoop {
        try await desk.sendCopy { try await responses.write($0) }
      }
    }
  }

  func promoteFollower(
    _ request: PromoteFollowerRequest, context: CallContext
  ) async throws -> PromoteFollowerResponse {
    try await failures.guarding(context) {
      try await desk.promote(force: request.force)
    }
  }
}
