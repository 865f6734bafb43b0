internal import PlenaryStore
package import ProtobufRuntime

/// Several records as an answer: bytes that can be sent as they are.
package struct BatchReply: Sendable {
  /// The encoded messages, in the order of the request.
  package let records: [[UInt8]]

  /// The token of the revision at which the answer is true.
  package let revision: String

  /// Whether the call was a repetition, and this is what the first one did.
  package let isReplay: Bool
}

extension Registry {
  /// The most records that one call gets or creates.
  package static let batchCountMax = 1000

  /// The most bytes of their records, so that stock clients take the answer.
  package static let batchByteCountMax = 3 << 20

  /// Gets records by name, live or deleted, as they stand at one revision: all of them, or none.
  /// - Throws: `fieldRequired`, `listTooLong`, `idInvalid`, `resourceNotFound`, `maskPathUnknown`, `limitReached`.
  package func batchGet<Request: BatchGetRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> BatchReply {
    let kind = kind(of: Request.Resource.self)
    try Self.checkBatch(request.names.count, field: "names")
    try checkParent(request.parent, kind)
    let mask = try FieldMask.reading(request.readMask?.paths, of: kind)
    var keys: [Key] = []
    for (index, name) in request.names.enumerated() {
      keys.append(try kind.key(name, field: "names.\(index)"))
      try Self.check(NamePattern.parent(of: name) ?? "", in: request.parent, field: "names.\(index)")
    }
    let wanted = keys
    let past = try await revision(readBy: request)
    let snapshot = try await store.reading { store throws(StoreError) in
      try await store.get(wanted, as: caller.viewer, at: past)
    }
    var records: [[UInt8]] = []
    var byteCount = 0
    for (key, record) in zip(keys, snapshot.records) {
      try DomainError.checkCancellation()
      guard let record else { throw kind.notFound(key.name) }
      records.append(try bytes(of: record, kind, mask, as: Request.Resource.self, for: caller, .batchGet))
      byteCount += records[records.count - 1].count
      try Self.checkBytes(byteCount)
    }
    return BatchReply(records: records, revision: text(snapshot.revision, for: caller), isReplay: false)
  }

  /// Creates records in one transaction: all of them, or none. They may refer to each other.
  /// - Throws: `fieldRequired`, `listTooLong`, `limitReached`, and whatever `create` throws.
  package func batchCreate<Request: BatchCreateRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> BatchReply {
    let kind = kind(of: Request.Resource.self)
    try Self.checkBatch(request.requests.count, field: "requests")
    try checkParent(request.parent, kind)
    var items: [(key: Key, resource: any ProtobufMessage)] = []
    for (index, item) in request.requests.enumerated() {
      let requestID = request.requestID.isEmpty ? "" : "\(request.requestID)\n\(index)"
      items.append(
        try await Self.located(at: index) { () throws(DomainError) in
          try entry(item, of: request, kind, requestID: requestID, as: caller)
        })
    }
    var call = try WriteCall("BatchCreate\(kind.message.descriptor.name)", request)
    if request.requests.contains(where: \.validateOnly) { call.validateOnly = true }
    var previews: [any ProtobufMessage] = []
    let outcome = try await write(call, as: caller) { view throws(DomainError) in
      let (changes, drafts) = try await creations(of: items, kind, by: caller, in: view)
      previews = drafts.map(\.content)
      return changes
    }
    guard case .written(let receipt) = outcome else {
      var records: [[UInt8]] = []
      for preview in previews { records.append(try preview.encoded()) }
      return BatchReply(records: records, revision: text(try await head(), for: caller), isReplay: false)
    }
    let keys = items.map(\.key)
    let snapshot = try await snapshot(of: keys, writtenIn: receipt, as: caller)
    return BatchReply(
      records: snapshot.records.map { record in
        record.map { encoder(for: caller, .write).bytes(of: $0, kind) } ?? []
      },
      revision: text(receipt.revision, for: caller), isReplay: receipt.isReplay)
  }

  /// The name and the content of one record to create.
  private func entry<Request: BatchCreateRequestMessage>(
    _ item: Request.Create, of request: Request, _ kind: Kind, requestID: String, as caller: Caller
  ) throws(DomainError) -> (key: Key, resource: any ProtobufMessage) {
    guard let resource = item.resource else { throw kind.missing }
    let id = try id(in: item, kind, requestID: requestID, as: caller)
    let parent = item.parent.isEmpty ? request.parent : item.parent
    if let pattern = kind.pattern.parent {
      try pattern.check(parent, field: "parent")
      try Self.check(parent, in: request.parent, field: "parent")
    }
    return (try kind.key(kind.pattern.name(parent: parent, id: id), field: "parent"), resource)
  }

  /// What creating records comes to. All are shown to the view before the first is checked, since they may refer to each
  /// other.
  private func creations(
    of items: [(key: Key, resource: any ProtobufMessage)], _ kind: Kind, by caller: Caller, in view: RecordView
  ) async throws(DomainError) -> (Changes, [Draft]) {
    let examination = Examination(view: view)
    try await view.load(items.map(\.key))
    var keys: Set<Key> = []
    var examined: [(draft: Draft, findings: Findings)] = []
    for (index, item) in items.enumerated() {
      try DomainError.checkCancellation()
      let isNew = keys.insert(item.key).inserted
      examined.append(
        try await Self.located(at: index) { () throws(DomainError) in
          if let parent = NamePattern.parent(of: item.key.name), let parentKind = kinds.parent(of: kind) {
            guard case .live = try await view.standing(of: parent) else { throw parentKind.notFound(parent) }
          }
          guard isNew, try await view.storedRecord(item.key) == nil else { throw kind.exists(item.key) }
          let draft = Draft(
            kind: kind, key: item.key, previous: nil, previousContent: nil,
            content: kind.fresh(item.resource, name: item.key.name, keepsState: false))
          var findings = Findings()
          return (try await examination.prepared(draft, &findings), findings)
        })
    }
    try await examination.loadReferences(of: examined.map(\.draft))
    var changes = Changes()
    var byteCount = 0
    for (index, (draft, prepared)) in examined.enumerated() {
      try DomainError.checkCancellation()
      var findings = prepared
      let mutation = try await Self.located(at: index) { () throws(DomainError) in
        try await examination.mutations(writing: draft, &findings).own
      }
      findings.require(.absent(draft.key), or: .refuse { _ in kind.exists(draft.key) })
      findings.locateGuards { $0.located(at: index, of: "requests") }
      changes.rest(on: findings)
      changes.mutations.append(mutation)
      byteCount += mutation.content?.body.count ?? 0
      byteCount += RecordEncoder.headerByteCountMax + caller.principal.utf8.count
      try Self.checkBytes(byteCount)
    }
    changes.preview = examined.first?.draft.content
    return (changes, examined.map(\.draft))
  }
}

extension Registry {
  static func checkBatch(_ count: Int, field: String) throws(DomainError) {
    guard count > 0 else { throw DomainError(.init(field, .fieldRequired, "it is empty; send one entry at least")) }
    guard count <= batchCountMax else {
      throw DomainError(
        .init(
          field, .listTooLong, "it has \(count) entries; one call takes at most \(batchCountMax), so make several",
          metadata: ["max": "\(batchCountMax)"]))
    }
  }

  private static func checkBytes(_ byteCount: Int) throws(DomainError) {
    guard byteCount > batchByteCountMax else { return }
    throw DomainError(
      .limitReached,
      "the records would take more than \(batchByteCountMax >> 20) MiB; make several calls, or read with a mask",
      metadata: ["max_bytes": "\(batchByteCountMax)"])
  }

  private func checkParent(_ parent: String, _ kind: Kind) throws(DomainError) {
    if !parent.isEmpty { _ = try scope(of: parent, kind) }
  }

  /// Checks that a record belongs to the parent that a batch names, where `-` stands for every id.
  private static func check(_ parent: String, in batchParent: String, field: String) throws(DomainError) {
    let wanted = batchParent.split(separator: "/", omittingEmptySubsequences: false)
    let given = parent.split(separator: "/", omittingEmptySubsequences: false)
    guard
      batchParent.isEmpty
        || wanted.count == given.count && zip(wanted, given).allSatisfy({ $0 == $1 || $0 == "-" })
    else {
      throw DomainError(
        .init(
          field, .idInvalid, "its parent is not `\(batchParent.clipped)`, which the call names",
          metadata: ["value": parent.clipped, "parent": batchParent.clipped]))
    }
  }

  /// Says which of the requests of a batch is refused.
  private static func located<Result>(
    at index: Int, _ body: () async throws(DomainError) -> Result
  ) async throws(DomainError) -> Result {
    do {
      return try await body()
    } catch {
      throw error.located(at: index, of: "requests")
    }
  }
}
