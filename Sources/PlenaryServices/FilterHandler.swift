internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryRPC
internal import ProtobufRuntime

/// `plenary.v1.FilterService`: tells how lists are read.
struct FilterHandler: FilterService {
  let registry: Registry
  let failures: FailureReport

  func explainFilter(_ request: ExplainFilterRequest, context: CallContext) async throws -> ExplainFilterResponse {
    try await failures.guarding(context) {
      let found = try await offLoop { () async throws(DomainError) in
        try await registry.explain(
          resourceType: request.resourceType, parent: request.parent, filter: request.filter,
          orderBy: request.orderBy, showsDeleted: request.showDeleted, as: context.caller)
      }
      try context.tell(revision: found.revision)
      return .with {
        $0.filter = found.filter
        $0.steps = found.steps.map { step in
          .with {
            $0.expression = step.expression
            $0.indexFields = step.indexes
            $0.ranges = step.ranges
            $0.exact = step.isExact
          }
        }
        $0.scan = found.isScan
        $0.order = ExplainFilterResponse.Order(found.order)
      }
    }
  }
}

extension ExplainFilterResponse.Order {
  fileprivate init(_ order: FilterExplanation.Order) {
    self =
      switch order {
      case .name: .name
      case .index: .index
      case .sorting: .sorting
      }
  }
}
