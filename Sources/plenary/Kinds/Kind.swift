internal import ProtobufRuntime

/// A kind of record, such as dialogue. What the CLI knows of it comes from the API's descriptors.
struct Kind: Sendable {
  /// The message of a record.
  let message: any ProtobufMessage.Type
  /// The annotation of the message.
  let resource: ResourceDescriptor

  /// A kind, nil if the message is not that of a resource.
  init?(_ message: any ProtobufMessage.Type) {
    guard let resource = message.descriptor.resource else { return nil }
    self.message = message
    self.resource = resource
  }

  /// The pattern of the names. Each kind has one.
  var pattern: NamePattern { NamePattern(resource.patterns.first ?? "") }

  /// The name of one as it is written on the command line, such as `working-group`.
  var singular: String { Self.kebab(resource.singular) }

  /// The name of several as it is written on the command line, such as `working-groups`.
  var plural: String { Self.kebab(resource.plural) }

  /// Whether a word of the command line means this kind: one or several, in any case, with or without hyphens.
  func isCalled(_ word: String) -> Bool {
    let folded = Self.folded(word)
    return folded == Self.folded(resource.singular) || folded == Self.folded(resource.plural)
  }

  private static func folded(_ word: String) -> String {
    word.lowercased().filter { $0 != "-" && $0 != "_" }
  }

  private static func kebab(_ name: String) -> String {
    name.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
  }
}
