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

  /// The way to the field.
  let path: ValuePath

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
      let isText = titles.contains(field.name) || plainTexts.contains(field.name)
      switch field.type.valueMessage {
      case nil where isText && field.resourceReference == nil,
        is LocalizedText.Type, is LanguageTaggedText.Type:
        return [
          SearchedField(path: .known(path.joined(separator: "."), in: record), isTitle: titles.contains(field.name))
        ]
      case let nested? where names.isEmpty && nested.descriptor.fullName.hasPrefix(record.fullName + "."):
        return fields(in: nested.descriptor, below: path, of: record)
      default: return []
      }
    }
  }
}

/// One text of a record.
struct SearchedText: Sendable {
  /// The path of its field, such as `alt_labels.0`.
  let path: String

  /// Its language; empty if none is said.
  let language: String

  /// The text.
  let text: String

  /// Whether it says what the record is called.
  let isTitle: Bool
}

extension Kind {
  /// The number that its records have in the search index.
  var searchGroup: UInt8 { UInt8(recordField.number) }

  /// The texts of a record that are searched, in the order of the fields, each in the order of its languages.
  ///
  /// - Parameter language: The one language whose texts count, and its forms; those of which none is said count too.
  func searchedTexts(of record: any ProtobufMessage, in language: LanguageTag? = nil) -> [SearchedText] {
    searchedFields.flatMap { field -> [SearchedText] in
      field.path.places(in: record).flatMap { value, indexes -> [SearchedText] in
        let path = field.path.text(at: indexes)
        func text(_ language: String, _ text: String) -> SearchedText {
          SearchedText(path: path, language: language, text: text, isTitle: field.isTitle)
        }
        switch value {
        case .string(let plain): return plain.isEmpty ? [] : [text("", plain)]
        case .message(let texts as LocalizedText):
          return texts.values.sorted { $0.key < $1.key }
            .filter { entry in language.map { $0.includes(entry.key) } ?? true }
            .map { text($0.key, $0.value) }
        case .message(let tagged as LanguageTaggedText):
          return language.map { $0.includes(tagged.language) } ?? true ? [text(tagged.language, tagged.value)] : []
        default: return []
        }
      }
    }
  }

  /// What a record of the kind is found by; nil if its kind is not searched.
  func searchDocument(of record: any ProtobufMessage, at key: Key) -> SearchDocument {
    var titles: [String] = []
    var texts: [String] = []
    for text in searchedTexts(of: record) {
      let words = SearchTokenizer.words(in: text.text).text
      if words.isEmpty { continue }
      if text.isTitle { titles.append(words) } else { texts.append(words) }
    }
    return SearchDocument(
      place: SearchPlace(group: searchGroup, key: key), titles: titles.joined(separator: " "),
      texts: texts.joined(separator: " "))
  }
}
