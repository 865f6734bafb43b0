// The parts of descriptor.proto that the generator uses, as plain values.

/// `FieldDescriptorProto.Type`.
enum FieldKind: Int {
  case double = 1
  case float, int64, uint64, int32, fixed64, fixed32, bool, string, group, message, bytes, uint32, enumeration
  case sfixed32, sfixed64, sint32, sint64
}

/// `FieldDescriptorProto.Label`.
enum FieldLabel: Int {
  case optional = 1
  case required, repeated
}

struct ProtoFile {
  let name: String
  let package: String
  let dependencies: [String]
  let messages: [ProtoMessage]
  let enums: [ProtoEnum]
  let services: [ProtoService]
  let isProto3: Bool
  /// The file's descriptor as reflection gives it out: everything but comments and positions.
  let descriptor: [UInt8]
}

struct ProtoMessage {
  /// With its package, such as `plenary.v1.Dialogue.Location`.
  let fullName: String
  let name: String
  let fields: [ProtoField]
  let oneofs: [ProtoOneof]
  let messages: [ProtoMessage]
  let enums: [ProtoEnum]
  let isMapEntry: Bool
  let resource: ProtoResource?
  let comment: String
}

struct ProtoField {
  let name: String
  let number: Int
  let kind: FieldKind
  let label: FieldLabel
  /// The full name of the enum or message; empty for scalars.
  let typeName: String
  /// The oneof the field is a member of; nil for the synthetic one of a proto3 `optional`.
  let oneofIndex: Int?
  let isProto3Optional: Bool
  let jsonName: String
  let behaviors: [Int]
  let reference: (type: String, childType: String)?
  let comment: String
}

struct ProtoOneof {
  let name: String
  let comment: String
}

struct ProtoEnum {
  let fullName: String
  let name: String
  let values: [Value]
  let comment: String

  struct Value {
    let name: String
    let number: Int
    let comment: String
  }
}

struct ProtoService {
  let fullName: String
  let name: String
  let methods: [ProtoMethod]
  let comment: String
}

struct ProtoMethod {
  let name: String
  let inputName: String
  let outputName: String
  let streamsRequests: Bool
  let streamsResponses: Bool
  let comment: String
}

/// `google.api.resource`.
struct ProtoResource {
  let type: String
  let patterns: [String]
  let singular: String
  let plural: String
}
