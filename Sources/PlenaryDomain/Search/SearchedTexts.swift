internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// A field in whose text words are looked for.
///
/// Which fields these are follows from the proto, for every kind in the same way: all texts in languages, wherever they
/// stand in a record of its own, and the plain texts whose names are in one of two lists below. What a record says of
/// itself in the fields that all kinds have, such as citations, is not looked into.
struct SearchedField: Sendable {
  /// The fields that say what a record is called: what is found there counts for more.
  private static let titles: Set = [
    "title", "pref_label", "alt_labels", "alternative_titles", "acronym", "symbol", "notation", "given_name",
    "family_name",
  ]

  /// Other plain texts that are searched.
  private static let plainTexts: Set = ["publisher", "locality", "venue", "address"]

  /// How its texts are written.
  enum Form: Sendable {
    /// As text of no language.
    case plain
    /// As a `LocalizedText`.
    case localized
    /// As a `LanguageTaggedText`.
    case tagged
  }

  /// The way to the field.
  let path: ValuePath

  /// How its texts are written.
  let form: Form

  /// Whether it says what the record is called.
  let isTitle: Bool

  /// The fields of a message of a kind that are searched.
  static func all(in descriptor: MessageDescriptor) -> [SearchedField] {
    fields(in: descriptor, below: [], of: descriptor)
  }

  private static func fields(
    in descriptor: MessageDescriptor, below names: [String], of record: MessageDescriptor
  ) -> [SearchedField] {
    descriptor.fields.flatMap { field -> [SearchedField] in
      if names.isEmpty, field.number < HeaderField.firstOfKind || field.isMap { return [] }
      let path = names + [field.name]
      func searched(_ form: Form) -> [SearchedField] {
        [
          SearchedField(
            path: .known(path.joined(separator: "."), in: record), form: form, isTitle: titles.contains(field.name))
        ]
      }
      switch field.type.valueMessage {
      case nil where (titles.contains(field.name) || plainTexts.contains(field.name)) && field.resourceReference == nil:
        return searched(.plain)
      case is LocalizedText.Type: return searched(.localized)
      case is LanguageTaggedText.Type: return searched(.tagged)
      case let nested? where names.isEmpty && nested.descriptor.fullName.hasPrefix(record.fullName + "."):
        return fields(in: nested.descriptor, below: path, of: record)
      default: return []
      }
    }
  }
}

/// One text of a record.
struct SearchedText: Sendable {
  /// The number of its field among those that are searched.
  let field: Int

  /// The places in lists on the way to it.
  let indexes: [Int]

  /// Its language; empty if none is said.
  let language: String

  /// The text as it stands in the encoded record.
  let bytes: ArraySlice<UInt8>

  /// Whether it says what the record is called.
  let isTitle: Bool

  /// The text.
  var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Reads the texts that are searched out of encoded records of a kind, which need not be decoded for it.
struct SearchedTextReader: Sendable {
  /// A field of a message that is a text or leads to some.
  private struct Branch {
    let number: Int32
    let isRepeated: Bool
    let target: Target
  }

  private enum Target {
    case text(index: Int, SearchedField.Form, isTitle: Bool)
    case message([Branch])
  }

  /// The numbers of the fields of the messages that hold texts in languages.
  private enum TextField {
    static let localizedValues: Int32 = 1
    /// Those of an entry of a map, and of a `LanguageTaggedText`.
    static let language: Int32 = 1
    static let value: Int32 = 2
  }

  private let message: any ProtobufMessage.Type
  private let branches: [Branch]

  /// Takes the searched fields of a type.
  init(_ fields: [SearchedField], of message: any ProtobufMessage.Type) {
    self.message = message
    branches = Self.branches(Array(fields.enumerated()), depth: 0)
  }

  private static func branches(_ fields: [(offset: Int, element: SearchedField)], depth: Int) -> [Branch] {
    var branches: [Branch] = []
    for (index, field) in fields {
      guard case .field(let step) = field.path.steps[depth], !branches.contains(where: { $0.number == step.number })
      else { continue }
      let below = fields.filter {
        if case .field(let other) = $0.element.path.steps[depth] { other.number == step.number } else { false }
      }
      branches.append(
        Branch(
          number: step.number, isRepeated: step.cardinality == .repeated,
          target: depth + 1 == field.path.steps.count
            ? .text(index: index, field.form, isTitle: field.isTitle)
            : .message(Self.branches(below, depth: depth + 1))))
    }
    return branches
  }

  /// The texts of a record, in the order of the fields, each in the order of its languages.
  ///
  /// - Parameter language: The one language whose texts count, and its forms; those of which none is said count too.
  /// - Throws: `ProtobufError` if the bytes are no such message.
  func texts(in body: [UInt8], language: LanguageTag? = nil) throws(ProtobufError) -> [SearchedText] {
    var texts: [SearchedText] = []
    read(try WireFields(checking: body, as: message), branches, at: [], in: language, into: &texts)
    // Nearly always they stand in this order.
    let isInOrder = texts.indices.dropFirst().allSatisfy { texts[$0 - 1].field <= texts[$0].field }
    if !isInOrder {
      texts = texts.enumerated().sorted { ($0.element.field, $0.offset) < ($1.element.field, $1.offset) }
        .map(\.element)
    }
    return texts
  }

  private func read(
    _ fields: WireFields, _ branches: [Branch], at indexes: [Int], in language: LanguageTag?,
    into texts: inout [SearchedText]
  ) {
    var counts = [Int](repeating: 0, count: branches.count)
    for field in fields {
      guard let place = branches.firstIndex(where: { $0.number == field.number }) else { continue }
      let branch = branches[place]
      let here = branch.isRepeated ? indexes + [counts[place]] : indexes
      counts[place] += 1
      switch branch.target {
      case .message(let below): read(fields.fields(of: field), below, at: here, in: language, into: &texts)
      case .text(let index, let form, let isTitle):
        func add(_ tag: String, _ bytes: ArraySlice<UInt8>) {
          texts.append(SearchedText(field: index, indexes: here, language: tag, bytes: bytes, isTitle: isTitle))
        }
        switch form {
        case .plain:
          let bytes = fields.contents(of: field)
          if !bytes.isEmpty { add("", bytes) }
        case .tagged: Self.read(fields.fields(of: field), in: language, add)
        case .localized:
          let start = texts.count
          let values = fields.fields(of: field)
          for entry in values where entry.number == TextField.localizedValues {
            Self.read(values.fields(of: entry), in: language, add)
          }
          if texts.count - start > 1 { texts[start...].sort { $0.language < $1.language } }
        }
      }
    }
  }

  /// Reads a text with its language, if it is in the one that counts.
  private static func read(
    _ fields: WireFields, in language: LanguageTag?, _ add: (_ tag: String, _ bytes: ArraySlice<UInt8>) -> Void
  ) {
    var tag = ""
    var text: ArraySlice<UInt8> = []
    for field in fields {
      switch field.number {
      case TextField.language: tag = String(decoding: fields.contents(of: field), as: UTF8.self)
      case TextField.value: text = fields.contents(of: field)
      default: break
      }
    }
    if language.map({ $0.includes(tag) }) ?? true { add(tag, text) }
  }
}

extension Kind {
  /// The number that its records have in the search index.
  var searchGroup: UInt8 { UInt8(recordField.number) }

  /// The path of the field that a text of one of its records is in, such as `alt_labels.0`.
  func path(of text: SearchedText) -> String { searchedFields[text.field].path.text(at: text.indexes) }

  /// What an encoded record of the kind is found by.
  /// - Throws: `ProtobufError` if the bytes are no such record.
  func searchDocument(of body: [UInt8], at key: Key) throws(ProtobufError) -> SearchDocument {
    var titles: [String] = []
    var texts: [String] = []
    for text in try searchedTexts.texts(in: body) {
      let words = SearchTokenizer.words(in: text.bytes.span).text
      if words.isEmpty { continue }
      if text.isTitle { titles.append(words) } else { texts.append(words) }
    }
    return SearchDocument(
      place: SearchPlace(group: searchGroup, key: key), titles: titles.joined(separator: " "),
      texts: texts.joined(separator: " "))
  }
}
