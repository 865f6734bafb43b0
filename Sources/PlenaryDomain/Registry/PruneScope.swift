internal import PlenaryAPI
internal import PlenaryStore

/// The records that an application deletes if it does not describe them.
struct PruneScope: Sendable {
  private let kinds: [Kind]
  private let parent: String
  private let filter: String
  private let countMax: Int
  private let registry: Registry
  private let caller: Caller

  /// Understands what a call asks for, but for the filter, whose meaning depends on the records.
  init(_ prune: ApplyResourcesRequest.Prune, in registry: Registry, as caller: Caller) throws(DomainError) {
    self.registry = registry
    self.caller = caller
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
    kinds = try registry.selectedKinds(prune.resourceTypes, under: prune.parent).kinds
    (parent, filter) = (prune.parent, prune.filter)
  }

  /// The live records in the scope that are not described, in order.
  /// - Throws: `pruneLimitExceeded`, and what is wrong with the filter.
  func records(
    besides described: Set<Key>, in view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) -> [(record: StoredRecord, kind: Kind)] {
    var found: [(record: StoredRecord, kind: Kind)] = []
    for kind in kinds {
      // Without a parent, records are looked for wherever they lie.
      let parent = parent.isEmpty ? kind.pattern.parent?.anyName ?? "" : parent
      var query = try await registry.removalQuery(
        kind, parent: parent, filter: filter, includesDeleted: false, as: caller, in: view, &findings)
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
