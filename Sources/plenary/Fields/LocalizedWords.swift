internal import PlenaryAPI
internal import ProtobufRuntime

/// Texts in several languages.
enum LocalizedWords {
  /// The text to show to someone who reads a language: in that language, or one that it is a form of, else in English,
  /// else the original, else whichever comes first.
  static func best(_ text: LocalizedText, _ language: String) -> (language: String, text: String)? {
    let languages = text.values.keys.sorted()
    let chosen =
      wanted(language, among: languages) ?? languages.first { $0 == GlobalOptions.defaultLanguage }
      ?? languages.first { $0 == text.originalLanguage } ?? languages.first
    return chosen.flatMap { language in text.values[language].map { (language, $0) } }
  }

  /// The text to show, and the language it is in where that is not the reader's.
  static func shown(_ text: LocalizedText, _ language: String) -> (text: String, fallback: String)? {
    guard let best = best(text, language) else { return nil }
    let isWanted = wanted(language, among: [best.language]) != nil
    return (best.text, isWanted ? "" : best.language)
  }

  /// The text to show with the language behind it where that is not the reader's: `대테러 [ko]`; empty if there is none.
  static func words(_ text: LocalizedText, _ language: String) -> String {
    shown(text, language).map { marked($0.text, fallback: $0.fallback) } ?? ""
  }

  /// A text with the language behind it that it had to be shown in.
  static func marked(_ text: String, fallback: String) -> String {
    fallback.isEmpty ? text : "\(text) [\(fallback)]"
  }

  /// The one of some languages that is the reader's, else one that it is a form of, else another form of that.
  private static func wanted(_ language: String, among languages: [String]) -> String? {
    let wanted = language.lowercased()
    let base = wanted.split(separator: "-").first.map(String.init) ?? wanted
    return languages.first { $0.lowercased() == wanted } ?? languages.first { $0.lowercased() == base }
      ?? languages.first { $0.lowercased().hasPrefix(base + "-") }
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
