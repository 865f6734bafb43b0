/// A field as the generated Swift sees it: what is needed to declare, read, write and describe it.
struct SwiftField {
  enum Shape {
    /// No presence: the default is not told from absence.
    case implicit
    /// A message or proto3 `optional`.
    case optional
    /// A message that contains its own type, behind a reference.
    case indirect
    case repeated
    case map(key: ProtoField, value: ProtoField, entry: ProtoMessage)
    /// A member of a oneof.
    case oneof(ProtoOneof, isRecursive: Bool)
  }

  let proto: ProtoField
  let shape: Shape
  /// The Swift type of one value, such as `String` or `Dialogue.State`; for a map the type of the whole.
  let valueType: String
  /// The type's default as it is written in an initializer.
  let defaultValue: String

  var number: Int { proto.number }
  var name: String { isOneofMember ? SwiftNaming.oneofCase(proto.name) : SwiftNaming.member(proto.name) }
  var declaredName: String { SwiftNaming.declared(name) }
  var cName: String { CNaming.field(proto.name) }

  init(_ field: ProtoField, in message: ProtoMessage, _ index: TypeIndex) throws {
    proto = field
    if field.kind == .group || field.label == .required {
      throw GeneratorError("\(message.fullName).\(field.name): groups and required fields are not supported")
    }
    if let entry = message.messages.first(where: { $0.isMapEntry && $0.fullName == field.typeName }) {
      let key = entry.fields[0]
      let value = entry.fields[1]
      shape = .map(key: key, value: value, entry: entry)
      valueType = "[\(try Self.type(of: key, index)): \(try Self.type(of: value, index))]"
      defaultValue = "[:]"
      return
    }
    valueType = try Self.type(of: field, index)
    let isRecursive = index.isRecursive(field, in: message)
    if field.label == .repeated {
      shape = .repeated
      defaultValue = "[]"
    } else if let oneof = field.oneofIndex {
      shape = .oneof(message.oneofs[oneof], isRecursive: isRecursive)
      defaultValue = ""
    } else if isRecursive {
      shape = .indirect
      defaultValue = ""
    } else if field.kind == .message || field.isProto3Optional {
      shape = .optional
      defaultValue = ""
    } else {
      shape = .implicit
      defaultValue = try Self.defaultValue(of: field, index)
    }
  }

  var isOneofMember: Bool {
    if case .oneof = shape { true } else { false }
  }

  static func type(of field: ProtoField, _ index: TypeIndex) throws -> String {
    switch field.kind {
    case .double: "Double"
    case .float: "Float"
    case .int32, .sint32, .sfixed32: "Int32"
    case .int64, .sint64, .sfixed64: "Int64"
    case .uint32, .fixed32: "UInt32"
    case .uint64, .fixed64: "UInt64"
    case .bool: "Bool"
    case .string: "String"
    case .bytes: "[UInt8]"
    case .enumeration, .message: try index[field.typeName].swiftName
    case .group: throw GeneratorError("\(field.name): groups are not supported")
    }
  }

  private static func defaultValue(of field: ProtoField, _ index: TypeIndex) throws -> String {
    switch field.kind {
    case .string: "\"\""
    case .bytes: "[]"
    case .bool: "false"
    case .enumeration: ".\(try index[field.typeName].zeroCase)"
    default: "0"
    }
  }

  /// The field's type as a `FieldType` of the runtime.
  static func fieldType(_ field: ProtoField, _ index: TypeIndex) throws -> String {
    switch field.kind {
    case .enumeration: return ".enumeration(\(try index[field.typeName].swiftName).self)"
    case .message: return ".message(\(try index[field.typeName].swiftName).self)"
    case .bytes: return ".bytes"
    default: return ".\(try type(of: field, index).loweredType)"
    }
  }
}

extension String {
  /// `UInt32` → `uint32`.
  fileprivate var loweredType: String { lowercased() }
}
