import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

@Suite struct FieldRulesTests {
  /// A record that breaks one rule, and what is said of it.
  struct Case: Sendable, CustomTestStringConvertible {
    let record: any ProtobufMessage
    let reason: Reason
    let field: String

    init<Message: ProtobufMessage>(
      _ record: Message, _ reason: Reason, _ field: String, _ change: (inout Message) -> Void
    ) {
      var record = record
      change(&record)
      (self.record, self.reason, self.field) = (record, reason, field)
    }

    var testDescription: String { "\(reason.rawValue) \(field)" }
  }

  private static let long = String(repeating: "é", count: 1001)

  static let cases: [Case] = [
    Case(Sample.organization(), .fieldRequired, "title") { $0.title = nil },
    Case(Sample.organization(), .fieldRequired, "title") { $0.title = LocalizedText() },
    Case(Sample.organization(), .fieldRequired, "kind") { $0.kind = .unspecified },
    Case(Sample.organization(), .codeUnknown, "kind") { $0.kind = .init(rawValue: 99) },
    Case(Sample.organization(), .codeUnknown, "region_code") { $0.regionCode = "Malaysia" },
    Case(Sample.organization(), .urlInvalid, "url") { $0.url = "www.example.org" },
    Case(Sample.organization(), .textTooLong, "acronym") { $0.acronym = long },
    Case(Sample.organization(), .fieldRequired, "alternative_titles.0.value") {
      $0.alternativeTitles = [.with { $0.language = "en" }]
    },
    Case(Sample.organization(), .identifierInvalid, "identifiers.0.value") {
      $0.identifiers = [.with { ($0.scheme, $0.value) = (.ror, "https://ror.org/05dxps054") }]
    },
    Case(Sample.organization(), .identifierInvalid, "identifiers.1.value") {
      $0.identifiers = [
        .with { ($0.scheme, $0.value) = (.wikidata, "Q1065") }, .with { ($0.scheme, $0.value) = (.iati, "1") },
      ]
    },
    Case(Sample.organization(), .originalLanguageMissing, "title.original_language") {
      $0.title?.originalLanguage = "fr"
    },
    Case(Sample.organization(), .originalLanguageMissing, "title.origins.fr") { $0.title?.origins = ["fr": .official] },
    Case(Sample.organization(), .languageDuplicate, "title.values.en") { $0.title?.values["EN"] = "twice" },
    Case(Sample.organization(), .languageDuplicate, "title.values.iw") {
      $0.title?.values.merge(["he": "x", "iw": "twice"]) { first, _ in first }
    },
    Case(Sample.organization(), .codeUnknown, "title.values.eng") { $0.title?.values["eng"] = "x" },
    Case(Sample.organization(), .codeUnknown, "region_code") { $0.regionCode = "UK" },
    Case(Sample.organization(), .codeUnknown, "title.values.e_n") { $0.title?.values["e_n"] = "x" },
    Case(Sample.organization(), .fieldRequired, "title.values.fr") { $0.title?.values["fr"] = "" },
    Case(Sample.organization(), .textTooLong, "title.values.fr") {
      $0.title?.values["fr"] = String(repeating: "x", count: 20_001)
    },
    Case(Sample.organization(), .referenceType, "parent_organization") { $0.parentOrganization = "themes/t1" },
    Case(Sample.organization(), .referenceNotFound, "parent_organization") {
      $0.parentOrganization = "organizations/no"
    },
    Case(Sample.organization(), .citationInvalid, "citations.0.field_path") {
      $0.citations = [.with { ($0.fieldPath, $0.source) = ("tilte", "sources/s1") }]
    },
    Case(Sample.organization(), .citationInvalid, "citations.0.field_path") {
      $0.citations = [.with { ($0.fieldPath, $0.source) = ("alternative_titles.0.value", "sources/s1") }]
    },
    Case(Sample.organization(), .citationInvalid, "citations.0.source") {
      $0.citations = [.with { ($0.fieldPath, $0.source) = ("title", "sources/no") }]
    },
    Case(Sample.organization(), .fieldRequired, "citations.0.source") {
      $0.citations = [.with { $0.fieldPath = "title" }]
    },
    Case(Sample.organization(), .listTooLong, "annotations") {
      $0.annotations = Dictionary(uniqueKeysWithValues: (0...64).map { ("k\($0)", "v") })
    },
    Case(Sample.organization(), .textTooLong, "annotations.\(String(repeating: "k", count: 64))") {
      $0.annotations = [String(repeating: "k", count: 64): "v"]
    },
    Case(Sample.organization("o9"), .recipientsMissing, "marking.organizations") {
      $0.marking = .with { $0.label = .amber }
    },
    Case(Sample.organization("o9"), .recipientsMissing, "marking.recipients") {
      $0.marking = .with { $0.label = .red }
    },
    Case(Sample.organization("o9"), .fieldRequired, "marking.label") { $0.marking = .with { $0.caveat = "until May" } },
    Case(Sample.organization("o9"), .referenceNotFound, "marking.sharing_groups.0") {
      $0.marking = .with { ($0.label, $0.sharingGroups) = (.amber, ["sharingGroups/g"]) }
    },
    Case(Sample.source(), .codeUnknown, "language_code") { $0.languageCode = "english language" },
    Case(Sample.source(), .identifierInvalid, "content_digest") { $0.contentDigest = "sha-256:00" },
    Case(Sample.source(), .dateInvalid, "publish_date") { $0.publishDate = GoogleDate(2018, 2, 30) },
    Case(Sample.source(), .dateInvalid, "publish_date") { $0.publishDate = GoogleDate(2018, 0, 3) },
    Case(Sample.theme(), .labelConflict, "alt_labels.0") {
      $0.altLabels = [.with { ($0.language, $0.value) = ("EN", "Theme t1") }]
    },
    Case(Sample.theme(), .urlInvalid, "exact_matches.0") { $0.exactMatches = ["unbis:1"] },
    Case(Sample.mandate(), .symbolInvalid, "symbol") { $0.symbol = "2129" },
    Case(Sample.mandate(), .symbolInvalid, "symbol") { $0.adoptDate = GoogleDate(2014) },
    Case(Sample.mandate(), .symbolInvalid, "symbol") { $0.symbol = "S/RES/2129" },
    Case(Sample.mandate(), .symbolInvalid, "symbol") {
      ($0.symbol, $0.adoptDate) = ("S/PRST/2018/1", GoogleDate(2017, 5))
    },
    Case(Sample.mandate(), .fieldRequired, "adopting_organization") { $0.adoptingOrganization = "" },
    Case(Sample.directive(), .addresseeMissing, "addressee") { $0.stakeholderGroups = [.memberStates] },
    Case(Sample.directive(), .addresseeMissing, "addressee") { $0.advisee = "organizations/o1" },
    Case(Sample.directive(), .fieldRequired, "stakeholder_groups.1") {
      ($0.addressee, $0.stakeholderGroups) = ("organizations/o1", [.memberStates, .unspecified])
    },
    Case(Sample.initiative(), .dateRangeInvalid, "end_date") {
      ($0.startDate, $0.endDate) = (GoogleDate(2018), GoogleDate(2017, 12))
    },
    Case(Sample.series(), .codeUnknown, "focus_m49_code") { $0.focusM49Code = "Asia" },
    Case(Sample.series(), .codeUnknown, "language_codes.1") { $0.languageCodes = ["en", "x"] },
    Case(Sample.dialogue(), .dateRangeInvalid, "end_date") {
      ($0.startDate, $0.endDate) = (GoogleDate(2018, 11, 8), GoogleDate(2018, 11, 7))
    },
    Case(Sample.dialogue(), .dateRangeTooLong, "end_date") {
      ($0.startDate, $0.endDate) = (GoogleDate(2018, 1, 1), GoogleDate(2018, 2, 1))
    },
    Case(Sample.dialogue(), .dateRangeInvalid, "end_date") {
      ($0.startDate, $0.state) = (GoogleDate(2018), .concluded)
    },
    Case(Sample.dialogue(), .numberOutOfRange, "ordinal") { $0.ordinal = -1 },
    Case(Sample.dialogue(), .numberOutOfRange, "location.latitude") { $0.location = .with { $0.latitude = 90.5 } },
    Case(Sample.dialogue(), .numberOutOfRange, "location.longitude") { $0.location = .with { $0.longitude = .nan } },
    Case(Sample.dialogue(), .codeUnknown, "time_zone") { $0.timeZone = "+08:00" },
    Case(Sample.dialogue(), .listTooLong, "themes") { $0.themes = Array(repeating: "themes/t1", count: 1001) },
    Case(Sample.dialogue(), .fieldRequired, "themes.0") { $0.themes = [""] },
    Case(Sample.partnership(), .fieldRequired, "participants") { $0.participants = [] },
    Case(Sample.partnership(), .fieldRequired, "participants.0.role") { $0.participants[0].role = .unspecified },
    Case(Sample.partnership(), .partnershipDuplicate, "participants.1") { $0.participants += $0.participants },
    Case(Sample.partnership(), .partnershipDates, "participants.0.end_date") {
      ($0.participants[0].startDate, $0.participants[0].endDate) = (GoogleDate(2018), GoogleDate(2017))
    },
    Case(Sample.partnership(), .referenceType, "subject") { $0.subject = "organizations/o1" },
    Case(Sample.partnership(), .referenceNotFound, "participants.1.organization") {
      $0.participants = [
        Sample.participant("organizations/o1", .host), Sample.participant("organizations/no", .supporter),
      ]
    },
    Case(Sample.partnership(), .urlInvalid, "agreement_url") { $0.agreementURL = "file:///x" },
    Case(Sample.report(), .fieldRequired, "series") { $0.series = "" },
    Case(Sample.group(), .themeNotOnDialogue, "theme") { $0.theme = "themes/t2" },
  ]

  @Test(arguments: cases)
  func `a record that breaks a rule is refused with the rule and the field`(_ item: Case) async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.source(), Sample.organization("o9"), Sample.person(), Sample.theme("t9"), Sample.theme("t2"),
        Sample.series(),
        Dialogue.with {
          $0 = Sample.dialogue()
          $0.themes = ["themes/t9"]
        })
      var others: [any ProtobufMessage] = [Sample.organization(), Sample.theme(), Sample.mandate()]
      let name = try #require(item.record.value(ofField: 1))
      others.removeAll { $0.value(ofField: 1) == name }
      let report = try await test.importing(others + [item.record], conflict: .replace)
      #expect(!report.isApplied)
      let error = try #require(report.results.last?.error)
      #expect(error.reason == item.reason, "\(error.message)")
      #expect(error.violations.map(\.field).contains(item.field), "\(error.violations.map(\.field))")
      #expect(error.violations.allSatisfy { !$0.message.isEmpty })
      #expect(report.results.dropLast().allSatisfy { $0.error == nil })
    }
  }

  @Test func `what is accepted in other forms is stored in one`() async throws {
    try await TestRegistry.run { test in
      let organization = try await test.create(
        CreateOrganizationRequest.with {
          $0.organizationID = "o1"
          $0.organization = .with {
            $0.title = .with { $0.values = ["EN": "Cafe\u{301}", "zh-hant": "部"] }
            $0.kind = .governmentBody
            $0.regionCode = "my"
            $0.description = .with { $0.origins = [:] }
          }
        })
      #expect(organization.title?.values == ["en": "Café", "zh-Hant": "部"])
      #expect(organization.title?.values["en"]?.unicodeScalars.count == 4)
      #expect(organization.regionCode == "MY")
      #expect(organization.description == nil)
      let mandate = try await test.create(
        CreateMandateRequest.with {
          $0.mandateID = "m1"
          $0.mandate = Sample.mandate(symbol: "s/res/2129(2013)")
        })
      #expect(mandate.symbol == "S/RES/2129 (2013)")
    }
  }

  @Test(arguments: ["ar", "zh", "en", "fr", "ru", "es", "ko", "th", "ms"])
  func `texts of all languages of the work are kept as they are`(_ language: String) async throws {
    let texts = [
      "ar": "مكافحة الإرهاب", "zh": "反恐", "en": "Counter-terrorism", "fr": "Lutte antiterroriste", "ru": "Борьба",
      "es": "Lucha", "ko": "대테러", "th": "ต่อต้านการก่อการร้าย", "ms": "Menentang keganasan",
    ]
    let text = try #require(texts[language])
    try await TestRegistry.run { test in
      try await test.seed(
        Theme.with {
          $0 = Sample.theme()
          $0.prefLabel = LocalizedText(text, in: language)
        })
      let theme = try await test.get(GetThemeRequest.with { $0.name = "themes/t1" })
      #expect(theme.prefLabel?.values == [language: text])
      #expect(Array(theme.prefLabel?.values[language]?.utf8 ?? "".utf8) == Array(text.utf8))
    }
  }
}

@Suite struct RelationRulesTests {
  private func update(_ dialogue: Dialogue, _ paths: String...) -> UpdateDialogueRequest {
    .with {
      $0.dialogue = dialogue
      $0.updateMask = ProtobufFieldMask(paths: paths)
    }
  }

  @Test func `an ordinal belongs to one dialogue of a series`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.series(), Sample.series("s2"), Sample.dialogue("d1", ordinal: 1), Sample.dialogue("d2", ordinal: 2),
        Sample.dialogue("e1", ordinal: 1, series: "series/s2"))
      let error = await expectRefusal(.ordinalTaken, "ordinal") {
        try await test.create(
          CreateDialogueRequest.with {
            $0.dialogue = Sample.dialogue(ordinal: 2)
            $0.dialogueID = "d3"
          })
      }
      #expect(error?.code == .alreadyExists)
      await expectRefusal(.ordinalTaken) {
        try await test.update(update(.with { ($0.name, $0.ordinal) = ("dialogues/d2", 1) }, "ordinal"))
      }
      try await test.delete(DeleteDialogueRequest.with { $0.name = "dialogues/d1" })
      try await test.update(update(.with { ($0.name, $0.ordinal) = ("dialogues/d2", 1) }, "ordinal"))
    }
  }

  @Test func `predecessors come earlier in the same series`() async throws {
    try await TestRegistry.run { test in
      var second = Sample.dialogue("d2", ordinal: 2)
      second.predecessors = ["dialogues/d1"]
      var third = Sample.dialogue("d3", ordinal: 3)
      third.predecessors = ["dialogues/d1", "dialogues/d2"]
      try await test.seed(
        Sample.series(), Sample.series("s2"), Sample.dialogue("d1", ordinal: 1), second, third,
        Sample.dialogue("e1", ordinal: 1, series: "series/s2"))
      for predecessor in ["dialogues/d3", "dialogues/e1", "dialogues/d1"] {
        await expectRefusal(.predecessorInvalid, "predecessors.0") {
          try await test.update(
            update(.with { ($0.name, $0.predecessors) = ("dialogues/d1", [predecessor]) }, "predecessors"))
        }
      }
      let error = await expectRefusal(.predecessorInvalid, "ordinal") {
        try await test.update(update(.with { ($0.name, $0.ordinal) = ("dialogues/d1", 9) }, "ordinal"))
      }
      #expect(error?.metadata["successor"] == "dialogues/d2")
    }
  }

  @Test func `a dialogue builds on at most 500 others`() async throws {
    try await TestRegistry.run { test in
      let chain = (1...502).map { index in
        Dialogue.with {
          $0 = Sample.dialogue("d\(index)", ordinal: Int32(index))
          $0.predecessors = index == 1 ? [] : ["dialogues/d\(index - 1)"]
        }
      }
      try await test.seed(Sample.series())
      let most = try await test.importing(Array(chain.dropLast()))
      #expect(most.isApplied)
      let report = try await test.importing([chain[501]])
      #expect(report.results[0].error?.reason == .predecessorInvalid)
    }
  }

  @Test func `a forced deletion takes a dialogue out of the predecessors of others`() async throws {
    try await TestRegistry.run { test in
      var second = Sample.dialogue("d2", ordinal: 2)
      second.predecessors = ["dialogues/d1"]
      try await test.seed(Sample.series(), Sample.dialogue("d1", ordinal: 1), second)
      var request = DeleteDialogueRequest.with { $0.name = "dialogues/d1" }
      let error = await expectRefusal(.resourceInUse) { try await test.delete(request) }
      #expect(error?.obstacles.map(\.subject) == ["dialogues/d2"])
      request.force = true
      try await test.delete(request)
      #expect(try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d2" }).predecessors.isEmpty)
    }
  }

  @Test func `only a report whose content is fixed holds on to its dialogues`() async throws {
    try await TestRegistry.run { test in
      func report(_ id: String, _ state: OutcomeReport.State, of dialogue: String) -> OutcomeReport {
        .with {
          $0 = Sample.report(id)
          $0.dialogues = [dialogue]
          $0.state = state
        }
      }
      try await test.seed(
        Sample.organization(), Sample.series(), Sample.dialogue("d1", ordinal: 1), Sample.dialogue("d2", ordinal: 2),
        report("r1", .draft, of: "dialogues/d1"), report("r2", .approved, of: "dialogues/d2"), Sample.partnership())
      try await test.delete(DeleteDialogueRequest.with { $0.name = "dialogues/d1" })
      let error = await expectRefusal(.resourceInUse) {
        try await test.delete(DeleteDialogueRequest.with { $0.name = "dialogues/d2" })
      }
      #expect(error?.obstacles.map(\.subject) == ["outcomeReports/r2"])
      await expectRefusal(.contentFrozen) {
        try await test.update(
          UpdateOutcomeReportRequest.with {
            $0.outcomeReport = .with { ($0.name, $0.title) = ("outcomeReports/r2", LocalizedText("New")) }
          })
      }
      await expectRefusal(.resourceInUse) {
        try await test.delete(DeleteSeriesRequest.with { $0.name = "series/s1" })
      }
    }
  }

  @Test func `an organization is never above itself`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization("a"), Sample.organization("b", parent: "organizations/a"),
        Sample.organization("c", parent: "organizations/b"))
      func move(_ id: String, under parent: String) async throws {
        try await test.update(
          UpdateOrganizationRequest.with {
            $0.organization = .with { ($0.name, $0.parentOrganization) = ("organizations/\(id)", parent) }
          })
      }
      let error = await expectRefusal(.organizationCycle, "parent_organization") {
        try await move("a", under: "organizations/c")
      }
      #expect(error?.metadata["path"] == "organizations/a,organizations/c,organizations/b,organizations/a")
      await expectRefusal(.organizationCycle) { try await move("a", under: "organizations/a") }
      try await move("c", under: "organizations/a")
    }
  }

  @Test func `there are at most 16 organizations above another`() async throws {
    try await TestRegistry.run { test in
      let chain = (0...16).map { Sample.organization("o\($0)", parent: $0 == 0 ? "" : "organizations/o\($0 - 1)") }
      let report = try await test.importing(chain)
      #expect(report.isApplied)
      await expectRefusal(.organizationCycle) {
        try await test.create(
          CreateOrganizationRequest.with {
            $0.organization = Sample.organization(parent: "organizations/o16")
            $0.organizationID = "o17"
          })
      }
    }
  }

  @Test func `broader themes are of the same scheme and never lead back`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.theme("a"), Sample.theme("b", broader: ["themes/a"]), Sample.theme("c", broader: ["themes/b"]),
        Sample.theme("x", scheme: "other"))
      func set(_ id: String, _ populate: (inout Theme) -> Void) async throws {
        try await test.update(
          UpdateThemeRequest.with {
            var theme = Theme.with { $0.name = "themes/\(id)" }
            populate(&theme)
            $0.theme = theme
          })
      }
      let error = await expectRefusal(.themeCycle, "broader.0") { try await set("a") { $0.broader = ["themes/c"] } }
      #expect(error?.metadata["path"] == "themes/a,themes/c,themes/b,themes/a")
      await expectRefusal(.themeSchemeMismatch, "broader.0") { try await set("a") { $0.broader = ["themes/x"] } }
      await expectRefusal(.themeRelatedConflict, "related.0") { try await set("c") { $0.related = ["themes/a"] } }
      await expectRefusal(.themeRelatedConflict, "related.0") { try await set("a") { $0.related = ["themes/c"] } }
      try await set("a") { $0.related = ["themes/x"] }
    }
  }

  @Test func `a label belongs to one theme of a scheme, a symbol to one mandate`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.theme(), Sample.mandate())
      await expectRefusal(.labelConflict, "pref_label.values.en") {
        try await test.create(CreateThemeRequest.with { ($0.theme, $0.themeID) = (Sample.theme(), "t2") })
      }
      try await test.create(
        CreateThemeRequest.with { ($0.theme, $0.themeID) = (Sample.theme(scheme: "other"), "t2") })
      let error = await expectRefusal(.symbolTaken, "symbol") {
        try await test.create(
          CreateMandateRequest.with {
            ($0.mandate, $0.mandateID) = (Sample.mandate(symbol: "s/res/2129(2013)"), "m2")
          })
      }
      #expect(error?.code == .alreadyExists)
    }
  }

  @Test func `a theme that a working group takes up stays with its dialogue`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.themes = ["themes/t1", "themes/t2"]
      try await test.seed(Sample.theme(), Sample.theme("t2"), dialogue, Sample.group())
      let error = await expectRefusal(.themeNotOnDialogue, "themes") {
        try await test.update(update(.with { ($0.name, $0.themes) = ("dialogues/d1", ["themes/t2"]) }, "themes"))
      }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.metadata["working_group"] == "dialogues/d1/workingGroups/w1")
      try await test.update(update(.with { ($0.name, $0.themes) = ("dialogues/d1", ["themes/t1"]) }, "themes"))
      let refused = await expectRefusal(.themeNotOnDialogue, "theme") {
        try await test.create(
          CreateWorkingGroupRequest.with {
            $0.parent = "dialogues/d1"
            $0.workingGroup = Sample.group(theme: "themes/t2")
            $0.workingGroupID = "w2"
          })
      }
      #expect(refused?.metadata["themes"] == "themes/t1")
    }
  }

  @Test func `a series is changed only while the dialogue is a draft`() async throws {
    try await TestRegistry.run { test in
      var held = Sample.dialogue("d2", ordinal: 2)
      held.state = .concluded
      try await test.seed(Sample.series(), Sample.series("s2"), Sample.dialogue("d1", ordinal: 1), held)
      try await test.update(update(.with { ($0.name, $0.series) = ("dialogues/d1", "series/s2") }, "series"))
      await expectRefusal(.fieldImmutable, "series") {
        try await test.update(update(.with { ($0.name, $0.series) = ("dialogues/d2", "series/s2") }, "series"))
      }
    }
  }

  @Test func `a reference to a deleted record is refused, and one that was there stays`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.person())
      func set(_ populate: (inout Person) -> Void) async throws {
        try await test.update(
          UpdatePersonRequest.with {
            var person = Person.with { $0.name = "persons/p1" }
            populate(&person)
            $0.person = person
          })
      }
      try await set { $0.organization = "organizations/o1" }
      try await test.delete(DeleteOrganizationRequest.with { $0.name = "organizations/o1" })
      try await set { $0.givenName = "Given" }
      try await test.seed(Sample.person("p2"))
      await expectRefusal(.referenceDeleted, "organization") {
        try await test.update(
          UpdatePersonRequest.with {
            $0.person = .with { ($0.name, $0.organization) = ("persons/p2", "organizations/o1") }
          })
      }
    }
  }
}
