internal import GRPCRuntime
internal import PlenaryDomain
internal import ProtobufRuntime

/// Get, List, Create, Update and Delete (AIP-131 to 135) for the kind of any service, and the methods that change the
/// state of its records (AIP-216).
///
/// Answers are bytes of the store that go into the frame as they are.
struct StandardMethods: Sendable {
  let registry: Registry
  let failures: FailureReport
  let headers: RevisionHeaders

  init(registry: Registry, failures: FailureReport) {
    self.registry = registry
    self.failures = failures
    headers = RevisionHeaders(now: { registry.time }) { registry.token($0, for: $1) }
  }

  /// Lets the five methods of a service and its transitions answer on a router.
  func register<Service: ResourceServiceDefinition>(_ service: Service.Type, on router: inout Router) {
    let list = ListEncoding(Service.ListResponse.self)
    let shortcut = registry.shortcut(Service.Get.self)
    router.register(
      Service.get,
      ready: { [self] request, leave in
        let caller = leave?.registryCaller ?? .anonymous
        guard let found = registry.ready(request, shortcut, as: caller) else { return nil }
        return ReadyAnswer(
          EncodedMessage(found.bytes), headers: headers.headers(of: found.revision, with: found.version, for: caller))
      },
      encoded: { [self] request, context in
        try await answer(context) { try await registry.get(request, as: context.caller) }
      })
    router.register(
      Service.list,
      encoded: { [self] request, context in
        try await failures.guarding(context) {
          let page = try await offLoop { () async throws(DomainError) in
            try await registry.list(request, as: context.caller)
          }
          try context.tell(revision: page.revision)
          return list.message(page)
        }
      })
    router.register(
      Service.create,
      encoded: { [self] request, context in
        try await answer(context) { try await registry.create(request, as: context.caller) }
      })
    router.register(
      Service.update,
      encoded: { [self] request, context in
        try await answer(context) { try await registry.update(request, as: context.caller) }
      })
    router.register(
      Service.delete,
      encoded: { [self] request, context in
        try await answer(context) { try await registry.delete(request, as: context.caller) }
      })
    let verbs = Set(Service.transitions.map { $0.verb })
    precondition(
      verbs == registry.verbs(of: Service.Resource.self), "\(Service.serviceName) and its kind differ in transitions")
    for method in Service.transitions { register(transition: method, on: &router) }
  }

  private func register(transition method: some TransitionMethod, on router: inout Router) {
    let verb = method.verb
    router.register(
      method.descriptor,
      encoded: { [self] request, context in
        try await answer(context) { try await registry.transition(verb, request, as: context.caller) }
      })
  }

  /// Answers with one record.
  func answer(
    _ context: CallContext, _ body: () async throws -> Reply
  ) async throws -> EncodedMessage {
    try await failures.guarding(context) {
      let reply = try await body()
      try context.tell(revision: reply.revision, isReplay: reply.isReplay)
      return EncodedMessage(reply.bytes)
    }
  }
}

/// How the response of a List method is put together from records that are encoded already.
private struct ListEncoding: Sendable {
  private let resources: Int32
  private let nextPageToken: Int32
  private let totalSize: Int32

  init<Response: ListResponseMessage>(_ response: Response.Type) {
    let fields = Response.descriptor.fields
    func number(_ name: String, _ field: FieldDescriptor?) -> Int32 {
      guard let field else { preconditionFailure("\(Response.descriptor.fullName) has no field for \(name)") }
      return field.number
    }
    resources = number(
      "the records", fields.first { $0.type.valueMessage?.descriptor === Response.Resource.descriptor })
    nextPageToken = number("the token", Response.descriptor.field(named: "next_page_token"))
    totalSize = number("the count", Response.descriptor.field(named: "total_size"))
  }

  func message(_ page: ReplyPage) -> EncodedMessage {
    var bytes: [UInt8] = []
    // A tag and a length take at most six bytes, since a page has at most 3 MiB.
    bytes.reserveCapacity(page.records.reduce(page.nextPageToken.utf8.count + 20) { $0 + $1.count + 6 })
    for record in page.records { WireEncoding.append(record, as: resources, to: &bytes) }
    if !page.nextPageToken.isEmpty { WireEncoding.append(page.nextPageToken, as: nextPageToken, to: &bytes) }
    if let size = page.totalSize { WireEncoding.append(UInt64(size), as: totalSize, to: &bytes) }
    return EncodedMessage(bytes)
  }
}
