/// What a rendering says besides the texts of the report, in the official languages of the United Nations.
struct FixedWords {
  /// The language of the words: that of the rendering, or English.
  let language: String

  private let words: [Substring: Substring]

  /// The languages that there are words in.
  static let languages = ["ar", "en", "es", "fr", "ru", "zh"]

  /// The words for a rendering in a language.
  init(for tag: String) {
    let base = String(tag.lowercased().prefix { $0 != "-" })
    language = Self.languages.contains(base) ? base : "en"
    words = Self.tables[language] ?? [:]
  }

  private static let tables: [String: [Substring: Substring]] = [
    "ar": table(arabic), "en": table(english), "es": table(spanish), "fr": table(french), "ru": table(russian),
    "zh": table(chinese),
  ]

  private static func table(_ lines: String) -> [Substring: Substring] {
    lines.split(separator: "\n").reduce(into: [:]) { table, line in
      let key = line.prefix { $0 != " " }
      table[key] = line.dropFirst(key.count + 1)
    }
  }

  /// The keys of the words in a language.
  static func keys(_ language: String) -> Set<String> { Set((tables[language] ?? [:]).keys.map(String.init)) }

  /// The words for a key, with something in the place that is kept for it.
  func callAsFunction(_ key: String, _ value: String? = nil) -> String {
    guard let words = words[key[...]] else {
      // A value of an enum that a later version has is shown by its name.
      return String(key.drop { $0 != "." }.dropFirst())
    }
    guard let value, let place = words.firstIndex(of: "%") else { return String(words) }
    return words[..<place] + value + words[words.index(after: place)...]
  }
}
