internal import Crypto
internal import PlenaryStore
package import ProtobufRuntime

/// What a purge has removed, or would remove.
package struct PurgeReply: Sendable {
  /// How many records of the kind; what was deleted with them is not counted.
  package let count: Int

  /// The names of some of them, in order.
  package let sample: [String]

  /// The token of the revision at which the answer is true.
  package let revision: String

  /// Whether the call was a repetition, and this is what the first one did.
  package let isReplay: Bool
}

extension Registry {
  /// The most records that one purge removes, children included.
  package static let purgedCountMax = 10_000

  /// The most names in the answer to a purge.
  package static let purgeSampleMax = 100

  /// The filter that stands for every record where one must be given.
  private static let everything = "*"

  /// Removes deleted records for good, with their children and what depends on them as far as it is deleted; or only
  /// counts them.
  ///
  /// A live record that refers to one of them stands in the way. A deleted one does not: it cannot be brought back
  /// before that reference is mended.
  /// - Throws: `fieldRequired`, `filterSyntax`, `filterFieldUnknown`, `limitReached`, `resourceInUse`.
  package func purge<Request: PurgeRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> PurgeReply {
    let kind = kind(of: Request.Resource.self)
    let call = try WriteCall("Purge\(kind.message.descriptor.name)", request)
    guard request.force else {
      let view = RecordView(of: store, for: caller, kinds: kinds)
      let (query, _) = try await purgeQuery(request, kind, as: caller, in: view)
      let keys = try await purgeable(query, in: view).map(\.key)
      return purgeReply(keys, at: try await view.revision(), as: caller)
    }
    var keys: [Key] = []
    let outcome = try await write(call, as: caller) { view throws(DomainError) in
      let (query, findings) = try await purgeQuery(request, kind, as: caller, in: view)
      let doomed = try await purgeable(query, in: view)
      keys = doomed.map(\.key)
      var changes = try await purging(doomed, kind, in: view)
      changes.rest(on: findings)
      return changes
    }
    switch outcome {
    case .written(let receipt):
      let purged = receipt.changes.map(\.key).filter { kind.pattern.matches($0.name) }
      return purgeReply(purged, at: receipt.revision, as: caller, isReplay: receipt.isReplay)
    case .checked, .unchanged:
      return purgeReply(keys, at: try await head(), as: caller)
    }
  }

  private func purgeReply(
    _ keys: [Key], at revision: Revision, as caller: Caller, isReplay: Bool = false
  ) -> PurgeReply {
    PurgeReply(
      count: keys.count, sample: keys.sorted().prefix(Self.purgeSampleMax).map(\.name),
      revision: text(revision, for: caller), isReplay: isReplay)
  }

  private func purgeQuery<Request: PurgeRequestMessage>(
    _ request: Request, _ kind: Kind, as caller: Caller, in view: RecordView
  ) async throws(DomainError) -> (query: Query, findings: Findings) {
    var findings = Findings()
    var query = try await removalQuery(
      kind, parent: request.parent, filter: request.filter, includesDeleted: true, as: caller, in: view, &findings)
    query.predicate = { [predicate = query.predicate] record in record.isDeleted && predicate?(record) ?? true }
    return (query, findings)
  }

  /// What a call that removes records by a filter looks for: the filter must be given, also if it means all.
  ///
  /// The filter is understood as of the revision of the view; what else it rests on must still be so when the records go.
  func removalQuery(
    _ kind: Kind, parent: String, filter: String, includesDeleted: Bool, as caller: Caller, in view: RecordView,
    _ findings: inout Findings
  ) async throws(DomainError) -> Query {
    guard !filter.isEmpty else {
      throw DomainError(
        .init("filter", .fieldRequired, "say which records are to be removed; `\(Self.everything)` stands for all"))
    }
    let revision = try await view.revision()
    let plan = try await plan(
      kind, parent: parent, filter: filter == Self.everything ? "" : filter, orderBy: "",
      showsDeleted: includesDeleted, as: caller, at: revision, isSearching: false)
    if plan.restsOnThemes, let themes = KeyPrefix("themes/") {
      findings.require(.prefixUnchangedSince(themes, revision), or: .examineAgain)
    }
    return plan.query
  }

  /// The records to remove, without their children.
  private func purgeable(_ query: Query, in view: RecordView) async throws(DomainError) -> [StoredRecord] {
    let records = try await view.storedRecords(query, limit: Self.purgedCountMax + 1)
    guard records.count <= Self.purgedCountMax else { throw Self.tooManyToPurge }
    return records
  }

  /// What removing records comes to: their deleted children, and what depended on them, go with them.
  private func purging(
    _ doomed: [StoredRecord], _ kind: Kind, in view: RecordView
  ) async throws(DomainError) -> Changes {
    var all = doomed.map { ($0, kind) }
    var keys = Set(doomed.map(\.key))
    for record in doomed {
      try DomainError.checkCancellation()
      let companions = try await deletedCompanions(
        of: record, kind, in: view, limit: Self.purgedCountMax + 1, where: { _ in true })
      all += companions.filter { keys.insert($0.0.key).inserted }
      guard all.count <= Self.purgedCountMax else { throw Self.tooManyToPurge }
    }
    var changes = Changes()
    var findings = Findings()
    for (record, kind) in all {
      try DomainError.checkCancellation()
      findings.require(.revision(record.key, record.revision), or: .examineAgain)
      let fields = kinds.referrers(to: kind)
      if !fields.isEmpty { findings.require(.noReferrer(record.key, through: fields), or: .refuse(Self.inUse)) }
      changes.mutations.append(.purge(record.key))
    }
    changes.rest(on: findings)
    changes.preview = try doomed.first.map { record throws(DomainError) in try view.content(of: record) }
    return changes
  }

  private static var tooManyToPurge: DomainError {
    DomainError(
      .limitReached,
      "more than \(purgedCountMax) records would be removed, those included that were deleted with them; narrow the filter",
      metadata: ["max": "\(purgedCountMax)"])
  }
}

extension KindCatalog {
  /// The indexes of all fields that may name a record of the kind.
  fileprivate func referrers(to kind: Kind) -> [IndexField] {
    kinds.flatMap { $0.references.filter { $0.targets.contains(kind.resourceType) }.map(\.field) }
  }
}
