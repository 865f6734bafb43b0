package import PlenaryStore
package import ProtobufRuntime

/// The registry: the standard methods for records of every kind, and the import and export of many.
///
/// A method takes the request as the API has it and the caller, and answers with bytes that can be sent as they are.
/// Whether the caller may ask at all is decided before; what it may see is the store's to apply.
package struct Registry: Sendable {
  /// The kinds of records.
  package let kinds = KindCatalog.current

  let store: any Store
  let tokens: VersionTokens
  let pageTokens: PageTokenSealer
  let encoder: RecordEncoder

  /// How the daemon reads as a follower; nil if it takes writes.
  let following: FollowerReads?

  /// Where words are looked up; nil if they are looked for in each record.
  let search: SearchAccess?

  /// Whether rights that give others rights take two to give; nil if they do not.
  let fourEyes: FourEyes?

  /// The most records of one organization, deleted ones counted until they are purged; nil if there may be any number.
  let organizationRecordsMax: Int?

  /// Where reads of what is held back, and refusals, are noted; nil if they are not.
  let accessRecorder: (any AccessRecorder)?

  /// Takes in that clients or sharing groups have changed, before whoever changed them is told; nil if nobody keeps them
  /// in memory.
  let accessDidChange: (@Sendable () async -> Void)?

  let memory: MemoryLimits
  let inputs: TimeAndChance

  /// How much of what calls collect is in memory at a time.
  package struct MemoryLimits: Sendable {
    /// The most bytes of records in all imports that are under way.
    package var importByteCountMax = ImportBatch.byteCountMax

    /// The most bytes of names and values in one list that is put in an order that no index keeps.
    package var sortedByteCountMax = 32 << 20

    /// The same for all such lists that are under way.
    package var sortingByteCountMax = 128 << 20

    /// The most bytes of records in all outcome reports that are being compiled.
    package var outcomeByteCountMax = 192 << 20

    /// The most records of one outcome report, and the most bytes that they have.
    package var reportedCountMax = 200_000
    package var reportedByteCountMax = 128 << 20

    /// The most bytes of the content of one outcome report.
    package var outcomeContentByteCountMax = 64 << 20

    /// The most bytes of records that one file of an export is made of.
    package var exportedByteCountMax = 32 << 20

    /// The same for all such files that are being made.
    package var exportingByteCountMax = 64 << 20

    /// The limits that hold if nothing else is said.
    package init() {}
  }

  /// The most rows that are looked at for one page of what lies in the order of revisions. Pages are short, or empty, only
  /// where as many rows in a run are nothing to the caller, and so tell no more than that there are so many.
  package static let pageScanDefault = 1_000_000
  package var pageScanMax = Self.pageScanDefault

  /// What all imports that are under way have together.
  package let importBudget: MemoryBudget

  /// What all lists that are being put in order have together.
  let sortingBudget: MemoryBudget

  /// What all reports that are being compiled have together.
  let outcomeBudget: MemoryBudget

  /// The contents of reports that were read last.
  let outcomeCache = OutcomeCache()

  /// What all files of exports that are being made have together.
  let exportBudget: MemoryBudget

  /// The registry of the records in a store.
  ///
  /// - Parameters:
  ///   - inputs: The clock by which today is known, and the chance that ids are made of.
  ///   - following: How reads wait for a leader, if the store is a copy.
  ///   - search: The store's search index, which somebody feeds.
  ///   - accessDidChange: Takes in that clients or sharing groups have changed.
  ///   - fourEyes: Has rights that give others rights approved.
  ///   - organizationRecordsMax: The most records of one organization.
  ///   - accessRecorder: Where reads of what is held back, and refusals, are noted.
  package init(
    store: any Store, _ inputs: TimeAndChance, memory: MemoryLimits = MemoryLimits(),
    following: FollowerReads? = nil, search: SearchAccess? = nil,
    accessDidChange: (@Sendable () async -> Void)? = nil, accessRecorder: (any AccessRecorder)? = nil,
    fourEyes: FourEyes? = nil, organizationRecordsMax: Int? = nil
  ) {
    self.fourEyes = fourEyes
    self.organizationRecordsMax = organizationRecordsMax
    self.accessDidChange = accessDidChange
    self.accessRecorder = accessRecorder
    self.following = following
    self.store = store
    self.inputs = inputs
    self.memory = memory
    self.search = search
    importBudget = MemoryBudget(byteCount: memory.importByteCountMax)
    sortingBudget = MemoryBudget(byteCount: memory.sortingByteCountMax)
    outcomeBudget = MemoryBudget(byteCount: memory.outcomeByteCountMax)
    exportBudget = MemoryBudget(byteCount: memory.exportingByteCountMax)
    tokens = VersionTokens(store.identity, seed: UInt64(littleEndian: inputs.randomBytes(8)[...]))
    pageTokens = PageTokenSealer(store.identity)
    encoder = RecordEncoder(tokens)
  }

  /// The registry of the records in a store, with its clock and chance apart.
  package init(
    store: any Store, now: @escaping @Sendable () -> CommitTime,
    randomBytes: @escaping @Sendable (Int) -> [UInt8], memory: MemoryLimits = MemoryLimits(),
    search: SearchAccess? = nil
  ) {
    self.init(store: store, TimeAndChance(now: now, randomBytes: randomBytes), memory: memory, search: search)
  }

  /// The time.
  func now() -> CommitTime { inputs.now() }

  /// So many bytes that nobody can foresee.
  func randomBytes(_ count: Int) -> [UInt8] { inputs.randomBytes(count) }

  /// Gets one record, live or deleted, as it is or as it was.
  /// - Throws: `idInvalid`, `resourceNotFound`, `maskPathUnknown`, `revisionInvalid`, `revisionFuture`,
  ///   `revisionCompacted`, `epochChanged`.
  package func get<Request: GetRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> Reply {
    let kind = kind(of: Request.Resource.self)
    let key = try kind.key(request.name, field: "name")
    let mask = try FieldMask.reading(request.readMask?.paths, of: kind)
    let past = try await revision(readBy: request)
    let found = try await store.reading { store throws(StoreError) -> (revision: Revision, record: StoredRecord?) in
      guard let past else { return try await store.get(key, as: caller.viewer) }
      return (past, try await store.get([key], as: caller.viewer, at: past).records[0])
    }
    guard let record = found.record else { throw kind.notFound(request.name) }
    return Reply(
      bytes: try bytes(of: record, kind, mask, as: Request.Resource.self, for: caller, .get),
      revision: text(found.revision, for: caller), isReplay: false)
  }

  /// Gets a record that is in memory, for a request that consists of its name alone; nil says nothing, and the request
  /// has to be decoded and answered by `get`.
  ///
  /// It never blocks. The bytes are compared with names of records that are there, so they need not be checked before.
  package func ready(
    _ request: [UInt8], _ shortcut: GetShortcut, as caller: Caller
  ) -> (bytes: [UInt8], revision: Revision, version: Revision)? {
    guard let key = shortcut.key(in: request), let found = store.cached(key, as: caller.viewer) else { return nil }
    note(found.record, readBy: caller, .get)
    return (found.record.rendered { encoder.bytes(of: $0, shortcut.kind) }, found.revision, found.record.revision)
  }

  /// The token of a revision.
  package func token(_ revision: Revision) -> String { text(revision) }

  /// The shortcut for Get requests of a kind.
  package func shortcut<Request: GetRequestMessage>(_ request: Request.Type) -> GetShortcut {
    GetShortcut(request, kind(of: Request.Resource.self))
  }

  /// The kind of a message that the API has for one.
  func kind(of message: any ProtobufMessage.Type) -> Kind {
    guard let resource = message.descriptor.resource, let kind = kinds.kind(ofType: resource.type) else {
      preconditionFailure("\(message.descriptor.fullName) is no kind of the registry")
    }
    return kind
  }

  /// The encoded message of a record, or of the fields of it that a mask names; nil names all.
  func bytes<Resource: ProtobufMessage>(
    of record: StoredRecord, _ kind: Kind, _ mask: FieldMask?, as type: Resource.Type, for caller: Caller,
    _ way: ReadWay
  ) throws(DomainError) -> [UInt8] {
    note(record, readBy: caller, way)
    let bytes = record.rendered { encoder.bytes(of: $0, kind) }
    guard let mask else { return bytes }
    return try mask.fields(of: try Resource(stored: bytes)).encoded()
  }

  /// The token of the registry as it is at a revision, for a caller.
  package func token(_ revision: Revision, for caller: Caller) -> String { text(revision, for: caller) }

  /// The token of a revision, for whoever sees everything.
  func text(_ revision: Revision) -> String { tokens.token(revision) }

  /// The token of the registry as it is at a revision. Whoever does not see everything is told another one each time.
  func text(_ revision: Revision, for caller: Caller) -> String {
    caller.viewer.seesEverything ? tokens.token(revision) : tokens.moment(revision)
  }
}

extension ProtobufMessage {
  /// Decodes what the registry has encoded.
  init(stored bytes: [UInt8]) throws(DomainError) {
    do {
      try self.init(serializedBytes: bytes)
    } catch {
      throw DomainError(.storeUnavailable, "a stored record cannot be read: \(error)")
    }
  }
}

extension Kind {
  /// The key of the record with a name that a caller has given.
  func key(_ name: String, field: String) throws(DomainError) -> Key {
    try pattern.check(name, field: field)
    guard let key = Key(name) else { preconditionFailure("a name of a kind's form is a key") }
    return key
  }

  /// There is no such record, or none that the caller sees.
  func notFound(_ name: String) -> DomainError {
    DomainError(
      .resourceNotFound, "there is no \(noun) `\(name)`; list them to see the names that there are",
      metadata: ["name": name, "type": resourceType], resource: name)
  }
}
