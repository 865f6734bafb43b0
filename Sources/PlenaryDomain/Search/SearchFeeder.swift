package import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// Feeds a search index with what is in a store and what changes there, for as long as it runs.
///
/// It follows the store's changes and is never waited for by a write. An index that cannot go on, because it is damaged
/// or the history that it needs is gone, is made anew while the store serves.
package final class SearchFeeder: Sendable {
  /// The most changes that are taken in at once.
  package static let changeCountMax = 500

  /// The records that are loaded at once.
  package static let loadedCountMax = 1000

  /// How long it waits before it tries again what has failed.
  package static let retryPause = Duration.seconds(1)

  private let store: any Store
  private let index: any SearchIndex
  private let kinds = KindCatalog.current
  private let pause: @Sendable (Duration) async throws -> Void
  private let report: @Sendable (String) -> Void

  /// Whether the store is closed.
  private let hasEnded = Atomic(false)

  /// Feeds an index with the records of a store.
  ///
  /// - Parameters:
  ///   - pause: Waits so long, or until the task is cancelled.
  ///   - report: Is told in a line why it could not go on.
  package init(
    _ store: any Store, into index: any SearchIndex, pause: @escaping @Sendable (Duration) async throws -> Void,
    report: @escaping @Sendable (String) -> Void
  ) {
    self.store = store
    self.index = index
    self.pause = pause
    self.report = report
  }

  /// Feeds the index until the store is closed or the task is cancelled.
  package func run() async {
    let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    await withTaskGroup(of: Void.self) { group in
      let (heads, updates) = (store.wakeups(), index.progressUpdates())
      group.addTask {
        for await _ in heads { signal.yield() }
        self.hasEnded.store(true, ordering: .relaxed)
        signal.finish()
      }
      group.addTask {
        for await progress in updates where progress.stage == .givenUp { signal.yield() }
      }
      // There may be much to do before anything changes.
      signal.yield()
      for await _ in signals {
        while !Task.isCancelled, !hasEnded.load(ordering: .relaxed), await !catchUp() {
          // It is cancelled with the task, which the loop sees.
          try? await pause(Self.retryPause)
        }
      }
      group.cancelAll()
    }
  }

  /// Takes in everything that there is.
  /// - Returns: Whether that went well.
  private func catchUp() async -> Bool {
    do throws(StoreError) {
      if case .closed = index.progress.stage { try await index.open() }
      while !Task.isCancelled, try await step() {}
      index.note(failure: nil)
      return true
    } catch {
      index.note(failure: "\(error)")
      report("the search index waits: \(error)")
      return false
    }
  }

  /// Does what comes next.
  /// - Returns: Whether there may be more to do.
  private func step() async throws(StoreError) -> Bool {
    do throws(StoreError) {
      switch index.progress.stage {
      case .closed, .givenUp: try await index.reset()
      case .loading(let place): try await load(after: place)
      case .settling(let revision), .fed(let revision): return try await follow(after: revision)
      }
    } catch {
      switch error {
      // Only a new one helps, or the history in between is gone.
      case .corrupt, .revisionCompacted, .revisionInFuture:
        report("the search index is made anew: \(error)")
        try await index.reset()
      default: throw error
      }
    }
    return true
  }

  /// Takes in what has changed after a revision, or does a part of what is left to do if nothing has.
  /// - Returns: Whether there may be more to do.
  private func follow(after revision: Revision) async throws(StoreError) -> Bool {
    let head = try await store.head()
    guard head > revision else { return try await index.tidy() }
    let batch = try await store.changes(after: revision, as: .everything, limit: Self.changeCountMax)
    try await index.apply(update(batch))
    return true
  }

  private func update(_ batch: ChangeBatch) -> SearchUpdate {
    var update = SearchUpdate(documents: [], changes: [], through: batch.through, erases: false)
    var places: [Key: Int] = [:]
    for change in batch.changes {
      guard let kind = kinds.kind(named: change.key.name), !kind.searchedFields.isEmpty else { continue }
      let place = SearchPlace(group: kind.searchGroup, key: change.key)
      update.changes.append((change.revision, place))
      if change.record == nil || change.erases { update.erases = true }
      let nothing = SearchDocument(place: place, titles: "", texts: "")
      let found = change.record.map { document(of: $0, kind) } ?? nothing
      // The last one counts.
      if let index = places[change.key] {
        update.documents[index] = found
      } else {
        places[change.key] = update.documents.count
        update.documents.append(found)
      }
    }
    return update
  }

  /// Loads records from a place on until there are no more.
  private func load(after place: SearchPlace?) async throws(StoreError) {
    if place == nil { try await index.beginLoading(at: try await store.head()) }
    for kind in kinds.kinds where !kind.searchedFields.isEmpty && kind.searchGroup >= place?.group ?? 0 {
      var cursor: Cursor? = place.flatMap { place in
        place.group == kind.searchGroup ? Cursor(value: [], key: place.key) : nil
      }
      let query = Query(conditions: [.init(kind.membership, .equals(.unset))], includesDeleted: true)
      repeat {
        let page = try await store.list(
          query, as: .everything, after: cursor, limit: PageLimit(records: Self.loadedCountMax), at: nil)
        var documents: [SearchDocument] = []
        for record in page.records { documents.append(document(of: record, kind)) }
        if let last = documents.last {
          try await index.load(documents, through: last.place)
        }
        cursor = page.next
        if index.progress.stage == .givenUp || Task.isCancelled { return }
      } while cursor != nil
    }
    try await index.finishLoading(at: try await store.head())
  }

  private func document(of record: StoredRecord, _ kind: Kind) -> SearchDocument {
    // If it cannot be read, a newer program wrote it.
    (try? kind.searchDocument(of: record.body, at: record.key))
      ?? SearchDocument(place: SearchPlace(group: kind.searchGroup, key: record.key), titles: "", texts: "")
  }
}
