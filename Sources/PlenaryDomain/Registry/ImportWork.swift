internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// One attempt at an import: what is to become of each record, as the registry is at the moment.
struct ImportWork {
  /// What becomes of each record, in the order in which they came.
  private(set) var results: [ImportResult]

  private let batch: ImportBatch
  private let view: RecordView
  private let store: any Store
  private let examination: Examination

  /// A record that has been understood, and its place in the batch.
  private struct Item {
    let index: Int
    var draft: Draft
    var findings: Findings
  }

  /// Begins an attempt.
  init(_ batch: ImportBatch, view: RecordView, store: any Store) {
    self.batch = batch
    self.view = view
    self.store = store
    examination = Examination(view: view)
    results = batch.records.map { ImportResult(name: $0.answeredName, outcome: .unchanged, error: nil) }
  }

  /// Whether a record cannot be imported.
  var hasFailed: Bool { results.contains { $0.outcome == .failed } }

  /// Examines all records. The changes are empty if there is nothing to write, or if a record has failed.
  mutating func changes() async throws(DomainError) -> Changes {
    var items = try await prepared(try await understood())
    // What the records refer to is read in one go, not record by record.
    let references = items.flatMap { ReferenceRules(kind: $0.draft.kind, view: view).keys(in: $0.draft.content) }
    try await view.load(references.filter { !view.isChanging($0) })
    for index in items.indices {
      try DomainError.checkCancellation()
      try await examination.check(items[index].draft, &items[index].findings)
    }

    var changes = Changes()
    var conditions: Set<Precondition> = []
    var written: [(item: Item, mutation: Mutation)] = []
    for var item in items {
      try DomainError.checkCancellation()
      let children = try await examination.childrenFollowing(item.draft, &item.findings)
      if let error = DomainError(item.findings.violations, resource: item.draft.key.name) {
        fail(item.index, error)
        continue
      }
      do {
        written.append((item, try item.draft.mutation()))
        for child in children { changes.mutations.append(try child.mutation()) }
      } catch {
        fail(item.index, error)
      }
    }
    // Now that all records are known, what is to be unique can be looked for among them and in the store.
    changes.mutations = written.map(\.mutation) + changes.mutations
    let rehearsal = Rehearsal(of: changes.mutations, in: store)
    for (item, _) in written {
      try DomainError.checkCancellation()
      do {
        try await rehearsal.check(item.findings.guards.filter(\.concernsUniqueness))
      } catch {
        fail(item.index, error)
      }
      changes.guards += item.findings.guards.filter { conditions.insert($0.precondition).inserted }
    }
    guard !hasFailed, let first = written.first else { return Changes() }
    changes.preview = first.item.draft.content
    return changes
  }

  private mutating func fail(_ index: Int, _ error: DomainError) {
    settle(index, .failed, error)
  }

  private mutating func settle(
    _ index: Int, _ outcome: ImportRegistryResponse.Result.Outcome, _ error: DomainError? = nil
  ) {
    results[index] = ImportResult(name: results[index].name, outcome: outcome, error: error)
  }
}

extension ImportWork {
  /// The records as drafts, in the order of the kinds, so that parents come before their children. From here on the
  /// view shows the registry as it would be.
  private mutating func understood() async throws(DomainError) -> [Item] {
    var places: [Key: Int] = [:]
    var contents: [(index: Int, key: Key, kind: Kind, content: any ProtobufMessage)] = []
    for (index, record) in batch.records.enumerated() {
      try DomainError.checkCancellation()
      do throws(DomainError) {
        let (key, kind, content) = try understand(record)
        if let other = places.updateValue(index, forKey: key) {
          throw DomainError(
            .importRecordInvalid, "`\(key)` is already number \(other) of the import; leave one of the two out",
            metadata: ["name": key.name, "index": "\(other)"], resource: key.name)
        }
        contents.append((index, key, kind, content))
      } catch {
        fail(index, error)
      }
    }
    try await view.load(contents.map(\.key))
    var items: [Item] = []
    for (index, key, kind, content) in contents {
      try DomainError.checkCancellation()
      let stored = try await view.storedRecord(key)
      if let stored, stored.isDeleted {
        fail(index, kind.isDeleted(key))
        continue
      }
      let previous = try stored.map { record throws(DomainError) in try view.content(of: record) }
      var draft = Draft(kind: kind, key: key, previous: stored, previousContent: previous, content: content)
      draft.isImported = true
      draft.content = kind.fresh(content, name: key.name, keepsState: true)
      if let previous { draft.content = kind.restored(draft.content, from: previous, keepsState: true) }
      view.change(key, to: draft.content)
      items.append(Item(index: index, draft: draft, findings: Findings()))
    }
    return items.sorted { left, right in
      (left.draft.kind.recordField.number, left.index) < (right.draft.kind.recordField.number, right.index)
    }
  }

  private func understand(_ record: Record) throws(DomainError) -> (Key, Kind, any ProtobufMessage) {
    guard let content = record.content, let kind = view.kinds.kind(of: content) else {
      throw DomainError(
        .importRecordInvalid, "the record is of no kind that this version of the registry knows; leave it out")
    }
    let key = try kind.key(content.resourceName, field: "name")
    if case .enumeration(let state)? = content.value(ofField: HeaderField.state) {
      guard state != kind.deletedState else {
        throw DomainError(.init("state", .importRecordInvalid, "a deleted record cannot be imported; leave it out"))
      }
      var findings = Findings()
      if let type = kind.states { findings.checkValue(state, of: type, at: "state") }
      if let error = DomainError(findings.violations, resource: key.name) { throw error }
    }
    return (key, kind, content)
  }

  /// The records that are to be written, in the form in which they are stored.
  private mutating func prepared(_ items: [Item]) async throws(DomainError) -> [Item] {
    var result: [Item] = []
    for var item in items {
      try DomainError.checkCancellation()
      do {
        item.draft = try await examination.prepared(item.draft, &item.findings)
      } catch  where error.code == .invalidArgument {
        fail(item.index, error)
        continue
      }
      guard let stored = item.draft.previous, let previous = item.draft.previousContent else {
        settle(item.index, .created)
        item.findings.require(.absent(item.draft.key), or: .examineAgain)
        result.append(item)
        continue
      }
      let kind = item.draft.kind
      let isSame = kind.canonical(item.draft.content).hasContent(of: kind.canonical(previous))
      if isSame, item.findings.violations.isEmpty { continue }
      switch batch.header.conflict {
      case .skip:
        view.change(item.draft.key, to: previous)
        settle(item.index, .skipped)
      case .replace:
        settle(item.index, .updated)
        item.findings.require(.revision(item.draft.key, stored.revision), or: .examineAgain)
        result.append(item)
      default:
        fail(
          item.index,
          DomainError(
            .resourceExists,
            "`\(item.draft.key)` is there with other content; import with conflict SKIP or REPLACE, or change it",
            metadata: ["name": item.draft.key.name], resource: item.draft.key.name))
      }
    }
    return result
  }
}

extension Guard {
  /// Whether it can fail within an import although each record by itself is right.
  fileprivate var concernsUniqueness: Bool {
    if case .unique = precondition { true } else { false }
  }
}
