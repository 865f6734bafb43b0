internal import GRPCProtos
internal import GRPCRuntime
internal import GoogleAPI
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
internal import ProtobufRuntime
internal import PlenaryStore

/// `plenary.v1.AdminService`: tells how the registry is doing.
struct AdminHandler: AdminService {
  let registry: Registry
  let startTime: CommitTime
  let version: String
  let failures: FailureReport
  let upkeep: UpkeepDesk
  let replication: ReplicationDesk?
  let callGuard: CallGuard?

  func getStoreStatus(_ request: GetStoreStatusRequest, context: CallContext) async throws -> StoreStatus {
    try await failures.guarding(context) {
      let (revision, counts) = try await offLoop { () async throws(DomainError) in
        try await registry.counts(as: context.caller)
      }
      let oldest = try await registry.oldestRevision()
      try context.tell(revision: revision)
      return .with {
        $0.currentRevision = revision
        $0.resourceCounts = counts.map { kind in
          .with {
            $0.resourceType = kind.resourceType
            $0.recordCount = Int64(kind.count)
          }
        }
        $0.startedTime = ProtobufTimestamp(startTime)
        $0.version = version
        $0.oldestRevision = oldest
        $0.health = upkeep.health
        $0.follower = replication?.followerStatus
      }
    }
  }

  func compactHistory(
    _ request: CompactHistoryRequest, context: CallContext
  ) async throws -> CompactHistoryResponse {
    try await failures.guarding(context) {
      try await offLoop { () async throws(DomainError) in
        try await registry.compactHistory(request, as: context.caller)
      }
    }
  }

  func rebuildSearchIndex(
    _ request: RebuildSearchIndexRequest, context: CallContext
  ) async throws -> RebuildSearchIndexResponse {
    try await failures.guarding(context) {
      try registry.rebuildSearchIndex()
      return RebuildSearchIndexResponse()
    }
  }

  func backupRegistry(_ request: BackupRegistryRequest, context: CallContext) async throws -> LongRunningOperation {
    try await failures.guarding(context) { try upkeep.backUp(request) }
  }

  func verifyRegistry(_ request: VerifyRegistryRequest, context: CallContext) async throws -> LongRunningOperation {
    try await failures.guarding(context) { try upkeep.verify(request) }
  }

  func getAccessStatus(_ request: GetAccessStatusRequest, context: CallContext) async throws -> AccessStatus {
    try await failures.guarding(context) { callGuard?.status ?? AccessStatus() }
  }
}

extension ProtobufTimestamp {
  /// The time of a commit, or of what happens beside one.
  init(_ time: CommitTime) {
    let microseconds = time.microseconds
    let seconds = microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
    self.init(seconds: seconds, nanos: Int32((microseconds - seconds * 1_000_000) * 1000))
  }
}
