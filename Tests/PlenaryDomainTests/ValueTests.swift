import PlenaryDomain
import Testing

@Suite struct LanguageTagTests {
  @Test(arguments: [
    ("en", "en"), ("EN", "en"), ("zh-hant", "zh-Hant"), ("ZH-HANT-tw", "zh-Hant-TW"), ("pt-br", "pt-BR"),
    ("es-419", "es-419"), ("sl-rozaj-biske", "sl-rozaj-biske"), ("de-1996", "de-1996"), ("x-plenary", "x-plenary"),
    ("en-u-CA-gregory", "en-u-ca-gregory"), ("zh-yue-hk", "zh-yue-HK"), ("ar", "ar"), ("en-x-US", "en-x-us"),
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
  ])
  func `a code is kept in its canonical form`(_ code: StandardCode, _ text: String, _ canonical: String) {
    #expect(code.canonical(text) == canonical)
  }

  @Test(arguments: [
    (StandardCode.region, "MYS"), (.region, "M1"), (.region, ""), (.m49, "14"), (.m49, "1420"), (.m49, "AS1"),
    (.timeZone, "+08:00"), (.timeZone, "Asia/"), (.timeZone, "Asia//Bangkok"), (.timeZone, "Asia Bangkok"),
  ])
  func `what cannot be a code has no canonical form`(_ code: StandardCode, _ text: String) {
    #expect(code.canonical(text) == nil)
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
  @Test(arguments: [
    ("S/RES/2129 (2013)", "S/RES/2129 (2013)", 2013), ("s/res/2129(2013)", "S/RES/2129 (2013)", 2013),
    ("S/RES/2129  ( 2013 )", "S/RES/2129 (2013)", 2013), ("A/RES/72/284", "A/RES/72/284", nil),
    ("s/2017/375", "S/2017/375", nil), ("S/2017/375/ADD.1", "S/2017/375/Add.1", nil),
  ])
  func `letter case and spaces do not matter`(_ text: String, _ canonical: String, _ year: Int?) {
    let symbol = MandateSymbol(text)
    #expect(symbol?.canonical == canonical)
    #expect(symbol?.year == year)
    #expect(symbol?.key == MandateSymbol(canonical)?.key)
  }

  @Test(arguments: [
    "", "2129", "S/", "/RES", "S/RES/2129 (20131)", "S/RES/2129 (2013", "S/RES/2129 (2013) x", "S//2129",
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
