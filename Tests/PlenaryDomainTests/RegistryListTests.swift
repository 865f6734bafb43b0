import GoogleAPI
import PlenaryAPI
import PlenaryDomain
import PlenaryStore
import ProtobufRuntime
import Testing

@Suite struct RegistryListTests {
  /// Dialogues in the shape of the example, and one more that is only being prepared.
  private func run(_ body: (TestRegistry) async throws -> Void) async throws {
    try await TestRegistry.run { test in
      func dialogue(
        _ ordinal: Int32, _ start: GoogleDate, _ end: GoogleDate, _ place: String, _ region: String
      ) -> Dialogue {
        .with {
          $0 = Sample.dialogue("asia-\(ordinal)", ordinal: ordinal)
          ($0.startDate, $0.endDate) = (start, end)
          $0.location = .with { ($0.locality, $0.regionCode) = (place, region) }
          $0.format = .workshop
          $0.state = .concluded
        }
      }
      var third = dialogue(3, GoogleDate(2018, 11, 7), GoogleDate(2018, 11, 8), "Kuala Lumpur", "MY")
      third.themes = ["themes/t1", "themes/t2"]
      third.participantCount = 0
      third.annotations = ["desk.asia": "yes"]
      var partnership = Sample.partnership("p3", subject: "dialogues/asia-3")
      partnership.participants = [
        Sample.participant("organizations/o1", .coOrganizer), Sample.participant("organizations/o2", .cooperating),
      ]
      try await test.seed(
        Sample.organization(), Sample.organization("o2"), Sample.theme(), Sample.theme("t2"), Sample.series(),
        dialogue(1, GoogleDate(2017, 5, 29), GoogleDate(2017, 5, 30), "Jeju Island", "KR"),
        dialogue(2, GoogleDate(2018, 1, 24), GoogleDate(2018, 1, 25), "Bangkok", "TH"), third,
        Dialogue.with {
          $0 = Sample.dialogue("later")
          $0.startDate = GoogleDate(2019)
        },
        Sample.group("w1", of: "asia-3"), Sample.group("w2", of: "asia-3", theme: "themes/t2"), partnership,
        Sample.partnership("p2", subject: "dialogues/asia-2"), Sample.mandate())
      try await body(test)
    }
  }

  @Test(arguments: [
    ("", ["asia-1", "asia-2", "asia-3", "later"]),
    ("series=\"series/s1\"", ["asia-1", "asia-2", "asia-3"]),
    ("series=\"series/s1\" AND ordinal>1", ["asia-2", "asia-3"]),
    ("ordinal<2", ["asia-1", "later"]), ("ordinal=0", ["later"]), ("ordinal!=3", ["asia-1", "asia-2", "later"]),
    ("format=WORKSHOP", ["asia-1", "asia-2", "asia-3"]), ("state=DRAFT", ["later"]),
    ("start_date >= \"2017-05-01\" AND start_date <= \"2017-05-31\"", ["asia-1"]),
    ("start_date = 2019", ["later"]), ("start_date = 2019-01-01", []), ("start_date < 2018", ["asia-1"]),
    ("start_date > 2018-01", ["asia-3", "later"]), ("start_date >= 2018", ["asia-2", "asia-3", "later"]),
    ("start_date <= 2018", ["asia-1", "asia-2", "asia-3"]), ("start_date != 2019", ["asia-1", "asia-2", "asia-3"]),
    ("end_date:*", ["asia-1", "asia-2", "asia-3"]),
    ("location.region_code=kr", ["asia-1"]), ("location.regionCode=kr AND startDate>=2017", ["asia-1"]),
    ("location.locality=\"Kuala Lumpur\"", ["asia-3"]),
    ("location.locality > J", ["asia-1", "asia-3"]),
    ("themes:\"themes/t2\"", ["asia-3"]), ("themes:*", ["asia-3"]), ("participant_count:*", ["asia-3"]),
    ("title.values.`en`=\"Dialogue later\"", ["later"]), ("participant_count=0", ["asia-3"]),
    ("annotations.\"desk.asia\"=yes", ["asia-3"]), ("annotations.desk:*", []),
    ("title.values.en=\"Dialogue later\"", ["later"]), ("title.values.fr:*", []),
    ("marking.label=GREEN AND marking.inherited=true", ["asia-1", "asia-2", "asia-3", "later"]),
    ("name=\"dialogues/asia-1\"", ["asia-1"]),
    ("create_time > \"2018-01-01T00:00:00Z\"", ["asia-1", "asia-2", "asia-3", "later"]),
    ("create_time > \"2019-01-01T00:00:00Z\"", []), ("creator=\"clients/test\" format=WORKSHOP ordinal=2", ["asia-2"]),
  ])
  func `a filter selects`(_ filter: String, _ ids: [String]) async throws {
    try await run { test in
      let names = try await test.names(ListDialoguesRequest.with { $0.filter = filter })
      #expect(names == ids.map { "dialogues/\($0)" })
    }
  }

  @Test func `a list of partnerships is filtered by the roles of participants`() async throws {
    try await run { test in
      let filter = "subject=\"dialogues/asia-3\" AND participants.role:CO_ORGANIZER"
      let found76 = try await test.names(ListPartnershipsRequest.with { $0.filter = filter })
      #expect(found76 == ["partnerships/p3"])
      let other = "participants.organization:\"organizations/o1\" AND participants.role:HOST"
      let found78 = try await test.names(ListPartnershipsRequest.with { $0.filter = other })
      #expect(found78 == ["partnerships/p2"])
    }
  }

  @Test(arguments: ["S/RES/2129 (2013)", "s/res/2129(2013)"])
  func `a symbol is found however it is written`(_ symbol: String) async throws {
    try await run { test in
      let names = try await test.names(ListMandatesRequest.with { $0.filter = "symbol=\"\(symbol)\"" })
      #expect(names == ["mandates/m1"])
    }
  }

  static let meaningless: [(String, Reason, String?)] = [
    ("titel=x", Reason.filterFieldUnknown, "title"), ("location.regioncod=KR", .filterFieldUnknown, "region_code"),
    ("format=WORKSOP", .filterSyntax, "WORKSHOP"), ("ordinal=one", .filterSyntax, nil),
    ("start_date=yesterday", .filterSyntax, nil), ("themes=\"themes/t1\"", .filterSyntax, nil),
    ("location=KR", .filterSyntax, nil), ("location.region_code=Korea", .filterSyntax, nil),
    ("title=x", .filterSyntax, nil), ("create_time>2018", .filterSyntax, nil), ("series<s*", .filterSyntax, nil),
  ]

  @Test(arguments: meaningless)
  func `a filter that means nothing is refused`(_ filter: String, _ reason: Reason, _ suggestion: String?) async throws
  {
    try await run { test in
      let error = await expectRefusal(reason, "filter") {
        _ = try await test.page(ListDialoguesRequest.with { $0.filter = filter })
      }
      #expect(error?.metadata["position"] != nil)
      #expect(error?.metadata["suggestion"] == suggestion)
    }
  }

  @Test(arguments: [
    ("ordinal", ["later", "asia-1", "asia-2", "asia-3"]), ("ordinal desc", ["asia-3", "asia-2", "asia-1", "later"]),
    ("start_date desc", ["later", "asia-3", "asia-2", "asia-1"]),
    ("name desc", ["later", "asia-3", "asia-2", "asia-1"]),
    ("location.locality", ["later", "asia-2", "asia-1", "asia-3"]),
    ("format desc,start_date", ["asia-1", "asia-2", "asia-3", "later"]),
    ("format,ordinal desc", ["later", "asia-3", "asia-2", "asia-1"]),
    ("time_zone", ["asia-1", "asia-2", "asia-3", "later"]),
  ])
  func `a list has the order that is asked for, on pages of any size`(_ order: String, _ ids: [String]) async throws {
    try await run { test in
      for pageSize: Int32 in 1...5 {
        let request = ListDialoguesRequest.with { ($0.orderBy, $0.pageSize) = (order, pageSize) }
        let found123 = try await test.names(request)
        #expect(found123 == ids.map { "dialogues/\($0)" }, "\(pageSize) a page")
      }
    }
  }

  @Test(arguments: ["themes", "nothing", "location", "etag", "revision", "uid", "title.values.en.x", "annotations"])
  func `a list is ordered by fields with one value`(_ order: String) async throws {
    try await run { test in
      await expectRefusal(.filterFieldUnknown, "order_by") {
        _ = try await test.page(ListDialoguesRequest.with { $0.orderBy = order })
      }
    }
  }

  @Test(arguments: [
    ("format", ["later", "asia-1", "asia-2", "asia-3"]), ("format desc", ["asia-3", "asia-2", "asia-1", "later"]),
    ("time_zone desc", ["later", "asia-3", "asia-2", "asia-1"]),
    ("format,time_zone desc", ["later", "asia-3", "asia-2", "asia-1"]),
    ("format desc,time_zone", ["asia-1", "asia-2", "asia-3", "later"]),
  ])
  func `names settle ties the way of the last field, whoever keeps the order`(
    _ order: String, _ ids: [String]
  ) async throws {
    try await run { test in
      for pageSize: Int32 in 1...5 {
        let request = ListDialoguesRequest.with { ($0.orderBy, $0.pageSize) = (order, pageSize) }
        let found = try await test.names(request)
        #expect(found == ids.map { "dialogues/\($0)" }, "\(pageSize) a page")
      }
    }
  }

  @Test func `a list is ordered by when its records were made, changed and deleted`() async throws {
    try await TestRegistry.run { test in
      for id in ["c", "a", "d", "b"] { try await test.seed(Sample.theme(id)) }
      let middle = try await test.page(ListThemesRequest()).page.revision
      for id in ["d", "a"] {
        try await test.update(
          UpdateThemeRequest.with { $0.theme = .with { ($0.name, $0.notation) = ("themes/\(id)", "7") } })
      }
      func names(_ order: String, deleted: Bool = false, at revision: String = "") async throws -> String {
        var found: Set<String> = []
        for size: Int32 in 1...5 {
          let request = ListThemesRequest.with {
            ($0.orderBy, $0.showDeleted, $0.pageSize, $0.revision) = (order, deleted, size, revision)
          }
          found.insert(try await test.names(request).map { String($0.dropFirst("themes/".count)) }.joined())
        }
        #expect(found.count == 1)
        return found.first ?? ""
      }
      #expect(try await names("create_time") == "cadb")
      #expect(try await names("create_time desc") == "bdac")
      #expect(try await names("update_time desc") == "adbc")
      #expect(try await names("update_time", at: middle) == "cadb")
      #expect(try await names("scheme,update_time") == "cbda")
      for id in ["b", "a"] { try await test.delete(DeleteThemeRequest.with { $0.name = "themes/\(id)" }) }
      #expect(try await names("delete_time", deleted: true) == "cdba")
      #expect(try await names("purge_time desc", deleted: true) == "abdc")
    }
  }

  @Test func `what is put in order has room for so many bytes, in one list and in all`() async throws {
    for limit in [\Registry.MemoryLimits.sortedByteCountMax, \.sortingByteCountMax] {
      var memory = Registry.MemoryLimits()
      memory[keyPath: limit] = 1000
      try await TestRegistry.run(memory: memory) { test in
        try await test.importing((0..<4).map { Sample.theme("t\($0)") })
        let request = ListThemesRequest.with { $0.orderBy = "notation,scheme" }
        #expect(try await test.names(request).count == 4)
        try await test.importing([Sample.theme("t4")])
        let error = await expectRefusal(.limitReached) { _ = try await test.page(request) }
        #expect(error?.isPassing == (limit == \.sortingByteCountMax))
      }
    }
  }

  @Test func `all pages show the registry as it was for the first`() async throws {
    try await run { test in
      for order in ["", "ordinal", "format,ordinal"] {
        var request = ListDialoguesRequest.with { ($0.pageSize, $0.orderBy) = (2, order) }
        let (first, page) = try await test.page(request)
        try await test.seed(Sample.dialogue("added-\(order.utf8.count)"))
        request.pageToken = page.nextPageToken
        let (second, last) = try await test.page(request)
        #expect(Set(first + second).count == 4, "\(order)")
        #expect(page.revision == last.revision)
        #expect((first + second).allSatisfy { !$0.hasSuffix("added-\(order.utf8.count)") })
      }
    }
  }

  @Test func `a page token is good for the list that it came with, and for the caller`() async throws {
    try await run { test in
      let request = ListDialoguesRequest.with { ($0.pageSize, $0.filter) = (1, "format=WORKSHOP") }
      let (_, page) = try await test.page(request)
      var next = request
      next.pageToken = page.nextPageToken
      #expect(try await test.page(next).names == ["dialogues/asia-2"])
      for change: (inout ListDialoguesRequest) -> Void in [
        { $0.filter = "" }, { $0.orderBy = "ordinal" }, { $0.showDeleted = true }, { $0.pageToken = "x" },
        { $0.readMask = ProtobufFieldMask(paths: ["name"]) },
      ] {
        var other = next
        change(&other)
        await expectRefusal(.pageTokenInvalid, "page_token") { _ = try await test.page(other) }
      }
      await expectRefusal(.pageTokenInvalid) {
        _ = try await test.registry.list(next, as: Caller(principal: "clients/other", viewer: .everything))
      }
      next.pageSize = 2
      #expect(try await test.page(next).names == ["dialogues/asia-2", "dialogues/asia-3"])
    }
  }

  @Test func `a list that fits on one page says how many there are`() async throws {
    try await run { test in
      let found176 = try await test.page(ListDialoguesRequest()).page.totalSize
      #expect(found176 == 4)
      let found177 = try await test.page(ListDialoguesRequest.with { $0.pageSize = 3 }).page.totalSize
      #expect(found177 == nil)
      await expectRefusal(.pageSizeInvalid, "page_size") {
        _ = try await test.page(ListDialoguesRequest.with { $0.pageSize = -1 })
      }
    }
  }

  @Test func `children are listed for one parent or for all`() async throws {
    try await run { test in
      try await test.seed(Sample.dialogue("other"), Sample.person(), Sample.intervention("i1", of: "other"))
      func names(_ parent: String) async throws -> [String] {
        try await test.names(
          ListWorkingGroupsRequest.with { ($0.parent, $0.orderBy) = (parent, "ordinal") })
      }
      let groups = ["dialogues/asia-3/workingGroups/w1", "dialogues/asia-3/workingGroups/w2"]
      #expect(try await names("dialogues/asia-3") == groups)
      #expect(try await names("dialogues/-") == groups)
      #expect(try await names("dialogues/other").isEmpty)
      await expectRefusal(.fieldRequired, "parent") { _ = try await names("") }
      await expectRefusal(.idInvalid, "parent") { _ = try await names("mandates/-") }
    }
  }

  @Test func `a read mask selects fields`() async throws {
    try await run { test in
      let mask = ProtobufFieldMask(paths: ["name", "location.region_code", "state"])
      let page = try await test.registry.list(
        ListDialoguesRequest.with { ($0.readMask, $0.pageSize) = (mask, 1) }, as: TestRegistry.caller)
      let expected = Dialogue.with {
        $0.name = "dialogues/asia-1"
        $0.location = .with { $0.regionCode = "KR" }
        $0.state = .concluded
      }
      #expect(try page.records.map { try Dialogue(serializedBytes: $0) } == [expected])
      let request = GetDialogueRequest.with {
        ($0.name, $0.readMask) = ("dialogues/asia-1", ProtobufFieldMask(paths: ["title.values.fr", "uid"]))
      }
      let dialogue = try await test.get(request)
      #expect(!dialogue.uid.isEmpty && dialogue.name.isEmpty && dialogue.title?.values.isEmpty != false)
      await expectRefusal(.maskPathUnknown, "read_mask") {
        _ = try await test.get(
          GetDialogueRequest.with {
            $0 = request; $0.readMask?.paths = ["location.city"]
          })
      }
    }
  }

  @Test func `a page ends before it is too large for a client`() async throws {
    try await TestRegistry.run { test in
      let text = String(repeating: "x", count: 20_000)
      let large = (0..<10).map { index in
        Initiative.with {
          $0 = Sample.initiative("i\(index)")
          $0.description = .with { $0.values = Dictionary(uniqueKeysWithValues: (0..<24).map { ("x-l\($0)", text) }) }
        }
      }
      try await test.seed(Sample.organization())
      try await test.importing(large)
      for order in ["", "start_date", "start_date,end_date"] {
        let request = ListInitiativesRequest.with { $0.orderBy = order }
        let (names, page) = try await test.page(request)
        #expect(names.count == 6 && !page.nextPageToken.isEmpty)
        #expect(page.records.reduce(0) { $0 + $1.count } < 4 << 20)
        #expect(try await test.names(request).count == 10)
      }
    }
  }
}
