internal import GoogleAPI
package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// What a call that applies records has done or would do.
package struct ApplyReply: Sendable {
  /// The answer.
  package let response: ApplyResourcesResponse

  /// Whether the call was a repetition, and this is what the first one did.
  package let isReplay: Bool
}

extension Registry {
  /// The most records that one call applies.
  package static let appliedCountMax = batchCountMax

  /// Makes the registry hold records as they are described, and deletes those in the scope of the prune that are not
  /// described: all of it, or nothing.
  /// - Throws: `fieldRequired`, `listTooLong`, `numberOutOfRange`, `resourceTypeUnknown`, `applyRecordInvalid`,
  ///   `etagMismatch`, `pruneLimitExceeded`, `hasChildren`, `resourceInUse`, and whatever rule a record breaks.
  package func apply(
    _ request: ApplyResourcesRequest, as caller: Caller
  ) async throws(DomainError) -> ApplyReply {
    try Self.checkBatch(request.records.count, field: "records")
    let call = try WriteCall(
      "ApplyResources", request, requestID: request.requestID, validateOnly: request.validateOnly)
    var prune: PruneScope?
    if let asked = request.prune {
      do throws(DomainError) {
        prune = try PruneScope(asked, in: self, as: caller)
      } catch {
        throw error.concernsRecord ? error.located(at: "prune") : error
      }
    }
    let scope = prune
    var plan: [ApplyWork.Item] = []
    var seen = Revision.zero
    let outcome = try await write(call, as: caller) { view throws(DomainError) in
      var work = ApplyWork(in: self, view: view)
      let changes = try await work.changes(applying: request.records, pruning: scope)
      plan = work.plan
      seen = try await view.revision()
      return changes
    }
    switch outcome {
    case .checked: return reply(plan, isApplied: false, at: seen, for: caller)
    case .unchanged: return reply(plan, isApplied: !request.validateOnly, at: seen, for: caller)
    case .written(let receipt):
      if receipt.isReplay { plan = try await self.plan(replaying: receipt, of: request.records, as: caller) }
      // A record that comes back with other content changes twice.
      let revisions = Dictionary(receipt.changes.map { ($0.key, $0.revision) }) { $1 }
      for index in plan.indices { plan[index].revision = revisions[plan[index].key] ?? plan[index].revision }
      return reply(plan, isApplied: true, at: receipt.revision, for: caller, isReplay: receipt.isReplay)
    }
  }

  private func reply(
    _ plan: [ApplyWork.Item], isApplied: Bool, at revision: Revision, for caller: Caller, isReplay: Bool = false
  ) -> ApplyReply {
    for item in plan { item.compared.map { note($0, readBy: caller, .write) } }
    let response = ApplyResourcesResponse.with {
      $0.items = plan.map { item in
        .with {
          $0.name = item.key.name
          $0.action = item.action
          if !item.changedPaths.isEmpty { $0.changedFields = ProtobufFieldMask(paths: item.changedPaths) }
          guard let revision = item.revision else { return }
          $0.etag = tokens.etag(revision)
          $0.revision = tokens.token(revision)
        }
      }
      $0.applied = isApplied
      $0.revision = text(revision, for: caller)
    }
    return ApplyReply(response: response, isReplay: isReplay)
  }

  /// What a call did that was made before: what it wrote is in its receipt, and what was there before stands one
  /// revision below. Where that history is no longer kept, the records as they are now tell what is left to tell.
  private func plan(
    replaying receipt: WriteReceipt, of records: [Record], as caller: Caller
  ) async throws(DomainError) -> [ApplyWork.Item] {
    let described = records.compactMap { $0.content.flatMap { Key($0.resourceName) } }
    let others = Set(receipt.changes.map(\.key)).subtracting(described).sorted()
    let keys = described + others
    let after = try await snapshot(of: keys, writtenIn: receipt, as: caller).records
    let before = try await before(receipt, of: keys, as: caller)
    var plan: [ApplyWork.Item] = []
    for (index, key) in keys.enumerated() {
      // What changed besides, and is still there, only follows the marking of its parent.
      guard index < described.count || after[index]?.isDeleted ?? false else { continue }
      var item = ApplyWork.Item(key, .unchanged, revision: after[index]?.revision)
      if index >= described.count {
        item.action = .delete
      } else if let before {
        try tell(&item, from: before[index], to: after[index])
      } else if let change = receipt.changes.first(where: { $0.key == key }) {
        item.action = after[index]?.born == change.revision ? .create : .update
      }
      plan.append(item)
    }
    return plan
  }

  /// The records as a call found them; nil if that is no longer kept.
  private func before(
    _ receipt: WriteReceipt, of keys: [Key], as caller: Caller
  ) async throws(DomainError) -> [StoredRecord?]? {
    let revision = Revision((receipt.changes.first?.revision.number ?? 1) - 1)
    return try await store.reading { store throws(StoreError) in
      do throws(StoreError) {
        return try await store.get(keys, as: caller.viewer, at: revision).records
      } catch .revisionCompacted {
        return nil
      }
    }
  }

  /// Says what became of a record between two versions.
  private func tell(
    _ item: inout ApplyWork.Item, from before: StoredRecord?, to after: StoredRecord?
  ) throws(DomainError) {
    guard let after else { return }
    item.compared = after
    guard before?.revision != after.revision else { return }
    if after.isDeleted {
      item.action = .delete
    } else if let before {
      item.action = before.isDeleted ? .undelete : .update
      item.changedPaths = FieldMask.differences(from: try kinds.decode(before), to: try kinds.decode(after))
    } else {
      item.action = .create
    }
  }
}
