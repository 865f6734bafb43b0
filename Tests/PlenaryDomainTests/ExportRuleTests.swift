import Foundation
import GoogleAPI
import PlenaryAPI
import PlenaryStore
import ProtobufRuntime
import Testing

@testable import PlenaryDomain

/// What goes into no file, what is refused, and what has an end.
struct ExportRuleTests {
  private func run(_ body: (TestRegistry) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.seed(ExportWorld.records)
      try await body(test)
    }
  }

  /// Every file that there is, as one text.
  private func everything(
    _ registry: Registry, as caller: Caller, _ change: (inout ExportRegistryRequest) -> Void = { _ in }
  ) async throws -> String {
    var text = ""
    for format in ExportWorld.formats {
      text += try await ExportWorld.text(registry, as: caller, ExportWorld.request(format).with(change))
    }
    for kind in KindCatalog.current.kinds where kind.isExported {
      let type = String(kind.resourceType.dropFirst("plenary.registry/".count))
      text += try await ExportWorld.text(registry, as: caller, ExportWorld.request(.csv, [type]).with(change))
    }
    return text
  }

  private func marking(
    _ label: PlenaryAPI.Marking.Label, _ organizations: [String] = [], recipients: [String] = []
  ) -> PlenaryAPI.Marking {
    .with { ($0.label, $0.organizations, $0.recipients) = (label, organizations, recipients) }
  }

  /// A record of each kind that a file is about, with a word in it.
  private func marked(_ word: String, _ marking: PlenaryAPI.Marking) -> [any ProtobufMessage] {
    var (theme, organization, series, dialogue) = (
      Sample.theme(word), Sample.organization(word), Sample.series(word), Sample.plannedDialogue(word)
    )
    var (panel, finding, partnership) = (
      Sample.panel(of: word), Sample.finding(of: word), Sample.organizerOf("dialogues/\(word)", word)
    )
    organization.identifiers = [.with { ($0.scheme, $0.value) = (.iati, "XM-DAC-41127") }]
    (dialogue.themes, dialogue.series) = (["themes/\(word)"], "series/\(word)")
    partnership.participants = [Sample.participant("organizations/\(word)", .organizer)]
    finding.text = LocalizedText("Finding \(word)")
    theme.marking = marking
    organization.marking = marking
    series.marking = marking
    dialogue.marking = marking
    panel.marking = marking
    finding.marking = marking
    partnership.marking = marking
    return [theme, organization, series, dialogue, panel, finding, partnership]
  }

  @Test func `what a caller does not see is in no file of its own`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(
        Sample.organization("a"), Sample.organization("b"),
        Sample.client("a").with { $0.organization = "organizations/a" })
      try await test.seed(ExportWorld.records)
      let standing = Standing(client: "clients/b", organization: "organizations/b", groups: [], ceiling: .unspecified)
      let other = Caller(principal: "clients/b", viewer: standing.viewer())
      let before = try await everything(test.registry, as: other)
      try await test.seed(marked("hidden", marking(.amberStrict, ["organizations/a"])))
      #expect(try await everything(test.registry, as: other) == before)
      #expect(try await everything(test.registry, as: TestRegistry.caller).contains("hidden"))
    }
  }

  @Test func `what is marked RED is in no file, and what is above the ceiling neither`() async throws {
    try await run { test in
      try await test.seed(Sample.client("c1"))
      try await test.seed(marked("secret", marking(.red, recipients: ["clients/c1"])))
      try await test.seed(marked("guarded", marking(.amber, ["organizations/o1"])))
      for ceiling in [PlenaryAPI.Marking.Label.unspecified, .red] {
        let text = try await everything(test.registry, as: TestRegistry.caller) { $0.ceilingLabel = ceiling }
        #expect(!text.contains("secret") && text.contains("guarded"))
      }
      let open = try await everything(test.registry, as: TestRegistry.caller) { $0.ceilingLabel = .green }
      #expect(!open.contains("guarded") && open.contains("TLP:GREEN") && !open.contains("TLP:AMBER"))
      let clear = try await everything(test.registry, as: TestRegistry.caller) { $0.ceilingLabel = .clear }
      #expect(!clear.contains("dialogues/d1") && !clear.contains("TLP:GREEN") && clear.contains("Theme t3"))

      var names: [String] = []
      try await test.registry.export(.with { $0.ceilingLabel = .amber }, as: TestRegistry.caller) { bytes in
        guard case .record(let record)? = try ExportRegistryResponse(serializedBytes: bytes).content else { return }
        names.append(try #require(record.content).resourceName)
      }
      #expect(names.contains("themes/guarded") && !names.contains("themes/secret"))
    }
  }

  @Test func `what was put above the ceiling since is in no file of the past`() async throws {
    try await run { test in
      try await test.seed(Sample.client("c1"), Sample.theme("alone"))
      let past = try await test.get(GetThemeRequest.with { $0.name = "themes/alone" }).revision
      let asked = ExportWorld.request(.skosTurtle).with { ($0.revision, $0.ceilingLabel) = (past, .green) }
      #expect(try await ExportWorld.text(test.registry, asked).contains("themes/alone"))
      var theme = Sample.theme("alone")
      theme.marking = marking(.red, recipients: ["clients/c1"])
      try await test.update(
        UpdateThemeRequest.with { ($0.theme, $0.updateMask) = (theme, ProtobufFieldMask(paths: ["marking"])) })
      let text = try await ExportWorld.text(test.registry, asked)
      #expect(!text.contains("themes/alone") && text.contains("themes/t1"))
      for label in [PlenaryAPI.Marking.Label.unspecified, .red] {
        let file = asked.with { $0.ceilingLabel = label }
        #expect(try await !ExportWorld.text(test.registry, file).contains("themes/alone"))
      }
    }
  }

  @Test func `a calendar is marked by the events that are in it`() async throws {
    try await run { test in
      try await test.seed(
        Dialogue.with {
          $0 = Sample.dialogue("undated")
          $0.marking = marking(.amber, ["organizations/o1"])
        })
      let calendar = try await ExportWorld.text(test.registry, ExportWorld.request(.icalendar))
      #expect(calendar.contains("X-PLENARY-TLP:TLP:GREEN") && !calendar.contains("AMBER"))
    }
  }

  @Test func `a STIX bundle without objects has no list of them`() async throws {
    try await run { test in
      let request = ExportWorld.request(.stix, ["Organization"]).with { $0.filter = "kind = ACADEMIA" }
      let text = try await ExportWorld.text(test.registry, request)
      #expect(text.hasPrefix("{\n  \"type\": \"bundle\",\n  \"id\": \"bundle--"))
    }
  }

  @Test func `who has entered what was found under the Chatham House Rule is not told as its author`() async throws {
    try await run { test in
      func entered(_ finding: Finding) -> Finding { finding.with { $0.originatingOrganization = "organizations/o1" } }
      try await test.seed(entered(Sample.finding("open")))
      let request = ExportWorld.request(.stix, ["Organization", "Finding"])
      func authors() async throws -> Int {
        try await ExportWorld.text(test.registry, request).components(separatedBy: "created_by_ref").count - 1
      }
      let count = try await authors()
      #expect(count > 0)
      let rule = Sample.plannedDialogue("rule", ordinal: 2).with { $0.attributionRule = .chathamHouse }
      try await test.seed(rule, Sample.panel(of: "rule"), entered(Sample.finding("quiet", of: "rule")))
      #expect(try await ExportWorld.text(test.registry, request).contains("Finding quiet"))
      #expect(try await authors() == count)
    }
  }

  @Test func `a file says nothing of who stands behind a dialogue under the Chatham House Rule`() async throws {
    try await run { test in
      var dialogue = Sample.plannedDialogue("rule", ordinal: 2)
      dialogue.attributionRule = .chathamHouse
      var organization = Sample.organization("quiet")
      organization.title = LocalizedText("The quiet ones")
      var partnership = Sample.organizerOf("dialogues/rule", "rule")
      partnership.participants = [Sample.participant("organizations/quiet", .organizer)]
      try await test.seed(dialogue, organization, partnership)
      let calendar = try await ExportWorld.text(test.registry, ExportWorld.request(.icalendar))
      #expect(calendar.contains("Dialogue rule") && !calendar.contains("quiet"))
      let events = try await ExportWorld.text(test.registry, ExportWorld.request(.schemaOrg, ["Dialogue"]))
      #expect(events.contains("Dialogue rule") && !events.contains("quiet"))
      let table = try await ExportWorld.text(test.registry, ExportWorld.request(.csv, ["Partnership"]))
      #expect(table.contains("partnerships/organizers") && !table.contains("quiet") && !table.contains("rule"))
    }
  }

  @Test func `an export of the past keeps to the rule that a dialogue came under since`() async throws {
    try await TestRegistry.run { test in
      var cited = Sample.intervention()
      cited.citations = [
        .with { ($0.fieldPath, $0.source, $0.note) = ("speaker", "sources/s1", "It is Chen") },
        .with { ($0.fieldPath, $0.source, $0.note) = ("kind", "sources/s1", "It is kept") },
      ]
      try await test.seed(
        Sample.source(), Sample.organization(), Sample.person(), Sample.dialogue(), Sample.panel(), cited,
        Sample.partnership())
      let past = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" }).revision
      var intervention = Sample.intervention()
      intervention.speaker = ""
      try await test.update(
        UpdateInterventionRequest.with {
          ($0.intervention, $0.updateMask) = (intervention, ProtobufFieldMask(paths: ["speaker"]))
        })
      let interventions = ExportWorld.request(.csv, ["Intervention"]).with { $0.revision = past }
      #expect(try await ExportWorld.text(test.registry, interventions).contains("persons/p1"))
      var dialogue = Sample.dialogue()
      dialogue.attributionRule = .chathamHouse
      try await test.update(
        UpdateDialogueRequest.with {
          ($0.dialogue, $0.updateMask) = (dialogue, ProtobufFieldMask(paths: ["attribution_rule"]))
        })
      let text = try await ExportWorld.text(test.registry, interventions)
      #expect(text.contains("interventions/i1") && !text.contains("persons/p1"))
      // The note on who spoke goes with the name.
      #expect(!text.contains("Chen") && text.contains("It is kept"))
      let partners = ExportWorld.request(.csv, ["Partnership"]).with { $0.revision = past }
      #expect(try await !ExportWorld.text(test.registry, partners).contains("organizations/o1"))
      let events = ExportWorld.request(.schemaOrg, ["Dialogue"]).with { $0.revision = past }
      #expect(try await !ExportWorld.text(test.registry, events).contains("organizations/o1"))
      try await test.registry.export(.with { $0.revision = past }, as: TestRegistry.caller) { bytes in
        if case .record(let record)? = try ExportRegistryResponse(serializedBytes: bytes).content,
          case .intervention(let intervention)? = record.kind
        {
          #expect(intervention.speaker.isEmpty)
        }
      }
    }
  }

  @Test func `in the place of a record nothing is said of one that is marked more strictly`() async throws {
    try await run { test in
      let guarded = marking(.amber, ["organizations/o1"])
      var (narrow, finding, partnership) = (
        Sample.theme("narrow", broader: ["themes/t3"]), Sample.finding("f2"), Sample.organizerOf("dialogues/d1", "p2")
      )
      (narrow.marking, finding.marking, partnership.marking) = (guarded, guarded, guarded)
      narrow.related = ["themes/t1"]
      partnership.participants = [Sample.participant("organizations/behind", .coOrganizer)]
      var behind = Sample.organization("behind")
      behind.title = LocalizedText("Behind it")
      try await test.seed(behind, narrow, finding, partnership)
      let themes = try await ExportWorld.text(test.registry, ExportWorld.request(.skosTurtle))
      #expect(themes.hasPrefix("# TLP:AMBER\n") && themes.contains("skos:broader <urn:plenary:themes/t3>"))
      #expect(!themes.contains("skos:narrower <urn:plenary:themes/narrow>"))
      #expect(!themes.contains("skos:related <urn:plenary:themes/narrow>"))
      let events = try await ExportWorld.text(test.registry, ExportWorld.request(.schemaOrg, ["Dialogue"]))
      #expect(events.contains("organizations/o1") && !events.contains("behind") && !events.contains("Behind"))
      #expect(events.contains("\"conditionsOfAccess\": \"TLP:GREEN\""))
      // The notes are told apart by their marks, and what tells how many there are has the strictest.
      let text = try await ExportWorld.text(test.registry, ExportWorld.request(.stix))
      let objects = text.components(separatedBy: "\n    },\n")
      let amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
      #expect(objects.filter { $0.contains("\"type\": \"grouping\"") }.allSatisfy { $0.contains(amber) })
      #expect(objects.filter { $0.contains("\"type\": \"note\"") && $0.contains(amber) }.count == 1)
    }
  }

  @Test func `an export is of the records that a filter selects, as they stood at a revision`() async throws {
    try await run { test in
      let some = ExportWorld.request(.skosTurtle).with { $0.filter = "state=DEPRECATED" }
      let text = try await ExportWorld.text(test.registry, some)
      // What is left out is not spoken of.
      #expect(text.contains("themes/t2>") && !text.contains("themes/t1>") && !text.contains("themes/t3>"))
      let past = try await test.get(GetThemeRequest.with { $0.name = "themes/t3" }).revision
      let before = try await ExportWorld.text(test.registry, ExportWorld.request(.skosTurtle))
      try await test.seed(Sample.theme("t9"))
      #expect(
        try await ExportWorld.text(test.registry, ExportWorld.request(.skosTurtle).with { $0.revision = past })
          == before)
      let fresh = ExportWorld.request(.skosTurtle).with { $0.atLeastAsFresh = past }
      #expect(try await ExportWorld.text(test.registry, fresh).contains("themes/t9>"))
      await expectRefusal(.revisionInvalid, "revision") {
        _ = try await ExportWorld.bytes(test.registry, fresh.with { $0.revision = past })
      }
      await expectRefusal(.revisionInvalid, "revision") {
        _ = try await ExportWorld.bytes(test.registry, some.with { $0.revision = "x" })
      }
      await expectRefusal(.filterFieldUnknown) {
        _ = try await ExportWorld.bytes(test.registry, some.with { $0.filter = "nothing=1" })
      }
    }
  }

  @Test func `what a format cannot be asked for is refused, and told what to do`() async throws {
    try await TestRegistry.run { test in
      func refused(_ reason: Reason, _ field: String, _ request: ExportRegistryRequest) async {
        await expectRefusal(reason, field) { _ = try await ExportWorld.bytes(test.registry, request) }
      }
      await refused(.fieldRequired, "resource_types", ExportWorld.request(.csv))
      await refused(.listTooLong, "resource_types", ExportWorld.request(.csv, ["Theme", "Series"]))
      await refused(.resourceTypeUnknown, "resource_types", ExportWorld.request(.icalendar, ["Theme"]))
      await refused(.resourceTypeUnknown, "resource_types", ExportWorld.request(.csv, ["Client"]))
      await refused(.exportFormatUnknown, "format", ExportWorld.request(.init(rawValue: 99)))
      await refused(
        .codeUnknown, "ceiling_label", ExportWorld.request(.iati).with { $0.ceilingLabel = .init(rawValue: 9) })
      await refused(
        .codeUnknown, "language_codes.0", ExportWorld.request(.icalendar).with { $0.languageCodes = ["e_n"] })
      for address in ["https://a.example", "ftp://a.example/", "https://a.example/?x=/", "a/", "https://a b/"] {
        await refused(.urlInvalid, "base_uri", ExportWorld.request(.skosTurtle).with { $0.baseURI = address })
      }
    }
  }

  @Test func `languages and the beginning of addresses have a most`() async throws {
    try await TestRegistry.run { test in
      let most = (0..<Registry.languageCountMax).map { "x-l\($0)" }
      _ = try await ExportWorld.bytes(test.registry, ExportWorld.request(.icalendar).with { $0.languageCodes = most })
      await expectRefusal(.listTooLong, "language_codes") {
        _ = try await ExportWorld.bytes(
          test.registry, ExportWorld.request(.icalendar).with { $0.languageCodes = most + ["en"] })
      }
      let start = "https://a.example/"
      let path = String(repeating: "a", count: Registry.baseURIByteCountMax - start.utf8.count - 1)
      _ = try await ExportWorld.bytes(
        test.registry, ExportWorld.request(.skosTurtle).with { $0.baseURI = start + path + "/" })
      await expectRefusal(.urlInvalid, "base_uri") {
        _ = try await ExportWorld.bytes(
          test.registry, ExportWorld.request(.skosTurtle).with { $0.baseURI = start + path + "a/" })
      }
    }
  }

  @Test func `a file is made of so many bytes of records, one and all that are being made`() async throws {
    let themes = (0..<4).map { Sample.theme("t\($0)") }
    var byteCount = 0
    try await TestRegistry.run { test in
      try await test.seed(themes)
      for theme in themes {
        let record = try await test.store.get(try #require(Key(theme.name)), as: .everything).record
        byteCount += try #require(record).body.count
      }
    }
    for limit in [\Registry.MemoryLimits.exportedByteCountMax, \.exportingByteCountMax] {
      for (room, isEnough) in [(byteCount, true), (byteCount - 1, false)] {
        var memory = Registry.MemoryLimits()
        memory[keyPath: limit] = room
        try await TestRegistry.run(memory: memory) { test in
          try await test.seed(themes)
          // What is given back with one file is there for the next.
          for _ in 0..<2 where isEnough {
            #expect(try await ExportWorld.text(test.registry, ExportWorld.request(.skosTurtle)).contains("themes/t3>"))
          }
          _ = try await ExportWorld.bytes(test.registry, ExportWorld.request(.csv, ["Theme"]))
          guard !isEnough else { return }
          let error = await expectRefusal(.limitReached) {
            _ = try await ExportWorld.bytes(test.registry, ExportWorld.request(.skosTurtle))
          }
          #expect(error?.isPassing == (limit == \.exportingByteCountMax))
        }
      }
    }
  }

  @Test func `a long file comes in parts, with word of the progress between them`() async throws {
    try await TestRegistry.run { test in
      let themes = (0..<1200).map { number in
        Theme.with {
          $0 = Sample.theme("t\(number)")
          $0.definition = LocalizedText(String(repeating: "long ", count: 40))
        }
      }
      try await test.seed(themes)
      for request in [ExportWorld.request(.skosTurtle), ExportWorld.request(.csv, ["Theme"])] {
        var (parts, steps): ([Int], [ExportRegistryResponse.Progress]) = ([], [])
        try await test.registry.export(request, as: TestRegistry.caller) { bytes in
          switch try ExportRegistryResponse(serializedBytes: bytes).content {
          case .data(let data): parts.append(data.count)
          case .progress(let progress): steps.append(progress)
          default: break
          }
        }
        #expect(parts.count > 2 && parts.dropLast().allSatisfy { $0 == Registry.exportedDataByteCountMax })
        #expect(steps.count >= 3 && steps.first?.readCount == 500 && steps.last?.readCount == 1200)
      }
    }
  }
}

extension Client {
  fileprivate func with(_ change: (inout Client) -> Void) -> Client {
    var client = self
    change(&client)
    return client
  }
}
