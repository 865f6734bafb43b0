package import PlenaryAPI
package import PlenaryStore

extension Registry {
  /// The revision in which the version of a record was written that a proof is asked for, and whether its content may be
  /// shown as it is stored.
  /// - Throws: `idInvalid`, `fieldRequired`, `resourceNotFound`, `revisionInvalid`, `revisionFuture`,
  ///   `revisionCompacted`, `epochChanged`.
  package func provenRevision(
    _ request: GetInclusionProofRequest, as caller: Caller
  ) async throws(DomainError) -> (revision: Revision, showsContent: Bool) {
    let (kind, key) = try namedRecord(request.name, as: caller)
    let revision = request.revision.isEmpty ? nil : try parsed(request.revision, field: "revision")
    let page = try await versions(of: key, as: caller, from: revision, limit: 1)
    guard let version = page.versions.first?.record else { throw kind.notFound(request.name) }
    note(version, readBy: caller, .proof)
    return (version.revision, kind.hiddenField == nil)
  }

  /// The kind and the key of a record of whatever kind. What is for administrators is not there for others.
  /// - Throws: `idInvalid`, `fieldRequired`, `resourceNotFound`.
  func namedRecord(_ name: String, as caller: Caller) throws(DomainError) -> (kind: Kind, key: Key) {
    try NamePattern.checkLength(of: name, field: "name")
    guard let kind = kinds.kind(named: name), let key = Key(name) else {
      throw DomainError(
        .init(
          "name", name.isEmpty ? .fieldRequired : .idInvalid,
          "`\(name.clipped)` is not the name of a record; one is such as `dialogues/asia-2018`",
          metadata: ["value": name.clipped]))
    }
    guard kind.changeRole != .admin || caller.rights.isAdministrator else { throw kind.notFound(name) }
    return (kind, key)
  }
}
