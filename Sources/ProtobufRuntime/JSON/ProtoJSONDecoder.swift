/// Reads messages from parsed ProtoJSON.
struct ProtoJSONDecoder {
  private let text: [UInt8]
  private let options: ProtoJSON.DecodingOptions
  /// The names on the way to the value being read.
  private var path: [String] = []

  init(text: [UInt8], path: String, options: ProtoJSON.DecodingOptions) {
    self.text = text
    self.options = options
    if !path.isEmpty { self.path = [path] }
  }

  mutating func message<Message: ProtobufMessage>(
    _ type: Message.Type, _ node: JSONNode
  ) throws(ProtoJSONError) -> Message {
    var message = Message()
    try fill(&message, node)
    return message
  }

  private mutating func fill(_ message: inout some ProtobufMessage, _ node: JSONNode) throws(ProtoJSONError) {
    let descriptor = type(of: message).descriptor
    switch descriptor.jsonForm {
    case .object: try fillObject(&message, members(of: node, descriptor))
    case .wrapper: try set(1, of: &message, value(descriptor.fields[0], node), node)
    case .timestamp:
      guard let time = JSONTime.timestamp(try string(node)) else {
        throw error("a time such as \"2018-09-04T09:30:00Z\" belongs here", node)
      }
      try setTime(time, of: &message, node)
    case .duration:
      guard let time = JSONTime.duration(try string(node)) else {
        throw error("a duration such as \"1.5s\" belongs here", node)
      }
      try setTime(time, of: &message, node)
    case .fieldMask:
      guard let paths = FieldMaskText.paths(try string(node)) else {
        throw error("names of fields in lowerCamelCase, joined by commas, belong here", node)
      }
      try set(1, of: &message, .list(paths.map(FieldValue.string)), node)
    case .structure: try set(1, of: &message, map(descriptor.fields[0], node), node)
    case .listValue: try set(1, of: &message, list(descriptor.fields[0], node), node)
    case .value: try fillValue(&message, node)
    case .any: try fillAny(&message, node)
    }
  }

  private mutating func fillObject(
    _ message: inout some ProtobufMessage, _ members: [JSONNode.Member]
  ) throws(ProtoJSONError) {
    let descriptor = type(of: message).descriptor
    var seen: Set<Int32> = []
    var oneofs: [String: String] = [:]
    for member in members {
      path.append(path.isEmpty ? member.name : "." + member.name)
      defer { path.removeLast() }
      guard let field = descriptor.field(named: member.name) else {
        if options.ignoresUnknownFields { continue }
        throw error(
          "\(descriptor.fullName) has no field \"\(member.name)\"", at: member.place,
          suggestion: Suggestion.closest(to: member.name, among: descriptor.fields.map(\.jsonName)))
      }
      guard seen.insert(field.number).inserted else {
        throw error("the field \"\(field.jsonName)\" is there twice", at: member.place)
      }
      guard let value = try value(ofField: field, member.value) else { continue }
      if let oneof = field.oneof, let other = oneofs.updateValue(member.name, forKey: oneof) {
        throw error("only one of \"\(other)\" and \"\(member.name)\" can be set", at: member.place)
      }
      try set(field.number, of: &message, value, member.value)
    }
  }

  /// The value of a field; nil where it stays unset.
  private mutating func value(
    ofField field: FieldDescriptor, _ node: JSONNode
  ) throws(ProtoJSONError) -> FieldValue? {
    if node.isNull, !field.type.acceptsNull || field.cardinality == .repeated { return nil }
    if field.isMap { return try map(field, node) }
    if field.cardinality == .repeated { return try list(field, node) }
    return try value(field, node)
  }

  private mutating func list(_ field: FieldDescriptor, _ node: JSONNode) throws(ProtoJSONError) -> FieldValue {
    guard case .array(let elements) = node.value else { throw mismatch("an array", node) }
    var values: [FieldValue] = []
    values.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() {
      path.append("[\(index)]")
      defer { path.removeLast() }
      if element.isNull, !field.type.acceptsNull { throw error("an element cannot be null", element) }
      if let value = try value(field, element) { values.append(value) }
    }
    return .list(values)
  }

  private mutating func map(_ field: FieldDescriptor, _ node: JSONNode) throws(ProtoJSONError) -> FieldValue {
    guard case .object(let members) = node.value else { throw mismatch("an object", node) }
    guard case .map(let keyType, let valueType) = field.type else { return .map([]) }
    var entries: [FieldMapEntry] = []
    for member in members {
      path.append("[\"\(member.name)\"]")
      defer { path.removeLast() }
      if member.value.isNull, !valueType.acceptsNull {
        throw error("the value of an entry cannot be null", member.value)
      }
      guard let key = JSONScalar.key(member.name, keyType) else {
        throw error("\"\(member.name)\" is not a key of this map", at: member.place)
      }
      if let value = try value(valueType, member.value) { entries.append(FieldMapEntry(key: key, value: value)) }
    }
    return .map(entries)
  }

  private mutating func value(_ field: FieldDescriptor, _ node: JSONNode) throws(ProtoJSONError) -> FieldValue? {
    try value(field.type, node)
  }

  /// One value; nil for the name of an enum value that is passed over.
  private mutating func value(_ type: FieldType, _ node: JSONNode) throws(ProtoJSONError) -> FieldValue? {
    switch type {
    case .message(let type): return .message(try message(type, node))
    case .enumeration(let type): return try enumeration(type.descriptor, node)
    default:
      switch JSONScalar.value(type, node.value) {
      case .success(let value): return value
      case .failure(let mismatch): throw error(mismatch.reason, node)
      }
    }
  }

  private func enumeration(_ descriptor: EnumDescriptor, _ node: JSONNode) throws(ProtoJSONError) -> FieldValue? {
    if node.isNull, descriptor.fullName == JSONForm.nullValueEnum { return .enumeration(0) }
    switch node.value.resolved(for: .int32) {
    case .string(let name), .plain(let name):
      if let number = descriptor.number(named: name) { return .enumeration(number) }
      if options.ignoresUnknownFields { return nil }
      throw error(
        "\(descriptor.fullName) has no value \"\(name)\"", at: node.place,
        suggestion: Suggestion.closest(to: name, among: descriptor.values.map(\.name)))
    case .number:
      if case .success(.int32(let number)) = JSONScalar.value(.int32, node.value) { return .enumeration(number) }
      throw error("the number of an enum value has 32 bits", node)
    default: throw mismatch("the name of a value", node)
    }
  }
}

// Well-known types that say themselves what they hold.
extension ProtoJSONDecoder {
  /// `google.protobuf.Value`: fields 1 to 6 are null, number, string, bool, struct and list.
  private mutating func fillValue(_ message: inout some ProtobufMessage, _ node: JSONNode) throws(ProtoJSONError) {
    let number: Int32 =
      switch node.isNull ? .null : node.value.resolved {
      case .null: 1
      case .number: 2
      case .string, .plain: 3
      case .bool: 4
      case .object: 5
      case .array: 6
      }
    guard let field = type(of: message).descriptor.field(number: number) else { return }
    try set(number, of: &message, value(field, node), node)
  }

  private mutating func fillAny(_ message: inout some ProtobufMessage, _ node: JSONNode) throws(ProtoJSONError) {
    let members = try members(of: node, type(of: message).descriptor)
    guard let typeMember = members.first(where: { $0.name == "@type" }) else {
      if members.isEmpty { return }
      throw error("an Any needs a member \"@type\"", node)
    }
    let url = try string(typeMember.value)
    guard url.contains("/"), let type = options.types[url.split(separator: "/").last ?? ""] else {
      throw error("the type \"\(url)\" is not known here", typeMember.value)
    }
    let content: any ProtobufMessage
    if type.descriptor.jsonForm == .object {
      var object = type.init()
      try fillObject(&object, members.filter { $0.name != "@type" })
      content = object
    } else {
      guard let value = members.first(where: { $0.name == "value" }), members.count == 2 else {
        throw error("an Any with \(type.descriptor.fullName) has just one more member, \"value\"", node)
      }
      path.append(path.isEmpty ? "value" : ".value")
      defer { path.removeLast() }
      content = try self.message(type, value.value)
    }
    do {
      try message.setValue(.string(url), ofField: 1)
      try message.setValue(.bytes(content.serializedBytes()), ofField: 2)
    } catch {
      throw self.error(error.reason, node)
    }
  }

  private func setTime(
    _ time: (seconds: Int64, nanos: Int32), of message: inout some ProtobufMessage, _ node: JSONNode
  ) throws(ProtoJSONError) {
    try set(1, of: &message, .int64(time.seconds), node)
    try set(2, of: &message, .int32(time.nanos), node)
  }
}

extension ProtoJSONDecoder {
  private func set(
    _ number: Int32, of message: inout some ProtobufMessage, _ value: FieldValue?, _ node: JSONNode
  ) throws(ProtoJSONError) {
    do {
      try message.setValue(value, ofField: number)
    } catch {
      throw self.error(error.reason, node)
    }
  }

  private func members(
    of node: JSONNode, _ descriptor: MessageDescriptor
  ) throws(ProtoJSONError) -> [JSONNode.Member] {
    guard case .object(let members) = node.value else { throw mismatch("an object", node) }
    return members
  }

  private func string(_ node: JSONNode) throws(ProtoJSONError) -> String {
    switch node.value {
    case .string(let string), .plain(let string): return string
    default: throw mismatch("a string", node)
    }
  }

  private func mismatch(_ expected: String, _ node: JSONNode) -> ProtoJSONError {
    error("\(expected) belongs here, not \(node.kind)", node)
  }

  private func error(_ reason: String, _ node: JSONNode) -> ProtoJSONError { error(reason, at: node.place) }

  private func error(_ reason: String, at place: JSONNode.Place, suggestion: String? = nil) -> ProtoJSONError {
    ProtoJSONError(reason, path: path.joined(), suggestion: suggestion, at: place, in: text)
  }
}

extension FieldType {
  /// Whether null is a value of its own here, instead of the absence of one.
  fileprivate var acceptsNull: Bool {
    switch self {
    case .message(let type): type.descriptor.jsonForm == .value
    case .enumeration(let type): type.descriptor.fullName == JSONForm.nullValueEnum
    default: false
    }
  }
}
