internal import PlenaryAPI
internal import ProtobufRuntime

/// Texts in several languages.
enum LocalizedWords {
  /// The text to show to someone who reads a language: in that language, or one that it is a form of, else the original,
  /// else English, else whichever comes first.
  static func best(_ text: LocalizedText, _ language: String) -> (language: String, text: String)? {
    let wanted = language.lowercased()
    let base = wanted.split(separator: "-").first.map(String.init) ?? wanted
    let languages = text.values.keys.sorted()
    let chosen =
      languages.first { $0.lowercased() == wanted } ?? languages.first { $0.lowercased() == base }
      ?? languages.first { $0.lowercased().hasPrefix(base + "-") } ?? languages.first { $0 == text.originalLanguage }
      ?? languages.first { $0 == "en" } ?? languages.first
    return chosen.flatMap { language in text.values[language].map { (language, $0) } }
  }

  /// All the texts, the one to show first, each with its language and what is known about it: `fr, machine`.
  static func all(_ text: LocalizedText, _ language: String) -> [(text: String, language: String)] {
    guard let first = best(text, language)?.language else { return [] }
    let languages = [first] + text.values.keys.sorted().filter { $0 != first }
    return languages.map { language in
      var words = [language]
      if language == text.originalLanguage, languages.count > 1 { words.append("original") }
      if let origin = text.origins[language], origin != .unspecified {
        words.append(EnumWords.words(origin.description))
      }
      return (text.values[language] ?? "", words.joined(separator: ", "))
    }
  }
}
