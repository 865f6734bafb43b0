internal import PlenaryAPI
internal import ProtobufRuntime

/// A record as it is put together on a command line, and the mask of what was said about it.
struct RecordEdit {
  /// The record.
  private(set) var record: any ResourceMessage
  /// The paths that the edits touch, as a mask of the API, in the order of the command line.
  private(set) var mask: [String] = []

  private let parser: ValueParser
  /// The lists that were begun anew by an assignment, to which further ones of the same path append.
  private var begun: Set<String> = []

  /// Edits a record. Texts are in `language`.
  init(_ record: any ResourceMessage, language: String, kinds: KindCatalog) {
    self.record = record
    parser = ValueParser(language: language, kinds: kinds)
  }

  private var descriptor: MessageDescriptor { type(of: record).descriptor }

  /// Whether an assignment leads into a list, and so needs the list as it stands.
  static func leadsIntoList(_ assignment: String, in descriptor: MessageDescriptor) throws(Failure) -> Bool {
    let (path, _) = try split(assignment, in: descriptor)
    return path.steps.contains { if case .index = $0 { true } else { false } }
  }

  /// Sets a field as `path=value` says.
  ///
  /// - Throws: a `Failure` that says what is wrong with the path or the value.
  mutating func set(_ assignment: String) throws(Failure) {
    let (path, text) = try Self.split(assignment, in: descriptor)
    try Self.checkSettable(path)
    do throws(Failure) {
      record = try Self.resource(
        setting(path.steps[...], in: record, Value(text: text, appends: begun.contains(path.text))), or: record)
    } catch {
      var failure = error
      failure.what = "--set \(path.text): \(failure.what)"
      throw failure
    }
    begun.insert(path.text)
    add(maskPath(of: path))
  }

  /// Clears the field at a path.
  ///
  /// - Throws: a `Failure` for a path that does not exist or leads into a list.
  mutating func clear(_ text: String) throws(Failure) {
    let path = try Self.path(text, in: descriptor, allowsIndexes: false)
    try Self.checkSettable(path)
    record = Self.clearing(path, of: record)
    add(path.text)
  }

  private static func clearing<Message: ResourceMessage>(_ path: FieldPath, of record: Message) -> any ResourceMessage {
    var record = record
    path.copy(from: Message(), into: &record)
    return record
  }

  /// Takes what a mask names, or everything that is set, from the record of a file.
  ///
  /// - Throws: a `Failure` for a mask with a path that does not exist.
  mutating func take(_ file: any ResourceMessage, paths: [String]) throws(Failure) {
    record = file
    guard paths.isEmpty else {
      for text in paths where text != "*" {
        let path = try Self.path(text, in: descriptor, allowsIndexes: false)
        add(path.text)
      }
      // Not `*` itself: the registry may know fields that this program does not, and the file cannot have them.
      if paths.contains("*") { descriptor.fields.filter(\.isSettable).forEach { add($0.name) } }
      return
    }
    for field in descriptor.fields where field.isSettable && file.value(ofField: field.number) != nil {
      add(field.name)
    }
  }

  private mutating func add(_ path: String) {
    if !mask.contains(path) { mask.append(path) }
  }
}

// Paths.
extension RecordEdit {
  private static func split(
    _ assignment: String, in descriptor: MessageDescriptor
  ) throws(Failure) -> (path: FieldPath, text: String) {
    guard let equals = assignment.firstIndex(of: "="), equals > assignment.startIndex else {
      throw Failure(.usage, "--set '\(assignment)' sets nothing", advice: "write it as --set path=value")
    }
    let text = String(assignment[assignment.index(after: equals)...])
    return (try path(String(assignment[..<equals]), in: descriptor, allowsIndexes: true), text)
  }

  private static func path(
    _ text: String, in descriptor: MessageDescriptor, allowsIndexes: Bool
  ) throws(Failure) -> FieldPath {
    do {
      return try FieldPath(text, in: descriptor, allowsIndexes: allowsIndexes)
    } catch {
      let hint = error.suggestion.map { ", did you mean '\($0)'?" } ?? ""
      let fields = descriptor.fields.filter(\.isSettable).map(\.name).joined(separator: ", ")
      throw Failure(.usage, "'\(text)': \(error.reason)\(hint)", details: ["fields: \(fields)"])
    }
  }

  private static func checkSettable(_ path: FieldPath) throws(Failure) {
    if path.first?.name == "etag" {
      throw Failure(.usage, "the etag is no field to set", advice: "give the one that was read with --etag")
    }
    guard let field = path.fields.first(where: { !$0.isSettable }) else { return }
    throw Failure(.usage, "\(field.name) is set by the registry alone", advice: "leave it out")
  }

  /// The path of a mask for what an assignment touches: a list as a whole, of a text the one language.
  private func maskPath(of path: FieldPath) -> String {
    var names: [String] = []
    for step in path.steps {
      switch step {
      case .field(let field): names.append(field.name)
      case .key(let key): names.append(Self.segment(String(key) ?? ""))
      case .index: return names.joined(separator: ".")
      }
    }
    if let last = path.fields.last, last.cardinality != .repeated, case .message(let type) = last.type,
      type == LocalizedText.self, case .field = path.steps.last
    {
      names += ["values", Self.segment(parser.language)]
    }
    return names.joined(separator: ".")
  }

  /// A key as a segment of a path.
  private static func segment(_ key: String) -> String {
    let isPlain = !key.isEmpty && key.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
    return isPlain ? key : "`\(key.replacing("`", with: "``"))`"
  }
}

// Values.
extension RecordEdit {
  /// What an assignment sets.
  private struct Value {
    let text: String
    /// Whether it goes behind what an earlier assignment put into the same list.
    let appends: Bool
  }

  private static func resource(
    _ message: any ProtobufMessage, or record: any ResourceMessage
  ) -> any ResourceMessage {
    message as? any ResourceMessage ?? record
  }

  private func setting(
    _ steps: ArraySlice<FieldPath.Step>, in message: any ProtobufMessage, _ value: Value
  ) throws(Failure) -> any ProtobufMessage {
    guard case .field(let field) = steps.first else { return message }
    let present = message.value(ofField: field.number)
    var message = message
    let new = try setting(steps.dropFirst(), of: field, in: type(of: message), present, value)
    do {
      try message.setValue(new, ofField: field.number)
    } catch {
      throw Failure(.usage, "\(field.name) does not take this value: \(error)")
    }
    return message
  }

  /// The value of a field after what lies behind it on the path was set.
  private func setting(
    _ rest: ArraySlice<FieldPath.Step>, of field: FieldDescriptor, in root: any ProtobufMessage.Type,
    _ present: FieldValue?, _ value: Value
  ) throws(Failure) -> FieldValue {
    switch rest.first {
    case nil where field.cardinality == .repeated:
      let elements = try parser.elements(value.text, of: field, in: root)
      return .list((value.appends ? present?.elements ?? [] : []) + elements)
    case nil where field.isMap:
      throw Failure(.usage, "\(field.name) has entries", advice: "set one with --set \(field.name).KEY=VALUE")
    case nil:
      return try parser.one(value.text, of: field, in: root, present: present)
    case .field:
      guard case .message(let type) = field.type else { return present ?? .string("") }
      return .message(try setting(rest, in: present?.message ?? type.init(), value))
    case .index(let index):
      var elements = present?.elements ?? []
      guard index <= elements.count else {
        throw Failure(.usage, "there are \(elements.count) entries, and the next one is number \(elements.count)")
      }
      let element = try self.element(
        rest.dropFirst(), field, in: root, elements.indices.contains(index) ? elements[index] : nil, value)
      if index == elements.count { elements.append(element) } else { elements[index] = element }
      return .list(elements)
    case .key(let key):
      guard case .map(_, let type) = field.type else { return present ?? .string("") }
      let entry = FieldMapEntry(key: key, value: try parser.scalar(value.text, type, nil))
      return .map((present?.entries ?? []).filter { $0.key != key } + [entry])
    }
  }

  private func element(
    _ rest: ArraySlice<FieldPath.Step>, _ field: FieldDescriptor, in root: any ProtobufMessage.Type,
    _ present: FieldValue?, _ value: Value
  ) throws(Failure) -> FieldValue {
    guard !rest.isEmpty, case .message(let type) = field.type else {
      return try parser.one(value.text, of: field, in: root, present: present)
    }
    return .message(try setting(rest, in: present?.message ?? type.init(), value))
  }
}

extension FieldDescriptor {
  /// Whether callers may say what stands in the field.
  var isSettable: Bool { behaviors.isDisjoint(with: [.outputOnly, .identifier]) && name != "etag" }
}

extension FieldValue {
  /// The elements of a list; none for any other value.
  var elements: [FieldValue] {
    if case .list(let elements) = self { elements } else { [] }
  }

  /// The entries of a map; none for any other value.
  var entries: [FieldMapEntry] {
    if case .map(let entries) = self { entries } else { [] }
  }

  /// The message that the value is, if it is one.
  var message: (any ProtobufMessage)? {
    if case .message(let message) = self { message } else { nil }
  }
}
