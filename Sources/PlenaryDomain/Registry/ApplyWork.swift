internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// One attempt to apply records: what is to become of each, as the registry is at the moment.
struct ApplyWork {
  /// What becomes of one record.
  struct Item: Sendable {
    /// The record.
    let key: Key

    /// What is done.
    var action: ApplyResourcesResponse.PlanItem.Action

    /// The paths of what changes.
    var changedPaths: [String] = []

    /// The version that stands after the call, as far as it is known.
    var revision: Revision?

    /// The version that the description was compared with: what is said of the two tells what it holds.
    var compared: StoredRecord?

    /// Describes what becomes of a record.
    init(_ key: Key, _ action: ApplyResourcesResponse.PlanItem.Action, revision: Revision? = nil) {
      self.key = key
      self.action = action
      self.revision = revision
    }
  }

  /// What becomes of each record that is described, in order, and then of those that are deleted.
  var plan: [Item] { described + deleted }

  private let registry: Registry
  private let view: RecordView
  private let examination: Examination
  private var described: [Item] = []
  private var deleted: [Item] = []
  private var written = Changes()
  private var following: [Mutation] = []

  /// Begins an attempt.
  init(in registry: Registry, view: RecordView) {
    self.registry = registry
    self.view = view
    examination = Examination(view: view)
  }

  /// Examines everything. The changes are empty if there is nothing to write.
  mutating func changes(
    applying records: [Record], pruning scope: PruneScope?
  ) async throws(DomainError) -> Changes {
    var items = try await understood(records)
    // What goes is out of the view before the others are examined, so that none of them comes to rest on it.
    var deletions: (mutations: [Mutation], findings: Findings)?
    if let scope { deletions = try await self.deletions(scope) }
    for index in items.indices {
      try await Self.located(items[index]) { () throws(DomainError) in
        items[index].draft = try await examination.prepared(items[index].draft, &items[index].findings)
      }
    }
    try await examination.loadReferences(of: items.map(\.draft))
    for index in items.indices {
      try DomainError.checkCancellation()
      try await Self.located(items[index]) { () throws(DomainError) in try await write(&items[index]) }
    }
    written.mutations += following
    if let deletions {
      written.mutations += deletions.mutations
      written.rest(on: deletions.findings)
    }
    return written
  }

  /// Says which of the records is refused.
  private static func located<Result>(
    _ item: RecordIntake.Item, _ body: () async throws(DomainError) -> Result
  ) async throws(DomainError) -> Result {
    do {
      return try await body()
    } catch {
      throw Self.located(error, item.index, item.draft.key.name)
    }
  }

  private static func located(_ error: DomainError, _ index: Int, _ name: String) -> DomainError {
    guard error.concernsRecord else { return error }
    return error.located(at: "records.\(index)", metadata: ["index": "\(index)", "name": name.clipped])
  }
}

extension ApplyWork {
  /// The records as drafts, in the order of the kinds, so that parents come before their children. From here on the
  /// view shows the registry as it would be.
  private mutating func understood(_ records: [Record]) async throws(DomainError) -> [RecordIntake.Item] {
    var intake = RecordIntake(into: view, refusing: .applyRecordInvalid)
    var entries: [RecordIntake.Entry] = []
    for (index, record) in records.enumerated() {
      try DomainError.checkCancellation()
      do throws(DomainError) {
        entries.append(try intake.entry(record, at: index))
      } catch {
        throw error.located(at: "records.\(index)", metadata: ["index": "\(index)", "name": record.answeredName])
      }
    }
    described = entries.map { Item($0.key, .unchanged) }
    try await view.load(entries.map(\.key))
    var items: [RecordIntake.Item] = []
    for entry in entries {
      try DomainError.checkCancellation()
      let item = try await intake.item(entry, keepsState: false)
      if let stored = item.draft.previous {
        try await Self.located(item) { () throws(DomainError) in
          try registry.check(etag: entry.content.givenETag, of: stored)
        }
      }
      items.append(item)
    }
    return items.inOrderOfKinds
  }

  /// Notes what is to be done with a prepared record, and the changes that do it.
  private mutating func write(_ item: inout RecordIntake.Item) async throws(DomainError) {
    let draft = item.draft
    let place = item.index
    if let stored = draft.previous, let previous = draft.previousContent {
      described[place].compared = stored
      let isSame = draft.content.hasContent(of: previous)
      if isSame, !stored.isDeleted, item.findings.violations.isEmpty {
        described[place].revision = stored.revision
        // The answer says that it stands as described, so it has to stand so when the rest is written.
        item.findings.require(.revision(draft.key, stored.revision), or: .examineAgain)
        written.rest(on: item.findings)
        return
      }
      described[place].action = stored.isDeleted ? .undelete : .update
      described[place].changedPaths = FieldMask.differences(from: previous, to: draft.content)
      item.findings.require(.revision(draft.key, stored.revision), or: .examineAgain)
      try await stored.isDeleted ? bringBack(&item, isSame: isSame) : replace(&item)
    } else {
      described[place].action = .create
      item.findings.require(.absent(draft.key), or: view.refusal(of: draft))
      try await replace(&item)
    }
    let name = draft.key.name
    item.findings.locateGuards { Self.located($0, place, name) }
    written.rest(on: item.findings)
    written.preview = written.preview ?? draft.content
  }

  private mutating func replace(_ item: inout RecordIntake.Item) async throws(DomainError) {
    let mutations = try await examination.mutations(writing: item.draft, &item.findings)
    written.mutations.append(mutations.own)
    following += mutations.following
    // The store would refuse it too, but not before all of it was in memory, nor in a rehearsal.
    let max = WriteRequest.mutationCountMax
    guard written.mutations.count + following.count <= max else {
      throw DomainError(StoreError.limitExceeded(.mutations(max: max)))
    }
  }

  /// A record that comes back is examined like a new one: nothing that it refers to counts as known.
  private mutating func bringBack(_ item: inout RecordIntake.Item, isSame: Bool) async throws(DomainError) {
    let kind = item.draft.kind
    if !isSame {
      // What was in the way of the change while the record stood is in its way now.
      let (content, previous) = (item.draft.content, item.draft.previousContent)
      var change = Findings()
      kind.checkLocal(content, replacing: previous, &change)
      try await kind.checkRelations(content, replacing: previous, among: view, &change)
      if let error = DomainError(change.violations, resource: item.draft.key.name) { throw error }
      written.rest(on: change)
    }
    let draft = Draft(
      kind: kind, key: item.draft.key, previous: nil, previousContent: nil, content: item.draft.content)
    let mutations = try await examination.mutations(writing: draft, &item.findings)
    written.mutations.append(.undelete(draft.key))
    // What is confined is so until it is given content.
    if isSame, item.draft.previous?.isConfined == false {
      written.revived[draft.key] = draft.kind.indexEntries(of: draft.content)
    } else {
      written.mutations.append(mutations.own)
    }
  }

  /// What deleting the records in a scope comes to that are not described.
  private mutating func deletions(
    _ scope: PruneScope
  ) async throws(DomainError) -> (mutations: [Mutation], findings: Findings) {
    var findings = Findings()
    var mutations: [Mutation] = []
    let doomed: [(record: StoredRecord, kind: Kind)]
    do throws(DomainError) {
      doomed = try await scope.records(besides: Set(described.map(\.key)), in: view, &findings)
      for (record, _) in doomed { view.change(record.key, to: nil) }
      for (record, kind) in doomed {
        try DomainError.checkCancellation()
        try await registry.checkDeletion(of: record, kind, in: view, &findings)
        _ = try await registry.children(
          of: record, kind, isForced: false, in: view, advice: "prune them too, or describe `\(record.key)`", &findings)
      }
      mutations = try await registry.removal(
        of: doomed.map { ($0.record.key, $0.kind) }, isForced: false, in: view, &findings)
    } catch {
      throw error.concernsRecord ? error.located(at: "prune") : error
    }
    findings.locateGuards { $0.concernsRecord ? $0.located(at: "prune") : $0 }
    deleted = doomed.map { Item($0.record.key, .delete) }
    if let first = doomed.first { written.preview = try view.content(of: first.record) }
    return (mutations, findings)
  }
}

extension ProtobufMessage {
  /// The etag that a caller has sent with a record; empty if there is none.
  fileprivate var givenETag: String {
    guard case .string(let etag)? = value(ofField: HeaderField.etag) else { return "" }
    return etag
  }
}
