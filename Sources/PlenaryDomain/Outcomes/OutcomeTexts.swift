internal import PlenaryAPI

/// Puts texts into the languages of a report.
struct OutcomeTexts {
  /// What stands in for a language that there is no text in.
  static let english = "en"

  let languages: [String]

  /// A text in all languages; nil if there is none.
  func paragraph(
    _ text: LocalizedText?, _ origins: [OutcomeContent.Origin]
  ) -> OutcomeContent.Paragraph? {
    guard let text, !text.values.isEmpty else { return nil }
    var paragraph = OutcomeContent.Paragraph()
    paragraph.origins = origins
    paragraph.texts.reserveCapacity(languages.count)
    for language in languages {
      let actual = Self.language(of: text, for: language)
      var translated = OutcomeContent.Text()
      translated.languageCode = language
      translated.text = text.values[actual] ?? ""
      translated.actualLanguageCode = actual
      translated.fallback = actual != language
      translated.translation = text.origins[actual] ?? .unspecified
      paragraph.texts.append(translated)
    }
    return paragraph
  }

  /// The language whose text stands for one that is asked for: itself, English, the original, or else the first.
  private static func language(of text: LocalizedText, for language: String) -> String {
    for candidate in [language, english, text.originalLanguage] where text.values[candidate] != nil { return candidate }
    return text.values.keys.min() ?? language
  }
}
