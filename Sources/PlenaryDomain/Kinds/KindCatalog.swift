internal import PlenaryStore
package import ProtobufRuntime

/// The kinds of the registry, in the order in which `Record` has them.
package struct KindCatalog: Sendable {
  /// The kinds of this version.
  package static let current = KindCatalog([
    .source, .organization, .person, .theme, .mandate, .directive, .initiative, .series, .dialogue, .workingGroup,
    .panel, .intervention, .finding, .partnership, .consultation, .recommendation, .followUp, .outcomeReport,
    .sharingGroup, .client,
  ])

  /// The kinds, in order.
  package let kinds: [Kind]

  private let byType: [String: Kind]
  private let patterns: NamePatterns

  private init(_ kinds: [Kind]) {
    self.kinds = kinds.sorted { $0.recordField.number < $1.recordField.number }
    byType = Dictionary(uniqueKeysWithValues: kinds.map { ($0.resourceType, $0) })
    patterns = NamePatterns(self.kinds.map(\.pattern))
  }

  /// The kind of a resource type, such as `plenary.registry/Dialogue`.
  package func kind(ofType type: String) -> Kind? { byType[type] }

  /// The kind whose records have names like this one.
  package func kind(named name: String) -> Kind? {
    patterns.firstIndex(matching: name).map { kinds[$0] }
  }

  /// The kind of a message.
  package func kind(of message: any ProtobufMessage) -> Kind? {
    type(of: message).descriptor.resource.flatMap { byType[$0.type] }
  }

  /// The kinds whose records are children of those of this one.
  package func children(of kind: Kind) -> [Kind] {
    kinds.filter { $0.pattern.parent?.collections == kind.pattern.collections }
  }

  /// The kind whose records are the parents of those of this one.
  package func parent(of kind: Kind) -> Kind? {
    kind.pattern.parent.flatMap { parent in kinds.first { $0.pattern.collections == parent.collections } }
  }

  /// Whether a record with this key decides what callers may see and do.
  func decidesAccess(_ key: Key) -> Bool {
    Kind.client.pattern.matches(key.name) || Kind.sharingGroup.pattern.matches(key.name)
  }

  /// The stored content of a record.
  func decode(_ record: StoredRecord) throws(DomainError) -> any ProtobufMessage {
    guard let kind = kind(named: record.key.name) else {
      throw DomainError(.storeUnavailable, "the store has a record of a kind that this version does not know")
    }
    return try kind.decode(record)
  }
}

extension Kind {
  /// The stored content of a record of this kind.
  func decode(_ record: StoredRecord) throws(DomainError) -> any ProtobufMessage { try decode(record.body) }

  /// The message that a stored record of this kind is encoded as.
  func decode(_ bytes: [UInt8]) throws(DomainError) -> any ProtobufMessage {
    do {
      return try message.init(serializedBytes: bytes)
    } catch {
      throw Self.unreadable(error)
    }
  }

  /// The refusal of a stored record that is not as it was written.
  static func unreadable(_ error: ProtobufError) -> DomainError {
    DomainError(.storeUnavailable, "a stored record cannot be read: \(error)")
  }
}
