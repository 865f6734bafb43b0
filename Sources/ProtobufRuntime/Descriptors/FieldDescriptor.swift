/// What the proto says about a field.
public struct FieldDescriptor: Sendable {
  /// The number on the wire.
  public let number: Int32
  /// The name in the proto, such as `start_date`.
  public let name: String
  /// The name in ProtoJSON, such as `startDate`.
  public let jsonName: String
  /// The type of the value, or of each element of a repeated field.
  public let type: FieldType
  /// How many values there can be and whether their absence can be told.
  public let cardinality: FieldCardinality
  /// The name of the oneof that the field belongs to; nil for a proto3 `optional`.
  public let oneof: String?
  /// The `google.api.field_behavior` annotations.
  public let behaviors: FieldBehaviors
  /// The `google.api.resource_reference` annotation.
  public let resourceReference: ResourceReference?

  /// Whether the field is a map.
  public var isMap: Bool {
    if case .map = type { true } else { false }
  }

  /// The default ProtoJSON name of a field: underscores dropped, the letter after each in upper case.
  public static func jsonName(for name: String) -> String {
    var json = ""
    var raisesNext = false
    for character in name {
      if character == "_" {
        raisesNext = true
      } else {
        json += raisesNext ? character.uppercased() : String(character)
        raisesNext = false
      }
    }
    return json
  }
}

/// How many values a field can have, and whether a missing one differs from the default.
public enum FieldCardinality: Sendable, Equatable {
  /// One; the default is not told from absence.
  case singular
  /// One or none: messages, `optional` fields and members of a oneof.
  case optional
  /// Any number, in order. Maps are not repeated here: their type says what they are.
  case repeated
}

/// The type of a field's value.
public enum FieldType: Sendable {
  /// The scalar types of the protobuf language; the variants of a type share its name here.
  case double, float, int32, int64, uint32, uint64, bool, string, bytes
  /// An enum.
  case enumeration(any ProtobufEnum.Type)
  /// A message.
  case message(any ProtobufMessage.Type)
  /// A map; the value is neither repeated nor a map.
  indirect case map(FieldType, FieldType)

  /// The message type of the value, or of a map's values.
  public var valueMessage: (any ProtobufMessage.Type)? {
    switch self {
    case .message(let type): type
    case .map(_, let value): value.valueMessage
    default: nil
    }
  }
}

/// The `google.api.field_behavior` annotations of a field.
public struct FieldBehaviors: OptionSet, Sendable {
  /// A bit for each behavior, at the position of its number in `google.api.FieldBehavior`.
  public let rawValue: UInt32

  /// Creates a set from its bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Declared optional, for emphasis.
  public static let optional = FieldBehaviors(rawValue: 1 << 1)
  /// Must be given.
  public static let required = FieldBehaviors(rawValue: 1 << 2)
  /// Set by the server alone; ignored in requests.
  public static let outputOnly = FieldBehaviors(rawValue: 1 << 3)
  /// Given in requests, left out of answers.
  public static let inputOnly = FieldBehaviors(rawValue: 1 << 4)
  /// Cannot change once the resource exists.
  public static let immutable = FieldBehaviors(rawValue: 1 << 5)
  /// A list whose order means nothing.
  public static let unorderedList = FieldBehaviors(rawValue: 1 << 6)
  /// Has a default other than the type's.
  public static let nonEmptyDefault = FieldBehaviors(rawValue: 1 << 7)
  /// The name of the resource.
  public static let identifier = FieldBehaviors(rawValue: 1 << 8)
}

/// The `google.api.resource_reference` annotation: the field holds the name of a resource.
public struct ResourceReference: Sendable, Equatable {
  /// The type referred to, such as `plenary.registry/Organization`; `*` for any.
  public let type: String
  /// Set instead of `type` when the field holds the parent of a resource of this type.
  public let childType: String

  /// A reference to a resource of the given type.
  public static func to(_ type: String) -> ResourceReference { ResourceReference(type: type, childType: "") }
  /// A reference to the parent of a resource of the given type.
  public static func toParent(of childType: String) -> ResourceReference {
    ResourceReference(type: "", childType: childType)
  }
}
