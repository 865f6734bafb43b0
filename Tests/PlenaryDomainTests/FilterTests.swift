import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Synchronization
import Testing

@Suite struct FilterTests {
  private static func names(_ filter: String, _ test: TestRegistry) async throws -> [String] {
    try await test.names(ListDialoguesRequest.with { $0.filter = filter }).map { String($0.dropFirst(10)) }
  }

  @Test(
    arguments: [
      ("ordnal = 1", 0, Reason.filterFieldUnknown, "ordinal"),
      ("location.regio_code = KR", 0, .filterFieldUnknown, "region_code"),
      ("title = x", 8, .filterSyntax, nil), ("ordinal = x", 10, .filterSyntax, nil),
      ("format = WORKSHOPP", 9, .filterSyntax, "WORKSHOP"),
      ("start_date = 2017-13", 13, .filterSyntax, nil), ("themes = x", 9, .filterSyntax, nil),
      ("ordinal = \"1*\"", 10, .filterSyntax, nil),
      ("location.region_code = UK", 23, .filterSyntax, "GB"),
      ("time_zone = \"Asia/Bankok\"", 12, .filterSyntax, "Asia/Bangkok"),
      ("location.locality < \"a*\"", 20, .filterSyntax, nil), ("annotations = x", 14, .filterSyntax, nil),
      ("ordinal = 1 AND overlap(2017, 2018)", 16, .filterSyntax, "overlaps"), ("nonsense(1)", 0, .filterSyntax, nil),
      ("overlaps(2017)", 0, .filterSyntax, nil), ("overlaps(2018, 2017)", 15, .filterSyntax, nil),
      ("overlaps(2018, x)", 15, .filterSyntax, nil), ("within_m49(\"999\")", 11, .filterSyntax, nil),
      ("within_m49(Asia)", 11, .filterSyntax, "142"), ("under(themes/nowhere)", 6, .referenceNotFound, nil),
      ("under(x)", 6, .referenceNotFound, nil), ("marking.label = \"TLP:WHITE\"", 16, .tlpLabelInvalid, "TLP:CLEAR"),
      ("marking.label = \"tlp:red\"", 16, .tlpLabelInvalid, "TLP:RED"),
    ] as [(String, Int, Reason, String?)])
  func `what is wrong with a filter is told with its place`(
    _ filter: String, _ position: Int, _ reason: Reason, _ suggestion: String?
  ) async throws {
    try await TestRegistry.run { test in
      let error = await expectRefusal(reason, "filter") { _ = try await Self.names(filter, test) }
      #expect(error?.code == .invalidArgument)
      #expect(error?.metadata["position"] == "\(position)", "\(error?.message ?? "")")
      #expect(error?.metadata["suggestion"] == suggestion)
    }
  }

  @Test func `a function is for kinds that have what it asks about`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.theme())
      for filter in ["overlaps(2017, 2018)", "within_m49(\"142\")", "under(themes/t1)"] {
        await expectRefusal(.filterFieldUnknown, "filter") {
          _ = try await test.names(ListPersonsRequest.with { $0.filter = filter })
        }
      }
    }
  }

  @Test func `advice is overdue when its day has passed and it still waits to be followed`() async throws {
    try await TestRegistry.run { test in
      func advice(_ id: String, _ due: (Int32, Int32, Int32)?, _ state: Recommendation.State) -> Recommendation {
        var advice = Sample.recommendation(id, state)
        advice.dueDate = due.map { due in GoogleDate.with { ($0.year, $0.month, $0.day) = due } }
        return advice
      }
      // It is 7 November 2018.
      try await test.seed(
        Sample.outcomes + [
          advice("yesterday", (2018, 11, 6), .submitted), advice("today", (2018, 11, 7), .submitted),
          advice("last-month", (2018, 10, 0), .accepted), advice("this-month", (2018, 11, 0), .accepted),
          advice("last-year", (2017, 0, 0), .implementing), advice("partly", (2018, 11, 1), .partiallyAccepted),
          advice("whenever", nil, .submitted), advice("draft", (2017, 0, 0), .draft),
          advice("done", (2017, 0, 0), .implemented), advice("rejected", (2017, 0, 0), .rejected),
          advice("withdrawn", (2017, 0, 0), .withdrawn),
        ])
      func found(_ filter: String) async throws -> Set<String> {
        let request = ListRecommendationsRequest.with { $0.filter = filter }
        return Set(try await test.names(request).map { String($0.dropFirst("recommendations/".count)) })
      }
      let overdue: Set = ["yesterday", "last-month", "last-year", "partly"]
      for filter in ["overdue = true", "overdue:true", "overdue != false", "NOT overdue = false"] {
        #expect(try await found(filter) == overdue, "\(filter)")
      }
      #expect(try await found("overdue = true AND state = ACCEPTED") == ["last-month"])
      let rest = try await found("overdue = false")
      #expect(
        rest.isDisjoint(with: overdue) && rest.isSuperset(of: ["today", "this-month", "whenever", "draft", "done"]))
      await expectRefusal(.filterSyntax, "filter") { _ = try await found("overdue = yes") }
      let unknown = await expectRefusal(.filterFieldUnknown, "filter") { _ = try await found("overdu = true") }
      #expect(unknown?.metadata["suggestion"] == "overdue")
      await expectRefusal(.filterFieldUnknown, "filter") { _ = try await Self.names("overdue = true", test) }
    }
  }

  @Test func `all pages of a list ask by the day of the first`() async throws {
    try await TestRegistry.run { test in
      func advice(_ id: String, due day: Int32) -> Recommendation {
        var advice = Sample.recommendation(id, .submitted)
        advice.dueDate = .with { ($0.year, $0.month, $0.day) = (2018, 11, day) }
        return advice
      }
      try await test.seed(Sample.outcomes + [advice("a", due: 6), advice("b", due: 7), advice("c", due: 6)])
      let days = Mutex(Int64(0))
      let registry = Registry(
        store: test.store,
        now: { CommitTime(microseconds: TestRegistry.start + days.withLock { $0 } * 86_400_000_000) },
        randomBytes: { Array(repeating: 0, count: $0) })
      var request = ListRecommendationsRequest.with { ($0.filter, $0.pageSize) = ("overdue = true", 1) }
      func page() async throws -> [String] {
        let page = try await registry.list(request, as: TestRegistry.caller)
        request.pageToken = page.nextPageToken
        return try page.records.map { try Recommendation(serializedBytes: $0).name }
      }
      #expect(try await page() == ["recommendations/a"])
      days.withLock { $0 = 1 }
      #expect(try await page() == ["recommendations/c"])
      #expect(request.pageToken.isEmpty)
      #expect(try await page() == ["recommendations/a"])
      #expect(try await page() == ["recommendations/b"])
    }
  }

  @Test func `days that begin or end a range are in it`() async throws {
    try await TestRegistry.run { test in
      func dialogue(_ id: String, _ start: GoogleDate?, _ end: GoogleDate?) -> Dialogue {
        var dialogue = Sample.dialogue(id)
        (dialogue.startDate, dialogue.endDate) = (start, end)
        return dialogue
      }
      try await test.seed(
        dialogue("two-days", GoogleDate(2018, 1, 24), GoogleDate(2018, 1, 25)), dialogue("year", GoogleDate(2018), nil),
        dialogue("open", GoogleDate(2018, 2, 1), nil), dialogue("none", nil, nil),
        dialogue("months", GoogleDate(2017, 12), GoogleDate(2018, 1)))
      let cases = [
        ("overlaps(2018-01-25, 2018-02-01)", ["months", "open", "two-days", "year"]),
        ("overlaps(2018-01-26, 2018-01-31)", ["months", "year"]), ("overlaps(2018-02-02, 2018-12-30)", ["year"]),
        ("overlaps(2018-01-01, 2018-01-24)", ["months", "two-days", "year"]), ("overlaps(2017, 2017-12)", ["months"]),
        ("overlaps(2017-11, 2017-11-30)", []), ("overlaps(2018-02, 2018-02)", ["open", "year"]),
        ("overlaps(2019, 2019)", []), ("NOT overlaps(2018, 2018)", ["none"]),
      ]
      for (filter, expected) in cases { #expect(try await Self.names(filter, test) == expected, "\(filter)") }
    }
  }

  @Test func `on themes, under means below`() async throws {
    try await TestRegistry.run { test in
      try await test.importing(RandomFilter.themes)
      for (name, below) in RandomFilter.below {
        #expect(try await test.names(ListThemesRequest.with { $0.filter = "under(\(name))" }) == below)
      }
    }
  }

  @Test func `the themes below one have a most number`() async throws {
    try await TestRegistry.run { test in
      let most = Registry.narrowerThemeCountMax
      try await test.seed(Sample.theme("top"))
      try await test.importing((0..<most).map { Sample.theme("n\($0)", broader: ["themes/top"]) })
      let request = ListThemesRequest.with { ($0.filter, $0.pageSize) = ("under(themes/top)", 1000) }
      #expect(try await test.names(request).count == most)
      try await test.seed(Sample.theme("more", broader: ["themes/top"]))
      let error = await expectRefusal(.limitReached) { _ = try await test.names(request) }
      #expect(error?.metadata["max"] == "\(most)")
    }
  }

  @Test func `pages of a filter by themes show the themes of the first page`() async throws {
    try await TestRegistry.run { test in
      try await test.importing(RandomFilter.themes)
      var request = ListThemesRequest.with { ($0.filter, $0.pageSize) = ("under(themes/t1)", 2) }
      let first = try await test.page(request)
      #expect(first.names == ["themes/t2", "themes/t3"])
      try await test.update(
        UpdateThemeRequest.with {
          $0.theme = Sample.theme("t4")
          $0.updateMask = .with { $0.paths = ["broader"] }
        })
      request.pageToken = first.page.nextPageToken
      #expect(try await test.page(request).names == ["themes/t4"])
    }
  }

  @Test func `a pattern has a longest length`() async throws {
    try await TestRegistry.run { test in
      let longest = "*" + String(repeating: "a", count: 255)
      for filter in ["location.locality = ", ""] {
        let found = try await Self.names("\(filter)\"\(longest)\"", test)
        #expect(found.isEmpty)
        let error = await expectRefusal(.filterSyntax) { _ = try await Self.names("\(filter)\"\(longest)a\"", test) }
        #expect(error?.metadata["max"] == "256")
      }
    }
  }

  @Test func `words are looked for in what was written, and not in what follows from the version`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.dialogue())
      let stored = try await test.get(GetDialogueRequest.with { $0.name = "dialogues/d1" })
      for filter in ["state = DRAFT", "create_time > \"1970-01-01T00:00:00Z\""] {
        #expect(try await Self.names("\(filter) AND Dialogue", test) == ["d1"])
        for word in [stored.uid, stored.etag, stored.creator] {
          try #require(!word.isEmpty)
          #expect(try await Self.names("\(filter) AND \"\(word)\"", test).isEmpty, "\(word)")
        }
      }
    }
  }

  @Test func `labels are compared as the protocol writes them`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(Sample.dialogue())
      #expect(try await Self.names("marking.label = \"TLP:GREEN\"", test) == ["d1"])
      #expect(try await Self.names("marking.label = GREEN", test) == ["d1"])
      #expect(try await Self.names("marking.label = \"TLP:AMBER+STRICT\"", test).isEmpty)
    }
  }

  @Test func `an explanation says what the indexes find and what is looked up`() async throws {
    try await TestRegistry.run { test in
      try await test.importing(RandomFilter.themes)
      func explain(_ filter: String, _ orderBy: String = "") async throws -> FilterExplanation {
        try await test.registry.explain(
          resourceType: "plenary.registry/Dialogue", parent: "", filter: filter, orderBy: orderBy, showsDeleted: false,
          as: TestRegistry.caller)
      }
      let indexed = try await explain("location.region_code=kr start_date>=2018 location.venue=x")
      #expect(indexed.steps.map(\.indexes) == [["location.region_code"], ["start_date", "start_date.year"], []])
      #expect(indexed.steps.map(\.isExact) == [true, true, false])
      #expect(!indexed.isScan && indexed.order == .name)
      let union = try await explain("format=WORKSHOP OR ordinal>2", "start_date desc")
      #expect(union.steps.map(\.ranges) == [["format = WORKSHOP", "ordinal > 2"]])
      #expect(union.steps[0].isExact && union.order == .index && !union.isScan)
      let scan = try await explain("format=WORKSHOP OR location.venue=x", "location.venue")
      #expect(scan.isScan && scan.order == .sorting && scan.steps[0].indexes.isEmpty)
      #expect(try await explain("NOT format=WORKSHOP").isScan)
      #expect(try await explain("word").isScan)
      #expect(try await !explain("").isScan)
      let area = try await explain("within_m49(\"030\")")
      #expect(area.steps[0].isExact && area.steps[0].ranges.contains("location.region_code = KR"))
      #expect(area.steps[0].indexes == ["focus_m49_code", "location.region_code"])
      #expect(try await explain("", "update_time desc").order == .sorting)
      let overlap = try await explain("overlaps(2018-01-25, 2018-02)")
      #expect(!overlap.steps[0].isExact && overlap.steps[0].indexes == ["start_date..end_date"])
      #expect(overlap.steps[0].ranges.prefix(2) == ["month 2018-01", "month 2018-02"])
      #expect(
        try await explain(
          "a=1 OR b=2 c=3".replacing("a=", with: "ordinal=").replacing("b=", with: "ordinal=")
            .replacing("c=", with: "ordinal=")
        ).filter == "(ordinal = 1 OR ordinal = 2) AND ordinal = 3")
      await expectRefusal(.resourceTypeUnknown, "resource_type") {
        _ = try await test.registry.explain(
          resourceType: "plenary.registry/Dialog", parent: "", filter: "", orderBy: "", showsDeleted: false,
          as: TestRegistry.caller)
      }
    }
  }

  @Test func `an explanation says which day and states make advice overdue`() async throws {
    try await TestRegistry.run { test in
      let plan = try await test.registry.explain(
        resourceType: "plenary.registry/Recommendation", parent: "",
        filter: "addressee = \"organizations/o1\" overdue = true",
        orderBy: "due_date", showsDeleted: false, as: TestRegistry.caller)
      #expect(plan.filter == #"addressee = "organizations/o1" AND overdue = true"#)
      #expect(plan.steps.map(\.expression) == [#"addressee = "organizations/o1""#, "overdue = true"])
      #expect(plan.steps.map(\.indexes) == [["addressee"], ["due_date", "state"]])
      let states = ["SUBMITTED", "ACCEPTED", "PARTIALLY_ACCEPTED", "IMPLEMENTING"]
      #expect(plan.steps.last?.ranges == ["due_date < 2018-11-07"] + states.map { "state = \($0)" })
      // What depends on the last day of a date is looked up as well.
      #expect(plan.steps.map(\.isExact) == [true, false])
      #expect(!plan.isScan && plan.order == .index)
    }
  }
}
