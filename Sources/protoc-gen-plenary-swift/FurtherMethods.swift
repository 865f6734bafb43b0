/// The methods that a service may offer beside the standard ones: for what was deleted (AIP-164, AIP-165), for several
/// resources at once (AIP-231, AIP-233) and for what a resource was before (AIP-162). A service that has one of them has
/// all.
struct FurtherMethods {
  let undelete: ProtoMethod
  let purge: ProtoMethod
  let batchGet: ProtoMethod
  let batchCreate: ProtoMethod
  let listRevisions: ProtoMethod
  let getRevision: ProtoMethod
  let rollback: ProtoMethod

  var all: [ProtoMethod] { roles.map(\.1) }

  /// The properties by which generic code reaches the methods.
  var roles: [(String, ProtoMethod)] {
    [
      ("undelete", undelete), ("purge", purge), ("batchGet", batchGet), ("batchCreate", batchCreate),
      ("listRevisions", listRevisions), ("getRevision", getRevision), ("rollback", rollback),
    ]
  }

  /// The methods of a service for a resource; nil if it has none of them.
  init?(of service: ProtoService, for resource: ProtoMessage, plural: String) throws {
    let names = [
      "Undelete\(resource.name)", "Purge\(plural)", "BatchGet\(plural)", "BatchCreate\(plural)",
      "List\(resource.name)Revisions", "Get\(resource.name)Revision", "Rollback\(resource.name)",
    ]
    let methods = names.map { name in service.methods.first { $0.name == name } }
    guard methods.contains(where: { $0 != nil }) else { return nil }
    let found = methods.compactMap { $0 }
    guard found.count == names.count else {
      let missing = zip(names, methods).filter { $0.1 == nil }.map(\.0).joined(separator: ", ")
      throw GeneratorError("\(service.fullName) has no \(missing), which belongs to \(found[0].name)")
    }
    (undelete, purge, batchGet, batchCreate) = (found[0], found[1], found[2], found[3])
    (listRevisions, getRevision, rollback) = (found[4], found[5], found[6])
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
      needs: ["names", "read_mask"] + Self.readFields)
    try conform(
      further.batchCreate.inputName, to: "BatchCreateRequestMessage", &printer, hasParent: true,
      needs: ["requests", "request_id", "validate_only"])
    for method in [further.batchGet, further.batchCreate] {
      let type = try index[methods.resource.fullName].swiftName
      try conform(
        method.outputName, to: "BatchResponseMessage", &printer, needs: [],
        aliases: [("resources", "[\(type)]", try holder(in: method.outputName, label: .repeated))])
    }
    try writeHistory(further, to: &printer)
  }

  /// Writes the conformances of the messages of the methods for what a resource was before.
  private func writeHistory(_ further: FurtherMethods, to printer: inout Printer) throws {
    let revision = further.getRevision.outputName
    guard let message = try index[revision].message else { throw GeneratorError("\(revision) is not a message") }
    let numbers = Dictionary(uniqueKeysWithValues: message.fields.map { ($0.name, $0.number) })
    for (field, number) in Self.revisionFields where numbers[field] != number {
      throw GeneratorError("\(revision): \(field) has number \(number) in every revision")
    }
    try conform(revision, to: "ResourceRevisionMessage", &printer, needs: Self.revisionFields.map(\.0))
    try conform(
      further.listRevisions.inputName, to: "ListRevisionsRequestMessage", &printer,
      needs: ["parent", "page_size", "page_token"])
    guard let response = try index[further.listRevisions.outputName].message,
      let holder = response.fields.first(where: { $0.typeName == message.fullName && $0.label == .repeated })
    else { throw GeneratorError("\(further.listRevisions.outputName) has no field for \(revision)") }
    try conform(
      response.fullName, to: "ListRevisionsResponseMessage", &printer, needs: ["next_page_token"],
      aliases: [("revisions", "[\(index[revision].swiftName)]", holder.name)])
    try conform(further.getRevision.inputName, to: "GetRevisionRequestMessage", &printer, needs: ["name"])
    try conform(
      further.rollback.inputName, to: "RollbackRequestMessage", &printer,
      needs: ["name", "etag", "reason", "request_id", "validate_only", "revision_id"])
  }

  /// The fields of a revision and their numbers, which are the same for all kinds: generic code encodes them.
  private static let revisionFields = [
    ("name", 1), ("snapshot", 2), ("create_time", 3), ("alternate_ids", 4), ("change", 5),
  ]
}
