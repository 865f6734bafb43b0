/// The `google.api.resource` annotation of a message.
public struct ResourceDescriptor: Sendable, Equatable {
  /// The type, such as `plenary.registry/Dialogue`.
  public let type: String
  /// The patterns of names, such as `dialogues/{dialogue}`.
  public let patterns: [String]
  /// The name of one, in lowerCamelCase.
  public let singular: String
  /// The name of several, in lowerCamelCase.
  public let plural: String

  /// Describes a resource.
  public init(type: String, patterns: [String], singular: String, plural: String) {
    self.type = type
    self.patterns = patterns
    self.singular = singular
    self.plural = plural
  }
}
