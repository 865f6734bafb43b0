internal import PlenaryAPI
internal import PlenaryStore

/// The records that an application deletes if it does not describe them.
struct PruneScope: Sendable {
  private let queries: [(kind: Kind, query: Query)]
  private let countMax: Int

  /// Understands what a call asks for.
  init(
    _ prune: ApplyResourcesRequest.Prune, in registry: Registry, as caller: Caller
  ) async throws(DomainError) {
    guard !prune.resourceTypes.isEmpty else {
      throw DomainError(
        .init(
          "resource_types", .fieldRequired,
          "it is empty; name the kinds whose records may be deleted, such as `plenary.registry/Theme`"))
    }
    countMax = Int(prune.maxDeletions ?? Int32(Registry.prunedCountDefault))
    guard (0...Registry.prunedCountMax).contains(countMax) else {
      throw DomainError(
        .init(
          "max_deletions", .numberOutOfRange, "it is \(countMax); it must be from 0 to \(Registry.prunedCountMax)",
          metadata: ["value": "\(countMax)", "max": "\(Registry.prunedCountMax)"]))
    }
    let selected = try registry.selectedKinds(prune.resourceTypes, under: prune.parent)
    var queries: [(kind: Kind, query: Query)] = []
    for kind in selected.kinds {
      // Without a parent, records are looked for wherever they lie.
      let parent = prune.parent.isEmpty ? kind.pattern.parent?.anyName ?? "" : prune.parent
      queries.append(
        (
          kind,
          try await registry.removalQuery(
            kind, parent: parent, filter: prune.filter, includesDeleted: false, as: caller)
        ))
    }
    self.queries = queries
  }

  /// The live records in the scope that are not described, in order.
  /// - Throws: `pruneLimitExceeded`.
  func records(
    besides described: Set<Key>, in view: RecordView
  ) async throws(DomainError) -> [(record: StoredRecord, kind: Kind)] {
    var found: [(record: StoredRecord, kind: Kind)] = []
    for (kind, query) in queries {
      var query = query
      query.predicate = { [predicate = query.predicate] record in
        !described.contains(record.key) && predicate?(record) ?? true
      }
      // One more than there may be tells that there are too many.
      found += try await view.storedRecords(query, limit: countMax + 1 - found.count).map { ($0, kind) }
      guard found.count <= countMax else { throw tooMany(found.map(\.record.key)) }
    }
    return found.sorted { $0.record.key < $1.record.key }
  }

  private func tooMany(_ keys: [Key]) -> DomainError {
    DomainError(
      .pruneLimitExceeded,
      "more than \(countMax) records would be deleted, such as `\(keys[0])`; if they are meant to go, raise "
        + "prune.max_deletions, and if not, apply them too or narrow prune.filter",
      metadata: ["max": "\(countMax)", "min_count": "\(keys.count)"],
      obstacles: keys.prefix(Conflict.referrerSampleMax).map { .init(subject: $0.name, "it would be deleted") })
  }
}

extension Registry {
  /// The most records that one call may be told to prune.
  package static let prunedCountMax = 1000

  /// The most records that a call prunes that does not say how many it may.
  package static let prunedCountDefault = 10
}
