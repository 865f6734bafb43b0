/// What the proto says about a message type.
public final class MessageDescriptor: Sendable {
  /// The name with its package, such as `plenary.v1.Dialogue`.
  public let fullName: String
  /// The fields in the order of their declaration.
  public let fields: [FieldDescriptor]
  /// Set for a resource: its `google.api.resource` annotation.
  public let resource: ResourceDescriptor?

  /// The fields in the order of their names in ProtoJSON.
  let fieldsByJSONName: [FieldDescriptor]

  /// How messages of this type stand in ProtoJSON.
  let jsonForm: JSONForm

  private let indexByNumber: [Int32: Int]
  private let indexByName: [String: Int]

  /// Describes a message type; `build` adds its fields.
  public init(_ fullName: String, resource: ResourceDescriptor? = nil, _ build: (inout Builder) -> Void = { _ in }) {
    var builder = Builder()
    build(&builder)
    self.fullName = fullName
    self.resource = resource
    fields = builder.fields
    fieldsByJSONName = builder.fields.sorted { $0.jsonName.utf16.lexicographicallyPrecedes($1.jsonName.utf16) }
    jsonForm = JSONForm(fullName: fullName)
    var byNumber: [Int32: Int] = [:]
    var byName: [String: Int] = [:]
    for (index, field) in fields.enumerated() {
      byNumber[field.number] = index
      byName[field.name] = index
      byName[field.jsonName] = index
    }
    indexByNumber = byNumber
    indexByName = byName
  }

  /// The name without its package and outer messages.
  public var name: Substring { fullName.split(separator: ".").last ?? "" }

  /// The field with the given number.
  public func field(number: Int32) -> FieldDescriptor? { indexByNumber[number].map { fields[$0] } }

  /// The field with the given name, as written in the proto or in its ProtoJSON form.
  public func field(named name: String) -> FieldDescriptor? { indexByName[name].map { fields[$0] } }
}

extension MessageDescriptor {
  /// Collects the fields of a message type.
  public struct Builder {
    fileprivate var fields: [FieldDescriptor] = []

    /// Adds a field.
    public mutating func add(
      _ number: Int32, _ name: String, _ type: FieldType, _ cardinality: FieldCardinality = .singular,
      json jsonName: String? = nil, oneof: String? = nil, behaviors: FieldBehaviors = [],
      reference: ResourceReference? = nil
    ) {
      fields.append(
        FieldDescriptor(
          number: number, name: name, jsonName: jsonName ?? FieldDescriptor.jsonName(for: name), type: type,
          cardinality: cardinality, oneof: oneof, behaviors: behaviors, resourceReference: reference))
    }
  }
}
