/// Every message and enum of a run, by full name, with its Swift name and module.
struct TypeIndex {
  struct Entry {
    let swiftName: String
    let module: String
    let message: ProtoMessage?
    let zeroCase: String
  }

  private var entries: [String: Entry] = [:]
  private var reachable: [String: Set<String>] = [:]

  /// - Parameter files: all that the generated files refer to; packages without a row are left out.
  init(_ files: [ProtoFile]) throws {
    for file in files where file.isProto3 && !file.package.hasPrefix("google.api") {
      let row = try PackageTable.row(of: file.package)
      for message in file.messages { add(message, name: Self.name(row, message.name), row.module) }
      for enumeration in file.enums { add(enumeration, name: Self.name(row, enumeration.name), row.module) }
    }
    for name in entries.keys { reachable[name] = inlineClosure(of: name) }
  }

  subscript(fullName: String) -> Entry {
    get throws {
      guard let entry = entries[fullName] else { throw GeneratorError("the type \(fullName) is not known") }
      return entry
    }
  }

  /// Whether a value of the field's type can hold the message it stands in, so that it must lie behind a reference.
  func isRecursive(_ field: ProtoField, in message: ProtoMessage) -> Bool {
    field.isInline
      && (field.typeName == message.fullName || reachable[field.typeName]?.contains(message.fullName) == true)
  }

  private static func name(_ row: PackageRow, _ name: String) -> String {
    SwiftNaming.declaredType(row.typePrefix + name)
  }

  private mutating func add(_ message: ProtoMessage, name: String, _ module: String) {
    entries[message.fullName] = Entry(swiftName: name, module: module, message: message, zeroCase: "")
    for nested in message.messages { add(nested, name: "\(name).\(SwiftNaming.declaredType(nested.name))", module) }
    for nested in message.enums { add(nested, name: "\(name).\(SwiftNaming.declaredType(nested.name))", module) }
  }

  private mutating func add(_ enumeration: ProtoEnum, name: String, _ module: String) {
    let zero = enumeration.values.first { $0.number == 0 }?.name ?? ""
    entries[enumeration.fullName] = Entry(
      swiftName: name, module: module, message: nil, zeroCase: SwiftNaming.enumCase(zero, of: enumeration.name))
  }

  /// The messages that a value of this type stores within itself; lists and maps store theirs elsewhere.
  private func inlineClosure(of fullName: String) -> Set<String> {
    var found: Set<String> = []
    var pending = [fullName]
    while let name = pending.popLast() {
      for field in entries[name]?.message?.fields ?? [] where field.isInline {
        if found.insert(field.typeName).inserted { pending.append(field.typeName) }
      }
    }
    return found
  }
}

extension ProtoField {
  /// Whether the value is a message stored within the message that has the field.
  var isInline: Bool { kind == .message && label != .repeated }
}
