internal import ProtobufRuntime

/// The fields of a kind's records that a field mask names (AIP-161).
///
/// A path may lead into messages and to the key of a map, such as `title.values.fr`; a key with other characters than
/// letters, digits, `_` and `-` stands in backticks. A list is selected as a whole.
struct FieldSelection: Sendable {
  /// What is selected at one place.
  fileprivate indirect enum Node: Sendable {
    /// Everything below.
    case whole
    /// Some fields of a message, by number.
    case fields([Int32: Node])
    /// The values of some keys of a map.
    case keys([String: Node])
  }

  /// The most paths of a mask.
  private static let pathCountMax = 1000

  private var root: Node

  /// Everything.
  static let everything = FieldSelection(root: .whole)

  /// Whether everything is selected.
  var isEverything: Bool {
    if case .whole = root { true } else { false }
  }

  private init(root: Node) {
    self.root = root
  }

  /// Reads the paths of a mask.
  ///
  /// - Parameters:
  ///   - paths: The paths; `*` among them stands for everything.
  ///   - field: The name of the request's field, for errors.
  /// - Throws: `maskPathUnknown`.
  init(_ paths: [String], in descriptor: MessageDescriptor, field: String) throws(DomainError) {
    guard paths.count <= Self.pathCountMax else {
      throw DomainError(.init(field, .listTooLong, "a mask has at most \(Self.pathCountMax) paths"))
    }
    root = paths.contains("*") ? .whole : .fields([:])
    guard !isEverything else { return }
    for path in paths {
      guard let names = Self.names(of: path) else {
        throw DomainError(
          .init(field, .maskPathUnknown, "`\(path.clipped)` is not a path", metadata: ["path": path.clipped]))
      }
      do {
        let steps = try FieldPath(names, in: descriptor).steps
        try Self.insert(steps[...], into: &root)
      } catch let error as FieldPath.Unresolved {
        throw Self.unknown(path, names[error.index], error.candidates, field: field)
      } catch {
        throw Self.unknown(path, names.last ?? path, [], field: field)
      }
    }
  }

  /// The fields that are set in a record, leaf by leaf, so that what is not set there stays: the mask that a missing
  /// one stands for.
  init(setIn record: any ProtobufMessage) {
    root = Self.populated(record)
  }
}

extension FieldSelection {
  /// A record with the selected fields alone.
  func projection(of record: any ProtobufMessage) -> any ProtobufMessage {
    Self.copy(root, from: record, onto: type(of: record).init())
  }

  /// A record with the selected fields taken from another: set as they are there, or cleared.
  func update(_ record: any ProtobufMessage, from source: any ProtobufMessage) -> any ProtobufMessage {
    Self.copy(root, from: source, onto: record)
  }

  private static func copy(
    _ node: Node, from source: any ProtobufMessage, onto target: any ProtobufMessage
  ) -> any ProtobufMessage {
    guard case .fields(let nodes) = node else { return source }
    var result = target
    for (number, node) in nodes {
      let value = copy(node, from: source.value(ofField: number), onto: target.value(ofField: number))
      result.set(number: number, to: value)
    }
    return result
  }

  private static func copy(_ node: Node, from source: FieldValue?, onto target: FieldValue?) -> FieldValue? {
    switch (node, source, target) {
    case (.whole, _, _):
      return source
    case (.fields, .message(let source)?, .message(let target)?):
      return .message(copy(node, from: source, onto: target))
    case (.fields, .message(let source)?, nil):
      return .message(copy(node, from: source, onto: type(of: source).init()))
    case (.fields, nil, .message(let target)?):
      return .message(copy(node, from: type(of: target).init(), onto: target))
    case (.keys(let nodes), _, _):
      var entries = target?.entries ?? [:]
      for key in nodes.keys { entries[key] = source?.entries[key] }
      guard !entries.isEmpty else { return nil }
      return .map(entries.sorted { $0.key < $1.key }.map { FieldMapEntry(key: .string($0.key), value: $0.value) })
    default:
      return target
    }
  }
}

extension FieldSelection {
  /// The names of a path, backticks taken off; nil if they do not close.
  private static func names(of path: String) -> [String]? {
    var names = [""]
    var isQuoted = false
    for character in path {
      switch character {
      case "`": isQuoted.toggle()
      case "." where !isQuoted: names.append("")
      default: names[names.count - 1].append(character)
      }
    }
    return isQuoted || names.contains("") ? nil : names
  }

  /// A path that leads on behind a list, which is selected as a whole.
  private struct BeyondList: Error {}

  private static func insert(
    _ steps: ArraySlice<FieldPath.Step>, into node: inout Node
  ) throws {
    guard let step = steps.first else {
      node = .whole
      return
    }
    if case .whole = node { return }
    switch step {
    case .field(let field):
      guard steps.count == 1 || field.cardinality != .repeated else { throw BeyondList() }
      var nodes: [Int32: Node] = [:]
      if case .fields(let known) = node { nodes = known }
      var child = nodes[field.number] ?? .empty
      try insert(steps.dropFirst(), into: &child)
      nodes[field.number] = child
      node = .fields(nodes)
    case .key(let text):
      // A mask in ProtoJSON cannot have capitals, so the keys of texts by language are found in any letter case.
      let key = LanguageTag(text)?.description ?? text
      var nodes: [String: Node] = [:]
      if case .keys(let known) = node { nodes = known }
      nodes[key] = .whole
      if key != text { nodes[text] = .whole }
      node = .keys(nodes)
    }
  }

  private static func populated(_ message: any ProtobufMessage) -> Node {
    var nodes: [Int32: Node] = [:]
    for field in type(of: message).descriptor.fields where !field.behaviors.contains(.outputOnly) {
      switch message.value(ofField: field.number) {
      case .message(let nested)? where type(of: nested).descriptor.fullName.hasPrefix("plenary."):
        nodes[field.number] = populated(nested)
      case .map(let entries)?:
        nodes[field.number] = .keys(
          Dictionary(uniqueKeysWithValues: FieldValue.map(entries).entries.keys.map { ($0, Node.whole) }))
      case .some:
        nodes[field.number] = .whole
      case nil:
        break
      }
    }
    return .fields(nodes)
  }

  private static func unknown(
    _ path: String, _ name: String, _ candidates: [String], field: String
  ) -> DomainError {
    let suggestion = Suggestion.closest(to: name, among: candidates)
    var metadata = ["path": path.clipped]
    metadata["suggestion"] = suggestion
    return DomainError(
      .init(
        field, .maskPathUnknown,
        "there is no field `\(path.clipped)`" + (suggestion.map { "; did you mean `\($0)`?" } ?? ""),
        metadata: metadata))
  }
}

extension FieldSelection.Node {
  /// Nothing yet.
  fileprivate static var empty: FieldSelection.Node { .fields([:]) }
}

extension FieldValue {
  /// The entries of a map with text keys.
  fileprivate var entries: [String: FieldValue] {
    guard case .map(let entries) = self else { return [:] }
    var result: [String: FieldValue] = [:]
    for entry in entries {
      if case .string(let key) = entry.key { result[key] = entry.value }
    }
    return result
  }
}
