internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
internal import ProtobufRuntime

/// `plenary.v1.MarkingService`: lets more see a record than before.
struct MarkingHandler: MarkingService {
  let registry: Registry
  let failures: FailureReport

  func downgradeMarking(_ request: DowngradeMarkingRequest, context: CallContext) async throws -> Record {
    try await failures.guarding(context) {
      let reply = try await registry.downgradeMarking(request, as: context.caller)
      try context.tell(revision: reply.revision, isReplay: reply.isReplay)
      return try Record(serializedBytes: reply.bytes)
    }
  }
}
