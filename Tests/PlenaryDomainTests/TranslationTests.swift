import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

/// Texts in several languages: what is kept of them, and how the registry tells what is missing.
@Suite(.timeLimit(.minutes(10))) struct TranslationTests {
  private static let arabic = "مكافحة الإرهاب"

  /// A theme whose label is in English and French, the French one made by a machine.
  private static func bilingual() -> Theme {
    .with {
      $0 = Sample.theme()
      $0.prefLabel = .with {
        $0.values = ["en": "Counter-terrorism", "fr": "Lutte antiterroriste"]
        ($0.originalLanguage, $0.origins) = ("en", ["en": .official, "fr": .machine])
      }
    }
  }

  private func creating(_ text: LocalizedText) async throws -> LocalizedText? {
    var created: Theme?
    try await TestRegistry.run { test in
      created = try await test.create(
        CreateThemeRequest.with {
          $0.themeID = "t1"
          $0.theme = .with { ($0.scheme, $0.prefLabel) = ("topics", text) }
        })
    }
    return created?.prefLabel
  }

  private func updated(_ paths: [String], _ text: LocalizedText) async throws -> LocalizedText? {
    var updated: Theme?
    try await TestRegistry.run { test in
      try await test.seed(Self.bilingual())
      updated = try await test.update(
        UpdateThemeRequest.with {
          $0.theme = .with { ($0.name, $0.prefLabel) = ("themes/t1", text) }
          $0.updateMask = ProtobufFieldMask(paths: paths)
        })
    }
    return updated?.prefLabel
  }

  @Test func `languages are kept in canonical form, in texts and in what is said about them`() async throws {
    let text = try await creating(
      .with {
        $0.values = ["EN": "a", "zh-hant-tw": "b", "SR-latn": "c"]
        ($0.originalLanguage, $0.origins) = ("en", ["En": .official, "ZH-HANT-tw": .machine])
      })
    #expect(text?.values == ["en": "a", "zh-Hant-TW": "b", "sr-Latn": "c"])
    #expect(text?.originalLanguage == "en" && text?.origins == ["en": .official, "zh-Hant-TW": .machine])
  }

  @Test func `what is said about a language needs a text in it`() async throws {
    let original = await expectRefusal(.originalLanguageMissing, "pref_label.original_language") {
      _ = try await creating(.with { ($0.values, $0.originalLanguage) = (["en": "a"], "ko") })
    }
    #expect(original?.code == .invalidArgument && original?.metadata["language"] == "ko")
    let origin = await expectRefusal(.originalLanguageMissing, "pref_label.origins.fr") {
      _ = try await creating(.with { ($0.values, $0.origins) = (["en": "a"], ["FR": .machine]) })
    }
    #expect(origin?.metadata["language"] == "fr")
  }

  @Test func `a language is there once`() async throws {
    let value = await expectRefusal(.languageDuplicate) {
      _ = try await creating(.with { $0.values = ["en": "a", "EN": "b"] })
    }
    #expect(value?.code == .invalidArgument && value?.metadata["language"] == "en")
    await expectRefusal(.languageDuplicate) {
      _ = try await creating(
        .with { ($0.values, $0.origins) = (["en": "a"], ["en": .official, "eN": .official]) })
    }
  }

  @Test func `a text has at most so many characters in a language`() async throws {
    let most = String(repeating: "é", count: RecordNormalization.localizedTextLengthMax)
    #expect(try await creating(LocalizedText(most))?.values["en"] == most)
    // Two characters that normalization makes one of count as one.
    let decomposed = String(repeating: "e\u{301}", count: RecordNormalization.localizedTextLengthMax)
    #expect(
      try await creating(LocalizedText(decomposed))?.values["en"]?.unicodeScalars.count == most.unicodeScalars.count)
    let error = await expectRefusal(.textTooLong, "pref_label.values.en") {
      _ = try await creating(LocalizedText(most + "x"))
    }
    #expect(error?.metadata["max"] == "\(RecordNormalization.localizedTextLengthMax)")
  }

  @Test(arguments: ["pref_label.values.fr", "pref_label.values.FR", "pref_label.values.`fr`"])
  func `a mask that names a language sets that one alone`(_ path: String) async throws {
    let text = try await updated([path], .with { $0.values = ["fr": "Contre le terrorisme", "en": "Not taken"] })
    #expect(text?.values == ["en": "Counter-terrorism", "fr": "Contre le terrorisme"])
    #expect(text?.originalLanguage == "en" && text?.origins == ["en": .official, "fr": .machine])
  }

  @Test(arguments: ["pref_label.values.ar", "pref_label.values.zh-HANT"])
  func `a mask that names a new language adds it`(_ path: String) async throws {
    let text = try await updated([path], .with { $0.values = ["ar": Self.arabic, "zh-Hant": "反恐"] })
    let language = path.hasSuffix("ar") ? "ar" : "zh-Hant"
    #expect(Set(text?.values.keys ?? [:].keys) == ["en", "fr", language])
  }

  @Test func `a mask that names a language without a text removes that one, and what is said about it`() async throws {
    let text = try await updated(["pref_label.values.fr"], LocalizedText())
    #expect(text?.values == ["en": "Counter-terrorism"] && text?.origins == ["en": .official])
    let upper = try await updated(["pref_label.values.FR"], .with { $0.values = ["en": "Not taken"] })
    #expect(upper?.values == ["en": "Counter-terrorism"] && upper?.origins == ["en": .official])
    await expectRefusal(.originalLanguageMissing, "pref_label.original_language") {
      _ = try await updated(["pref_label.values.en"], LocalizedText())
    }
  }

  @Test func `an update without a mask leaves the languages that it does not send`() async throws {
    let text = try await updated([], .with { $0.values = ["ar": Self.arabic] })
    #expect(text?.values.keys.sorted() == ["ar", "en", "fr"] && text?.origins.count == 2)
  }

  // MARK: The report

  private static func request(_ populate: (inout GetTranslationStatusRequest) -> Void = { _ in })
    -> GetTranslationStatusRequest
  {
    var request = GetTranslationStatusRequest()
    populate(&request)
    return request
  }

  /// The counts of a language in the parts of a report put together, and all that is missing.
  private func report(_ test: TestRegistry, _ request: GetTranslationStatusRequest) async throws
    -> (counts: [String: [Int64]], missing: [String], parts: Int)
  {
    var request = request
    var counts: [String: [Int64]] = [:]
    var (missing, parts) = ([String](), 0)
    repeat {
      let part = try await test.registry.translationStatus(request, as: TestRegistry.caller).status
      for count in part.counts {
        let key = "\(count.resourceType.split(separator: "/")[1]) \(count.languageCode)"
        let numbers = [
          count.textCount, count.translatedCount, count.originalCount, count.officialCount, count.workingCount,
          count.machineCount,
        ]
        counts[key] = zip(counts[key] ?? [0, 0, 0, 0, 0, 0], numbers).map(+)
      }
      missing += part.missing.map { "\($0.record) \($0.languageCode) \($0.fieldPaths.joined(separator: ","))" }
      request.pageToken = part.nextPageToken
      parts += 1
    } while !request.pageToken.isEmpty
    return (counts, missing, parts)
  }

  @Test func `texts are counted by kind, language and origin`() async throws {
    try await TestRegistry.run { test in
      var series = Sample.series()
      series.aims = [LocalizedText("First"), LocalizedText("두번째", in: "ko")]
      var traditional = Sample.theme("t2")
      traditional.prefLabel?.values["zh-Hant"] = "反恐"
      try await test.seed(Self.bilingual(), traditional, series)
      let report = try await report(test, Self.request { $0.languageCodes = ["EN", "fr", "zh", "zh"] })
      #expect(
        report.counts == [
          "Theme en": [2, 2, 2, 1, 0, 0], "Theme fr": [2, 1, 0, 0, 0, 1], "Theme zh": [2, 1, 0, 0, 0, 0],
          "Series en": [3, 2, 2, 0, 0, 0], "Series fr": [3, 0, 0, 0, 0, 0], "Series zh": [3, 0, 0, 0, 0, 0],
        ])
      #expect(
        report.missing == [
          "themes/t1 zh pref_label", "themes/t2 fr pref_label", "series/s1 en aims.1",
          "series/s1 fr title,aims.0,aims.1", "series/s1 zh title,aims.0,aims.1",
        ])
      let official = try await self.report(test, Self.request { $0.resourceTypes = ["plenary.registry/Theme"] })
      #expect(
        official.counts.keys.sorted().map { $0.split(separator: " ")[1] } == ["ar", "en", "es", "fr", "ru", "zh"])
    }
  }

  @Test func `deleted records are not counted, and a parent holds its own`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization(), Sample.mandate("m1"), Sample.mandate("m2", symbol: "S/RES/1 (2013)"), Sample.directive(),
        Sample.directive("d2"), Sample.directive("d1", of: "m2"), Sample.theme(), Sample.theme("t2"))
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/t2" })
      let all = try await report(test, Self.request { $0.languageCodes = ["en"] })
      #expect(all.counts["Theme en"]?[0] == 1 && all.counts["Directive en"]?[0] == 3)
      let inOne = try await report(
        test, Self.request { ($0.languageCodes, $0.parent) = (["fr"], "mandates/m1") })
      #expect(inOne.counts == ["Directive fr": [2, 0, 0, 0, 0, 0]])
    }
  }

  @Test func `the parts of a report add up, whatever their size, and show one revision`() async throws {
    try await TestRegistry.run { test in
      try await test.importing((0..<7).map { Sample.theme("t\($0)") } + [Sample.series(), Sample.series("s2")])
      let whole = try await report(test, Self.request { $0.languageCodes = ["fr", "ar"] })
      for size in [1, 2, 3, 100] {
        let parts = try await report(
          test, Self.request { ($0.languageCodes, $0.pageSize) = (["fr", "ar"], Int32(size)) })
        #expect(parts.counts == whole.counts && parts.missing == whole.missing)
        #expect(size == 100 ? parts.parts == 1 : parts.parts > 1)
      }
      var request = Self.request { ($0.languageCodes, $0.pageSize) = (["fr"], 1) }
      let first = try await test.registry.translationStatus(request, as: TestRegistry.caller).status
      try await test.seed(Sample.theme("t9"))
      request.pageToken = first.nextPageToken
      let rest = try await report(test, request)
      #expect(!rest.missing.contains { $0.hasPrefix("themes/t9") })
    }
  }

  @Test func `a report looks at so many records at a time`() async throws {
    try await TestRegistry.run { test in
      let count = Registry.reportedRecordCountMax + 1
      try await test.importing((0..<count).map { Sample.theme("t\($0)") })
      let report = try await report(test, Self.request { $0.languageCodes = ["en"] })
      #expect(report.counts == ["Theme en": [Int64(count), Int64(count), Int64(count), 0, 0, 0]])
      #expect(report.parts == 2)
    }
  }

  @Test func `a report that cannot be made says why`() async throws {
    try await TestRegistry.run { test in
      try await test.importing((0..<3).map { Sample.theme("t\($0)") })
      func refuse(
        _ reason: Reason, _ field: String, _ populate: (inout GetTranslationStatusRequest) -> Void
      ) async -> DomainError? {
        let request = Self.request(populate)
        return await expectRefusal(reason, field) {
          _ = try await test.registry.translationStatus(request, as: TestRegistry.caller)
        }
      }
      _ = await refuse(.codeUnknown, "language_codes.1") { $0.languageCodes = ["en", "no language"] }
      _ = await refuse(.pageSizeInvalid, "page_size") { $0.pageSize = -1 }
      let type = await refuse(.resourceTypeUnknown, "resource_types") { $0.resourceTypes = ["plenary.registry/Them"] }
      #expect(type?.metadata["suggestion"] == "plenary.registry/Theme")
      _ = await refuse(.resourceTypeUnknown, "resource_types") {
        ($0.resourceTypes, $0.parent) = (["plenary.registry/Theme"], "dialogues/d1")
      }
      _ = await refuse(.idInvalid, "parent") { $0.parent = "themes/t1" }
      let most = (0..<Registry.languageCountMax).map { "x-l\($0)" }
      let full = Self.request { $0.languageCodes = most }
      #expect(
        try await test.registry.translationStatus(full, as: TestRegistry.caller).status.counts.count == most.count)
      _ = await refuse(.listTooLong, "language_codes") { $0.languageCodes = most + ["en"] }
      let first = try await test.registry.translationStatus(
        Self.request { ($0.languageCodes, $0.pageSize) = (["fr"], 1) }, as: TestRegistry.caller)
      _ = await refuse(.pageTokenInvalid, "page_token") {
        ($0.languageCodes, $0.pageToken) = (["ar"], first.status.nextPageToken)
      }
    }
  }
}
