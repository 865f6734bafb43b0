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
    for reference in kind.references {
      let known = Set(previous.map(reference.names) ?? [])
      for name in reference.names(in: record) where !known.contains(name) {
        try await check(name, in: reference, &findings)
      }
    }
  }

  private func check(
    _ name: String, in reference: ReferenceField, _ findings: inout Findings
  ) async throws(DomainError) {
    let targets = reference.targets.compactMap(view.kinds.kind(ofType:))
    guard targets.contains(where: { $0.pattern.matches(name) }), let key = Key(name) else {
      if targets.isEmpty {
        findings.add(Self.notFound(name, in: reference))
      } else {
        let patterns = targets.map { "`\($0.pattern)`" }.joined(separator: " or ")
        findings.add(
          Self.violation(.referenceType, name, in: reference, "`\(name.clipped)` is not of the form \(patterns)"))
      }
      return
    }
    switch try await view.standing(of: name) {
    case .missing: findings.add(Self.notFound(name, in: reference))
    case .deleted: findings.add(Self.deleted(name, in: reference))
    case .live:
      findings.require(
        .exists(key),
        or: .refuse { finding in
          guard case .deleted = finding else { return DomainError(Self.notFound(name, in: reference)) }
          return DomainError(Self.deleted(name, in: reference))
        })
    }
  }

  private static func notFound(_ name: String, in reference: ReferenceField) -> DomainError.FieldViolation {
    violation(.referenceNotFound, name, in: reference, "`\(name.clipped)` does not exist; create it first")
  }

  private static func deleted(_ name: String, in reference: ReferenceField) -> DomainError.FieldViolation {
    violation(.referenceDeleted, name, in: reference, "`\(name.clipped)` is deleted; refer to another record")
  }

  private static func violation(
    _ reason: Reason, _ name: String, in reference: ReferenceField, _ message: String
  ) -> DomainError.FieldViolation {
    let path = reference.path.text
    return .init(
      path, path == CitationRules.sourcePath ? .citationInvalid : reason, message, metadata: ["value": name.clipped])
  }
}
