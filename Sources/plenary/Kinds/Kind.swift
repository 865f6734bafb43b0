internal import GRPCRuntime
internal import ProtobufRuntime

/// A kind of record, such as dialogue. What the CLI knows of it comes from the API's descriptors.
struct Kind: Sendable {
  /// The service with the methods that all kinds have.
  let service: any CompleteServiceDefinition.Type
  /// The message of a record.
  let message: any ResourceMessage.Type
  /// The annotation of the message.
  let resource: ResourceDescriptor

  /// A kind, nil if its message is not declared to be a resource.
  init?(_ service: any CompleteServiceDefinition.Type) {
    let message = Self.message(of: service)
    guard let resource = message.descriptor.resource else { return nil }
    self.service = service
    self.message = message
    self.resource = resource
  }

  private static func message<Service: ResourceServiceDefinition>(of _: Service.Type) -> any ResourceMessage.Type {
    Service.Resource.self
  }

  /// The fields of a record.
  var descriptor: MessageDescriptor { message.descriptor }

  /// Whether the registry makes the ids of records for which nobody gives one.
  var makesIDs: Bool { Self.makesIDs(service) }

  private static func makesIDs<Service: ResourceServiceDefinition>(_: Service.Type) -> Bool {
    // What a Create request has besides what all of them have is the record and its id.
    Service.Create.descriptor.fields.contains {
      $0.name.hasSuffix("_id") && $0.name != "request_id" && !$0.behaviors.contains(.required)
    }
  }

  /// The pattern of the names. Each kind has one.
  var pattern: NamePattern { NamePattern(resource.patterns.first ?? "") }

  /// The name of one as it is written on the command line, such as `working-group`.
  var singular: String { Self.kebab(resource.singular) }

  /// The name of several as it is written on the command line, such as `working-groups`.
  var plural: String { Self.kebab(resource.plural) }

  /// The name of one in a sentence, such as `working group`.
  var noun: String { singular.replacing("-", with: " ") }

  /// The name of several in a sentence, such as `working groups`.
  var nouns: String { plural.replacing("-", with: " ") }

  /// Whether a word of the command line means this kind: one or several, in any case, with or without hyphens.
  func isCalled(_ word: String) -> Bool {
    let folded = Self.folded(word)
    return folded == Self.folded(resource.singular) || folded == Self.folded(resource.plural)
  }

  private static func folded(_ word: String) -> String {
    word.lowercased().filter { $0 != "-" && $0 != "_" }
  }

  /// A name such as `workingGroup` as it is written on the command line: `working-group`.
  static func kebab(_ name: String) -> String {
    name.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
  }
}
