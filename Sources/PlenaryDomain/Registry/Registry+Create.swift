internal import Crypto
internal import PlenaryStore
package import ProtobufRuntime

extension Registry {
  /// Creates a record.
  /// - Throws: `idInvalid`, `resourceExists`, and whatever rule the record breaks.
  package func create<Request: CreateRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> Reply {
    let kind = kind(of: Request.Resource.self)
    guard let resource = request.resource else { throw kind.missing }
    if let parent = kind.pattern.parent { try parent.check(request.parent, field: "parent") }
    let name = kind.pattern.name(
      parent: request.parent, id: try id(in: request, kind, requestID: request.requestID, as: caller))
    let key = try kind.key(name, field: "parent")
    return try await reply(
      to: try WriteCall("Create\(kind.message.descriptor.name)", request), key, kind, as: caller
    ) { view throws(DomainError) in
      try await self.creation(of: resource, at: key, kind, in: view)
    }
  }

  /// The id that a request gives, or one that is made for it if the kind's requests need not give one.
  ///
  /// - Parameter requestID: What a repetition of the request has in common with it, and no other request; or empty.
  func id<Request: CreateRequestMessage>(
    in request: Request, _ kind: Kind, requestID: String, as caller: Caller
  ) throws(DomainError) -> String {
    let field = "\(kind.recordField.name)_id"
    let isOptional = Request.descriptor.field(named: field)?.behaviors.contains(.required) == false
    guard isOptional, request.resourceID.isEmpty else {
      try ResourceID.check(request.resourceID, field: field)
      return request.resourceID
    }
    guard !requestID.isEmpty else { return ResourceID.made(of: randomBytes(ResourceID.madeByteCount)) }
    // A repeated request means the same record.
    let origin = [caller.principal, request.parent, requestID.lowercased()].joined(separator: "\n")
    return ResourceID.made(of: SHA256.hash(data: Array(origin.utf8)).prefix(ResourceID.madeByteCount))
  }

  /// What creating a record comes to.
  func creation(
    of resource: any ProtobufMessage, at key: Key, _ kind: Kind, in view: RecordView
  ) async throws(DomainError) -> Changes {
    if let parent = NamePattern.parent(of: key.name), let parentKind = kinds.parent(of: kind) {
      guard case .live = try await view.standing(of: parent) else { throw parentKind.notFound(parent) }
    }
    guard try await view.storedRecord(key) == nil else { throw kind.exists(key) }
    let draft = Draft(
      kind: kind, key: key, previous: nil, previousContent: nil,
      content: kind.fresh(resource, name: key.name, keepsState: false))
    var findings = Findings()
    let examination = Examination(view: view)
    let prepared = try await examination.prepared(draft, &findings)
    let mutation = try await examination.mutations(writing: prepared, &findings).own
    findings.require(.absent(key), or: .refuse { _ in kind.exists(key) })
    var changes = Changes()
    changes.rest(on: findings)
    changes.mutations.append(mutation)
    changes.preview = prepared.content
    return changes
  }

  /// Writes, and answers with the record as it then is.
  ///
  /// - Parameter isLong: Whether the work can be long although the request is small.
  func reply(
    to call: WriteCall, _ key: Key, _ kind: Kind, as caller: Caller, isLong: Bool = false,
    _ examine: (RecordView) async throws(DomainError) -> Changes
  ) async throws(DomainError) -> Reply {
    try await placing(call, isLong: isLong) { () async throws(DomainError) in
      try await written(call, key, kind, as: caller, examine)
    }
  }

  /// Does the work of a call where it is served if it is short, and away from there if not.
  func placing<Result>(
    _ call: WriteCall, isLong: Bool = false, _ work: () async throws(DomainError) -> Result
  ) async throws(DomainError) -> Result {
    isLong || call.byteCount > WriteCall.smallByteCountMax ? try await offLoop(work) : try await work()
  }

  private func written(
    _ call: WriteCall, _ key: Key, _ kind: Kind, as caller: Caller,
    _ examine: (RecordView) async throws(DomainError) -> Changes
  ) async throws(DomainError) -> Reply {
    let encoder = encoder(for: caller, .write)
    switch try await write(call, as: caller, examine) {
    case .checked(let preview):
      if let shown = try await store.reading({ store throws(StoreError) in
        try await store.get([key], as: caller.viewer, at: nil).records[0]
      }) {
        witness(for: caller, .write)?.note(shown)
      }
      return Reply(
        bytes: try kind.shown(preview).encoded(), revision: text(try await head(), for: caller), isReplay: false)
    case .unchanged:
      let found = try await store.reading { store throws(StoreError) in try await store.get(key, as: caller.viewer) }
      return Reply(
        bytes: found.record.map { encoder.bytes(of: $0, kind) } ?? [], revision: text(found.revision, for: caller),
        isReplay: false)
    case .written(let receipt):
      let snapshot = try await snapshot(of: [key], writtenIn: receipt, as: caller)
      let record = snapshot.records[0]
      return Reply(
        bytes: record.map { encoder.bytes(of: $0, kind) } ?? [], revision: text(receipt.revision, for: caller),
        isReplay: receipt.isReplay)
    }
  }

  /// Records as a call has left them. If the history of that moment is no longer kept, which a call that is repeated
  /// late can meet with, as they are now.
  func snapshot(
    of keys: [Key], writtenIn receipt: WriteReceipt, as caller: Caller
  ) async throws(DomainError) -> Snapshot {
    try await store.reading { store throws(StoreError) in
      do throws(StoreError) {
        return try await store.get(keys, as: caller.viewer, at: receipt.revision)
      } catch .revisionCompacted {
        return try await store.get(keys, as: caller.viewer, at: nil)
      }
    }
  }

  func head() async throws(DomainError) -> Revision {
    try await store.reading { store throws(StoreError) in try await store.head() }
  }
}

extension Kind {
  /// A record as it would be, without what is shown to nobody.
  func shown(_ record: any ProtobufMessage) -> any ProtobufMessage {
    var record = record
    if let hiddenField { record.set(number: hiddenField, to: nil) }
    return record
  }

  /// A record as a caller has sent it, in the state of a new one: without anything that only the registry sets.
  ///
  /// - Parameter keepsState: Whether a state that is given counts, and what else an import may give.
  func fresh(_ resource: any ProtobufMessage, name: String, keepsState: Bool) -> any ProtobufMessage {
    var record = resource
    for field in message.descriptor.fields {
      let isKept = keepsState && isGivenByImports(field)
      if field.behaviors.contains(.outputOnly) && !isKept || HeaderField.ofVersion.contains(field.number) {
        record.set(field, to: nil)
      }
    }
    if let firstState, record.value(ofField: HeaderField.state) == nil {
      record.set(number: HeaderField.state, to: .enumeration(firstState))
    }
    record.set(number: HeaderField.name, to: .string(name))
    return record
  }

  /// The request lacks the record.
  var missing: DomainError {
    DomainError(.init(recordField.name, .fieldRequired, "the \(noun) is missing"))
  }

  /// The name is taken for good by a record that is deleted.
  func isDeleted(_ key: Key) -> DomainError {
    DomainError(
      .resourceExists,
      "`\(key)` is deleted; undelete it first, leave it out, or choose another id",
      metadata: ["name": key.name, "type": resourceType, "deleted": "true"], resource: key.name)
  }

  /// The name is taken, if only by a record that is deleted or out of sight.
  func exists(_ key: Key) -> DomainError {
    DomainError(
      .resourceExists, "there is a \(noun) `\(key)` already, perhaps a deleted one; choose another id, or update it",
      metadata: ["name": key.name, "type": resourceType], resource: key.name)
  }
}
