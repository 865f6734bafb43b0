/// Writes messages as ProtoJSON.
struct ProtoJSONEncoder {
  private(set) var text: JSONText
  private let types: TypeRegistry
  private let nestingMax: Int
  private let isCanonical: Bool
  private var nesting = 0

  init(options: ProtoJSON.EncodingOptions) {
    text = JSONText(indentation: options.isCanonical ? nil : options.indentation)
    isCanonical = options.isCanonical
    types = options.types
    nestingMax = options.nestingMax
  }

  mutating func write(_ message: any ProtobufMessage) throws(ProtobufError) {
    let descriptor = type(of: message).descriptor
    switch descriptor.jsonForm {
    case .object:
      text.open(UInt8(ascii: "{"))
      try writeMembers(of: message)
      text.close(UInt8(ascii: "}"))
    case .any: try writeAny(message)
    case .duration: text.string(try JSONTime.duration(message.int64(1), message.int32(2)))
    case .fieldMask: text.string(try FieldMaskText.json(message.strings(1)))
    case .timestamp: text.string(try JSONTime.timestamp(message.int64(1), message.int32(2)))
    case .value: try writeValue(message)
    case .listValue: try write(message.value(ofField: 1) ?? .list([]), of: descriptor.fields[0])
    case .structure: try write(message.value(ofField: 1) ?? .map([]), of: descriptor.fields[0])
    case .wrapper: try writeWrapper(message, descriptor.fields[0])
    }
  }

  /// The members of an object for the fields that are set.
  private mutating func writeMembers(of message: any ProtobufMessage) throws(ProtobufError) {
    let descriptor = type(of: message).descriptor
    for field in isCanonical ? descriptor.fieldsByJSONName : descriptor.fields {
      guard let value = message.value(ofField: field.number) else { continue }
      text.name(field.jsonName)
      do {
        try write(value, of: field)
      } catch {
        throw error.within(.field(field.number))
      }
    }
  }

  private mutating func write(_ value: FieldValue, of field: FieldDescriptor) throws(ProtobufError) {
    switch (value, field.type) {
    case (.list(let elements), let type):
      text.open(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        text.separate()
        do {
          try write(element, type)
        } catch {
          throw error.within(.index(index))
        }
      }
      text.close(UInt8(ascii: "]"))
    case (.map(let entries), .map(_, let type)):
      text.open(UInt8(ascii: "{"))
      var members = entries.map { (key: Self.text(ofKey: $0.key), value: $0.value) }
      // RFC 8785 §3.2.3: by the units of UTF-16, which is not the order of the bytes of UTF-8.
      if isCanonical { members.sort { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) } }
      for (key, value) in members {
        text.name(key)
        do {
          try write(value, type)
        } catch {
          throw error.within(.key(key))
        }
      }
      text.close(UInt8(ascii: "}"))
    default: try write(value, field.type)
    }
  }

  /// One value that is neither a list nor a map.
  private mutating func write(_ value: FieldValue, _ type: FieldType) throws(ProtobufError) {
    switch value {
    case .double(let number):
      try checkIsCanonical(number)
      write(number)
    case .float(let number):
      try checkIsCanonical(Double(number))
      write(number)
    case .int32(let number): text.literal(String(number))
    case .uint32(let number): text.literal(String(number))
    // A JSON number is a double to many readers, which has no room for 64 bits.
    case .int64(let number): text.string(String(number))
    case .uint64(let number): text.string(String(number))
    case .bool(let truth): text.literal(truth ? "true" : "false")
    case .string(let string): text.string(string)
    case .bytes(let bytes): text.string(Base64.encode(bytes, padded: true))
    case .enumeration(let number): write(enumeration: number, type)
    case .message(let message): try writeNested(message)
    case .list, .map:
      throw ProtobufError(.valueMismatch, "a list or map stands where one value belongs")
    }
  }

  /// RFC 8785 §3.2.2.3 writes numbers as ECMAScript does. Whole ones that a double holds exactly are the same here.
  private func checkIsCanonical(_ number: Double) throws(ProtobufError) {
    guard isCanonical else { return }
    let isMinusZero = number == 0 && number.sign == .minus
    guard number == number.rounded(), abs(number) < 9_007_199_254_740_992, !isMinusZero else {
      throw ProtobufError(
        .valueOutOfRange, "\(number) is not written in the canonical form, which is for whole numbers")
    }
  }

  private mutating func writeNested(_ message: any ProtobufMessage) throws(ProtobufError) {
    guard nesting < nestingMax else {
      throw ProtobufError(.nestedTooDeep, "messages lie more than \(nestingMax) deep within each other")
    }
    nesting += 1
    defer { nesting -= 1 }
    try write(message)
  }

  private mutating func write(enumeration number: Int32, _ type: FieldType) {
    guard case .enumeration(let type) = type else { return text.literal(String(number)) }
    if type.descriptor.fullName == JSONForm.nullValueEnum { return text.literal("null") }
    guard let name = type.descriptor.name(of: number) else { return text.literal(String(number)) }
    text.string(name)
  }

  private mutating func write<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ number: Number) {
    guard number.isFinite else {
      return text.string(number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity")
    }
    let shortest = String(number)
    // Many readers take -0 for the integer, which has no sign.
    let isMinusZero = number == 0 && number.sign == .minus
    text.literal(shortest.hasSuffix(".0") && !isMinusZero ? String(shortest.dropLast(2)) : shortest)
  }

  private static func text(ofKey key: FieldValue) -> String {
    switch key {
    case .string(let string): string
    case .bool(let truth): truth ? "true" : "false"
    case .int32(let number): String(number)
    case .int64(let number): String(number)
    case .uint32(let number): String(number)
    case .uint64(let number): String(number)
    // The protobuf language has no other keys.
    default: ""
    }
  }
}

// Well-known types whose form depends on what they hold.
extension ProtoJSONEncoder {
  private mutating func writeWrapper(_ message: any ProtobufMessage, _ field: FieldDescriptor) throws(ProtobufError) {
    try write(message.value(ofField: 1) ?? field.type.defaultValue, field.type)
  }

  private mutating func writeValue(_ message: any ProtobufMessage) throws(ProtobufError) {
    for field in type(of: message).descriptor.fields {
      guard let value = message.value(ofField: field.number) else { continue }
      if case .double(let number) = value, !number.isFinite {
        throw ProtobufError(.valueOutOfRange, "a google.protobuf.Value cannot hold \(number)", at: .field(field.number))
      }
      return try write(value, field.type)
    }
    throw ProtobufError(.valueOutOfRange, "a google.protobuf.Value without a kind has no JSON form")
  }

  private mutating func writeAny(_ message: any ProtobufMessage) throws(ProtobufError) {
    let url = message.strings(1).first ?? ""
    var bytes: [UInt8] = []
    if case .bytes(let value) = message.value(ofField: 2) { bytes = value }
    guard !url.isEmpty || !bytes.isEmpty else {
      text.open(UInt8(ascii: "{"))
      text.close(UInt8(ascii: "}"))
      return
    }
    guard let type = types[url.split(separator: "/").last ?? ""] else {
      throw ProtobufError(.typeURLMismatch, "the type \(url) within an Any is not known here")
    }
    do {
      try writeContent(try type.init(serializedBytes: bytes), url)
    } catch {
      // The numbers of the fields on the way are those of another message, so the path is told here.
      if error.code == .nestedTooDeep { throw error }
      let inner = error.named(for: type.descriptor)
      throw ProtobufError(inner.code, "within the Any of \(type.descriptor.fullName), \(inner)")
    }
  }

  private mutating func writeContent(_ content: any ProtobufMessage, _ url: String) throws(ProtobufError) {
    text.open(UInt8(ascii: "{"))
    text.name("@type")
    text.string(url)
    guard nesting < nestingMax else {
      throw ProtobufError(.nestedTooDeep, "messages lie more than \(nestingMax) deep within each other")
    }
    nesting += 1
    defer { nesting -= 1 }
    if type(of: content).descriptor.jsonForm == .object {
      try writeMembers(of: content)
    } else {
      text.name("value")
      try write(content)
    }
    text.close(UInt8(ascii: "}"))
  }
}

extension ProtobufMessage {
  fileprivate func int64(_ number: Int32) -> Int64 { value(ofField: number).flatMap { Int64($0) } ?? 0 }
  fileprivate func int32(_ number: Int32) -> Int32 { value(ofField: number).flatMap { Int32($0) } ?? 0 }
  /// A string, or the elements of a list of strings.
  fileprivate func strings(_ number: Int32) -> [String] {
    switch value(ofField: number) {
    case .string(let string): [string]
    case .list(let elements): elements.compactMap { String($0) }
    default: []
    }
  }
}

extension FieldType {
  /// The value of a field of this type that is not set.
  var defaultValue: FieldValue {
    switch self {
    case .double: .double(0)
    case .float: .float(0)
    case .int32: .int32(0)
    case .int64: .int64(0)
    case .uint32: .uint32(0)
    case .uint64: .uint64(0)
    case .bool: .bool(false)
    case .string: .string("")
    case .bytes: .bytes([])
    case .enumeration: .enumeration(0)
    case .message(let type): .message(type.init())
    case .map: .map([])
    }
  }
}
