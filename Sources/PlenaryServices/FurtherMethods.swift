internal import GRPCRuntime
internal import PlenaryDomain
internal import ProtobufRuntime

/// Undelete, Purge, BatchGet and BatchCreate (AIP-164, 165, 231 and 233), and the methods for what a record was before
/// (AIP-162), for the kind of any service.
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
        try await failures.guarding(context) {
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
    registerHistory(service, on: &router)
    let created = BatchEncoding(Service.BatchCreateResponse.self)
    router.register(
      Service.batchCreate,
      encoded: { [self] request, context in
        try await answer(context, created) { () async throws(DomainError) in
          try await registry.batchCreate(request, as: context.caller)
        }
      })
  }

  private func registerHistory<Service: CompleteServiceDefinition>(_ service: Service.Type, on router: inout Router) {
    let revisions = RevisionListEncoding(Service.ListRevisionsResponse.self)
    router.register(
      Service.listRevisions,
      encoded: { [self] request, context in
        try await failures.guarding(context) {
          let page = try await offLoop { () async throws(DomainError) in
            try await registry.listRevisions(request, as: context.caller)
          }
          try context.tell(revision: page.revision)
          return revisions.message(page)
        }
      })
    router.register(
      Service.getRevision,
      encoded: { [self] request, context in
        try await answer(context) { try await registry.getRevision(request, as: context.caller) }
      })
    router.register(
      Service.rollback,
      encoded: { [self] request, context in
        try await answer(context) { try await registry.rollback(request, as: context.caller) }
      })
  }

  /// Answers with several records.
  private func answer(
    _ context: CallContext, _ encoding: BatchEncoding, _ body: () async throws(DomainError) -> BatchReply
  ) async throws -> EncodedMessage {
    try await failures.guarding(context) {
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

/// How the response of a method that lists versions is put together from versions that are encoded already.
private struct RevisionListEncoding: Sendable {
  private let revisions: Int32
  private let nextPageToken: Int32

  init<Response: ListRevisionsResponseMessage>(_ response: Response.Type) {
    let revisions = Response.descriptor.fields.first {
      $0.type.valueMessage?.descriptor === Response.Revision.descriptor
    }
    guard let revisions, let nextPageToken = Response.descriptor.field(named: "next_page_token") else {
      preconditionFailure("\(Response.descriptor.fullName) has no field for the versions or for the token")
    }
    self.revisions = revisions.number
    self.nextPageToken = nextPageToken.number
  }

  func message(_ page: ReplyPage) -> EncodedMessage {
    var bytes: [UInt8] = []
    for revision in page.records { WireEncoding.append(revision, as: revisions, to: &bytes) }
    if !page.nextPageToken.isEmpty { WireEncoding.append(page.nextPageToken, as: nextPageToken, to: &bytes) }
    return EncodedMessage(bytes)
  }
}
