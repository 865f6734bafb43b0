import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import PlenaryRenderings

/// What renderings say besides the texts of reports, in six languages.
@Suite struct FixedWordsTests {
  @Test(arguments: FixedWords.languages) func `each language has all words, and places for the same values`(
    _ language: String
  ) {
    #expect(FixedWords.keys(language) == FixedWords.keys("en"))
    let (words, english) = (FixedWords(for: language), FixedWords(for: "en"))
    for key in FixedWords.keys("en") {
      #expect(!words(key).isEmpty)
      #expect(words(key).filter { $0 == "%" }.count == english(key).filter { $0 == "%" }.count, "\(language) \(key)")
    }
  }

  @Test func `each value of an enum that a report shows has words`() {
    let enums: [(String, EnumDescriptor)] = [
      ("format", Dialogue.Format.descriptor), ("modality", Dialogue.Modality.descriptor),
      ("role", Partnership.Participant.Role.descriptor), ("finding", Finding.Kind.descriptor),
      ("advice", Recommendation.State.descriptor), ("priority", Recommendation.Priority.descriptor),
      ("stakeholders", Directive.StakeholderGroup.descriptor), ("verb", Directive.Verb.descriptor),
      ("intervention", Intervention.Kind.descriptor), ("gap", OutcomeGap.Kind.descriptor),
      ("report", OutcomeReport.State.descriptor), ("part", OutcomeContent.Part.descriptor),
    ]
    let keys = FixedWords.keys("en")
    for (prefix, type) in enums {
      for value in type.values where value.number != 0 && value.name != "DELETED" {
        #expect(keys.contains("\(prefix).\(value.name)"), "\(prefix).\(value.name)")
      }
    }
  }

  @Test func `a language without words is spoken to in English, and a value that is not known by its name`() {
    let words = FixedWords(for: "th")
    #expect(words.language == "en" && words("document.contents") == "Contents")
    #expect(FixedWords(for: "zh-Hant").language == "zh")
    #expect(words("gap.SOMETHING_NEW") == "SOMETHING_NEW")
    #expect(words("text.more", "5 % off") == "and 5 % off more")
  }

  @Test(arguments: [
    ("en", "7–8 November 2018", "31 January – 2 February 2018", "May 2017"),
    ("fr", "7–8 novembre 2018", "31 janvier 2018 – 2 février 2018", "mai 2017"),
    ("es", "7–8 de noviembre de 2018", "31 de enero de 2018 – 2 de febrero de 2018", "mayo de 2017"),
    ("ru", "7–8 ноября 2018 г.", "31 января 2018 г. – 2 февраля 2018 г.", "май 2017 г."),
    ("ar", "7–8 تشرين الثاني/نوفمبر 2018", "31 كانون الثاني/يناير 2018 – 2 شباط/فبراير 2018", "أيار/مايو 2017"),
    ("zh", "2018年11月7日至8日", "2018年1月31日 – 2018年2月2日", "2017年5月"),
  ])
  func `dates are in the words of the language`(_ language: String, _ near: String, _ far: String, _ month: String) {
    let dates = DateWords(language: language)
    #expect(dates.words(from: "2018-11-07", to: "2018-11-08") == near)
    #expect(language == "en" || dates.words(from: "2018-01-31", to: "2018-02-02") == far)
    #expect(dates.words("2017-05") == month)
    #expect(dates.words("2017-13") == "2017-13" && dates.words("soon") == "soon" && dates.words(from: "", to: "") == "")
  }

  @Test func `a tag tells which way its language is written`() {
    for tag in ["ar", "AR-eg", "he", "fa", "ur", "uz-Arab"] { #expect(TextDirection(tag) == .rightToLeft) }
    for tag in ["en", "zh-Hant", "", "ar-Latn", "az-Cyrl"] { #expect(TextDirection(tag) == .leftToRight) }
  }
}
