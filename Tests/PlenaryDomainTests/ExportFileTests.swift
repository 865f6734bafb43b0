import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// What files hold, format by format. Foreign readers read them in the tests of the whole.
struct ExportFileTests {
  private func run(_ body: (TestRegistry) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.seed(ExportWorld.records)
      try await body(test)
    }
  }

  @Test func `a dialogue is a whole-day event whose end is the day after the last`() async throws {
    try await run { test in
      let text = try await ExportWorld.text(test.registry, ExportWorld.request(.icalendar))
      let dialogue = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
      let series = try await test.get(GetSeriesRequest.with { $0.name = "series/s1" })
      let time = UTCText.compact(try #require(dialogue.updateTime))
      let lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Plenary//Registry of policy dialogues//EN", "CALSCALE:GREGORIAN",
        "X-PLENARY-TLP:TLP:GREEN", "BEGIN:VEVENT", "UID:\(dialogue.uid)", "DTSTAMP:\(time)", "LAST-MODIFIED:\(time)",
        "CREATED:\(time)", "SEQUENCE:0", "STATUS:CONFIRMED", "DTSTART;VALUE=DATE:20180124", "DTEND;VALUE=DATE:20180126",
        "SUMMARY;LANGUAGE=en:Dialogue\\; \"one\"", "DESCRIPTION;LANGUAGE=en:What was said\\nand done",
        "LOCATION:Hall\\, 1\\, Bangkok\\, Thailand", "GEO:13.750000;-0.500000",
        "CATEGORIES;LANGUAGE=en:Theme\\, one,Theme t3",
        "ORGANIZER;CN=Organization o1;LANGUAGE=en:https://o.example/a",
        "RELATED-TO;RELTYPE=PARENT:\(series.uid)", "CLASS:PRIVATE", "X-PLENARY-TLP:TLP:GREEN", "END:VEVENT",
        "END:VCALENDAR",
      ]
      #expect(text == lines.map { $0 + "\r\n" }.joined())
      let arabic = try await ExportWorld.text(
        test.registry, ExportWorld.request(.icalendar).with { $0.languageCodes = ["ar"] })
      #expect(arabic.contains("SUMMARY;LANGUAGE=ar:حوار\r\n"))
      #expect(arabic.contains("CATEGORIES;LANGUAGE=ar:موضوع\r\nCATEGORIES;LANGUAGE=en:Theme t3\r\n"))
      #expect(arabic.contains("DESCRIPTION;LANGUAGE=en:What was said"))
    }
  }

  @Test(arguments: [
    (Dialogue.State.draft, "TENTATIVE"), (.postponed, "TENTATIVE"), (.scheduled, "CONFIRMED"),
    (.cancelled, "CANCELLED"),
  ]) func `the state of a dialogue is the status of the event`(state: Dialogue.State, status: String) async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.plannedDialogue()
      dialogue.state = state
      try await test.seed(Sample.organization(), Sample.series(), dialogue, Sample.organizerOf("dialogues/d1"))
      let text = try await ExportWorld.text(test.registry, ExportWorld.request(.icalendar))
      #expect(text.contains("\r\nSTATUS:\(status)\r\n"))
    }
  }

  @Test func `an event that is not known to the day is in no calendar`() async throws {
    try await TestRegistry.run { test in
      var (partial, single) = (Sample.dialogue("partial"), Sample.dialogue("single"))
      partial.startDate = GoogleDate(2018, 5)
      (single.startDate, single.title) = (GoogleDate(2018, 5, 31), nil)
      try await test.seed(partial, single, Sample.dialogue("none"))
      let text = try await ExportWorld.text(test.registry, ExportWorld.request(.icalendar))
      #expect(text.split(separator: "\r\n").filter { $0 == "BEGIN:VEVENT" }.count == 1)
      #expect(text.contains("DTSTART;VALUE=DATE:20180531\r\nDTEND;VALUE=DATE:20180601\r\nSUMMARY:dialogues/single\r\n"))
    }
  }

  @Test func `themes are concepts, with what is broader, narrower and related both ways`() async throws {
    try await run { test in
      let text = try await ExportWorld.text(test.registry, ExportWorld.request(.skosTurtle))
      let expected = """
        # TLP:CLEAR
        @prefix dct: <http://purl.org/dc/terms/> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

        <urn:plenary:schemes/topics> a skos:ConceptScheme ;
          dct:identifier "topics" ;
          skos:hasTopConcept <urn:plenary:themes/t1> ;
          skos:hasTopConcept <urn:plenary:themes/t3> ;
          dct:accessRights "TLP:CLEAR" .

        <urn:plenary:themes/t1> a skos:Concept ;
          skos:inScheme <urn:plenary:schemes/topics> ;
          skos:topConceptOf <urn:plenary:schemes/topics> ;
          skos:prefLabel "موضوع"@ar ;
          skos:prefLabel "Theme, one"@en ;
          skos:altLabel "One"@en ;
          skos:narrower <urn:plenary:themes/t2> ;
          skos:exactMatch <http://metadata.un.org/thesaurus/1> ;
          dct:accessRights "TLP:CLEAR" .

        <urn:plenary:themes/t2> a skos:Concept ;
          skos:inScheme <urn:plenary:schemes/topics> ;
          skos:prefLabel "Theme t2"@en ;
          skos:broader <urn:plenary:themes/t1> ;
          skos:related <urn:plenary:themes/t3> ;
          owl:deprecated true ;
          dct:isReplacedBy <urn:plenary:themes/t1> ;
          dct:accessRights "TLP:CLEAR" .

        <urn:plenary:themes/t3> a skos:Concept ;
          skos:inScheme <urn:plenary:schemes/topics> ;
          skos:topConceptOf <urn:plenary:schemes/topics> ;
          skos:prefLabel "Theme t3"@en ;
          skos:related <urn:plenary:themes/t2> ;
          dct:accessRights "TLP:CLEAR" .

        """
      #expect(text == expected)
      let published = try await ExportWorld.text(
        test.registry, ExportWorld.request(.skosRdfXml).with { $0.baseURI = "https://r.example/x/" })
      #expect(published.contains("<skos:broader rdf:resource=\"https://r.example/x/themes/t1\"/>"))
    }
  }

  @Test func `a table has the columns of the kind, whatever is in it`() async throws {
    try await TestRegistry.run { test in
      let request = ExportWorld.request(.csv, ["Theme"])
      let head =
        "name,originating_organization,marking.label,marking.organizations,marking.sharing_groups,marking.recipients,"
        + "marking.caveat,citations,annotations,state,scheme,notation,pref_label,pref_label.language,pref_label.all,"
        + "alt_labels,definition,definition.language,definition.all,scope_note,scope_note.language,scope_note.all,"
        + "broader,related,exact_matches,close_matches,replaced_by\r\n"
      #expect(try await ExportWorld.text(test.registry, request) == head)
      try await test.seed(ExportWorld.records)
      var formula = Sample.theme("t4")
      (formula.notation, formula.prefLabel) = ("-1", LocalizedText("=cmd|' /C calc'!A0"))
      try await test.seed(formula)
      let lines = try await ExportWorld.text(test.registry, request).split(separator: "\r\n").map(String.init)
      #expect(lines[0] + "\r\n" == head && lines.count == 5)
      #expect(
        lines[1]
          == "themes/t1,,TLP:CLEAR,,,,,,,ACTIVE,topics,,\"Theme, one\",en,\"{\"\"ar\"\":\"\"موضوع\"\",\"\"en\"\":\"\"Theme, "
          + "one\"\"}\",\"[{\"\"language\"\":\"\"en\"\",\"\"value\"\":\"\"One\"\"}]\",,,,,,,,,\"[\"\"http://metadata.un.org/"
          + "thesaurus/1\"\"]\",,")
      #expect(lines[4].hasPrefix("themes/t4,,TLP:CLEAR,,,,,,,ACTIVE,topics,'-1,'=cmd|' /C calc'!A0,en,"))
    }
  }

  @Test func `a table of any kind has a name and a mark first, dates as far as they are known, and degrees`()
    async throws
  {
    try await run { test in
      for kind in KindCatalog.current.kinds where kind.isExported {
        let columns = CSVTable(of: kind, []).names
        #expect(Array(columns.prefix(3)) == ["name", "originating_organization", "marking.label"])
        #expect(Set(columns).count == columns.count && !columns.contains("etag") && !columns.contains("uid"))
      }
      let text = try await ExportWorld.text(test.registry, ExportWorld.request(.csv, ["Dialogue"]))
      #expect(text.contains(",2018-01-24,2018-01-25,,Bangkok,TH,\"Hall, 1\",,13.75,-0.5,"))
      #expect(text.contains("\"What was said\nand done\",en,"))
    }
  }

  @Test func `organizations are identities and findings notes on their dialogue, each with its mark`() async throws {
    try await run { test in
      let text = try await ExportWorld.text(test.registry, ExportWorld.request(.stix))
      let dialogue = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
      let finding = try await test.get(GetFindingRequest.with { $0.name = "dialogues/d1/findings/f1" })
      #expect(text.contains("\"id\": \"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487\""))
      #expect(text.contains("\"id\": \"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb\""))
      #expect(!text.contains("55d920b0-5e8b-4f79-9ee9-91f868d9b421"))
      #expect(text.contains("\"object_refs\": [\n        \"note--\(finding.uid)\"\n      ]"))
      #expect(text.contains("\"object_refs\": [\n        \"grouping--\(dialogue.uid)\"\n      ]"))
      #expect(text.contains("\"ar\": {\n          \"name\": \"حوار\"\n        }"))
      #expect(try await ExportWorld.text(test.registry, ExportWorld.request(.stix)) == text)
    }
  }

  @Test func `organizations with an identifier are in an IATI file, and who reports on them`() async throws {
    try await run { test in
      var second = Sample.organization("o2")
      second.identifiers = [.with { ($0.scheme, $0.value) = (.iati, "GB-COH-1") }]
      (second.kind, second.originatingOrganization) = (.civilSociety, "organizations/o1")
      try await test.seed(second, Sample.organization("none"))
      let text = try await ExportWorld.text(test.registry, ExportWorld.request(.iati))
      #expect(text.contains("<iati-organisations version=\"2.03\">") && text.contains("<!-- TLP:CLEAR -->"))
      #expect(text.contains("<reporting-org ref=\"XM-DAC-41127\" type=\"10\">"))
      #expect(text.contains("<reporting-org ref=\"XM-DAC-41127\" type=\"10\" secondary-reporter=\"1\">"))
      #expect(text.contains("<organisation-identifier>GB-COH-1</organisation-identifier>") && !text.contains("none"))
    }
  }

  @Test func `an event that was moved says when it was to begin before`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.plannedDialogue()
      dialogue.state = .scheduled
      try await test.seed(Sample.organization(), Sample.series(), dialogue, Sample.organizerOf("dialogues/d1"))
      #expect(try await !ExportWorld.text(test.registry, ExportWorld.request(.schemaOrg)).contains("previousStartDate"))
      (dialogue.startDate, dialogue.endDate) = (GoogleDate(2018, 2, 1), GoogleDate(2018, 2, 2))
      try await test.update(
        UpdateDialogueRequest.with {
          ($0.dialogue, $0.updateMask) = (dialogue, ProtobufFieldMask(paths: ["start_date", "end_date"]))
        })
      let text = try await ExportWorld.text(test.registry, ExportWorld.request(.schemaOrg))
      #expect(
        text.contains("\"previousStartDate\": \"2018-01-24\"") && text.contains("https://schema.org/EventRescheduled"))
      #expect(try await ExportWorld.text(test.registry, ExportWorld.request(.icalendar)).contains("SEQUENCE:1\r\n"))
    }
  }

  @Test func `who entered the records, and in which order, makes no difference`() async throws {
    var files: [[String]] = []
    for records in [ExportWorld.records, ExportWorld.records.reversed()] {
      try await TestRegistry.run { test in
        // One after the other where nothing refers to what is not there yet, so that their uids differ.
        if files.isEmpty { for record in records.prefix(3) { try await test.seed(record) } }
        try await test.seed(files.isEmpty ? Array(records.dropFirst(3)) : Array(records))
        var texts: [String] = []
        for format in [ExportRegistryRequest.Format.schemaOrg, .skosTurtle, .skosRdfXml] {
          texts.append(try await ExportWorld.text(test.registry, ExportWorld.request(format)))
        }
        for kind in ["Dialogue", "Theme", "Organization", "Partnership", "Finding"] {
          texts.append(try await ExportWorld.text(test.registry, ExportWorld.request(.csv, [kind])))
        }
        files.append(texts)
      }
    }
    #expect(files[0] == files[1])
  }
}

extension ExportRegistryRequest {
  /// A request like this one, with other fields.
  func with(_ change: (inout ExportRegistryRequest) -> Void) -> ExportRegistryRequest {
    var request = self
    change(&request)
    return request
  }
}
