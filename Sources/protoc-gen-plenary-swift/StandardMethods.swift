/// The standard methods (AIP-131 to 135) and the transitions (AIP-216) that a service offers for one kind of resource,
/// recognized by name and shape.
struct StandardMethods {
  let resource: ProtoMessage
  let get: ProtoMethod
  let list: ProtoMethod
  let create: ProtoMethod
  let update: ProtoMethod
  let delete: ProtoMethod
  /// The methods that move a resource from one state to another, in the order of the proto.
  let transitions: [ProtoMethod]

  /// The methods for what was deleted and for several resources at once; nil if the service has none.
  let further: FurtherMethods?

  var all: [ProtoMethod] { [get, list, create, update, delete] + (further?.all ?? []) + transitions }

  /// The fields of a request for a transition and their numbers, which are the same in all of them.
  static let transitionFields = [("name", 1), ("etag", 2), ("reason", 3), ("request_id", 4), ("validate_only", 5)]

  /// The numbers of the fields that some requests for transitions have besides.
  private static let furtherTransitionFields = [("as_of", 6), ("time_zone", 7), ("record", 8)]

  /// The five methods of a service for the resource that its Get method returns; nil if it has no such method.
  init?(of service: ProtoService, _ index: TypeIndex) throws {
    guard
      let get = service.methods.first(where: { $0.name.hasPrefix("Get") && !$0.streamsRequests && !$0.streamsResponses }
      ),
      let resource = try index[get.outputName].message, resource.resource != nil, get.name == "Get\(resource.name)"
    else { return nil }
    func method(_ name: String) throws -> ProtoMethod {
      guard let method = service.methods.first(where: { $0.name == name }) else {
        throw GeneratorError("\(service.fullName) has \(get.name) but no \(name)")
      }
      return method
    }
    self.resource = resource
    self.get = get
    create = try method("Create\(resource.name)")
    update = try method("Update\(resource.name)")
    delete = try method("Delete\(resource.name)")
    let plural = resource.resource.map { $0.plural.capitalizedFirst } ?? ""
    list = try method("List\(plural)")
    further = try FurtherMethods(of: service, for: resource, plural: plural)
    let others = Set((further?.all ?? []).map(\.name))
    transitions = try service.methods.filter {
      try !others.contains($0.name) && Self.isTransition($0, of: resource, index)
    }
  }

  /// Whether a method moves the resource to another state: it is named after the resource, returns it, and its request
  /// gives a reason.
  private static func isTransition(
    _ method: ProtoMethod, of resource: ProtoMessage, _ index: TypeIndex
  ) throws -> Bool {
    guard method.kind == .unary, method.outputName == resource.fullName, method.name.hasSuffix(resource.name),
      let request = try index[method.inputName].message, request.fields.contains(where: { $0.name == "reason" })
    else { return false }
    let numbers = Dictionary(uniqueKeysWithValues: request.fields.map { ($0.name, $0.number) })
    func check(_ field: String, _ number: Int, _ found: Int?) throws {
      guard found == number else {
        throw GeneratorError("\(request.fullName): \(field) has number \(number) in every request for a transition")
      }
    }
    for (field, number) in transitionFields { try check(field, number, numbers[field]) }
    for (field, number) in furtherTransitionFields { try check(field, number, numbers[field] ?? number) }
    return true
  }

  func contains(_ method: ProtoMethod) -> Bool { all.contains { $0.name == method.name } }
}

/// Writes the conformances of a resource and of its standard methods' messages to the runtime's protocols.
struct ResourceGenerator {
  let methods: StandardMethods
  let index: TypeIndex

  /// The fields by which a request chooses the state that it reads.
  static let readFields = ["revision", "read_time", "at_least_as_fresh"]

  func write(to printer: inout Printer) throws {
    let resource = methods.resource
    let type = try index[resource.fullName].swiftName
    printer.print()
    printer.print("extension \(type): ResourceMessage {}")
    try conform(
      methods.get.inputName, to: "GetRequestMessage", &printer, needs: ["name", "read_mask"] + Self.readFields)
    try conform(
      methods.list.inputName, to: "ListRequestMessage", &printer, hasParent: true,
      needs: ["page_size", "page_token", "filter", "order_by", "show_deleted", "read_mask"]
        + Self.readFields)
    try conform(
      methods.list.outputName, to: "ListResponseMessage", &printer, needs: ["next_page_token", "total_size"],
      aliases: [("resources", "[\(type)]", try holder(in: methods.list.outputName, label: .repeated))])
    try conform(
      methods.create.inputName, to: "CreateRequestMessage", &printer, hasParent: true,
      needs: ["request_id", "validate_only"],
      aliases: [
        ("resource", "\(type)?", try holder(in: methods.create.inputName, label: .optional)),
        ("resourceID", "String", try holder(in: methods.create.inputName, label: .optional) + "_id"),
      ])
    try conform(
      methods.update.inputName, to: "UpdateRequestMessage", &printer,
      needs: ["update_mask", "allow_missing", "request_id", "validate_only"],
      aliases: [("resource", "\(type)?", try holder(in: methods.update.inputName, label: .optional))])
    try conform(
      methods.delete.inputName, to: "DeleteRequestMessage", &printer,
      needs: ["name", "etag", "allow_missing", "force", "request_id", "validate_only"])
    var conforming: Set<String> = []
    for method in methods.transitions where conforming.insert(method.inputName).inserted {
      try conform(
        method.inputName, to: "TransitionRequestMessage", &printer, needs: StandardMethods.transitionFields.map(\.0))
    }
    if let further = methods.further { try write(further, to: &printer) }
  }

  /// The name of the field that holds the resource.
  func holder(in messageName: String, label: FieldLabel) throws -> String {
    let message = try message(messageName)
    guard let field = message.fields.first(where: { $0.typeName == methods.resource.fullName && $0.label == label })
    else { throw GeneratorError("\(messageName) has no field for \(methods.resource.name)") }
    return field.name
  }

  private func message(_ name: String) throws -> ProtoMessage {
    guard let message = try index[name].message else { throw GeneratorError("\(name) is not a message") }
    return message
  }

  func conform(
    _ messageName: String, to proto: String, _ printer: inout Printer, hasParent: Bool = false, needs: [String],
    aliases: [(name: String, type: String, field: String)] = []
  ) throws {
    let fields = Set(try message(messageName).fields.map(\.name))
    for needed in needs + aliases.map(\.field) where !fields.contains(needed) {
      throw GeneratorError("\(messageName) lacks the field \(needed), which its standard method needs")
    }
    printer.print()
    try printer.block("extension \(index[messageName].swiftName): \(proto) {") { printer in
      printer.print("/// The kind of resource that the method is about.")
      printer.print("public typealias Resource = \(try index[methods.resource.fullName].swiftName)")
      if hasParent, !fields.contains("parent") { Self.writeEmptyParent(to: &printer) }
      for alias in aliases where alias.name != SwiftNaming.member(alias.field) {
        let property = SwiftNaming.declared(SwiftNaming.member(alias.field))
        printer.print("/// The field `\(alias.field)`.")
        printer.block("public var \(alias.name): \(alias.type) {") { printer in
          printer.print("get { \(property) }")
          printer.print("set { \(property) = newValue }")
        }
      }
    }
  }

  private static func writeEmptyParent(to printer: inout Printer) {
    printer.print("/// Always empty: the kind is at the top level.")
    printer.block("public var parent: String {") { printer in
      printer.print("get { \"\" }")
      printer.print("set { precondition(newValue.isEmpty, \"the kind is at the top level and has no parent\") }")
    }
  }
}
