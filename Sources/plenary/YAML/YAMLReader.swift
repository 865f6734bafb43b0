internal import ProtobufRuntime
internal import Yams

/// Reads YAML 1.1 and 1.2 into the values that JSON is read into, so that messages come from both in one way.
///
/// A scalar without quotation marks is kept as the text that it is: the field it is for says what it means. Anchors,
/// aliases and tags are refused, as they make a text mean more than what can be seen in its place; so are keys that stand
/// twice in a mapping.
struct YAMLReader {
  /// How much YAML is read at once.
  struct Limits: Sendable {
    /// The largest text in bytes, as for JSON.
    var byteCountMax = ProtoJSON.DecodingOptions().textBytesMax
    /// How many mappings and sequences may lie within each other, as for JSON.
    var nestingMax = ProtoJSON.DecodingOptions().nestingMax
    /// The most values, counting keys. There are no aliases, so none counts more than once.
    var nodeCountMax = 8_000_000
    /// From how many aliases on a text is not even looked at: so few cannot make it large before they are refused.
    var aliasCountMax = 32
  }

  private let limits: Limits
  private var byteOrderMarks: YAMLByteOrderMarks
  private var nodeCount = 0
  private var nesting = 0
  /// The names on the way to the value being read, as in the errors of ProtoJSON.
  private var path: [String] = []

  /// The values of the documents of a text, without those that are empty.
  ///
  /// - Throws: what is wrong, with line, column and, where it is known, the field.
  static func documents(_ bytes: [UInt8], limits: Limits = Limits()) throws(ProtoJSONError) -> [JSONNode] {
    guard bytes.count <= limits.byteCountMax else {
      throw ProtoJSONError("the text has \(bytes.count) bytes, \(limits.byteCountMax) are allowed", at: 0, in: bytes)
    }
    let text = try text(bytes)
    if let offset = YAMLAliases.firstOfMany(in: bytes, max: limits.aliasCountMax) {
      throw ProtoJSONError(aliasReason, at: offset, in: bytes)
    }
    var reader = YAMLReader(limits: limits, byteOrderMarks: YAMLByteOrderMarks(bytes))
    var documents: [JSONNode] = []
    do {
      // Without rules, every scalar is a text.
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      // The anchors of the nodes live as long as the parser.
      try withExtendedLifetime(parser) {
        while let root = try parser.nextRoot() {
          let node = try reader.value(root)
          if case .plain("") = node.value { continue }
          documents.append(node)
        }
      }
    } catch let error as ProtoJSONError {
      throw error
    } catch {
      throw Self.problem(error)
    }
    return documents
  }

  private init(limits: Limits, byteOrderMarks: YAMLByteOrderMarks) {
    self.limits = limits
    self.byteOrderMarks = byteOrderMarks
  }

  private static func text(_ bytes: [UInt8]) throws(ProtoJSONError) -> String {
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw ProtoJSONError("the text is not valid UTF-8", at: error.byteOffsets.lowerBound, in: bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func value(_ node: Node) throws(ProtoJSONError) -> JSONNode {
    nodeCount += 1
    guard nodeCount <= limits.nodeCountMax else {
      throw error("there are more than \(limits.nodeCountMax) values", node)
    }
    guard node.anchor == nil else { throw error(Self.aliasReason, node) }
    switch node {
    case .scalar(let scalar):
      try check(scalar.tag, is: .str, node)
      let isPlain = scalar.style == .plain && scalar.tag.rawValue == Tag.Name.implicit.rawValue
      let text = byteOrderMarks.isLost(from: scalar) ? "\u{FEFF}" + scalar.string : scalar.string
      return JSONNode(value: isPlain ? .plain(text) : .string(text), place: Self.place(node))
    case .sequence(let sequence):
      try check(sequence.tag, is: .seq, node)
      return JSONNode(value: .array(try elements(sequence, node)), place: Self.place(node))
    case .mapping(let mapping):
      try check(mapping.tag, is: .map, node)
      return JSONNode(value: .object(try members(mapping, node)), place: Self.place(node))
    case .alias: throw error(Self.aliasReason, node)
    }
  }

  private mutating func elements(_ sequence: Node.Sequence, _ node: Node) throws(ProtoJSONError) -> [JSONNode] {
    try enter(node)
    defer { nesting -= 1 }
    var elements: [JSONNode] = []
    elements.reserveCapacity(sequence.count)
    for (index, element) in sequence.enumerated() {
      path.append("[\(index)]")
      defer { path.removeLast() }
      elements.append(try value(element))
    }
    return elements
  }

  private mutating func members(_ mapping: Node.Mapping, _ node: Node) throws(ProtoJSONError) -> [JSONNode.Member] {
    try enter(node)
    defer { nesting -= 1 }
    var members: [JSONNode.Member] = []
    members.reserveCapacity(mapping.count)
    for (key, value) in mapping {
      nodeCount += 1
      guard key.anchor == nil else { throw error(Self.aliasReason, key) }
      guard case .scalar(let scalar) = key else { throw error("a key must be a text", key) }
      try check(scalar.tag, is: .str, key)
      let name = byteOrderMarks.isLost(from: scalar) ? "\u{FEFF}" + scalar.string : scalar.string
      path.append(path.isEmpty ? name : "." + name)
      defer { path.removeLast() }
      members.append(JSONNode.Member(name: name, place: Self.place(key), value: try self.value(value)))
    }
    return members
  }

  private mutating func enter(_ node: Node) throws(ProtoJSONError) {
    guard nesting < limits.nestingMax else {
      throw error("values lie more than \(limits.nestingMax) deep within each other", node)
    }
    nesting += 1
  }

  private func check(_ tag: Tag, is name: Tag.Name, _ node: Node) throws(ProtoJSONError) {
    let allowed: [Tag.Name] = [.implicit, .nonSpecific, name]
    guard allowed.contains(where: { $0.rawValue == tag.rawValue }) else {
      throw error("the tag \(tag.rawValue) is not allowed; the field says what a value is", node)
    }
  }
}

// What is wrong, and where.
extension YAMLReader {
  private static let aliasReason = "anchors and aliases are not allowed; write the value out in each place"

  private static func place(_ node: Node) -> JSONNode.Place {
    .mark(line: Int32(clamping: node.mark?.line ?? 1), column: Int32(clamping: node.mark?.column ?? 1))
  }

  private func error(_ reason: String, _ node: Node) -> ProtoJSONError {
    ProtoJSONError(reason, path: path.joined(), at: Self.place(node), in: [])
  }

  /// What the parser found, in one line.
  private static func problem(_ error: any Error) -> ProtoJSONError {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      return ProtoJSONError("it is not YAML: \(problem)", line: mark.line, column: mark.column)
    case .duplicatedKeysInMapping(let keys, let context):
      return ProtoJSONError(
        "the key \"\(keys.first ?? "")\" is there twice, first here", line: context.mark.line,
        column: context.mark.column)
    case .reader(let problem, let offset, _, let yaml):
      let before = yaml.prefix(offset ?? 0)
      return ProtoJSONError("it is not YAML: \(problem)", at: before.utf8.count, in: Array(before.utf8))
    default: return ProtoJSONError("it is not YAML: \(error)", line: 1, column: 1)
    }
  }
}
