extension MessageGenerator {
  /// `value(ofField:)` and `setValue(_:ofField:)`, through which generic code reaches the fields.
  func writeValueAccess(to printer: inout Printer) {
    printer.block("public func value(ofField number: Int32) -> FieldValue? {") { printer in
      guard !fields.isEmpty else {
        printer.print("nil")
        return
      }
      printer.print("switch number {")
      for field in fields { printer.print("case \(field.number): \(getter(of: field))") }
      printer.print("default: nil")
      printer.print("}")
    }
    printer.print()
    printer.block(
      "public mutating func setValue(_ value: FieldValue?, ofField number: Int32) throws(ProtobufError) {"
    ) { printer in
      let unknown = "throw .noField(number, in: Self.descriptor)"
      guard !fields.isEmpty else {
        printer.print(unknown)
        return
      }
      printer.print("switch number {")
      for field in fields { writeSetter(of: field, to: &printer) }
      printer.print("default: \(unknown)")
      printer.print("}")
    }
  }

  private func getter(of field: SwiftField) -> String {
    switch field.shape {
    case .implicit: "FieldValue.implicit(self.\(field.name))"
    case .optional, .indirect: "FieldValue.explicit(self.\(field.name))"
    case .repeated: "FieldValue.elements(self.\(field.name))"
    case .map: "FieldValue.entries(self.\(field.name))"
    case .oneof(let oneof, _):
      "if case .\(field.name)(let value) = self.\(SwiftNaming.member(oneof.name)) { value.fieldValue } else { nil }"
    }
  }

  private func writeSetter(of field: SwiftField, to printer: inout Printer) {
    guard case .oneof(let oneof, _) = field.shape else {
      printer.print("case \(field.number): try FieldValue.assign(value, to: &self.\(field.name), number)")
      return
    }
    // Clearing one member leaves another that is set alone.
    let property = "self.\(SwiftNaming.member(oneof.name))"
    printer.print("case \(field.number):")
    printer.print("  if let value {")
    printer.print("    \(property) = .\(field.name)(try value.typed(number))")
    printer.print("  } else if case .\(field.name) = \(property) {")
    printer.print("    \(property) = nil")
    printer.print("  }")
  }
}
