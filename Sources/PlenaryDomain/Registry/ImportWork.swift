internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// One attempt at an import: what is to become of each record, as the registry is at the moment.
struct ImportWork {
  /// What becomes of each record, in the order in which they came.
  private(set) var results: [ImportResult]

  /// The records that are held back and that some of these were compared with: the results tell what they hold.
  private(set) var compared: [StoredRecord] = []

  private let batch: ImportBatch
  private let view: RecordView
  private let store: any Store
  private let examination: Examination

  private typealias Item = RecordIntake.Item

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
    try await examination.loadReferences(of: items.map(\.draft))
    var changes = Changes()
    var written: [(item: Item, mutation: Mutation)] = []
    for index in items.indices {
      try DomainError.checkCancellation()
      do {
        let mutations = try await examination.mutations(writing: items[index].draft, &items[index].findings)
        written.append((items[index], mutations.own))
        changes.mutations += mutations.following
      } catch  where error.concernsRecord {
        fail(items[index].index, error)
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
      changes.rest(on: item.findings)
    }
    guard !hasFailed, let first = written.first else { return Changes() }
    changes.preview = first.item.draft.content
    return changes
  }

  /// Keeps from the caller what the refusals would tell of records that it does not see.
  mutating func veil() async throws(DomainError) {
    guard !view.seesEverything else { return }
    for index in results.indices {
      guard let error = results[index].error else { continue }
      settle(index, results[index].outcome, try await view.veiled(error))
    }
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
    var intake = RecordIntake(into: view, refusing: .importRecordInvalid)
    var entries: [RecordIntake.Entry] = []
    for (index, record) in batch.records.enumerated() {
      try DomainError.checkCancellation()
      do throws(DomainError) {
        let entry = try intake.entry(record, at: index)
        try Self.checkState(of: entry)
        entries.append(entry)
      } catch {
        fail(index, error)
      }
    }
    try await view.load(entries.map(\.key))
    var items: [Item] = []
    for entry in entries {
      try DomainError.checkCancellation()
      if let stored = try await view.storedRecord(entry.key), stored.isDeleted {
        fail(entry.index, entry.kind.isDeleted(entry.key))
        continue
      }
      items.append(try await intake.item(entry, keepsState: true))
    }
    return items.inOrderOfKinds
  }

  /// Checks the state that a record is to have.
  private static func checkState(of entry: RecordIntake.Entry) throws(DomainError) {
    guard case .enumeration(let state)? = entry.content.value(ofField: HeaderField.state) else { return }
    guard state != entry.kind.deletedState else {
      throw DomainError(.init("state", .importRecordInvalid, "a deleted record cannot be imported; leave it out"))
    }
    var findings = Findings()
    if let type = entry.kind.states { findings.checkValue(state, of: type, at: "state") }
    if let error = DomainError(findings.violations, resource: entry.key.name) { throw error }
  }

  /// The records that are to be written, in the form in which they are stored.
  private mutating func prepared(_ items: [Item]) async throws(DomainError) -> [Item] {
    var result: [Item] = []
    for var item in items {
      try DomainError.checkCancellation()
      do {
        item.draft = try await examination.prepared(item.draft, &item.findings)
      } catch  where [.invalidArgument, .permissionDenied].contains(error.code) {
        fail(item.index, error)
        continue
      }
      guard let stored = item.draft.previous, let previous = item.draft.previousContent else {
        settle(item.index, .created)
        item.findings.require(.absent(item.draft.key), or: view.refusal(of: item.draft))
        result.append(item)
        continue
      }
      if stored.label >= ReadWitness.labelMin { compared.append(stored) }
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
    switch precondition {
    case .unique, .absent: true
    default: false
    }
  }
}
