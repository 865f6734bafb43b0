internal import PlenaryAPI
internal import ProtobufRuntime

/// What the API says of a kind or of a field: its comment, its type, and its fields or values.
struct Explanation {
  /// A field or value below what is explained.
  struct Part {
    let name: String
    let facts: [String]
    let comment: String
  }

  /// The path in full, such as `dialogue.format`.
  let path: String
  /// What is known besides the comment: type, behaviours, the kind that is referred to, names.
  let facts: [(name: String, value: String)]
  let comment: String
  /// What `parts` are.
  let partsTitle: String
  let parts: [Part]

  /// The explanation of a kind, or of a field by its way from the kind.
  ///
  /// - Throws: a `Failure` that names the kind or field that was probably meant.
  init(_ path: String) throws(Failure) {
    var words = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let kind = try KindCatalog.registry.kind(words.removeFirst())
    var walk = [kind.singular]
    var message: MessageDescriptor? = kind.descriptor
    var found: (field: FieldDescriptor, owner: MessageDescriptor)?
    for word in words {
      guard let owner = message else {
        throw Failure(.usage, "'\(walk.joined(separator: "."))' has no fields: it is one value")
      }
      guard let field = owner.field(named: word) else {
        let names = owner.fields.map(\.name)
        throw Failure(
          .usage,
          "'\(walk.joined(separator: "."))' has no field '\(TerminalText.oneLine(word))'"
            + Suggestion.hint(for: word, among: names), details: ["fields: " + names.joined(separator: ", ")])
      }
      walk.append(field.name)
      found = (field, owner)
      message = field.type.valueMessage?.descriptor
    }
    self.path = walk.joined(separator: ".")
    if let (field, owner) = found {
      facts = Self.facts(field)
      comment = Self.comment("\(owner.fullName).\(field.name)")
    } else {
      facts = [("type", kind.resource.type), ("names", kind.pattern.text)]
      comment = Self.comment(kind.descriptor.fullName)
    }
    if let type = found.flatMap({ Self.enumeration($0.field.type) }) {
      partsTitle = "values"
      // The value with number zero stands for no value at all.
      parts = type.values.filter { $0.number != 0 }.map { value in
        Part(name: value.name, facts: [], comment: Self.comment("\(type.fullName).\(value.name)"))
      }
    } else {
      partsTitle = "fields"
      parts = (message?.fields ?? []).map { field in
        Part(
          name: field.name, facts: [Self.type(field)] + Self.behaviors(field),
          comment: Self.comment("\(message?.fullName ?? "").\(field.name)"))
      }
    }
  }

  /// The lines for people.
  func lines(width: Int?, style: TextStyle) -> [String] {
    var lines = StyledText(path, .bold).lines(width: width, style: style)
    for paragraph in Self.paragraphs(comment) {
      lines += StyledText(paragraph).lines(width: width, style: style) + [""]
    }
    var sheet = Sheet()
    for fact in facts { sheet.add(fact.name, fact.value) }
    lines += sheet.lines(width: width, style: style)
    guard !parts.isEmpty else { return lines }
    lines += ["", style.bold(partsTitle)]
    var list = Sheet()
    for part in parts {
      var text = StyledText(part.facts.joined(separator: ", "), .faint)
      text.add(Self.paragraphs(part.comment).first ?? "", gap: 2)
      list.add(part.name, depth: 1, [text])
    }
    return lines + list.lines(width: width, style: style)
  }

  /// The same for programs, the comments in full.
  var json: JSONValue {
    .object(
      [("path", .string(path)), ("comment", .string(comment))] + facts.map { ($0.name, .string($0.value)) }
        + [
          (
            partsTitle,
            .array(
              parts.map { part in
                .object([
                  ("name", .string(part.name)), ("facts", .array(part.facts.map(JSONValue.string))),
                  ("comment", .string(part.comment)),
                ])
              })
          )
        ])
  }
}

extension Explanation {
  private static func facts(_ field: FieldDescriptor) -> [(name: String, value: String)] {
    var facts = [(name: "type", value: type(field))]
    let behaviors = behaviors(field)
    if !behaviors.isEmpty { facts.append(("behaviour", behaviors.joined(separator: ", "))) }
    return facts
  }

  /// The type in words: `date`, `list, each a name of an organization`.
  private static func type(_ field: FieldDescriptor) -> String {
    if case .map(let key, let value) = field.type { return "map from \(word(key)) to \(word(value))" }
    var word = word(field.type)
    if let reference = field.resourceReference {
      let kind = KindCatalog.registry.kind(ofType: reference.type)
      word = kind.map { "name of \(article($0.noun)) \($0.noun)" } ?? "name of a record"
    }
    return field.cardinality == .repeated ? "list, each a \(word)" : word
  }

  private static func word(_ type: FieldType) -> String {
    switch type {
    case .double, .float: "number"
    case .int32, .int64, .uint32, .uint64: "whole number"
    case .bool: "true or false"
    case .string: "text"
    case .bytes: "bytes"
    case .enumeration(let type): "value of \(last(type.descriptor.fullName))"
    case .message(let type): last(type.descriptor.fullName)
    case .map: "map"
    }
  }

  private static func last(_ name: String) -> String { name.split(separator: ".").last.map(String.init) ?? name }

  private static func article(_ noun: String) -> String {
    noun.first.map { "aeio".contains($0) } == true ? "an" : "a"
  }

  private static func behaviors(_ field: FieldDescriptor) -> [String] {
    let names: [(FieldBehaviors, String)] = [
      (.identifier, "identifier"), (.required, "required"), (.immutable, "immutable"),
      (.outputOnly, "set by the registry"), (.inputOnly, "never returned"), (.unorderedList, "in no order"),
    ]
    return names.filter { field.behaviors.contains($0.0) }.map(\.1)
  }

  private static func enumeration(_ type: FieldType) -> EnumDescriptor? {
    switch type {
    case .enumeration(let type): type.descriptor
    case .map(_, let value): enumeration(value)
    default: nil
    }
  }

  /// The comment of a part of the API, links written as what they are called.
  private static func comment(_ name: String) -> String {
    let comment = PlenaryAPIProtoFiles.comments[name] ?? ""
    return comment.replacing(/\[([^\]]+)\]\[[^\]]*\]/) { "\($0.1)" }
  }

  /// The paragraphs of a comment, each in one line.
  private static func paragraphs(_ comment: String) -> [String] {
    comment.replacing("\n\n", with: "\u{0}").split(separator: "\u{0}").map { String($0.replacing("\n", with: " ")) }
  }
}
