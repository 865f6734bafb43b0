internal import GRPCRuntime
internal import PlenaryDomain
internal import ProtobufRuntime

/// Undelete, Purge, BatchGet and BatchCreate (AIP-164, 165, 231 and 233) for the kind of any service.
extension StandardMethods {
  /// Lets all methods of a service that are common to the kinds answer on a router.
  func registerAll<Service: CompleteServiceDefinition>(_ service: Service.Type, on router: inout Router) {
    register(service, on: &router)
    router.register(
      Service.undelete,
      encoded: { [self] request, context in
        try await answer(context) { try await registry.undelete(request, as: context.caller) }
      })
    router.register(
      Service.purge,
      unary: { [self] request, context in
        try await failures.guarding(context.id, method: context.method) {
          let reply = try await offLoop { () async throws(DomainError) in
            try await registry.purge(request, as: context.caller)
          }
          try context.tell(revision: reply.revision, isReplay: reply.isReplay)
          return Service.PurgeResponse.with {
            $0.purgeCount = Int32(reply.count)
            $0.purgeSample = reply.sample
          }
        }
      })
    let found = BatchEncoding(Service.BatchGetResponse.self)
    router.register(
      Service.batchGet,
      encoded: { [self] request, context in
        try await answer(context, found) { () async throws(DomainError) in
          try await registry.batchGet(request, as: context.caller)
        }
      })
    let created = BatchEncoding(Service.BatchCreateResponse.self)
    router.register(
      Service.batchCreate,
      encoded: { [self] request, context in
        try await answer(context, created) { () async throws(DomainError) in
          try await registry.batchCreate(request, as: context.caller)
        }
      })
  }

  /// Answers with several records.
  private func answer(
    _ context: CallContext, _ encoding: BatchEncoding, _ body: () async throws(DomainError) -> BatchReply
  ) async throws -> EncodedMessage {
    try await failures.guarding(context.id, method: context.method) {
      let reply = try await offLoop(body)
      try context.tell(revision: reply.revision, isReplay: reply.isReplay)
      return encoding.message(reply.records)
    }
  }
}

/// How the response of a method for several records is put together from records that are encoded already.
private struct BatchEncoding: Sendable {
  private let resources: Int32

  init<Response: BatchResponseMessage>(_ response: Response.Type) {
    let field = Response.descriptor.fields.first { $0.type.valueMessage?.descriptor === Response.Resource.descriptor }
    guard let field else { preconditionFailure("\(Response.descriptor.fullName) has no field for the records") }
    resources = field.number
  }

  func message(_ records: [[UInt8]]) -> EncodedMessage {
    var bytes: [UInt8] = []
    // A tag and a length take at most six bytes, since the records have at most 3 MiB.
    bytes.reserveCapacity(records.reduce(0) { $0 + $1.count + 6 })
    for record in records { WireEncoding.append(record, as: resources, to: &bytes) }
    return EncodedMessage(bytes)
  }
}
