package import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

extension Registry {
  /// The records read at a time by an export.
  static let exportPageCount = 500

  /// The most types that an export is asked for; there are fewer kinds.
  package static let resourceTypeCountMax = 100

  /// The longest name of a type, in bytes; those of all kinds are shorter.
  package static let resourceTypeByteCountMax = 128

  /// Exports records at one revision: in canonical form, in the order of the kinds, those of one kind by name; or as a file.
  ///
  /// - Parameter send: Takes the encoded `ExportRegistryResponse` messages, the header first.
  /// - Throws: what `exportPlan` does, `limitReached`, what the store answers, and what `send` throws.
  package func export(
    _ request: ExportRegistryRequest, as caller: Caller, send: @escaping (_ response: [UInt8]) async throws -> Void
  ) async throws {
    let plan = try await exportPlan(request, as: caller)
    let header = ExportRegistryResponse.Header.with {
      ($0.revision, $0.mediaType) = (text(plan.revision, for: caller), plan.mediaType)
    }
    try await send(try ExportRegistryResponse.with { $0.content = .header(header) }.encoded())
    switch plan.output {
    case .bundle: try await exportBundle(plan, as: caller, send: send)
    case .table(let table): try await exportTable(table, plan, as: caller, send: send)
    case .file(let format): try await exportFile(format, plan, as: caller, send: send)
    }
  }

  private func exportBundle(
    _ plan: ExportPlan, as caller: Caller, send: (_ response: [UInt8]) async throws -> Void
  ) async throws {
    var veil = AttributionVeil(plan, hidesPartners: false)
    for (kind, query) in plan.parts {
      try await forEachExported(query, plan, as: caller) { record in
        note(record, readBy: caller, .export)
        let content = try await veil.veiled(try kind.decode(record), of: kind, in: self)
        try await send(try response(content, kind).encoded())
      }
    }
  }

  /// How many live records of each kind there are, in the order of the kinds, and the revision they are counted at.
  package func counts(
    as caller: Caller
  ) async throws(DomainError) -> (revision: String, counts: [(resourceType: String, count: Int)]) {
    let revision = try await head()
    var counts: [(resourceType: String, count: Int)] = []
    for kind in kinds.kinds {
      let query = Query(conditions: [.init(kind.membership, .equals(.unset))])
      var count = 0
      var cursor: Cursor?
      repeat {
        let page = try await store.reading { store throws(StoreError) in
          try await store.list(
            query, as: caller.viewer, after: cursor, limit: PageLimit(records: Self.exportPageCount), at: revision)
        }
        count += page.records.count
        cursor = page.next
      } while cursor != nil
      counts.append((kind.resourceType, count))
    }
    return (text(revision, for: caller), counts)
  }

  /// The kinds of some types, in order; all if none is named.
  func selectedKinds(_ types: [String]) throws(DomainError) -> [Kind] {
    guard types.count <= Self.resourceTypeCountMax else {
      throw DomainError(
        .init(
          "resource_types", .listTooLong,
          "it has \(types.count) entries; at most \(Self.resourceTypeCountMax) are taken, and none stands for all",
          metadata: ["max": "\(Self.resourceTypeCountMax)"]))
    }
    if let type = types.first(where: { $0.utf8.count > Self.resourceTypeByteCountMax }) {
      throw DomainError(
        .init(
          "resource_types", .textTooLong,
          "`\(type.clipped)` has \(type.utf8.count) bytes; a type has at most \(Self.resourceTypeByteCountMax)",
          metadata: ["value": type.clipped, "max": "\(Self.resourceTypeByteCountMax)"]))
    }
    let exported = kinds.kinds.filter(\.isExported)
    for type in types where !exported.contains(where: { $0.resourceType == type }) {
      let suggestion = Suggestion.closest(to: type, among: exported.map(\.resourceType))
      var metadata = ["value": type.clipped]
      metadata["suggestion"] = suggestion
      throw DomainError(
        .init(
          "resource_types", .resourceTypeUnknown,
          (kinds.kind(ofType: type) == nil
            ? "there is no kind `\(type.clipped)`" : "records of `\(type)` are not exported: they belong here alone")
            + (suggestion.map { "; did you mean `\($0)`?" } ?? ""),
          metadata: metadata))
    }
    return types.isEmpty ? exported : exported.filter { types.contains($0.resourceType) }
  }

  /// Kinds, and where the names of their records begin.
  struct KindsUnderParent {
    let kinds: [Kind]
    let parent: String

    func scope(_ kind: Kind) -> KeyPrefix {
      guard !parent.isEmpty, let collection = kind.pattern.collections.last else { return .all }
      return KeyPrefix("\(parent)/\(collection)/") ?? .all
    }
  }

  /// The kinds of some types whose records lie in a parent; those of all kinds if no type is named, and wherever they
  /// lie if no parent is.
  func selectedKinds(_ types: [String], under parentName: String) throws(DomainError) -> KindsUnderParent {
    let selected = try selectedKinds(types)
    guard !parentName.isEmpty else { return KindsUnderParent(kinds: selected, parent: "") }
    try NamePattern.checkLength(of: parentName, field: "parent")
    guard let parent = kinds.kind(named: parentName), !kinds.children(of: parent).isEmpty else {
      throw DomainError(
        .init(
          "parent", .idInvalid,
          "`\(parentName.clipped)` is no name of a record that others lie in, such as `dialogues/d1`",
          metadata: ["value": parentName.clipped]))
    }
    let children = selected.filter { $0.pattern.parent == parent.pattern }
    let others = selected.filter { $0.pattern.parent != parent.pattern }
    if !types.isEmpty, let other = others.first {
      throw DomainError(
        .init(
          "resource_types", .resourceTypeUnknown, "no \(other.noun) lies in a \(parent.noun)",
          metadata: ["value": other.resourceType]))
    }
    return KindsUnderParent(kinds: children, parent: parentName)
  }

  private func response(_ record: any ProtobufMessage, _ kind: Kind) -> ExportRegistryResponse {
    var exported = Record()
    exported.set(kind.recordField, to: .message(kind.canonical(record)))
    return .with { $0.content = .record(exported) }
  }
}

extension Kind {
  /// A stored record in canonical form: without what the registry sets, other than the state and what else an import
  /// may give, so that two registries that hold the same give the same bytes.
  func canonical(_ stored: any ProtobufMessage) -> any ProtobufMessage {
    var record = stored
    for field in message.descriptor.fields
    where field.behaviors.contains(.outputOnly) && !isGivenByImports(field) {
      record.set(field, to: nil)
    }
    record.marking = record.marking?.asOwn
    return record
  }
}
