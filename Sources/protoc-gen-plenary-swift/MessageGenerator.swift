/// Writes the Swift of one message type: the struct and, behind it, its conformance.
struct MessageGenerator {
  let message: ProtoMessage
  let index: TypeIndex
  let swiftName: String
  let fields: [SwiftField]

  init(_ message: ProtoMessage, _ index: TypeIndex) throws {
    self.message = message
    self.index = index
    swiftName = try index[message.fullName].swiftName
    fields = try message.fields.map { try SwiftField($0, in: message, index) }
    try checkNames()
  }

  /// The runtime's protocols for messages that mean more than their fields.
  private static let wellKnown = [
    "google.protobuf.Any": "AnyMessage", "google.protobuf.Duration": "DurationMessage",
    "google.protobuf.FieldMask": "FieldMaskMessage", "google.protobuf.Timestamp": "TimestampMessage",
  ]

  var nestedMessages: [ProtoMessage] { message.messages.filter { !$0.isMapEntry } }

  /// The struct with the types nested in it.
  func writeStruct(to printer: inout Printer) throws {
    printer.doc(message.comment, or: "The message `\(message.fullName)`.")
    try printer.block("public struct \(SwiftNaming.declared(shortName)): ProtobufMessage {") { printer in
      writeProperties(to: &printer)
      printer.doc("", or: "Fields of a received message that this version does not know.")
      printer.print("public var unknownFields = UnknownFields()")
      printer.print()
      printer.doc("", or: "Creates a message with no field set.")
      printer.print("public init() {}")
      for (position, oneof) in message.oneofs.enumerated() { writeOneof(oneof, at: position, to: &printer) }
      for nested in message.enums {
        printer.print()
        try EnumGenerator(nested, index).write(to: &printer)
      }
      for nested in nestedMessages {
        printer.print()
        try MessageGenerator(nested, index).writeStruct(to: &printer)
      }
    }
  }

  /// The conformances of this message and those nested in it.
  func writeConformance(to printer: inout Printer) throws {
    printer.print()
    let wellKnown = Self.wellKnown[message.fullName].map { ": \($0)" } ?? ""
    try printer.block("extension \(swiftName)\(wellKnown) {") { printer in
      try writeDescriptor(to: &printer)
      printer.print()
      writeValueAccess(to: &printer)
      printer.print()
      try writeStructAccess(to: &printer)
    }
    for nested in nestedMessages { try MessageGenerator(nested, index).writeConformance(to: &printer) }
  }

  /// The last part of the Swift name, which carries the package's prefix on the outermost level.
  private var shortName: String { swiftName.split(separator: ".").last.map(String.init) ?? swiftName }

  private func checkNames() throws {
    let oneofs = message.oneofs.indices.filter(isRealOneof)
    let oneofNames = oneofs.map { SwiftNaming.member(message.oneofs[$0].name) }
    try checkDistinct(fields.filter { !$0.isOneofMember }.map(\.name) + oneofNames)
    for oneof in oneofs {
      try checkDistinct(fields.filter { $0.proto.oneofIndex == oneof }.map(\.name))
    }
    // The members that protoc-c gives a struct; it does not look whether two of them have one name.
    try checkDistinct(
      ["base"] + fields.map(\.cName) + fields.filter { $0.proto.label == .repeated }.map { "n_" + $0.cName }
        + oneofs.map { CNaming.oneofCase(message.oneofs[$0].name) }, " in C")
  }

  private func checkDistinct(_ names: [String], _ place: String = "") throws {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw GeneratorError("\(message.fullName): two fields would be named \(name)\(place)")
    }
  }

  private func writeProperties(to printer: inout Printer) {
    var declaredOneofs: Set<String> = []
    for field in fields {
      let fallback = "The field `\(field.proto.name)`."
      switch field.shape {
      case .oneof(let oneof, _):
        guard declaredOneofs.insert(oneof.name).inserted else { continue }
        let name = SwiftNaming.member(oneof.name)
        printer.doc(oneof.comment, or: "The member of the oneof `\(oneof.name)` that is set, if any.")
        printer.print("public var \(SwiftNaming.declared(name)): \(oneofType(oneof))?")
      case .implicit:
        printer.doc(field.proto.comment, or: fallback)
        printer.print("public var \(field.declaredName): \(field.valueType) = \(field.defaultValue)")
      case .optional:
        printer.doc(field.proto.comment, or: fallback)
        printer.print("public var \(field.declaredName): \(field.valueType)?")
      case .repeated:
        printer.doc(field.proto.comment, or: fallback)
        printer.print("public var \(field.declaredName): [\(field.valueType)] = []")
      case .map:
        printer.doc(field.proto.comment, or: fallback)
        printer.print("public var \(field.declaredName): \(field.valueType) = [:]")
      case .indirect:
        printer.doc(field.proto.comment, or: fallback)
        printer.block("public var \(field.declaredName): \(field.valueType)? {") { printer in
          printer.print("get { _\(field.name)?.message }")
          printer.print("set { _\(field.name) = Indirect(newValue) }")
        }
        printer.print("private var _\(field.name): Indirect<\(field.valueType)>?")
      }
      printer.print()
    }
  }

  private func writeOneof(_ oneof: ProtoOneof, at position: Int, to printer: inout Printer) {
    guard isRealOneof(position) else { return }
    printer.print()
    printer.doc("", or: "The members of the oneof `\(oneof.name)`.")
    printer.block("public enum \(oneofType(oneof)): Sendable, Equatable {") { printer in
      for field in fields where field.proto.oneofIndex == position {
        guard case .oneof(_, let isRecursive) = field.shape else { continue }
        printer.doc(field.proto.comment, or: "The field `\(field.proto.name)`.")
        printer.print("\(isRecursive ? "indirect " : "")case \(field.declaredName)(\(field.valueType))")
      }
    }
  }

  private func isRealOneof(_ position: Int) -> Bool { message.fields.contains { $0.oneofIndex == position } }

  /// The enum of a oneof; `Oneof` sets it apart from a nested type of the same name.
  func oneofType(_ oneof: ProtoOneof) -> String {
    let name = SwiftNaming.oneofType(oneof.name)
    let isTaken =
      message.messages.contains { $0.name == name } || message.enums.contains { $0.name == name }
      || SwiftNaming.declaredType(name) != name
    return isTaken ? name + "Oneof" : name
  }
}
