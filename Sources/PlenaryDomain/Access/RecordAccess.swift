internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Whether a caller may change a record: what it takes is the kind's to say, and each of the caller's roles covers some of
/// the records.
extension RecordView {
  /// Checks that the caller may change a record, or create it.
  ///
  /// - Parameters:
  ///   - content: The record as it is, or as it is to be created.
  ///   - role: What the change takes, if that is not what changing records of the kind takes.
  ///   - what: What is changed, in words, if it is not the record as a whole.
  /// - Throws: `roleMissing`, `originatorOnly`.
  func checkAccess(
    to key: Key, _ kind: Kind, content: any ProtobufMessage, isNew: Bool, role: Client.Grant.Role? = nil,
    what: String? = nil
  ) async throws(DomainError) {
    let role = role ?? kind.changeRole
    let scopes = Set(rights.scopes(of: role))
    guard !scopes.contains(Rights.everywhere) else { return }
    guard !scopes.isEmpty else {
      throw DomainError(
        .roleMissing,
        "changing \(what ?? "a \(kind.noun)") takes the role \(role), which the caller does not have; ask an "
          + "administrator for it", metadata: ["role": role.description], resource: key.name)
    }
    let originator = content.originator
    if scopes.contains(""), !originator.isEmpty, originator == rights.organization { return }
    if !originator.isEmpty, scopes.contains(originator) { return }
    // Whose a new record is to be is not decided by where it lies.
    let isForAnother = isNew && !originator.isEmpty && originator != rights.organization
    if !isForAnother, try await liesIn(scopes, key, content) { return }
    throw DomainError(
      .originatorOnly,
      originator.isEmpty
        ? "`\(key)` names no organization that originated it, and the caller's roles do not cover it; ask an "
          + "administrator for a role there"
        : "`\(key)` is a record of \(originator), and the caller's roles do not cover it; leave the change to them, or ask "
          + "an administrator for a role there",
      metadata: ["role": role.description, "originator": originator], resource: key.name)
  }

  /// Whether one of the scopes is the record, has it below it, or is the series that it belongs to.
  private func liesIn(
    _ scopes: Set<String>, _ key: Key, _ content: any ProtobufMessage
  ) async throws(DomainError) -> Bool {
    var name: String? = key.name
    while let current = name {
      if scopes.contains(current) { return true }
      name = NamePattern.parent(of: current)
    }
    if let series = content.series, scopes.contains(series) { return true }
    guard let parent = NamePattern.parent(of: key.name), case .live(let record, _) = try await standing(of: parent)
    else { return false }
    return record.series.map(scopes.contains) ?? false
  }
}

extension ProtobufMessage {
  /// The organization whose record it is; empty if none is named.
  var originator: String {
    guard case .string(let name)? = value(ofField: HeaderField.originatingOrganization) else { return "" }
    return name
  }

  /// The series that the record names as its own; nil if its kind has none.
  fileprivate var series: String? {
    guard let field = Self.descriptor.field(named: "series"), case .string(let name)? = value(ofField: field.number)
    else { return nil }
    return name
  }
}
