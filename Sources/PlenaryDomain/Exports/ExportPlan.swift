internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// What an export reads and how it is written, all of it checked.
struct ExportPlan {
  /// What becomes of the records.
  enum Output {
    /// They are sent as they are.
    case bundle
    /// Each is a line of a table.
    case table(CSVTable)
    /// They are collected, and written as a file.
    case file(any FileFormat.Type)
  }

  let output: Output

  /// The kinds that the export is about, and how their records are found.
  let parts: [(kind: Kind, query: Query)]

  /// The kinds that are looked up for them.
  let consulted: [Kind]

  /// The strictest label that goes out.
  let ceiling: Int32

  let options: ExportOptions

  /// The revision that is read.
  let revision: Revision

  /// Whether the registry may have changed since that revision.
  let isPast: Bool

  /// The media type of the file; empty for a bundle.
  var mediaType: String {
    switch output {
    case .bundle: ""
    case .table: CSVTable.mediaType
    case .file(let format): format.mediaType
    }
  }
}

extension Registry {
  /// The longest address that those of records begin with, in bytes.
  package static let baseURIByteCountMax = 1000

  /// Understands what is asked of an export.
  /// - Throws: `exportFormatUnknown`, `resourceTypeUnknown`, `fieldRequired`, `listTooLong`, `codeUnknown`, `urlInvalid`,
  ///   `filterSyntax`, `filterFieldUnknown`, `revisionInvalid`, `revisionFuture`, `revisionCompacted`, `epochChanged`.
  func exportPlan(_ request: ExportRegistryRequest, as caller: Caller) async throws(DomainError) -> ExportPlan {
    guard ExportRegistryRequest.Format.descriptor.name(of: request.format.rawValue) != nil else {
      let names = ExportRegistryRequest.Format.descriptor.values.filter { $0.number != 0 }.map(\.name)
      throw DomainError(
        .init(
          "format", .exportFormatUnknown,
          "it is \(request.format); this version writes \(names.joined(separator: ", "))",
          metadata: ["value": "\(request.format)"]))
    }
    guard Marking.Label.descriptor.name(of: request.ceilingLabel.rawValue) != nil else {
      let names = Marking.Label.descriptor.values.filter { $0.number != 0 }.map(\.name)
      throw DomainError(
        .init(
          "ceiling_label", .codeUnknown,
          "\(request.ceilingLabel) is no value of it; the values are \(names.joined(separator: ", "))",
          metadata: ["value": "\(request.ceilingLabel)"]))
    }
    let options = ExportOptions(
      languages: try Self.languages(request.languageCodes), baseURI: try Self.baseURI(request.baseURI))
    let kinds = try exportedKinds(request)
    let past = try await revisionRead(by: request)
    let revision: Revision = if let past { past } else { try await head() }
    var parts: [(kind: Kind, query: Query)] = []
    for kind in kinds {
      let plan = try await plan(
        kind, parent: kind.pattern.parent?.anyName ?? "", filter: request.filter, orderBy: "", showsDeleted: false,
        as: caller, at: revision)
      parts.append((kind, plan.query))
    }
    let isFile = ![.unspecified, .bundle].contains(request.format)
    let ceiling = request.ceilingLabel == .unspecified ? Marking.Label.red : request.ceilingLabel
    let format = FileFormats.format(request.format)
    let output: ExportPlan.Output =
      if let format { .file(format) } else if isFile { .table(CSVTable(of: kinds[0], options.languages)) } else {
        .bundle
      }
    return ExportPlan(
      output: output, parts: parts,
      consulted: (format?.consultedKinds ?? []).filter { other in !kinds.contains { $0 === other } },
      ceiling: isFile ? min(ceiling.rawValue, FileFormats.ceiling.rawValue) : ceiling.rawValue, options: options,
      revision: revision, isPast: past != nil)
  }

  /// The kinds that an export is about.
  private func exportedKinds(_ request: ExportRegistryRequest) throws(DomainError) -> [Kind] {
    let kinds = try selectedKinds(request.resourceTypes)
    if request.format == .csv {
      guard !request.resourceTypes.isEmpty else {
        throw DomainError(.init("resource_types", .fieldRequired, "a table is of one kind; name it"))
      }
      guard kinds.count == 1 else {
        throw DomainError(
          .init(
            "resource_types", .listTooLong,
            "a table is of one kind, and these are \(kinds.count); export each by itself",
            metadata: ["max": "1"]))
      }
    }
    guard let format = FileFormats.format(request.format) else { return kinds }
    guard !request.resourceTypes.isEmpty else {
      return kinds.filter { kind in format.writtenKinds.contains { $0 === kind } }
    }
    if let other = kinds.first(where: { kind in !format.writtenKinds.contains { $0 === kind } }) {
      throw DomainError(
        .init(
          "resource_types", .resourceTypeUnknown,
          "\(request.format) has no place for a \(other.noun); it is about "
            + format.writtenKinds.map(\.resourceType).joined(separator: ", "),
          metadata: ["value": other.resourceType]))
    }
    return kinds
  }

  /// The revision that an export asks to read at; nil for the present.
  private func revisionRead(by request: ExportRegistryRequest) async throws(DomainError) -> Revision? {
    guard !request.atLeastAsFresh.isEmpty else {
      return try await revision(
        request.revision, or: request.readTime, field: "revision", timeField: "read_time")
    }
    guard request.revision.isEmpty, request.readTime == nil else {
      throw Self.oneOf([request.revision.isEmpty ? "read_time" : "revision", "at_least_as_fresh"])
    }
    try await arrival(of: try parsed(request.atLeastAsFresh, field: "at_least_as_fresh"))
    return nil
  }

  /// Where the addresses of records begin.
  private static func baseURI(_ text: String) throws(DomainError) -> String {
    guard !text.isEmpty else { return ExportOptions.baseURIDefault }
    guard text.utf8.count <= baseURIByteCountMax, text.hasSuffix("/"), WebAddress.isValid(text),
      !text.contains("?"), !text.contains("#")
    else {
      throw DomainError(
        .init(
          "base_uri", .urlInvalid,
          "`\(text.clipped)` is not an absolute http or https address of at most \(baseURIByteCountMax) bytes that ends with "
            + "a slash", metadata: ["value": text.clipped]))
    }
    return text
  }
}
