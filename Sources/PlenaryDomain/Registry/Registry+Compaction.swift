package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// Removes what was replaced at a revision or before it, so that history begins there; or only counts it.
  ///
  /// It goes on in small steps, between which others write. When it is given up, what is left is removed by the next.
  /// - Throws: `fieldRequired`, `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`,
  ///   `resourceInUse` if a report rests on what would be removed.
  package func compactHistory(
    _ request: CompactHistoryRequest, as caller: Caller
  ) async throws(DomainError) -> CompactHistoryResponse {
    guard
      let revision = try await revision(
        request.toRevision, or: request.toTime, field: "to_revision", timeField: "to_time")
    else {
      throw DomainError(
        .init("to_revision", .fieldRequired, "say from where on history is kept: a revision, or a time in `to_time`"))
    }
    try await checkReports(restOnNothingBefore: revision)
    var count = 0
    if request.validateOnly {
      count = try await store.reading { store throws(StoreError) in
        try await store.removableVersionCount(to: revision)
      }
    } else {
      var place = Revision.zero
      repeat {
        let start = place
        let step = try await store.reading { store throws(StoreError) in
          try await store.compact(to: revision, after: start)
        }
        count += step.removedCount
        place = step.through
      } while place < revision
    }
    return .with {
      $0.removedVersionCount = Int64(count)
      $0.oldestRevision = text(revision)
    }
  }

  /// The token of the oldest revision that can be read; empty as long as all history is kept.
  package func oldestRevision() async throws(DomainError) -> String {
    let revision = try await store.reading { store throws(StoreError) in try await store.oldestRevision() }
    return revision == .zero ? "" : text(revision)
  }

  /// Reports that are reviewed, and those whose content is fixed, can be made again from what they rest on: nothing of that
  /// may go. One that is only compiled is compiled again.
  private func checkReports(restOnNothingBefore revision: Revision) async throws(DomainError) {
    let kind = kind(of: OutcomeReport.self)
    let query = Query(conditions: [.init(kind.membership, .equals(.unset))], includesDeleted: true)
    let view = RecordView(of: store, for: Caller(principal: "", viewer: .everything), kinds: kinds)
    var obstacles: [DomainError.Obstacle] = []
    for record in try await view.storedRecords(query, limit: .max) {
      try DomainError.checkCancellation()
      guard let report = try kind.decode(record) as? OutcomeReport,
        report.state.isFixed || report.state == .inReview && !record.isDeleted,
        let basis = try await basis(of: report, record.key, kind), basis < revision
      else { continue }
      obstacles.append(.init(subject: record.key.name, "it rests on revision \(text(basis))"))
    }
    guard let first = obstacles.first else { return }
    throw DomainError(
      .resourceInUse,
      "`\(first.subject)` is \(obstacles.count > 1 ? "one of \(obstacles.count) reports" : "a report") that would lose "
        + "what it rests on; compact to an earlier revision",
      metadata: ["count": "\(obstacles.count)"], resource: first.subject, obstacles: Array(obstacles.prefix(20)))
  }

  /// The revision that a report was compiled at. Of one that was entered as it was that is the revision of its first version
  /// that was more than a draft: what it holds was taken from the registry then or later.
  private func basis(of report: OutcomeReport, _ key: Key, _ kind: Kind) async throws(DomainError) -> Revision? {
    if let revision = tokens.keptRevision(report.inputRevision) { return revision }
    return try await basis(of: key, kind)
  }

  /// The revision of the first version of a report that was more than a draft: what it holds was taken from the registry
  /// then or later.
  private func basis(of key: Key, _ kind: Kind) async throws(DomainError) -> Revision? {
    var found: Revision?
    var next: Revision?
    repeat {
      let start = next
      let page = try await store.reading { store throws(StoreError) in
        try await store.versions(of: key, as: .everything, from: start, limit: PageLimit(records: 100))
      }
      for version in page.versions {
        guard let report = try kind.decode(version.record) as? OutcomeReport, report.state != .draft else { continue }
        found = version.record.revision
      }
      next = page.next
    } while next != nil
    return found
  }
}
