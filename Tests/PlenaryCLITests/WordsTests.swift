import GoogleAPI
import PlenaryAPI
import ProtobufRuntime
import Testing

@testable import plenary

struct WordsTests {
  @Test(arguments: [
    ("WORKSHOP", "workshop"), ("CO_ORGANIZER", "co-organizer"), ("UN_PRINCIPAL_ORGAN", "UN principal organ"),
    ("ADDITIONAL_SUPPORTER", "additional supporter"), ("CONFERENCE", "conference"), ("COOPERATING", "cooperating"),
  ])
  func `enum values read as words`(_ name: String, _ words: String) {
    #expect(EnumWords.words(name) == words)
  }

  @Test func `a number that the enum does not know stays a number`() {
    #expect(EnumWords.words(99, of: Dialogue.Format.self) == "99")
  }

  @Test func `the value that stands for none cannot be chosen`() {
    let failure = #expect(throws: Failure.self) { try EnumWords.number("x", of: Dialogue.Modality.self) }
    #expect(failure?.details == ["values: IN_PERSON, ONLINE, HYBRID"])
  }

  @Test func `a label is also taken as the protocol writes it, and no other way`() throws {
    #expect(try EnumWords.number("TLP:AMBER+STRICT", of: Marking.Label.self) == Marking.Label.amberStrict.rawValue)
    #expect(try EnumWords.number("TLP:CLEAR", of: Marking.Label.self) == Marking.Label.clear.rawValue)
    for (word, meant) in [("TLP:WHITE", "TLP:CLEAR"), ("tlp:red", "TLP:RED")] {
      let failure = #expect(throws: Failure.self) { try EnumWords.number(word, of: Marking.Label.self) }
      #expect(failure?.what == "'\(word)' is no label of TLP 2.0, did you mean '\(meant)'? (TLP_LABEL_INVALID)")
      #expect(failure?.status == .invalid)
    }
  }

  @Test func `regions have their names`() {
    #expect(M49Region.words("142") == "142 Asia")
    #expect(M49Region.words("410") == "410 Korea, Republic of")
  }

  @Test(arguments: [
    ("fr", "fr"), ("FR", "fr"), ("fr-CA", "fr"), ("zh", "zh-Hant"), ("de", "en"), ("ko", "ko"),
  ])
  func `a text is shown in the language nearest to the reader's`(_ asked: String, _ shown: String) {
    let text = LocalizedText.with {
      $0.values = ["fr": "f", "zh-Hant": "z", "ko": "k", "en": "e"]
      $0.originalLanguage = "ko"
    }
    #expect(LocalizedWords.best(text, asked)?.language == shown)
  }

  @Test func `a text that is not there in the reader's language says which one it is shown in`() {
    var text = LocalizedText.with {
      $0.values = ["ko": "대테러", "ru": "Борьба", "zh-Hant": "反恐"]
      $0.originalLanguage = "ko"
    }
    #expect(LocalizedWords.words(text, "fr") == "대테러 [ko]")
    #expect(LocalizedWords.words(text, "zh-TW") == "反恐")
    text.values["en"] = "Counter-terrorism"
    #expect(LocalizedWords.words(text, "fr") == "Counter-terrorism [en]")
    #expect(LocalizedWords.words(text, "en-GB") == "Counter-terrorism")
    let theme = Theme.with { $0.prefLabel = text }
    #expect(RecordTitle(theme, language: "ar")?.shown == "Counter-terrorism [en]")
    #expect(RecordTitle(theme, language: "ar")?.text == "Counter-terrorism")
  }

  @Test func `a text without an original and without English is shown as it is, and one without texts not at all`() {
    #expect(LocalizedWords.best(.with { $0.values = ["ar": "a", "en": "e"] }, "fr")?.text == "e")
    #expect(LocalizedWords.best(.with { $0.values = ["ru": "r", "ar": "a"] }, "fr")?.text == "a")
    #expect(LocalizedWords.best(LocalizedText(), "en") == nil)
  }

  @Test(arguments: [("2017", "2017"), ("2017-05", "May 2017"), ("2017-05-29", "29 May 2017")])
  func `a date reads as far as it is known`(_ text: String, _ words: String) {
    #expect(CivilDate(text)?.words == words)
  }

  @Test func `times are shown in UTC to the second`() {
    #expect(PointInTime.words(.with { $0.seconds = 1_541_583_000 }) == "2018-11-07 09:30:00 UTC")
  }

  @Test func `people, bodies and mandates are called by what they are known as`() {
    let person = Person.with {
      $0.familyName = "Chen"
      $0.officeTitle = .with { $0.values = ["en": "Deputy Executive Director"] }
    }
    #expect(RecordTitle(person, language: "en")?.full == "Deputy Executive Director Chen")
    #expect(RecordTitle(Mandate.with { $0.symbol = "S/RES/2129 (2013)" }, language: "en")?.full == "S/RES/2129 (2013)")
    let body = Organization.with {
      $0.title = .with { $0.values = ["en": "Directorate"] }
      $0.acronym = "CTED"
    }
    #expect(RecordTitle(body, language: "en")?.full == "Directorate (CTED)")
    #expect(RecordTitle(Partnership(), language: "en") == nil)
  }
}
