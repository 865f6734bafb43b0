internal import PlenaryStore
internal import ProtobufRuntime

/// The records as they stand at one revision, with the changes that are being examined made to them.
///
/// What the caller asks for by name is there only if the caller sees it. What rules look at is there for everyone: a
/// number is taken and a record is in use whoever has it, so rules see every record, and what they say of those that the
/// caller does not see is kept from it (`veiled`).
///
/// It lives as long as one examination does, and reads each record from the store at most once.
final class RecordView {
  /// A record as the view shows it.
  enum Standing {
    /// There is none, or none that the caller sees.
    case missing
    /// It is deleted.
    case deleted
    /// It is live; the revision is that of the stored version, nil if the examined changes decide it.
    case live(any ProtobufMessage, Revision?)
  }

  /// The kinds.
  let kinds: KindCatalog

  /// Who examines, by the name that stays in the history.
  let principal: String

  /// What the one who examines may do.
  let rights: Rights

  /// What becomes of high rights that it gives; nil if it writes nothing.
  let elevationRule: ElevationRule?

  /// The most records of one organization; nil if there may be any number.
  let organizationRecordsMax: Int?

  /// Whether the call is one that lets more see a record, with a reason.
  var isLoosening = false

  /// The most records that are read at a time.
  private static let pageCount = 1000

  private let store: any Store
  private let viewer: Viewer
  private var stored: [Key: StoredRecord?] = [:]
  /// Which of the stored records the caller sees, as far as somebody has asked.
  private var sight: [Key: Bool] = [:]
  /// What the caller has named and does not see.
  private var unseen: Set<Key> = []
  /// What rules have looked at without asking whether the caller sees it.
  private(set) var regarded: Set<Key> = []
  private var decoded: [Key: any ProtobufMessage] = [:]
  private var changes: [Key: (any ProtobufMessage)?] = [:]
  private var pinned: Revision?
  /// The changed records by what they are found by; nil until somebody looks, and after each change.
  private var entered: [IndexEntry: [Key]]?
  /// What has been worked out from the changes, as long as they stay the same.
  private var remembered: [String: Any] = [:]

  /// A view of a store for a caller.
  init(
    of store: any Store, for caller: Caller, kinds: KindCatalog, elevationRule: ElevationRule? = nil,
    organizationRecordsMax: Int? = nil
  ) {
    self.elevationRule = elevationRule
    self.organizationRecordsMax = organizationRecordsMax
    self.store = store
    principal = caller.principal
    rights = caller.rights
    viewer = caller.viewer
    self.kinds = kinds
  }

  /// Shows the record as it will be: nil once it is deleted.
  func change(_ key: Key, to record: (any ProtobufMessage)?) {
    changes.updateValue(record, forKey: key)
    entered = nil
    remembered = [:]
  }

  /// Works something out from the changes, once for all who ask under the same name before the next change.
  func remembered<Value>(_ name: String, _ make: () -> Value) -> Value {
    if let value = remembered[name] as? Value { return value }
    let value = make()
    remembered[name] = value
    return value
  }

  /// Whether the record is among those that are being changed.
  func isChanging(_ key: Key) -> Bool { changes[key] != nil }

  /// The revision that the view shows.
  func revision() async throws(DomainError) -> Revision {
    if let pinned { return pinned }
    try await load([])
    guard let pinned else { preconditionFailure("a read tells the revision that it shows") }
    return pinned
  }

  /// Whether the history of the revision that the view shows is no longer kept.
  func isCompacted() async throws(DomainError) -> Bool {
    guard let pinned else { return false }
    return try await pinned < oldestRevision()
  }

  /// The oldest revision that can be read.
  func oldestRevision() async throws(DomainError) -> Revision {
    try await store.reading { store throws(StoreError) in try await store.oldestRevision() }
  }

  /// The revision that a token stands for that the registry itself has kept in a record.
  func keptRevision(_ token: String) -> Revision? { VersionTokens(store.identity, seed: 0).keptRevision(token) }

  /// Whether nothing is hidden from the caller.
  var seesEverything: Bool { viewer.seesEverything }

  /// Whether the caller would see a record with a marking.
  func sees(_ marking: PlenaryStore.Marking) -> Bool { viewer.sees(marking) }

  /// Reads the records that are not there yet, in one go.
  func load(_ keys: some Sequence<Key>) async throws(DomainError) {
    let missing = Array(Set(keys).filter { stored[$0] == nil })
    guard !missing.isEmpty || pinned == nil else { return }
    let snapshot = try await read(missing, as: .everything)
    pinned = snapshot.revision
    for (key, record) in zip(missing, snapshot.records) { stored.updateValue(record, forKey: key) }
  }

  /// Whether the caller sees the stored versions of records, which are there.
  func visible(_ keys: some Sequence<Key>) async throws(DomainError) -> Set<Key> {
    let keys = Set(keys)
    guard !viewer.seesEverything else { return keys }
    // What is not stored yet is the caller's own.
    for key in keys where changes[key] != nil && (stored[key] ?? nil) == nil { sight[key] = true }
    let unknown = keys.filter { sight[$0] == nil }
    if !unknown.isEmpty {
      let unknown = Array(unknown)
      let snapshot = try await read(unknown, as: viewer)
      pinned = snapshot.revision
      for (key, record) in zip(unknown, snapshot.records) { sight[key] = record != nil }
    }
    return keys.filter { sight[$0] ?? false }
  }

  /// What it means that a record is there after all which is to be new. Whoever sees it looks at it again; for others it
  /// stays out of sight.
  func refusal(of draft: Draft) -> Guard.Refusal {
    viewer.seesEverything ? .examineAgain : .refuse { _ in draft.kind.exists(draft.key) }
  }

  private func read(_ keys: [Key], as viewer: Viewer) async throws(DomainError) -> Snapshot {
    try await store.reading { store throws(StoreError) in try await store.get(keys, as: viewer, at: pinned) }
  }

  /// The stored version of a record that the caller sees, live or deleted, without the changes.
  func storedRecord(_ key: Key) async throws(DomainError) -> StoredRecord? {
    guard let record = try await regardedRecord(key), try await !visible([key]).isEmpty else { return nil }
    return record
  }

  /// The stored version of a record, live or deleted, without the changes, whether the caller sees it or not.
  func regardedRecord(_ key: Key) async throws(DomainError) -> StoredRecord? {
    try await load([key])
    return stored[key] ?? nil
  }

  /// The stored content of a record, without the changes.
  func content(of record: StoredRecord) throws(DomainError) -> any ProtobufMessage {
    if let message = decoded[record.key] { return message }
    let message = try kinds.decode(record)
    decoded[record.key] = message
    return message
  }

  /// The record, with the changes made, as far as the caller sees it.
  func standing(of name: String) async throws(DomainError) -> Standing {
    guard let key = Key(name) else { return .missing }
    let standing = try await regardedStanding(of: key)
    guard changes[key] == nil, stored[key] ?? nil != nil, try await visible([key]).isEmpty else { return standing }
    unseen.insert(key)
    return .missing
  }

  /// The record, with the changes made, whether the caller sees it or not.
  func regardedStanding(of key: Key) async throws(DomainError) -> Standing {
    if let change = changes[key] { return change.map { .live($0, nil) } ?? .deleted }
    guard let record = try await regardedRecord(key) else { return .missing }
    return record.isDeleted ? .deleted : .live(try content(of: record), record.revision)
  }

  /// A live record that an examination rests on: that it stays as it is becomes a condition of the write.
  func relied<Message: ProtobufMessage>(
    on name: String, as type: Message.Type, _ findings: inout Findings
  ) async throws(DomainError) -> Message? {
    // What the caller has named and does not see is missing for all rules.
    guard let key = Key(name), !unseen.contains(key),
      case .live(let message, let revision) = try await regardedStanding(of: key), let message = message as? Message
    else { return nil }
    regarded.insert(key)
    if let revision { findings.require(.revision(key, revision), or: .examineAgain) }
    return message
  }

  /// A record with the changes made, live or deleted, whether the caller sees it or not, unless the caller has named it
  /// without seeing it; and the version of it that is stored, nil if the examined changes decide it.
  func regarded(
    _ name: String
  ) async throws(DomainError) -> (record: any ProtobufMessage, version: (Key, Revision)?)? {
    guard let key = Key(name), !unseen.contains(key) else { return nil }
    if let change = changes[key] { return change.map { ($0, nil) } }
    guard let record = try await regardedRecord(key) else { return nil }
    regarded.insert(key)
    return (try content(of: record), (key, record.revision))
  }

  /// The live records with an entry in an index, with the changes made, whether the caller sees them or not.
  ///
  /// - Parameters:
  ///   - limit: The most records; they and their content stay in memory as long as the view does.
  ///   - whatFor: What they are looked at for, as the beginning of the message.
  /// - Throws: `limitReached` if there are more.
  func records(
    with entry: IndexEntry, under scope: KeyPrefix = .all, limit: Int, whatFor: String
  ) async throws(DomainError) -> [(key: Key, record: any ProtobufMessage)] {
    var result: [(key: Key, record: any ProtobufMessage)] = []
    for key in changedKeys(with: entry) where scope.contains(key) {
      if let record = changes[key] ?? nil { result.append((key, record)) }
    }
    var byteCount = 0
    try await forEachUnchanged(with: entry, under: scope) { record throws(DomainError) in
      stored[record.key] = record
      result.append((record.key, try content(of: record)))
      byteCount += record.body.count
      guard result.count <= limit, byteCount <= WriteRequest.byteCountMax else {
        throw DomainError(
          .limitReached,
          "\(whatFor): at most \(limit) records and \(WriteRequest.byteCountMax >> 20) MiB are looked at, and there are "
            + "more", metadata: ["max": "\(limit)"])
      }
      return true
    }
    return result.sorted { $0.key < $1.key }
  }

  /// The keys of the live records with an entry in an index, with the changes made, in order, whether the caller sees them
  /// or not. Nothing but the keys stays in memory.
  /// - Parameter limit: The most keys; whoever wants to know whether there are more asks for one more.
  func keys(
    with entry: IndexEntry, under scope: KeyPrefix = .all, limit: Int
  ) async throws(DomainError) -> [Key] {
    var keys = changedKeys(with: entry).filter(scope.contains)
    guard keys.count < limit else { return Array(keys.sorted().prefix(limit)) }
    try await forEachUnchanged(with: entry, under: scope) { record throws(DomainError) in
      keys.append(record.key)
      return keys.count < limit
    }
    return keys.sorted()
  }

  /// The records with an entry in an index among those that are being changed.
  func changedRecords(with entry: IndexEntry) -> [any ProtobufMessage] {
    changedKeys(with: entry).compactMap { changes[$0] ?? nil }
  }

  /// The stored records that a query selects, deleted ones included if it says so, without the changes; at most so many.
  ///
  /// - Parameter isComplete: Whether those that the caller does not see are among them.
  func storedRecords(
    _ query: Query, limit: Int, isComplete: Bool = false
  ) async throws(DomainError) -> [StoredRecord] {
    var records: [StoredRecord] = []
    var byteCount = 0
    var cursor: Cursor?
    repeat {
      let page = try await page(query, as: isComplete ? .everything : viewer, after: cursor)
      for record in page.records.prefix(limit - records.count) {
        stored[record.key] = record
        if isComplete { regarded.insert(record.key) } else { sight[record.key] = true }
        records.append(record)
        byteCount += record.body.count
      }
      guard byteCount <= WriteRequest.byteCountMax else {
        throw DomainError(
          .limitReached,
          "the records that are concerned take more than \(WriteRequest.byteCountMax >> 20) MiB; choose fewer",
          metadata: ["max_bytes": "\(WriteRequest.byteCountMax)"])
      }
      cursor = page.next
    } while cursor != nil && records.count < limit
    return records
  }

  /// Visits the stored live records with an entry in an index, those that are being changed left out, until the visitor
  /// has seen enough.
  private func forEachUnchanged(
    with entry: IndexEntry, under scope: KeyPrefix, _ visit: (StoredRecord) throws(DomainError) -> Bool
  ) async throws(DomainError) {
    try await forEachUnchanged(Query(scope: scope, conditions: [.init(entry.field, .equals(entry.value))]), visit)
  }

  /// Visits the stored live records that a query selects, those that are being changed left out and those that the caller
  /// does not see included, until the visitor has seen enough.
  func forEachUnchanged(
    _ query: Query, _ visit: (StoredRecord) throws(DomainError) -> Bool
  ) async throws(DomainError) {
    var cursor: Cursor?
    repeat {
      let page = try await page(query, as: .everything, after: cursor)
      for record in page.records where changes[record.key] == nil {
        regarded.insert(record.key)
        guard try visit(record) else { return }
      }
      cursor = page.next
    } while cursor != nil
  }

  private func changedKeys(with entry: IndexEntry) -> [Key] {
    if let entered { return entered[entry] ?? [] }
    var entered: [IndexEntry: [Key]] = [:]
    for (key, change) in changes {
      guard let record = change, let kind = kinds.kind(of: record) else { continue }
      for entry in Set(kind.indexEntries(of: record)) { entered[entry, default: []].append(key) }
    }
    self.entered = entered
    return entered[entry] ?? []
  }

  private func page(_ query: Query, as viewer: Viewer, after cursor: Cursor?) async throws(DomainError) -> Page {
    let revision = try await revision()
    return try await store.reading { store throws(StoreError) in
      try await store.list(
        query, as: viewer, after: cursor, limit: PageLimit(records: Self.pageCount), at: revision)
    }
  }
}
