extension MessageGenerator {
  /// The way in from, and out to, the libprotobuf-c struct.
  func writeStructAccess(to printer: inout Printer) throws {
    printer.print("public static let structLayout = \(Self.layout(message))")
    for field in fields {
      guard case .map(_, _, let entry) = field.shape else { continue }
      printer.print("private static let \(field.name)Entry = \(Self.layout(entry))")
    }
    printer.print()
    try printer.block("public mutating func read(fromStruct address: UnsafeRawPointer) throws(ProtobufError) {") {
      printer in
      guard !fields.isEmpty else { return }
      printer.print(binding)
      try forEachMember(
        field: { try writeRead(of: $0, to: &printer) },
        oneof: { writeRead(of: $0, members: $1, to: &printer) })
    }
    printer.print()
    try printer.block(
      "public func write(toStruct address: UnsafeMutableRawPointer, _ writer: inout StructWriter) {"
    ) { printer in
      guard !fields.isEmpty else { return }
      printer.print(binding)
      try forEachMember(
        field: { try writeWrite(of: $0, to: &printer) },
        oneof: { writeWrite(of: $0, members: $1, to: &printer) })
    }
  }

  private var binding: String {
    "let c = unsafe address.assumingMemoryBound(to: \(CNaming.structure(message.fullName)).self)"
  }

  private static func layout(_ message: ProtoMessage) -> String {
    "unsafe StructLayout(\(CNaming.structure(message.fullName)).self, \(CNaming.initializer(message.fullName)))"
  }

  /// Visits each field that stands alone, and each oneof once with its members.
  private func forEachMember(
    field visit: (SwiftField) throws -> Void, oneof visitOneof: (ProtoOneof, [SwiftField]) throws -> Void
  ) rethrows {
    var visited: Set<String> = []
    for field in fields {
      guard case .oneof(let oneof, _) = field.shape else {
        try visit(field)
        continue
      }
      guard visited.insert(oneof.name).inserted else { continue }
      try visitOneof(oneof, fields.filter { $0.proto.oneofIndex == field.proto.oneofIndex })
    }
  }
}

// Reading.
extension MessageGenerator {
  private func writeRead(of field: SwiftField, to printer: inout Printer) throws {
    let property = "self.\(field.name)"
    let c = "c.pointee.\(field.cName)"
    switch field.shape {
    case .implicit where field.hasCasedPresence, .optional where field.proto.kind != .message:
      printer.block("if unsafe \(presence(field)) == \(field.number) {") { printer in
        printer.print("\(property) = \(Self.read(field.proto, c, type: field.valueType))")
      }
    case .implicit:
      printer.print("\(property) = \(Self.read(field.proto, c, type: field.valueType))")
    case .optional:
      printer.print("\(property) = try unsafe StructReader.message(\(c), \(field.number))")
    case .indirect:
      printer.print("self._\(field.name) = try unsafe Indirect(StructReader.message(\(c), \(field.number)))")
    case .repeated:
      printer.print("\(property) = \(readElements(field))")
    case .map(let key, let value, let entry):
      let pointer = "UnsafeMutablePointer<\(CNaming.structure(entry.fullName))>"
      try printer.block(
        "\(property) = try unsafe StructReader.map(c.pointee.\(field.cName), c.pointee.n_\(field.cName), "
          + "\(field.number)) { (e: \(pointer)) throws(ProtobufError) in"
      ) { printer in
        let keyType = try SwiftField.type(of: key, index)
        let valueType = try SwiftField.type(of: value, index)
        printer.print(
          "(\(Self.read(key, "e.pointee.key", type: keyType)), "
            + "\(Self.read(value, "e.pointee.value", type: valueType)))")
      }
    case .oneof: break  // Read with its oneof.
    }
  }

  private func writeRead(of oneof: ProtoOneof, members: [SwiftField], to printer: inout Printer) {
    let property = "self.\(SwiftNaming.member(oneof.name))"
    printer.print("switch unsafe c.pointee.\(CNaming.oneofCase(oneof.name)).rawValue {")
    for member in members {
      let value = Self.read(member.proto, "c.pointee.\(member.cName)", type: member.valueType)
      printer.print("case \(member.number): \(property) = .\(member.name)(\(value))")
    }
    printer.print("default: break")
    printer.print("}")
  }

  private func presence(_ field: SwiftField) -> String {
    "c.pointee.\(CNaming.oneofCase("_" + field.proto.name)).rawValue"
  }

  /// One value that is present.
  private static func read(_ field: ProtoField, _ c: String, type: String) -> String {
    switch field.kind {
    case .bool: "unsafe \(c) != 0"
    case .enumeration: "unsafe \(type)(rawValue: Int32(truncatingIfNeeded: \(c).rawValue))"
    case .string: "try unsafe StructReader.string(\(c), \(field.number))"
    case .bytes: "unsafe StructReader.bytes(\(c))"
    case .message: "try unsafe StructReader.presentMessage(\(c), \(field.number))"
    default: "unsafe \(c)"
    }
  }

  private func readElements(_ field: SwiftField) -> String {
    let arguments = "c.pointee.\(field.cName), c.pointee.n_\(field.cName)"
    return switch field.proto.kind {
    case .bool: "unsafe StructReader.bools(\(arguments))"
    case .enumeration: "unsafe StructReader.enums(\(arguments))"
    case .string: "try unsafe StructReader.strings(\(arguments), \(field.number))"
    case .bytes: "unsafe StructReader.byteArrays(\(arguments))"
    case .message: "try unsafe StructReader.messages(\(arguments), \(field.number))"
    default: "unsafe StructReader.scalars(\(arguments))"
    }
  }
}

// Writing.
extension MessageGenerator {
  private func writeWrite(of field: SwiftField, to printer: inout Printer) throws {
    let property = "self.\(field.name)"
    let c = "c.pointee.\(field.cName)"
    switch field.shape {
    case .implicit where field.hasCasedPresence:
      printer.block("if !\(property).isDefault {") { printer in
        printer.print(Self.choose(field.proto))
        printer.print(Self.write(field.proto, c, property))
      }
    case .implicit:
      printer.print(Self.write(field.proto, c, property))
    // An optional message is a member of a oneof in C too.
    case .optional where field.proto.isProto3Optional, .indirect where field.proto.isProto3Optional:
      printer.block("if let value = \(property) {") { printer in
        printer.print(Self.choose(field.proto))
        printer.print(Self.write(field.proto, c, "value"))
      }
    case .optional, .indirect:
      printer.print("unsafe \(c) = writer.message(\(property))")
    case .repeated:
      printer.print("unsafe \(c) = writer.\(elementsFunction(field))(\(property), count: &c.pointee.n_\(field.cName))")
    case .map(let key, let value, let entry):
      let pointer = "UnsafeMutablePointer<\(CNaming.structure(entry.fullName))>"
      printer.block(
        "unsafe \(c) = writer.map(\(property), Self.\(field.name)Entry, count: &c.pointee.n_\(field.cName)) { "
          + "(e: \(pointer), key, value, writer) in"
      ) { printer in
        printer.print(Self.choose(key, in: "e"))
        printer.print(Self.write(key, "e.pointee.key", "key"))
        printer.print(Self.choose(value, in: "e"))
        printer.print(Self.write(value, "e.pointee.value", "value"))
      }
    case .oneof: break  // Written with its oneof.
    }
  }

  private func writeWrite(of oneof: ProtoOneof, members: [SwiftField], to printer: inout Printer) {
    let caseField = "c.pointee.\(CNaming.oneofCase(oneof.name))"
    printer.print("switch self.\(SwiftNaming.member(oneof.name)) {")
    for member in members {
      printer.print("case .\(member.name)(let value):")
      printer.print("  unsafe \(caseField) = .init(rawValue: \(member.number))")
      printer.print("  " + Self.write(member.proto, "c.pointee.\(member.cName)", "value"))
    }
    printer.print("case nil: break")
    printer.print("}")
  }

  /// Chooses the only member of a oneof that the descriptor rewrite made.
  private static func choose(_ field: ProtoField, in pointer: String = "c") -> String {
    "unsafe \(pointer).pointee.\(CNaming.oneofCase("_" + field.name)) = .init(rawValue: \(field.number))"
  }

  private static func write(_ field: ProtoField, _ c: String, _ value: String) -> String {
    switch field.kind {
    case .bool: "unsafe \(c) = \(value) ? 1 : 0"
    case .enumeration: "unsafe \(c) = .init(rawValue: .init(truncatingIfNeeded: \(value).rawValue))"
    case .string: "unsafe \(c) = writer.string(\(value))"
    case .bytes: "unsafe \(c) = writer.bytes(\(value))"
    case .message: "unsafe \(c) = writer.message(\(value))"
    default: "unsafe \(c) = \(value)"
    }
  }

  private func elementsFunction(_ field: SwiftField) -> String {
    switch field.proto.kind {
    case .bool: "bools"
    case .enumeration: "enums"
    case .string: "strings"
    case .bytes: "byteArrays"
    case .message: "messages"
    default: "scalars"
    }
  }
}

extension SwiftField {
  /// Whether the descriptor rewrite gave the field a oneof of its own although it has no presence.
  var hasCasedPresence: Bool { proto.kind == .double || proto.kind == .float }
}
