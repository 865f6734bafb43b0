internal import GRPCProtos
internal import GRPCRuntime
internal import GoogleAPI
internal import PlenaryDomain
internal import ProtobufRuntime

/// `google.longrunning.Operations`: what became of work that takes longer than a call.
struct OperationsHandler: LongRunningOperations {
  /// How many operations a page has if the caller does not say, and at most.
  static let pageSizeDefault = 50
  static let pageSizeMax = 100

  /// The name of the collection.
  private static let collection = "operations"

  let register: OperationRegister
  let failures: FailureReport

  func listOperations(
    _ request: LongRunningListOperationsRequest, context: CallContext
  ) async throws -> LongRunningListOperationsResponse {
    try await failures.guarding(context) {
      guard request.name.isEmpty || request.name == Self.collection else {
        throw DomainError(.init("name", .idInvalid, "it is `\(Self.collection)`: that is where all operations are"))
      }
      guard request.filter.isEmpty else {
        throw DomainError(.init("filter", .filterSyntax, "operations cannot be filtered; leave it empty"))
      }
      guard request.pageSize >= 0 else {
        throw DomainError(.init("page_size", .pageSizeInvalid, "it is negative; give 1 to \(Self.pageSizeMax), or 0"))
      }
      let size = request.pageSize == 0 ? Self.pageSizeDefault : min(Int(request.pageSize), Self.pageSizeMax)
      let all = register.all(as: .init(context.caller))
      let start = try Self.start(request.pageToken, in: all)
      let page = all[start...].prefix(size)
      return .with {
        $0.operations = Array(page)
        if page.endIndex < all.endIndex { $0.nextPageToken = page.last?.name ?? "" }
      }
    }
  }

  func getOperation(
    _ request: LongRunningGetOperationRequest, context: CallContext
  ) async throws -> LongRunningOperation {
    try await failures.guarding(context) { try register.get(request.name, as: .init(context.caller)) }
  }

  func deleteOperation(
    _ request: LongRunningDeleteOperationRequest, context: CallContext
  ) async throws -> ProtobufEmpty {
    try await failures.guarding(context) {
      try register.delete(request.name, as: .init(context.caller))
      return ProtobufEmpty()
    }
  }

  func cancelOperation(
    _ request: LongRunningCancelOperationRequest, context: CallContext
  ) async throws -> ProtobufEmpty {
    try await failures.guarding(context) {
      try register.cancel(request.name, as: .init(context.caller))
      return ProtobufEmpty()
    }
  }

  func waitOperation(
    _ request: LongRunningWaitOperationRequest, context: CallContext
  ) async throws -> LongRunningOperation {
    try await failures.guarding(context) {
      let time = request.timeout?.duration ?? OperationRegister.waitMax
      return try await register.wait(for: request.name, atMost: max(.zero, time), as: .init(context.caller))
    }
  }

  /// A page begins after the operation that the token names.
  private static func start(_ token: String, in all: [LongRunningOperation]) throws(DomainError) -> Int {
    guard !token.isEmpty else { return 0 }
    guard let index = all.firstIndex(where: { $0.name == token }) else {
      throw DomainError(
        .init("page_token", .pageTokenInvalid, "it is not that of a list of operations; begin again without it"))
    }
    return index + 1
  }
}
