internal import PlenaryStore

/// A step of a compaction, and who waits for its result.
struct CompactionJob: Sendable {
  /// The revision from which on history is kept.
  let revision: Revision

  /// How far the step before has come.
  let place: Revision

  /// Whether the leader of this store has compacted its own.
  let isTaken: Bool

  let answer: @Sendable (Result<CompactionStep, StoreError>) -> Void
}

extension Writer {
  /// A version that replaced another one, or a purge.
  private struct Replacement {
    let revision: Int64
    let key: String
    /// The version that it replaced, if that is kept.
    let replaced: Replaced?
    let isPurge: Bool
  }

  private struct Replaced {
    let revision: Int64
    let acl: Int64
    let state: Int64
    let entries: [IndexEntry]
  }

  /// Does one step and answers it. Returns why the store can write no more, if so.
  func compact(_ job: CompactionJob) -> StoreError? {
    guard job.isTaken == (replica != nil) else {
      job.answer(.failure(replica.map { .follower(leader: $0.leader) } ?? .notFollower))
      return nil
    }
    guard job.revision.number <= state.revision else {
      job.answer(.failure(.revisionInFuture(head: Revision(state.revision))))
      return nil
    }
    do throws(Fault) {
      try statements.begin.run()
      // First of all, so that from now on nobody reads what is being removed.
      try statements.setCompacted.bind(Int64(job.revision.number)).run()
      let step = try removeReplaced(upTo: job.revision, after: job.place)
      try statements.commit.run()
      job.answer(.success(step))
      return nil
    } catch {
      let (error, failure) = undo(after: error)
      job.answer(.failure(error))
      return failure
    }
  }

  /// Removes versions that were replaced in the next revisions. What stands at `revision` stays.
  private func removeReplaced(upTo revision: Revision, after place: Revision) throws(Fault) -> CompactionStep {
    let end = min(revision.number, place.number + UInt64(CompactionStep.revisionCountMax))
    let found = try replacements(after: Int64(place.number), upTo: Int64(end))
    var removed: Set<Int64> = []
    for replacement in found {
      if let replaced = replacement.replaced, removed.insert(replaced.revision).inserted {
        try remove(replaced, of: replacement.key, upTo: revision)
      }
      guard replacement.isPurge, removed.insert(replacement.revision).inserted else { continue }
      try statements.removeVersion.bind(replacement.revision).run()
      try statements.removeHead.bind(replacement.key).bind(replacement.revision).run()
    }
    let isCut = found.count == CompactionStep.removedCountMax / 2
    let through = isCut ? UInt64(found.last?.revision ?? Int64(end)) : end
    return CompactionStep(removedCount: removed.count, through: Revision(through))
  }

  /// The versions in a run of revisions for which something can be removed. Each is good for two removals at most: the
  /// version that it replaced and, if it is a purge, itself.
  private func replacements(after place: Int64, upTo end: Int64) throws(Fault) -> [Replacement] {
    let row = statements.replacements
    defer { row.reset() }
    row.bind(place).bind(end).bind(Int64(CompactionStep.removedCountMax / 2))
    var found: [Replacement] = []
    while try row.step() {
      let replaced =
        row.isNull(3)
        ? nil
        : Replaced(
          revision: row.integer(3), acl: row.integer(4), state: row.integer(5),
          entries: row.isNull(6) ? [] : try EntryCoding.decode(row.blob(6)))
      found.append(
        Replacement(
          revision: row.integer(0), key: row.text(1), replaced: replaced,
          isPurge: row.integer(2) == Int64(RecordState.purged.rawValue)))
    }
    return found
  }

  private func remove(_ version: Replaced, of key: String, upTo revision: Revision) throws(Fault) {
    for entry in version.entries {
      try statements.removePastEntry.bind(Int64(entry.field.id)).bind(version.acl).bind(version.state)
        .bind(entry.value.bytes).bind(key).bind(Int64(revision.number)).run()
    }
    try statements.removeVersion.bind(version.revision).run()
  }
}
