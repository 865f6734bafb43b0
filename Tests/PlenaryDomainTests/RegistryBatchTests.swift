import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

@Suite struct RegistryBatchTests {
  private func creation(_ id: String, _ theme: Theme? = nil) -> CreateThemeRequest {
    .with { ($0.themeID, $0.theme) = (id, theme ?? Sample.theme(id)) }
  }

  // MARK: BatchGet

  @Test func `records come in the order of the names, twice if they are named twice, deleted ones too`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme("a"), Sample.theme("b"))
      try await test.delete(DeleteThemeRequest.with { $0.name = "themes/a" })
      let names = ["themes/b", "themes/a", "themes/b"]
      let themes = try await test.batchGet(BatchGetThemesRequest.with { $0.names = names })
      #expect(themes.map(\.name) == names)
      #expect(themes.map(\.state) == [.active, .deleted, .active])
      let masked = try await test.batchGet(
        BatchGetThemesRequest.with { ($0.names, $0.readMask) = (names, .init(paths: ["name"])) })
      #expect(masked[0] == .with { $0.name = "themes/b" })
    }
  }

  @Test func `one that is missing, or of another parent, refuses all`() async throws {
    try await TestRegistry.run { test in
      var dialogue = Sample.dialogue()
      dialogue.themes = ["themes/t1"]
      try await test.seed(Sample.theme(), dialogue, Sample.group())
      let group = "dialogues/d1/workingGroups/w1"
      let missing = await expectRefusal(.resourceNotFound) {
        _ = try await test.batchGet(BatchGetThemesRequest.with { $0.names = ["themes/t1", "themes/none"] })
      }
      #expect(missing?.resource == "themes/none")
      for parent in ["", "dialogues/d1", "dialogues/-"] {
        let groups = try await test.batchGet(
          BatchGetWorkingGroupsRequest.with { ($0.parent, $0.names) = (parent, [group]) })
        #expect(groups.map(\.name) == [group])
      }
      await expectRefusal(.idInvalid, "names.0") {
        _ = try await test.batchGet(
          BatchGetWorkingGroupsRequest.with { ($0.parent, $0.names) = ("dialogues/d2", [group]) })
      }
      await expectRefusal(.maskPathUnknown) {
        _ = try await test.batchGet(
          BatchGetThemesRequest.with { ($0.names, $0.readMask) = (["themes/t1"], .init(paths: ["colour"])) })
      }
    }
  }

  @Test func `a batch has at least one entry and at most a thousand`() async throws {
    try await TestRegistry.run { test in
      let max = Registry.batchCountMax
      let requests = (0...max).map { creation("t\($0)") }
      await expectRefusal(.fieldRequired, "requests") { try await test.batchCreate(BatchCreateThemesRequest()) }
      await expectRefusal(.fieldRequired, "names") { _ = try await test.batchGet(BatchGetThemesRequest()) }
      await expectRefusal(.listTooLong, "requests") {
        try await test.batchCreate(BatchCreateThemesRequest.with { $0.requests = requests })
      }
      let made = try await test.batchCreate(BatchCreateThemesRequest.with { $0.requests = Array(requests.prefix(max)) })
      #expect(made.map(\.name) == (0..<max).map { "themes/t\($0)" })
      let names = made.map(\.name)
      #expect(try await test.batchGet(BatchGetThemesRequest.with { $0.names = names }) == made)
      await expectRefusal(.listTooLong, "names") {
        _ = try await test.batchGet(BatchGetThemesRequest.with { $0.names = names + ["themes/t0"] })
      }
    }
  }

  @Test func `an answer stays below what stock clients take`() async throws {
    try await TestRegistry.run { test in
      var theme = Sample.theme("large")
      let note = String(repeating: "x", count: 20_000)
      theme.scopeNote = .with {
        for index in 0..<12 { $0.values["en-x-n\(index)"] = note }
        $0.originalLanguage = "en-x-n0"
      }
      try await test.seed(theme)
      let size = try await test.get(GetThemeRequest.with { $0.name = theme.name }).serializedBytes().count
      let count = Registry.batchByteCountMax / size
      let fitting = try await test.batchGet(
        BatchGetThemesRequest.with { $0.names = Array(repeating: theme.name, count: count) })
      #expect(fitting.count == count)
      await expectRefusal(.limitReached) {
        _ = try await test.batchGet(
          BatchGetThemesRequest.with { $0.names = Array(repeating: theme.name, count: count + 1) })
      }
      await expectRefusal(.limitReached) {
        try await test.batchCreate(
          BatchCreateThemesRequest.with {
            $0.requests = (0...count).map { index in
              var other = theme
              other.prefLabel = LocalizedText("Large \(index)")
              return creation("l\(index)", other)
            }
          })
      }
      #expect(try await test.names(ListThemesRequest()) == [theme.name])
    }
  }

  // MARK: BatchCreate

  @Test func `all are created at one revision, and may refer to each other`() async throws {
    try await TestRegistry.run { test in
      let narrow = Sample.theme("narrow", broader: ["themes/broad"])
      let made = try await test.batchCreate(
        BatchCreateThemesRequest.with { $0.requests = [creation("narrow", narrow), creation("broad")] })
      #expect(made.map(\.name) == ["themes/narrow", "themes/broad"])
      #expect(made[0].broader == ["themes/broad"] && made[0].createTime == made[1].createTime)
    }
  }

  @Test func `one that cannot be created keeps all others out, and is told by its place`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme("taken"))
      await expectRefusal(.fieldRequired, "requests.1.scheme") {
        try await test.batchCreate(
          BatchCreateThemesRequest.with { $0.requests = [creation("a"), creation("b", Theme())] })
      }
      await expectRefusal(.idInvalid, "requests.0.theme_id") {
        try await test.batchCreate(BatchCreateThemesRequest.with { $0.requests = [creation("-")] })
      }
      for ids in [["a", "taken"], ["a", "a"]] {
        let error = await expectRefusal(.resourceExists, "requests.1") {
          try await test.batchCreate(BatchCreateThemesRequest.with { $0.requests = ids.map { creation($0) } })
        }
        #expect(error?.metadata["index"] == "1" && error?.metadata["field"] == "requests.1")
        #expect(error?.resource == "themes/\(ids[1])" && error?.message.hasPrefix("requests.1: ") == true)
      }
      try await test.seed(Sample.series(), Sample.dialogue("standing", ordinal: 2))
      for (ordinals, index) in [([3, 2], 1), ([1, 1], 0)] {
        for validateOnly in [true, false] {
          let error = await expectRefusal(.ordinalTaken, "requests.\(index).ordinal") {
            try await test.batchCreate(
              BatchCreateDialoguesRequest.with {
                $0.requests = ordinals.enumerated().map { index, ordinal in
                  .with {
                    ($0.dialogueID, $0.dialogue) = ("d\(index)", Sample.dialogue(ordinal: Int32(ordinal)))
                    $0.validateOnly = validateOnly
                  }
                }
              })
          }
          #expect(error?.metadata["index"] == "\(index)")
        }
      }
      let orphan = await expectRefusal(.resourceNotFound, "requests.0") {
        try await test.batchCreate(
          BatchCreatePanelsRequest.with {
            $0.requests = [.with { ($0.parent, $0.panelID, $0.panel) = ("dialogues/none", "p1", Sample.panel()) }]
          })
      }
      #expect(orphan?.metadata["index"] == "0")
      #expect(try await test.names(ListThemesRequest()) == ["themes/taken"])
      #expect(try await test.names(ListDialoguesRequest()) == ["dialogues/standing"])
    }
  }

  @Test func `the batch decides what its requests leave open, and contradicts none`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.organization(), Sample.mandate(), Sample.mandate("m2", symbol: "S/RES/2354 (2017)"))
      func batch(_ parent: String) -> BatchCreateDirectivesRequest {
        .with {
          $0.parent = "mandates/m1"
          $0.requests = [
            .with { ($0.parent, $0.directiveID, $0.directive) = (parent, "d1", Sample.directive()) }
          ]
        }
      }
      await expectRefusal(.idInvalid, "requests.0.parent") { try await test.batchCreate(batch("mandates/m2")) }
      #expect(try await test.batchCreate(batch("")).map(\.name) == ["mandates/m1/directives/d1"])
    }
  }

  @Test func `records without ids get some, and the same when the batch is repeated`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.outcomes + [Sample.recommendation("r1")])
      let note = CreateFollowUpRequest.with {
        $0.followUp = Sample.followUp()
        $0.parent = "recommendations/r1"
      }
      let batch = BatchCreateFollowUpsRequest.with {
        $0.requests = [note, note]
        $0.requestID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      }
      let names = try await test.batchCreate(batch).map(\.name)
      #expect(Set(names).count == 2 && names.allSatisfy { $0.hasPrefix("recommendations/r1/followUps/x-") })
      #expect(try await test.batchCreate(batch).map(\.name) == names)
    }
  }

  @Test func `a rehearsal of any is one of all, and a repetition does nothing`() async throws {
    try await TestRegistry.run { test in
      var rehearsed = creation("a")
      rehearsed.validateOnly = true
      let shown = try await test.batchCreate(
        BatchCreateThemesRequest.with { $0.requests = [rehearsed, creation("b")] })
      #expect(shown.map(\.name) == ["themes/a", "themes/b"] && shown[0].etag.isEmpty)
      #expect(try await test.names(ListThemesRequest()).isEmpty)
      var request = BatchCreateThemesRequest.with {
        $0.requests = [creation("a")]
        $0.requestID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      }
      let first = try await test.registry.batchCreate(request, as: TestRegistry.caller)
      let second = try await test.registry.batchCreate(request, as: TestRegistry.caller)
      #expect(!first.isReplay && second.isReplay && first.records == second.records)
      request.requests.append(creation("b"))
      await expectRefusal(.requestIDReused) { try await test.batchCreate(request) }
    }
  }
}
