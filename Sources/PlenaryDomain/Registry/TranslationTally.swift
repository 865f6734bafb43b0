internal import PlenaryAPI
internal import PlenaryStore
internal import ProtobufRuntime

/// Counts the texts of records, and which of them are there in some languages.
struct TranslationTally {
  /// The languages that are reported on.
  let languages: [LanguageTag]

  /// What is missing, by name and language.
  private(set) var missing: [TranslationStatus.MissingTexts] = []

  /// How many texts that is.
  private(set) var missingCount = 0

  private var counts: [TranslationStatus.LanguageCount] = []
  private var kind: Kind?

  /// A tally for languages.
  init(of languages: [LanguageTag]) {
    self.languages = languages
  }

  /// The counts of the kinds that had texts.
  var countsWithTexts: [TranslationStatus.LanguageCount] { counts.filter { $0.textCount > 0 } }

  /// Counts the texts of a record. The records of a kind follow each other.
  mutating func add(_ record: any ProtobufMessage, named name: String, of kind: Kind) {
    if self.kind !== kind {
      self.kind = kind
      counts += languages.map { language in
        .with { ($0.resourceType, $0.languageCode) = (kind.resourceType, language.description) }
      }
    }
    let texts = Self.texts(in: record)
    for (index, language) in languages.enumerated() {
      var paths: [String] = []
      for (path, text) in texts {
        let isThere = counts[counts.count - languages.count + index].add(text, language)
        if !isThere { paths.append(path) }
      }
      guard !paths.isEmpty else { continue }
      missingCount += paths.count
      missing.append(
        .with { ($0.record, $0.languageCode, $0.fieldPaths) = (name, language.description, paths) })
    }
  }

  /// The texts of a record with their paths, in the order of the fields.
  private static func texts(in message: any ProtobufMessage, below path: String = "")
    -> [(path: String, text: LocalizedText)]
  {
    type(of: message).descriptor.fields.flatMap { field -> [(path: String, text: LocalizedText)] in
      guard field.type.valueMessage != nil, let value = message.value(ofField: field.number) else { return [] }
      let fieldPath = path.isEmpty ? field.name : "\(path).\(field.name)"
      switch value {
      case .message(let text as LocalizedText): return [(fieldPath, text)]
      case .message(let nested): return texts(in: nested, below: fieldPath)
      case .list(let elements):
        return elements.enumerated().flatMap { index, element -> [(path: String, text: LocalizedText)] in
          switch element {
          case .message(let text as LocalizedText): return [("\(fieldPath).\(index)", text)]
          case .message(let nested): return texts(in: nested, below: "\(fieldPath).\(index)")
          default: return []
          }
        }
      default: return []
      }
    }
  }
}

extension TranslationStatus.LanguageCount {
  /// Counts a text.
  /// - Returns: Whether it is there in the language.
  fileprivate mutating func add(_ text: LocalizedText, _ language: LanguageTag) -> Bool {
    textCount += 1
    if language.includes(text.originalLanguage) { originalCount += 1 }
    // Where there are several forms of the language, the first says where the text comes from.
    guard let key = text.values.keys.filter(language.includes).min() else { return false }
    translatedCount += 1
    switch text.origins[key] {
    case .official: officialCount += 1
    case .working: workingCount += 1
    case .machine: machineCount += 1
    default: break
    }
    return true
  }
}

extension LanguageTag {
  /// Whether a canonical tag is this language or a form of it. RFC 4647 §3.3.1: basic filtering.
  func includes(_ tag: String) -> Bool {
    tag == description || tag.hasPrefix(description) && tag.utf8.dropFirst(description.utf8.count).first == 0x2D
  }
}
