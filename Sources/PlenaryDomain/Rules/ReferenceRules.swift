internal import PlenaryStore
internal import ProtobufRuntime

/// What a record may refer to: records that exist, are not deleted, and are of a kind that the field is for.
struct ReferenceRules {
  let kind: Kind
  let view: RecordView

  /// The keys of everything that the record refers to, to be read in one go.
  func keys(in record: any ProtobufMessage) -> [Key] {
    kind.references.flatMap { $0.names(in: record) }.compactMap { Key($0) }
  }

  /// Checks the references that a record has and its predecessor had not: what was there may have been deleted since.
  func check(
    _ record: any ProtobufMessage, replacing previous: (any ProtobufMessage)?, _ findings: inout Findings
  ) async throws(DomainError) {
    let isSharedAnew = previous.map { Audience(of: $0) != Audience(of: record) } ?? true
    for reference in kind.references {
      let known = Set(previous.map(reference.names) ?? [])
      for (name, indexes) in reference.places(in: record) where !known.contains(name) || isSharedAnew {
        let place = Reference(name: name, field: reference, indexes: indexes)
        if !known.contains(name) { try await check(place, &findings) }
        try await checkSharing(place, by: record, &findings)
      }
    }
  }

  /// Checks that whoever may see a record may see all that it names.
  func checkSharing(of record: any ProtobufMessage, _ findings: inout Findings) async throws(DomainError) {
    for reference in kind.references {
      for (name, indexes) in reference.places(in: record) {
        try await checkSharing(Reference(name: name, field: reference, indexes: indexes), by: record, &findings)
      }
    }
  }

  /// Checks that whoever may see the record may see what it names.
  private func checkSharing(
    _ reference: Reference, by record: any ProtobufMessage, _ findings: inout Findings
  ) async throws(DomainError) {
    guard reference.field.isShared, let target = try await view.regarded(reference.name) else { return }
    // Nobody makes it stricter meanwhile.
    if let (key, revision) = target.version { findings.require(.revision(key, revision), or: .examineAgain) }
    try await SharingRules.check(
      reference.field, to: target.record, named: reference.name, at: reference.field.path.text(at: reference.indexes),
      of: record, among: view, &findings)
  }

  private func check(_ reference: Reference, _ findings: inout Findings) async throws(DomainError) {
    let name = reference.name
    let targets = reference.field.targets.compactMap(view.kinds.kind(ofType:))
    guard targets.contains(where: { $0.pattern.matches(name) }), let key = Key(name) else {
      let patterns = targets.map { "`\($0.pattern)`" }.joined(separator: " or ")
      findings.add(reference.violation(.referenceType, "`\(name.clipped)` is not of the form \(patterns)"))
      return
    }
    // Clients are seen by administrators alone, and named by whoever shares a record with one.
    let standing =
      reference.field.isOfClients ? try await view.regardedStanding(of: key) : try await view.standing(of: name)
    switch standing {
    case .missing: findings.add(reference.notFound)
    case .deleted: findings.add(reference.deleted)
    case .live:
      findings.require(
        .exists(key),
        or: .refuse { finding in
          guard case .deleted = finding else { return DomainError(reference.notFound) }
          return DomainError(reference.deleted)
        })
    }
  }
}

/// One name in a field of a record, and what can be wrong with it.
private struct Reference: Sendable {
  let name: String
  let field: ReferenceField
  let indexes: [Int]

  var notFound: DomainError.FieldViolation {
    violation(.referenceNotFound, "`\(name.clipped)` does not exist; create it first")
  }

  var deleted: DomainError.FieldViolation {
    violation(.referenceDeleted, "`\(name.clipped)` is deleted; refer to another record")
  }

  func violation(_ reason: Reason, _ message: String) -> DomainError.FieldViolation {
    let isSource = field.path.text == CitationRules.sourcePath
    return .init(
      field.path.text(at: indexes), isSource ? .citationInvalid : reason, message, metadata: ["value": name.clipped])
  }
}
