import PlenaryAPI
import PlenaryDomain
import Testing

@Suite struct LanguageTagTests {
  @Test(arguments: [
    ("en", "en"), ("EN", "en"), ("zh-hant", "zh-Hant"), ("ZH-HANT-tw", "zh-Hant-TW"), ("pt-br", "pt-BR"),
    ("es-419", "es-419"), ("sl-rozaj-biske", "sl-rozaj-biske"), ("de-1996", "de-1996"), ("x-plenary", "x-plenary"),
    ("en-u-CA-gregory", "en-u-ca-gregory"), ("zh-yue-hk", "yue-HK"), ("iw", "he"), ("ko-KP", "ko-KP"),
    ("qaa-Qaaa-x-own", "qaa-Qaaa-x-own"), ("ar", "ar"), ("en-x-US", "en-x-us"),
  ])
  func `a tag is accepted in any letter case and written in the canonical one`(_ text: String, _ canonical: String) {
    #expect(LanguageTag(text)?.description == canonical)
  }

  @Test(arguments: [
    "", "e", "english-language-of-many", "en_US", "en-", "-en", "en--US", "en-u", "x", "12", "en-a-bb-a-cc", "en-US-US",
    "sl-rozaj-rozaj", "日本",
  ])
  func `a malformed tag is none`(_ text: String) {
    #expect(LanguageTag(text) == nil)
  }
}

@Suite struct StandardCodeTests {
  @Test(arguments: [
    (StandardCode.region, "my", "MY"), (.region, "KR", "KR"), (.m49, "142", "142"), (.m49, "001", "001"),
    (.language, "FR", "fr"), (.timeZone, "Asia/Kuala_Lumpur", "Asia/Kuala_Lumpur"), (.timeZone, "UTC", "UTC"),
    (.timeZone, "America/Argentina/Ushuaia", "America/Argentina/Ushuaia"), (.timeZone, "Etc/GMT+5", "Etc/GMT+5"),
    (.timeZone, "asia/bangkok", "Asia/Bangkok"), (.timeZone, "US/Pacific", "US/Pacific"), (.m49, "410", "410"),
    (.m49, "722", "722"), (.region, "zw", "ZW"), (.region, "AD", "AD"), (.language, "ko-KP", "ko-KP"),
    (.language, "es-419", "es-419"), (.language, "aa", "aa"), (.language, "zza", "zza"), (.timeZone, "zulu", "Zulu"),
  ])
  func `a known code is kept in its canonical form`(_ code: StandardCode, _ text: String, _ canonical: String) {
    #expect(code.canonical(text) == canonical)
  }

  @Test(arguments: [
    (StandardCode.region, "MYS"), (.region, "M1"), (.region, ""), (.m49, "14"), (.m49, "1420"), (.m49, "AS1"),
    (.timeZone, "+08:00"), (.timeZone, "Asia/"), (.timeZone, "Asia//Bangkok"), (.timeZone, "Asia Bangkok"),
    (.region, "UK"), (.region, "XX"), (.region, "\n"), (.m49, "999"), (.m49, "14\t"), (.language, "zq"),
    (.language, "eng"), (.language, "en-Latm"), (.language, "en-ZQ"), (.language, "en-840"), (.language, "en-abc"),
    (.language, "english"), (.timeZone, "Asia/Bankok"), (.timeZone, "Factory"),
    (.timeZone, String(repeating: "a", count: 200)),
  ])
  func `what no register has has no canonical form`(_ code: StandardCode, _ text: String) {
    #expect(code.canonical(text) == nil)
  }

  @Test(
    arguments: [
      (.region, "UK", "GB"), (.region, "uk", "GB"), (.region, "KOR", "KR"), (.region, "410", "KR"),
      (.region, "Thailand", "TH"), (.region, "South Korea", "KR"), (.region, "Malasia", "MY"), (.region, "XX", nil),
      (.m49, "KR", "410"), (.m49, "Asia", "142"), (.m49, "South-Eastern Asia", "035"), (.m49, "999", nil),
      (.timeZone, "Asia/Bankok", "Asia/Bangkok"), (.timeZone, "Kuala Lumpur", "Asia/Kuala_Lumpur"),
      (.timeZone, "+08:00", nil), (.language, "eng", "en"), (.language, "en_US", "en-US"),
      (.language, "fra-CA", "fr-CA"),
      (.language, "zq", nil), (.region, String(repeating: "a", count: 2000), nil),
    ] as [(StandardCode, String, String?)])
  func `a code that is near is suggested`(_ code: StandardCode, _ text: String, _ suggestion: String?) {
    #expect(code.suggestion(for: text) == suggestion)
  }

  @Test func `an area holds the areas and countries in it`() {
    #expect(AreaCode.regions(within: "030") == ["CN", "HK", "JP", "KP", "KR", "MN", "MO", "TW"])
    #expect(AreaCode.regions(within: "035").isSuperset(of: ["MY", "TH", "VN"]))
    #expect(AreaCode.regions(within: "142").isSuperset(of: ["KR", "MY", "TH", "KZ", "JO", "IN"]))
    #expect(AreaCode.regions(within: "142").isDisjoint(with: ["FR", "EG", "AU", "RU"]))
    #expect(AreaCode.regions(within: "001").count == 249)
    #expect(AreaCode.regions(within: "410") == ["KR"])
    #expect(AreaCode.within("142")?.isSuperset(of: ["142", "030", "410"]) == true)
    #expect(AreaCode.within("030")?.contains("142") == false)
    #expect(AreaCode.within("999") == nil && AreaCode.regions(within: "999").isEmpty)
  }

  @Test func `fields that hold codes are known by the names of AIP-143`() {
    #expect(StandardCode(fieldName: "region_code") == .region)
    #expect(StandardCode(fieldName: "focus_m49_code") == .m49)
    #expect(StandardCode(fieldName: "language_codes") == .language)
    #expect(StandardCode(fieldName: "time_zone") == .timeZone)
    #expect(StandardCode(fieldName: "title") == nil)
  }
}

@Suite struct WebAddressTests {
  @Test(arguments: [
    "http://www.techagainstterrorism.org/", "https://undocs.org/S/RES/2129(2013)", "HTTPS://Example.org:8443/a?b=c#d",
    "http://localhost", "https://example.org/%E2%82%AC",
  ])
  func `an absolute http or https address is one`(_ text: String) {
    #expect(WebAddress.isValid(text))
  }

  @Test(arguments: [
    "", "www.example.org", "ftp://example.org", "https://", "https:///path", "https://user:secret@example.org/",
    "https://example.org:99999/", "https://example..org", "https://example.org/a b", "https://example.org/€",
    "javascript:alert(1)", "https://example.org/" + String(repeating: "a", count: 2048),
  ])
  func `anything else is none`(_ text: String) {
    #expect(!WebAddress.isValid(text))
  }
}

@Suite struct MandateSymbolTests {
  @Test(
    arguments: [
      ("S/RES/2129 (2013)", "S/RES/2129 (2013)", 2013), ("s/res/2129(2013)", "S/RES/2129 (2013)", 2013),
      ("S/RES/2129  ( 2013 )", "S/RES/2129 (2013)", 2013), ("A/RES/72/284", "A/RES/72/284", nil),
      ("s/2017/375", "S/2017/375", 2017), ("S/2017/375/ADD.1", "S/2017/375/Add.1", 2017),
      ("s/prst/2018/1", "S/PRST/2018/1", 2018), ("a/72/284/rev.2/corr.1", "A/72/284/Rev.2/Corr.1", nil),
      ("S/RES/2129(2013)/corr.1", "S/RES/2129 (2013)/Corr.1", 2013), ("S/AC.40/2019/1", "S/AC.40/2019/1", nil),
      ("E/RES/2020/1", "E/RES/2020/1", nil), ("A/HRC/RES/40/1", "A/HRC/RES/40/1", nil),
    ] as [(String, String, Int?)])
  func `letter case and spaces do not matter`(_ text: String, _ canonical: String, _ year: Int?) {
    let symbol = MandateSymbol(text)
    #expect(symbol?.canonical == canonical)
    #expect(symbol?.year == year)
    #expect(symbol?.key == MandateSymbol(canonical)?.key)
  }

  @Test(arguments: [
    "", "2129", "S/", "/RES", "S/RES/2129 (20131)", "S/RES/2129 (2013", "S/RES/2129 (2013) x", "S//2129",
    "S/RES/2129", "S/RES/x (2013)", "S/RES/2129/1 (2013)", "S/PRST/1", "S/PRST/18/1", "S/2017", "S/17/375", "S/2017/x",
    "S/2017/375 (2017)", "A/RES/72", "A/RES/x/1", "A/72", "A/72/x", "A/72/284/Foo.1", "A/72/284/Rev.x",
    "A/72/284/Rev.1/2",
  ])
  func `what is not built like a symbol is none`(_ text: String) {
    #expect(MandateSymbol(text) == nil)
  }
}

@Suite struct RegisterIdentifierTests {
  @Test(arguments: [
    "https://ror.org/05dxps055", "https://ror.org/042nb2s44", "https://ror.org/02mhbdp94",
  ])
  func `an identifier of ROR has the right check digits`(_ text: String) {
    #expect(RegisterIdentifier.isROR(text))
    #expect(!RegisterIdentifier.isROR(String(text.dropLast()) + (text.hasSuffix("9") ? "8" : "9")))
  }

  @Test(arguments: [
    "", "05dxps055", "https://ror.org/15dxps055", "https://ror.org/05dxpsU55", "https://ror.org/05dxps05",
  ])
  func `anything else is no identifier of ROR`(_ text: String) {
    #expect(!RegisterIdentifier.isROR(text))
  }

  @Test(arguments: [("XM-DAC-41301", true), ("GB-GOV-1", true), ("41301", false), ("xm-dac-1", false), ("XM-", false)])
  func `an identifier of IATI is an agency and a number`(_ text: String, _ isValid: Bool) {
    #expect(RegisterIdentifier.isIATI(text) == isValid)
  }

  @Test(arguments: [("Q1065", true), ("Q0", false), ("Q", false), ("P31", false), ("Q12a", false)])
  func `an identifier of Wikidata is Q and a number`(_ text: String, _ isValid: Bool) {
    #expect(RegisterIdentifier.isWikidata(text) == isValid)
  }
}

@Suite struct TLPLabelTests {
  @Test(arguments: ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"])
  func `a label is read as it is written`(_ text: String) throws {
    let label = try TLPLabel.label(text, field: "label")
    #expect(TLPLabel.text(label) == text)
    #expect(TLPLabel.imported(text) == label)
  }

  @Test(
    arguments: [
      ("TLP:WHITE", "TLP:CLEAR"), ("tlp:white", "TLP:CLEAR"), ("tlp:amber+strict", "TLP:AMBER+STRICT"),
      ("TLP: RED", "TLP:RED"), ("TLP:BLUE", nil), ("RED", nil), ("", nil),
    ] as [(String, String?)])
  func `any other text is refused, with a hint where one is near`(_ text: String, _ suggestion: String?) {
    let error = #expect(throws: DomainError.self) { try TLPLabel.label(text, field: "label") }
    #expect(error?.reason == .tlpLabelInvalid && error?.code == .invalidArgument)
    #expect(error?.metadata["suggestion"] == suggestion)
  }

  @Test func `the former label is taken from other formats alone`() {
    #expect(TLPLabel.imported("TLP:WHITE") == .clear)
    #expect(TLPLabel.imported("TLP:BLUE") == nil)
    #expect(TLPLabel.text(.unspecified) == nil)
  }
}
