internal import PlenaryAPI
internal import PlenaryStore
package import ProtobufRuntime

extension Registry {
  /// The most records that one deletion touches: the record, its children, and those that give way to it.
  package static let touchedCountMax = 10_000

  /// Marks a record as deleted.
  /// - Throws: `resourceNotFound`, `etagMismatch`, `hasChildren`, `resourceInUse`, `contentFrozen`.
  package func delete<Request: DeleteRequestMessage>(
    _ request: Request, as caller: Caller
  ) async throws(DomainError) -> Reply {
    let kind = kind(of: Request.Resource.self)
    let key = try kind.key(request.name, field: "name")
    return try await reply(
      to: try WriteCall("Delete\(kind.message.descriptor.name)", request), key, kind, as: caller,
      isLong: request.force || !kinds.children(of: kind).isEmpty
    ) { view throws(DomainError) in
      guard let record = try await view.storedRecord(key), !record.isDeleted else {
        guard request.allowMissing else { throw kind.notFound(request.name) }
        return Changes()
      }
      try self.check(etag: request.etag, of: record)
      return try await self.deletion(of: record, kind, isForced: request.force, in: view)
    }
  }

  /// What deleting a record comes to: its children go with it, and what holds on to it stands in the way.
  private func deletion(
    of record: StoredRecord, _ kind: Kind, isForced: Bool, in view: RecordView
  ) async throws(DomainError) -> Changes {
    let content = try view.content(of: record)
    var findings = Findings()
    try await checkDeletion(of: record, kind, in: view, &findings)
    let children = try await children(of: record, kind, isForced: isForced, in: view, &findings)
    var changes = Changes()
    changes.mutations = try await removal(
      of: [(record.key, kind)] + children, isForced: isForced, in: view, &findings)
    guard changes.mutations.count <= Self.touchedCountMax else { throw Self.tooMany(record.key) }
    changes.rest(on: findings)
    var preview = content
    if let state = kind.deletedState { preview.set(number: HeaderField.state, to: .enumeration(state)) }
    changes.preview = preview
    return changes
  }

  /// Checks whether the caller may delete a record, and whether it may be deleted as far as it alone decides that; the
  /// deletion rests on its staying as it is.
  func checkDeletion(
    of record: StoredRecord, _ kind: Kind, in view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) {
    let content = try view.content(of: record)
    try await view.checkAccess(to: record.key, kind, content: content, isNew: false)
    kind.checkDeletion(content, &findings)
    if let error = DomainError(findings.violations, resource: record.key.name) { throw error }
    findings.require(.revision(record.key, record.revision), or: .examineAgain)
  }

  /// The changes that delete records together. What holds on to one of them and is not among them stands in the way.
  func removal(
    of doomed: [(Key, Kind)], isForced: Bool, in view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) -> [Mutation] {
    for (key, _) in doomed { view.change(key, to: nil) }
    var mutations: [Mutation] = []
    var blockersOfKinds: [IndexField: [BlockingIndex]] = [:]
    for (_, kind) in doomed where blockersOfKinds[kind.membership] == nil {
      blockersOfKinds[kind.membership] = kinds.blockers(of: kind)
    }
    for (key, kind) in doomed {
      try DomainError.checkCancellation()
      if kind.message == Client.self, let record = try await view.regardedRecord(key), !record.isDeleted,
        let client = try view.content(of: record) as? Client, client.isAdministrator
      {
        try await view.checkAdministratorsRemain(without: key, &findings)
      }
      let blockers = blockersOfKinds[kind.membership] ?? []
      if isForced { mutations += try await clearances(of: key, blockers, in: view, &findings) }
      let fields = blockers.filter { !$0.isDependent }.map(\.index)
      if !fields.isEmpty { findings.require(.noReferrer(key, through: fields), or: .refuse(Self.inUse)) }
      // One that comes meanwhile would be left behind.
      let dependent = blockers.filter(\.isDependent).map(\.index)
      if !dependent.isEmpty { findings.require(.noReferrer(key, through: dependent), or: .examineAgain) }
    }
    return mutations + doomed.map { .softDelete($0.0) }
  }

  /// The children that are deleted with a record.
  ///
  /// - Parameter advice: What to do if there are some and the deletion is not forced; nil for setting `force`.
  func children(
    of record: StoredRecord, _ kind: Kind, isForced: Bool, in view: RecordView, advice: String? = nil,
    _ findings: inout Findings
  ) async throws(DomainError) -> [(Key, Kind)] {
    let childKinds = kinds.children(of: kind)
    var children: [(Key, Kind)] = []
    for blocker in kinds.blockers(of: kind) where blocker.isDependent {
      let found = try await view.keys(
        with: IndexEntry(blocker.index, .reference(record.key)), limit: Self.touchedCountMax)
      children += found.map { ($0, blocker.kind) }
    }
    guard let scope = KeyPrefix(record.key.name + "/"), !childKinds.isEmpty || !children.isEmpty else { return [] }
    for childKind in childKinds {
      // One more than there may be tells that there are too many.
      let limit = Self.touchedCountMax - children.count
      guard limit > 0 else { break }
      let found = try await view.keys(with: IndexEntry(childKind.membership, .unset), under: scope, limit: limit)
      children += found.map { ($0, childKind) }
    }
    let isTooMany = children.count >= Self.touchedCountMax
    guard isForced || children.isEmpty else {
      let count = children.count
      let them = count == 1 ? "it" : "them"
      throw DomainError(
        .hasChildren,
        isTooMany
          ? "`\(record.key)` has \(count) children or more; delete them first"
          : "`\(record.key)` has \(count) \(count == 1 ? "child" : "children"); "
            + (advice ?? "set force to delete \(them) with it"),
        metadata: [isTooMany ? "min_count" : "count": "\(count)"], resource: record.key.name,
        obstacles: children.prefix(Conflict.referrerSampleMax).map {
          .init(subject: $0.0.name, "it goes with `\(record.key)`")
        })
    }
    guard !isTooMany else { throw Self.tooMany(record.key) }
    // What the caller does not see it does not delete either.
    guard try await view.visible(children.map(\.0)).count == children.count else {
      throw DomainError(.hasChildren, "some of its children are out of the caller's sight", resource: record.key.name)
    }
    findings.require(.prefixUnchangedSince(scope, try await view.revision()), or: .examineAgain)
    return children
  }

  /// A deletion touches more records than one write does well with.
  private static func tooMany(_ key: Key) -> DomainError {
    DomainError(
      .limitReached,
      "deleting `\(key)` would touch more than \(touchedCountMax) records, those included that give way to it; delete "
        + "some of its children first", metadata: ["max": "\(touchedCountMax)"], resource: key.name)
  }

  /// The changes that take the name of a record out of the fields that give way to a forced deletion.
  private func clearances(
    of key: Key, _ blockers: [BlockingIndex], in view: RecordView, _ findings: inout Findings
  ) async throws(DomainError) -> [Mutation] {
    var mutations: [Mutation] = []
    for blocker in blockers {
      guard let path = blocker.clearablePath else { continue }
      let referrers = try await view.records(
        with: IndexEntry(blocker.index, .reference(key)), limit: Self.touchedCountMax,
        whatFor: "the records that name `\(key)` give way to its deletion")
      for (referrerKey, content) in referrers {
        guard let referrer = try await view.regardedRecord(referrerKey) else { continue }
        var cleared = content
        if case .list(let names)? = content.value(ofField: path.field.number) {
          let rest = names.filter { $0 != .string(key.name) }
          cleared.set(path.field, to: rest.isEmpty ? nil : .list(rest))
        } else {
          cleared.set(path.field, to: nil)
        }
        view.change(referrerKey, to: cleared)
        findings.require(.revision(referrerKey, referrer.revision), or: .examineAgain)
        let draft = Draft(
          kind: blocker.kind, key: referrerKey, previous: referrer, previousContent: content, content: cleared)
        mutations.append(try draft.mutation())
      }
    }
    return mutations
  }

  /// Others hold on to the record.
  static let inUse: @Sendable (Conflict.Finding) -> DomainError = { finding in
    guard case .referred(let key, let referrers, let count) = finding else {
      return DomainError(.resourceInUse, "other records refer to it")
    }
    return DomainError(
      .resourceInUse,
      "\(count) \(count == 1 ? "record refers" : "records refer") to `\(key)`, such as `\(referrers.first ?? key)`; "
        + "change or delete \(count == 1 ? "it" : "them") first",
      metadata: ["count": "\(count)"], resource: key.name,
      obstacles: referrers.map { .init(subject: $0.name, "it refers to `\(key)`") })
  }
}
