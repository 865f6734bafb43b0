import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import ProtobufRuntime
import Testing

@Suite struct RegistryCreateTests {
  private func request(_ id: String = "d1", _ populate: (inout Dialogue) -> Void = { _ in }) -> CreateDialogueRequest {
    .with {
      var dialogue = Sample.dialogue()
      dialogue.name = ""
      populate(&dialogue)
      $0.dialogue = dialogue
      $0.dialogueID = id
    }
  }

  @Test func `a new record has what only the registry sets`() async throws {
    try await TestRegistry.run { test in
      let dialogue = try await test.create(
        request {
          $0.uid = "mine"
          $0.etag = "mine"
          $0.creator = "mine"
          $0.state = .concluded
          $0.scheduleSequence = 9
        })
      #expect(dialogue.name == "dialogues/d1")
      #expect(dialogue.uid.utf8.count == 36)
      #expect(dialogue.etag.hasPrefix("\""))
      #expect(!dialogue.revision.isEmpty)
      #expect(dialogue.creator == "clients/test")
      #expect(dialogue.createTime == dialogue.updateTime)
      #expect((dialogue.createTime?.seconds ?? 0) > TestRegistry.start / 1_000_000)
      #expect(dialogue.deleteTime == nil && dialogue.purgeTime == nil)
      #expect(dialogue.state == .draft)
      #expect(dialogue.scheduleSequence == 0)
      #expect(dialogue.marking == .with { ($0.label, $0.inherited) = (.green, true) })
      #expect(try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" }) == dialogue)
    }
  }

  @Test func `a name is given once, also when the record is deleted`() async throws {
    try await TestRegistry.run { test in
      try await test.create(request())
      let error = await expectRefusal(.resourceExists) { try await test.create(request()) }
      #expect(error?.code == .alreadyExists)
      #expect(error?.resource == "dialogues/d1")
      try await test.delete(DeleteDialogueRequest.with { $0.name = "dialogues/d1" })
      await expectRefusal(.resourceExists) { try await test.create(request()) }
    }
  }

  @Test func `a request without the record or its id says which is missing`() async throws {
    try await TestRegistry.run { test in
      await expectRefusal(.fieldRequired, "dialogue") {
        try await test.create(CreateDialogueRequest.with { $0.dialogueID = "d1" })
      }
      await expectRefusal(.fieldRequired, "dialogue_id") { try await test.create(request("")) }
      await expectRefusal(.idInvalid, "dialogue_id") { try await test.create(request("D1")) }
      await expectRefusal(.idInvalid, "working_group_id") {
        try await test.create(
          CreateWorkingGroupRequest.with {
            $0.parent = "dialogues/d1"
            $0.workingGroup = Sample.group()
            $0.workingGroupID = "W"
          })
      }
    }
  }

  @Test func `a child needs a parent that is there`() async throws {
    try await TestRegistry.run { test in
      let request = CreateInterventionRequest.with {
        $0.parent = "dialogues/d1"
        $0.intervention = Intervention()
        $0.interventionID = "i1"
      }
      let error = await expectRefusal(.resourceNotFound) { try await test.create(request) }
      #expect(error?.resource == "dialogues/d1")
      await expectRefusal(.idInvalid, "parent") {
        try await test.create(
          CreateInterventionRequest.with {
            $0 = request; $0.parent = "themes/t1"
          })
      }
      try await test.create(self.request())
      #expect(try await test.create(request).name == "dialogues/d1/interventions/i1")
    }
  }

  @Test func `a call that only validates answers with the record and writes nothing`() async throws {
    try await TestRegistry.run { test in
      var request = request()
      request.validateOnly = true
      let dialogue = try await test.create(request)
      #expect(dialogue.state == .draft)
      #expect(dialogue.etag.isEmpty && dialogue.createTime == nil)
      await expectRefusal(.resourceNotFound) {
        _ = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
      }
      request.dialogue?.endDate = GoogleDate(2017)
      request.dialogue?.startDate = GoogleDate(2018)
      await expectRefusal(.dateRangeInvalid, "end_date") { try await test.create(request) }
    }
  }

  @Test func `a repeated request does what it did the first time`() async throws {
    try await TestRegistry.run { test in
      var request = request()
      request.requestID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      let first = try await test.registry.create(request, as: TestRegistry.caller)
      try await test.update(
        UpdateDialogueRequest.with {
          $0.dialogue = Sample.dialogue(); $0.dialogue?.summary = LocalizedText("Later")
        })
      let second = try await test.registry.create(request, as: TestRegistry.caller)
      #expect(!first.isReplay && second.isReplay)
      #expect(first.bytes == second.bytes)
      #expect(first.revision == second.revision)
      request.dialogue?.ordinal = 4
      await expectRefusal(.requestIDReused, "request_id") { try await test.create(request) }
    }
  }

  @Test(arguments: ["x", "1b4e28ba-2fa1-1d3b-a3f5-ef19b5a7633b", "1b4e28ba2fa14d3ba3f5ef19b5a7633b"])
  func `a request id is a UUID of version 4`(_ id: String) async throws {
    try await TestRegistry.run { test in
      var request = request()
      request.requestID = id
      await expectRefusal(.requestIDInvalid, "request_id") { try await test.create(request) }
    }
  }

  @Test func `a record of more than 512 KiB is refused`() async throws {
    try await TestRegistry.run { test in
      let long = String(repeating: "x", count: 20_000)
      let languages = (0..<27).map { "x-l\($0)" }
      let error = await expectRefusal(.limitReached) {
        try await test.create(
          request { dialogue in
            dialogue.summary = .with { $0.values = Dictionary(uniqueKeysWithValues: languages.map { ($0, long) }) }
          })
      }
      #expect(error?.code == .resourceExhausted)
    }
  }
}

@Suite struct RegistryUpdateTests {
  private func run(_ body: (TestRegistry, Dialogue) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.series(), Sample.dialogue(ordinal: 1))
      try await body(test, try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" }))
    }
  }

  private func request(
    _ paths: [String], _ populate: (inout Dialogue) -> Void = { _ in }
  ) -> UpdateDialogueRequest {
    .with {
      var dialogue = Dialogue()
      dialogue.name = "dialogues/d1"
      populate(&dialogue)
      $0.dialogue = dialogue
      if !paths.isEmpty { $0.updateMask = ProtobufFieldMask(paths: paths) }
    }
  }

  @Test func `a mask names what changes, and all else stays`() async throws {
    try await run { test, before in
      let after = try await test.update(
        request(["location.locality", "title.values.fr"]) {
          $0.location = .with {
            $0.locality = "Bangkok"; $0.venue = "not named"
          }
          $0.title = LocalizedText("Dialogue un", in: "fr")
          $0.ordinal = 9
        })
      #expect(after.location == .with { $0.locality = "Bangkok" })
      #expect(after.title?.values == ["en": "Dialogue d1", "fr": "Dialogue un"])
      #expect(after.title?.originalLanguage == "en")
      #expect(after.ordinal == 1)
      #expect(after.etag != before.etag && after.revision != before.revision)
      #expect(after.uid == before.uid && after.createTime == before.createTime)
      #expect(after.updateTime != before.updateTime)
    }
  }

  @Test func `a named field that is not set is cleared`() async throws {
    try await run { test, _ in
      let after = try await test.update(request(["series", "ordinal", "title.values.en", "title.original_language"]))
      #expect(after.series.isEmpty && after.ordinal == 0 && after.title == nil)
    }
  }

  @Test func `without a mask what is set changes, leaf by leaf`() async throws {
    try await run { test, _ in
      let after = try await test.update(
        request([]) {
          $0.title = .with { $0.values = ["fr": "Dialogue un"] }
          $0.format = .workshop
        })
      #expect(after.title?.values == ["en": "Dialogue d1", "fr": "Dialogue un"])
      #expect(after.format == .workshop && after.ordinal == 1)
    }
  }

  @Test func `a star replaces the record, except what only the registry sets`() async throws {
    try await run { test, before in
      let after = try await test.update(
        request(["*"]) {
          $0.format = .workshop
          $0.state = .archived
          $0.uid = "mine"
        })
      #expect(after.title == nil && after.series.isEmpty && after.format == .workshop)
      #expect(after.state == .draft && after.uid == before.uid)
    }
  }

  @Test func `output-only paths of a mask are ignored`() async throws {
    try await run { test, before in
      let after = try await test.update(
        request(["state", "uid", "ordinal"]) {
          $0.state = .archived
          $0.ordinal = 2
        })
      #expect(after.state == .draft && after.uid == before.uid && after.ordinal == 2)
    }
  }

  @Test func `a language in a mask is found in any letter case`() async throws {
    try await run { test, _ in
      let after = try await test.update(
        request(["title.values.zh-hant"]) { $0.title = .with { $0.values = ["zh-Hant": "對話"] } })
      #expect(after.title?.values["zh-Hant"] == "對話")
    }
  }

  @Test(arguments: [
    ("titel", "title"), ("location.city", nil), ("title.value", "values"), ("predecessors.0", nil), ("`title", nil),
    ("", nil),
  ])
  func `an unknown path is refused, with what may have been meant`(_ path: String, _ suggestion: String?) async throws {
    try await run { test, _ in
      let error = await expectRefusal(.maskPathUnknown, "update_mask") { try await test.update(request([path])) }
      #expect(error?.metadata["suggestion"] == suggestion)
    }
  }

  @Test func `an update of what was read before somebody else's is refused`() async throws {
    try await run { test, before in
      try await test.update(
        request(["ordinal"]) {
          $0.ordinal = 2; $0.etag = before.etag
        })
      let error = await expectRefusal(.etagMismatch) {
        try await test.update(
          request(["ordinal"]) {
            $0.ordinal = 3; $0.etag = before.etag
          })
      }
      #expect(error?.code == .aborted)
      #expect(error?.metadata["expected"] == before.etag)
      #expect(error?.metadata["actual"] != before.etag)
    }
  }

  @Test func `an update that changes nothing writes nothing`() async throws {
    try await run { test, before in
      let replaced = try await test.update(request(["*"]) { $0 = before })
      #expect(replaced == before)
      let changed = try await test.update(request(["ordinal"]) { $0.ordinal = 1 })
      #expect(changed == before)
    }
  }

  @Test func `a missing record is created if that is allowed`() async throws {
    try await TestRegistry.run { test in
      var request = request(["format"]) {
        $0.format = .panel; $0.timeZone = "UTC"
      }
      let error = await expectRefusal(.resourceNotFound) { try await test.update(request) }
      #expect(error?.code == .notFound)
      request.allowMissing = true
      let created = try await test.update(request)
      #expect(created.format == .panel && created.timeZone == "UTC" && created.state == .draft)
    }
  }

  @Test func `a deleted record is not updated`() async throws {
    try await run { test, _ in
      try await test.delete(DeleteDialogueRequest.with { $0.name = "dialogues/d1" })
      await expectRefusal(.resourceNotFound) { try await test.update(request(["ordinal"])) }
    }
  }

  @Test func `what is immutable keeps its value`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.theme())
      await expectRefusal(.fieldImmutable, "scheme") {
        try await test.update(
          UpdateThemeRequest.with {
            $0.theme = Sample.theme(scheme: "other")
            $0.updateMask = ProtobufFieldMask(paths: ["scheme"])
          })
      }
      await expectRefusal(.fieldImmutable, "originating_organization") {
        try await test.update(
          UpdateThemeRequest.with {
            $0.theme = Sample.theme()
            $0.theme?.originatingOrganization = "organizations/o1"
          })
      }
    }
  }
}

@Suite struct RegistryDeleteTests {
  @Test func `a deleted record is still read, and lists leave it out`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.dialogue())
      let deleted = try await test.delete(DeleteDialogueRequest.with { $0.name = "dialogues/d1" })
      #expect(deleted.state == .deleted)
      let deleteTime = try #require(deleted.deleteTime)
      #expect(deleted.purgeTime?.seconds == deleteTime.seconds + 30 * 24 * 3600)
      #expect(deleted.title == LocalizedText("Dialogue d1"))
      #expect(try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" }) == deleted)
      #expect(try await test.names(ListDialoguesRequest()).isEmpty)
      #expect(try await test.names(ListDialoguesRequest.with { $0.showDeleted = true }) == ["dialogues/d1"])
      let states = ["DELETED": 1, "DRAFT": 0]
      for (state, count) in states {
        let request = ListDialoguesRequest.with {
          $0.showDeleted = true
          $0.filter = "state = \(state)"
        }
        #expect(try await test.names(request).count == count, "\(state)")
      }
    }
  }

  @Test func `what is not there is deleted only if that is allowed`() async throws {
    try await TestRegistry.run { test in
      var request = DeleteDialogueRequest.with { $0.name = "dialogues/d1" }
      await expectRefusal(.resourceNotFound) { try await test.delete(request) }
      request.allowMissing = true
      #expect(try await test.delete(request) == Dialogue())
      try await test.seed(Sample.dialogue())
      let first = try await test.delete(request)
      #expect(try await test.delete(request) == first)
      request.allowMissing = false
      await expectRefusal(.resourceNotFound) { try await test.delete(request) }
    }
  }

  @Test func `an etag that is not the stored one keeps a record from being deleted`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme())
      await expectRefusal(.etagMismatch) {
        try await test.delete(DeleteThemeRequest.with { ($0.name, $0.etag) = ("themes/t1", "\"0\"") })
      }
      let etag = try await test.get(GetThemeRequest.with { $0.name = "themes/t1" }).etag
      try await test.delete(DeleteThemeRequest.with { ($0.name, $0.etag) = ("themes/t1", etag) })
    }
  }

  @Test func `children go with their parent only by force`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.person(), Sample.dialogue(), Sample.intervention(), Sample.intervention("i2"))
      var request = DeleteDialogueRequest.with { $0.name = "dialogues/d1" }
      let error = await expectRefusal(.hasChildren) { try await test.delete(request) }
      #expect(error?.obstacles.map(\.subject) == ["dialogues/d1/interventions/i1", "dialogues/d1/interventions/i2"])
      request.force = true
      let deleted = try await test.delete(request)
      let child = try await test.get(GetInterventionRequest.with { $0.name = "dialogues/d1/interventions/i1" })
      #expect(child.deleteTime == deleted.deleteTime)
      await expectRefusal(.resourceNotFound) {
        try await test.create(
          CreateInterventionRequest.with {
            $0.parent = "dialogues/d1"
            $0.intervention = Sample.intervention()
            $0.interventionID = "i3"
          })
      }
    }
  }

  @Test func `a deletion that only validates finds what is in the way and deletes nothing`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.organization("o2", parent: "organizations/o1"))
      let request = DeleteOrganizationRequest.with { ($0.name, $0.validateOnly) = ("organizations/o1", true) }
      let error = await expectRefusal(.resourceInUse) { try await test.delete(request) }
      #expect(error?.obstacles.map(\.subject) == ["organizations/o2"])
      try await test.delete(
        DeleteOrganizationRequest.with { ($0.name, $0.validateOnly) = ("organizations/o2", true) })
      #expect(try await test.get(GetOrganizationRequest.with { $0.name = "organizations/o2" }).deleteTime == nil)
    }
  }
}
