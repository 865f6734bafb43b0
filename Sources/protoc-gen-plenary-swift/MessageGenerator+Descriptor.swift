extension MessageGenerator {
  /// `descriptor`: statements that add one field each, which compile faster than one big literal.
  func writeDescriptor(to printer: inout Printer) throws {
    let resource = message.resource.map { ", resource: \(Self.expression(for: $0))" } ?? ""
    guard !fields.isEmpty else {
      printer.print("public static let descriptor = MessageDescriptor(\"\(message.fullName)\"\(resource))")
      return
    }
    try printer.block(
      "public static let descriptor = MessageDescriptor(\"\(message.fullName)\"\(resource)) { message in"
    ) { printer in
      for field in fields { printer.print("message.add(\(try arguments(for: field).joined(separator: ", ")))") }
    }
  }

  private func arguments(for field: SwiftField) throws -> [String] {
    var arguments = ["\(field.number)", "\"\(field.proto.name)\""]
    switch field.shape {
    case .map(let key, let value, _):
      arguments.append(".map(\(try SwiftField.fieldType(key, index)), \(try SwiftField.fieldType(value, index)))")
    case .implicit: arguments.append(try SwiftField.fieldType(field.proto, index))
    case .repeated: arguments += [try SwiftField.fieldType(field.proto, index), ".repeated"]
    case .optional, .indirect, .oneof: arguments += [try SwiftField.fieldType(field.proto, index), ".optional"]
    }
    if field.proto.jsonName != Self.defaultJSONName(field.proto.name) {
      arguments.append("json: \"\(field.proto.jsonName)\"")
    }
    if case .oneof(let oneof, _) = field.shape { arguments.append("oneof: \"\(oneof.name)\"") }
    let behaviors = try field.proto.behaviors.map { try Self.behavior($0, field.proto) }
    if !behaviors.isEmpty { arguments.append("behaviors: [\(behaviors.joined(separator: ", "))]") }
    if let reference = field.proto.reference {
      arguments.append(
        reference.type.isEmpty
          ? "reference: .toParent(of: \"\(reference.childType)\")" : "reference: .to(\"\(reference.type)\")")
    }
    return arguments
  }

  /// The rule of `FieldDescriptor.jsonName(for:)`, which fills in what is left out here.
  private static func defaultJSONName(_ name: String) -> String {
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

  private static func behavior(_ number: Int, _ field: ProtoField) throws -> String {
    switch number {
    case 1: ".optional"
    case 2: ".required"
    case 3: ".outputOnly"
    case 4: ".inputOnly"
    case 5: ".immutable"
    case 6: ".unorderedList"
    case 7: ".nonEmptyDefault"
    case 8: ".identifier"
    default: throw GeneratorError("\(field.name): the field behavior \(number) is not known")
    }
  }

  private static func expression(for resource: ProtoResource) -> String {
    let patterns = resource.patterns.map { "\"\($0)\"" }.joined(separator: ", ")
    return "ResourceDescriptor(type: \"\(resource.type)\", patterns: [\(patterns)], "
      + "singular: \"\(resource.singular)\", plural: \"\(resource.plural)\")"
  }
}
