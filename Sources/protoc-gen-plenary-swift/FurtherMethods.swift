/// The methods that a service may offer beside the standard ones: for what was deleted (AIP-164, AIP-165) and for
/// several resources at once (AIP-231, AIP-233). A service that has one of them has all.
struct FurtherMethods {
  let undelete: ProtoMethod
  let purge: ProtoMethod
  let batchGet: ProtoMethod
  let batchCreate: ProtoMethod

  var all: [ProtoMethod] { [undelete, purge, batchGet, batchCreate] }

  /// The properties by which generic code reaches the methods.
  var roles: [(String, ProtoMethod)] {
    [("undelete", undelete), ("purge", purge), ("batchGet", batchGet), ("batchCreate", batchCreate)]
  }

  /// The methods of a service for a resource; nil if it has none of them.
  init?(of service: ProtoService, for resource: ProtoMessage, plural: String) throws {
    let names = ["Undelete\(resource.name)", "Purge\(plural)", "BatchGet\(plural)", "BatchCreate\(plural)"]
    let methods = names.map { name in service.methods.first { $0.name == name } }
    guard methods.contains(where: { $0 != nil }) else { return nil }
    let found = methods.compactMap { $0 }
    guard found.count == names.count else {
      let missing = zip(names, methods).filter { $0.1 == nil }.map(\.0).joined(separator: ", ")
      throw GeneratorError("\(service.fullName) has no \(missing), which belongs to \(found[0].name)")
    }
    (undelete, purge, batchGet, batchCreate) = (found[0], found[1], found[2], found[3])
  }
}

extension ResourceGenerator {
  /// Writes the conformances of the messages of the further methods.
  func write(_ further: FurtherMethods, to printer: inout Printer) throws {
    try conform(
      further.undelete.inputName, to: "UndeleteRequestMessage", &printer,
      needs: ["name", "etag", "request_id", "validate_only"])
    try conform(
      further.purge.inputName, to: "PurgeRequestMessage", &printer, hasParent: true,
      needs: ["filter", "force", "request_id", "validate_only"])
    try conform(
      further.purge.outputName, to: "PurgeResponseMessage", &printer, needs: ["purge_count", "purge_sample"])
    try conform(
      further.batchGet.inputName, to: "BatchGetRequestMessage", &printer, hasParent: true,
      needs: ["names", "read_mask"])
    try conform(
      further.batchCreate.inputName, to: "BatchCreateRequestMessage", &printer, hasParent: true,
      needs: ["requests", "request_id", "validate_only"])
    for method in [further.batchGet, further.batchCreate] {
      let type = try index[methods.resource.fullName].swiftName
      try conform(
        method.outputName, to: "BatchResponseMessage", &printer, needs: [],
        aliases: [("resources", "[\(type)]", try holder(in: method.outputName, label: .repeated))])
    }
  }
}
