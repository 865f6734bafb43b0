internal import PlenaryAPI
internal import ProtobufRuntime

extension FieldMask {
  /// The most paths of a mask.
  package static let pathCountMax = 1000

  /// The longest path of a mask, in bytes. The longest that can mean something, the annotation with the longest key, has
  /// less than 300.
  package static let pathByteCountMax = 512

  /// The fields that a read asks for; nil if it asks for all, as most reads do.
  /// - Throws: `maskPathUnknown`.
  static func reading(_ paths: [String]?, of kind: Kind) throws(DomainError) -> FieldMask? {
    guard let paths, !paths.isEmpty else { return nil }
    let mask = try FieldMask(paths, of: kind, field: "read_mask")
    return mask.isAll ? nil : mask
  }

  /// The fields that an update changes.
  ///
  /// Without a mask these are the fields that are set in the resource, leaf by leaf: whoever sends a text in one
  /// language leaves the others as they are.
  /// - Throws: `maskPathUnknown`.
  init(updating paths: [String]?, of kind: Kind, from resource: any ProtobufMessage) throws(DomainError) {
    let paths = paths ?? []
    try self.init(paths.isEmpty ? Self.leaves(of: resource) : paths, of: kind, field: "update_mask")
    let origins = self.paths.compactMap { Self.originPath($0, in: resource) }
    guard !origins.isEmpty else { return }
    do {
      self = try FieldMask(self.paths.map(\.text) + origins, for: kind.message.descriptor)
    } catch {
      preconditionFailure("where there are values there are origins: \(error)")
    }
  }

  /// The path of what is said about where a text comes from, if a path takes the text out of one language: without
  /// the text there is nothing to say it about.
  private static func originPath(_ path: FieldPath, in resource: any ProtobufMessage) -> String? {
    guard path.steps.count >= 3, case .key(.string(let language)) = path.steps[path.steps.count - 1],
      case .field(let values) = path.steps[path.steps.count - 2], values.name == "values",
      case .field(let text) = path.steps[path.steps.count - 3], text.type.valueMessage == LocalizedText.self,
      LanguageTag(language) != nil, path.value(in: resource) == nil
    else { return nil }
    let fields = path.fields.dropLast().map(\.name) + ["origins"]
    return (fields + ["`\(language)`"]).joined(separator: ".")
  }

  private init(_ paths: [String], of kind: Kind, field: String) throws(DomainError) {
    guard paths.count <= Self.pathCountMax else {
      throw DomainError(
        .init(
          field, .listTooLong, "a mask has at most \(Self.pathCountMax) paths; `*` stands for all",
          metadata: ["max": "\(Self.pathCountMax)"]))
    }
    if let path = paths.first(where: { $0.utf8.count > Self.pathByteCountMax }) {
      throw DomainError(
        .init(
          field, .textTooLong,
          "the path `\(path.clipped)` has \(path.utf8.count) bytes; one has at most "
            + "\(Self.pathByteCountMax)", metadata: ["path": path.clipped, "max": "\(Self.pathByteCountMax)"]))
    }
    do {
      try self.init(paths, for: kind.message.descriptor)
    } catch {
      var metadata = ["path": error.path.clipped]
      metadata["suggestion"] = error.suggestion
      throw DomainError(.init(field, .maskPathUnknown, error.description, metadata: metadata))
    }
  }

  /// Whether a message is one value, such as a date, and not a set of fields.
  static func isWhole(_ message: any ProtobufMessage) -> Bool {
    type(of: message).descriptor.fullName.hasPrefix("google.")
  }

  /// The last step of a path to an entry of a map, in quotation marks if it needs some.
  static func step(to key: String) -> String {
    let isPlain = !key.isEmpty && key.utf8.allSatisfy { $0.isDigit || $0.isLetter || $0 == UInt8(ascii: "_") }
    return isPlain ? key : "`\(key.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``"))`"
  }

  /// The paths of what is set in a message. Dates and times are set as a whole, and so are lists.
  private static func leaves(of message: any ProtobufMessage) -> [String] {
    type(of: message).descriptor.fields.flatMap { field -> [String] in
      switch message.value(ofField: field.number) {
      case .message(let nested)? where !isWhole(nested):
        leaves(of: nested).map { "\(field.name).\($0)" }
      case .map(let entries)?:
        entries.compactMap { entry in
          guard case .string(let key) = entry.key else { return nil }
          return "\(field.name).\(step(to: key))"
        }
      case .some: [field.name]
      case nil: []
      }
    }
  }
}
