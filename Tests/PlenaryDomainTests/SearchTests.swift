import GoogleAPI
import PlenaryAPI
import PlenaryStore
import PlenaryStoreSQLite
import ProtobufRuntime
import Synchronization
import Testing

@testable import PlenaryDomain

/// Searches of a registry, by the index and without it.
@Suite struct SearchTests {
  private func theme(_ id: String, _ label: String, alt: [String] = []) -> Theme {
    .with {
      $0.name = "themes/\(id)"
      $0.scheme = "s-\(id)"
      $0.prefLabel = LocalizedText(label)
      $0.altLabels = alt.map { label in
        .with { ($0.language, $0.value) = ("en", label) }
      }
    }
  }

  private func names(_ test: TestRegistry, _ filter: String, pageSize: Int32 = 0) async throws -> [String] {
    try await test.names(
      ListThemesRequest.with { ($0.filter, $0.pageSize) = (filter, pageSize) }
    ).map { String($0.dropFirst(7)) }
  }

  private func search(
    _ test: TestRegistry, _ query: String, _ change: (inout SearchResourcesRequest) -> Void = { _ in }
  ) async throws -> SearchResourcesResponse {
    var request = SearchResourcesRequest.with { $0.query = query }
    change(&request)
    return try await test.registry.search(request, as: TestRegistry.caller).response
  }

  @Test(arguments: [true, false])
  func `a filter finds what has the words, with an index and without`(_ isIndexed: Bool) async throws {
    try await TestRegistry.run(search: isIndexed ? .patient : nil) { test in
      try await test.feeding {
        try await test.seed(
          theme("a", "Recruitment of foreign terrorist fighters", alt: ["FTFs"]), theme("b", "Internet recruitment"),
          theme("c", "Formation régionale"), theme("d", "互联网治理"))
        for (filter, found) in [
          (#"search("FTFs")"#, "a"), ("search(recruitment)", "ab"), ("search(recruit) ", ""),
          ("search('recruit*')", "ab"),
          (#"search("recruitment -internet")"#, "a"), (#"search("regionale OR 治理")"#, "cd"), ("search(互联网)", "d"),
          (#"search("FTFs") OR search("网治")"#, "ad"), (#"NOT search("recruitment")"#, "cd"),
          (#"search("recruitment") AND name="themes/b""#, "b"), (#"search('"foreign fighters"')"#, ""),
        ] {
          #expect(try await names(test, filter).joined() == found, "\(filter)")
        }
        try await test.update(
          UpdateThemeRequest.with {
            $0.theme = theme("c", "Training")
            $0.updateMask = .with { $0.paths = ["pref_label"] }
          })
        #expect(try await names(test, "search(formation)").isEmpty)
        #expect(try await names(test, "search(training)") == ["c"])
        try await test.delete(DeleteThemeRequest.with { $0.name = "themes/c" })
        #expect(try await names(test, "search(training)").isEmpty)
        let deleted = ListThemesRequest.with { ($0.filter, $0.showDeleted) = ("search(training)", true) }
        #expect(try await test.names(deleted) == ["themes/c"])
      }
    }
  }

  @Test func `pages are full, in order, and all at the revision of the first`() async throws {
    try await TestRegistry.run(search: .patient) { test in
      try await test.feeding {
        let ids = (0..<120).map { "t\($0 * 7919 % 997)" }
        try await test.seed(ids.enumerated().map { theme($1, $0 % 3 == 0 ? "other" : "wanted") })
        let wanted = ids.enumerated().filter { $0.offset % 3 != 0 }.map { "themes/" + $0.element }
        for orderBy in ["", "name desc", "notation,name"] {
          var request = ListThemesRequest.with {
            ($0.filter, $0.orderBy, $0.pageSize) = ("search(wanted)", orderBy, 9)
          }
          var found: [String] = []
          var changed = 0
          repeat {
            let (names, page) = try await test.page(request)
            found += names
            #expect(names.count == 9 || page.nextPageToken.isEmpty)
            request.pageToken = page.nextPageToken
            // Between two pages a record on the way no longer has the word, and another one has it now.
            if changed < 2, orderBy.isEmpty {
              for (id, label) in [("t996", "gone"), ("t0", "wanted")] where ids.contains(id) {
                try await test.update(
                  UpdateThemeRequest.with {
                    $0.theme = theme(id, changed == 0 ? label : "again")
                    $0.updateMask = .with { $0.paths = ["pref_label"] }
                  })
              }
              changed += 1
            }
          } while !request.pageToken.isEmpty
          guard orderBy.isEmpty else { continue }
          #expect(found == wanted.sorted())
        }
      }
    }
  }

  @Test func `at an old revision words are found as the records stood then`() async throws {
    try await TestRegistry.run(search: .patient) { test in
      try await test.feeding {
        try await test.seed(theme("a", "first"))
        let old = try await test.get(GetThemeRequest.with { $0.name = "themes/a" }).revision
        for label in ["second", "third"] {
          try await test.update(
            UpdateThemeRequest.with {
              $0.theme = theme("a", label)
              $0.updateMask = .with { $0.paths = ["pref_label"] }
            })
        }
        for word in ["first", "second", "third"] {
          let then = ListThemesRequest.with { ($0.filter, $0.revision) = ("search(\(word))", old) }
          #expect(try await test.names(then).count == (word == "first" ? 1 : 0))
          #expect(try await names(test, "search(\(word))").count == (word == "third" ? 1 : 0))
        }
      }
    }
  }

  /// Records are loaded as they stand when they are come to, some of them later than at the revision where that began.
  @Test func `an index that was loaded while records changed misses none of them as they stood before`() async throws {
    try await TestRegistry.run { test in
      try await test.seed(theme("a", "first"))
      let old = try await test.store.head()
      let first = SearchRequest(
        expression: .words(["first"], isPrefix: false), groups: [Kind.theme.searchGroup], revision: old)
      let steps = Mutex<[WatchedIndex.Step]>([])
      let stored = test.store.searchIndex
      let index = WatchedIndex(index: stored) { step in
        steps.withLock { $0.append(step) }
        // It cannot tell, or it finds the record.
        let found = stored.keys(first, from: SearchStart(), limit: 10)
        #expect(found.map { $0.map(\.name) == ["themes/a"] } ?? true, "\(step)")
        guard step == .begun else { return }
        await #expect(throws: Never.self) {
          try await test.update(
            UpdateThemeRequest.with {
              $0.theme = theme("a", "second")
              $0.updateMask = .with { $0.paths = ["pref_label"] }
            })
        }
      }
      let feeder = SearchFeeder(
        test.store, into: index, pause: SearchPatience.patient.pause,
        report: { Issue.record("the index could not go on: \($0)") })
      let updates = index.progressUpdates()
      let feeding = Task { await feeder.run() }
      for await progress in updates where progress.has(Revision(old.number + 1)) { break }
      feeding.cancel()
      await feeding.value
      #expect(steps.withLock { $0 } == [.begun, .loaded, .finished, .applied])
    }
  }

  @Test func `a search names kind, field and place of what it finds`() async throws {
    try await TestRegistry.run(search: .patient) { test in
      try await test.feeding {
        try await test.seed(
          theme("a", "Misuse", alt: ["Use of the Internet"]), theme("b", "Internet"),
          Source.with {
            $0.name = "sources/s"
            $0.title = .with { $0.values = ["en": "On the web", "fr": "Sur l’internet"] }
            $0.publisher = "Internet Society"
          },
          Person.with {
            $0.name = "persons/p"
            $0.familyName = "Internet"
          })
        let found = try await search(test, "internet")
        #expect(found.results.count == 4 && found.nextPageToken.isEmpty && !found.truncated)
        #expect(Set(found.results.prefix(2).map(\.name)) == ["themes/b", "persons/p"])
        let source = try #require(found.results.first { $0.name == "sources/s" })
        #expect(source.resourceType == "plenary.registry/Source" && source.title == "On the web")
        #expect(source.matches.map(\.fieldPath) == ["title", "publisher"])
        #expect(source.matches.map(\.languageCode) == ["fr", ""])
        let text = source.matches[0]
        let range = try #require(text.ranges.first)
        let characters = Array(text.snippet.unicodeScalars)[Int(range.start)..<Int(range.end)]
        #expect(String(String.UnicodeScalarView(characters)) == "internet")
        let alt = try #require(found.results.first { $0.name == "themes/a" })
        #expect(alt.matches.map(\.fieldPath) == ["alt_labels.0"])

        func names(_ change: (inout SearchResourcesRequest) -> Void) async throws -> [String] {
          try await search(test, "internet", change).results.map(\.name)
        }
        #expect(try await names { $0.order = .name } == ["persons/p", "sources/s", "themes/a", "themes/b"])
        #expect(try await names { $0.resourceTypes = ["plenary.registry/Source"] } == ["sources/s"])
        #expect(
          try await names { ($0.languageCode, $0.order) = ("fr", .name) } == ["persons/p", "sources/s"])
        #expect(try await search(test, "web", { $0.languageCode = "fr" }).results.isEmpty)
      }
    }
  }

  @Test(arguments: [SearchResourcesRequest.Order.relevance, .name])
  func `pages of a search show every record once`(_ order: SearchResourcesRequest.Order) async throws {
    try await TestRegistry.run(search: .patient) { test in
      try await test.feeding {
        let count = Registry.rankedCountMax
        try await test.seed((0..<count).map { theme("t\($0)", "word \(String(repeating: "x ", count: $0 % 7))") })
        func pages() async throws -> (names: [String], isTruncated: Bool) {
          var names: [String] = []
          var isTruncated = false
          var token = ""
          repeat {
            let page = try await search(test, "word") { ($0.order, $0.pageSize, $0.pageToken) = (order, 17, token) }
            #expect(page.results.count == 17 || page.nextPageToken.isEmpty)
            names += page.results.map(\.name)
            isTruncated = page.truncated
            token = page.nextPageToken
          } while !token.isEmpty
          return (names, isTruncated)
        }
        let all = try await pages()
        #expect(all.names.count == count && Set(all.names).count == count && !all.isTruncated)
        try await test.seed(theme("one-more", "word"))
        let more = try await pages()
        #expect(Set(more.names).count == (order == .name ? count + 1 : count))
        #expect(more.isTruncated == (order == .relevance))
      }
    }
  }

  @Test func `a record that cannot be read hides no other`() async throws {
    try await TestRegistry.run(search: .patient) { test in
      try await test.feeding {
        let source = Source.with {
          $0.name = "sources/b"
          $0.title = LocalizedText("A report")
          $0.publisher = "UN"
        }
        for id in ["a", "c"] {
          try await test.seed(
            Source.with {
              $0.name = "sources/\(id)"
              $0.title = LocalizedText("A report")
            })
        }
        var body = try source.serializedBytes()
        // No text in UTF-8 has this byte.
        body[try #require(body.firstIndex(of: UInt8(ascii: "U")))] = 0xC1
        let content = Content(
          body: body, marking: PlenaryStore.Marking(label: PlenaryAPI.Marking.Label.green.rawValue),
          entries: Kind.source.indexEntries(of: source))
        _ = try await test.store.commit(
          WriteRequest(actor: "clients/test", mutations: [.put(Key(stored: "sources/b"), content)]))
        for order in [SearchResourcesRequest.Order.name, .relevance] {
          var names: [String] = []
          var token = ""
          repeat {
            let page = try await search(test, "report") { ($0.order, $0.pageSize, $0.pageToken) = (order, 1, token) }
            names += page.results.map(\.name)
            token = page.nextPageToken
          } while !token.isEmpty
          #expect(names == ["sources/a", "sources/c"], "\(order)")
        }
      }
    }
  }

  @Test func `who does not see a record does not find it`() async throws {
    try await TestRegistry.run(search: .patient) { test in
      try await test.feeding {
        try await test.seed(
          (0..<60).map { number in
            Organization.with {
              $0.name = "organizations/o\(number)"
              $0.title = LocalizedText("secret ministry")
              $0.kind = .governmentBody
              $0.marking = .with { $0.label = number.isMultiple(of: 2) ? .green : .clear }
            }
          })
        let clear = PlenaryAPI.Marking.Label.clear.rawValue
        let viewer = Caller(principal: "clients/x", viewer: Viewer { $0.label == clear })
        let request = ListOrganizationsRequest.with { ($0.filter, $0.pageSize) = ("search(ministry)", 7) }
        var found = 0
        var page = try await test.registry.list(request, as: viewer)
        while true {
          found += page.records.count
          guard !page.nextPageToken.isEmpty else { break }
          #expect(page.records.count == 7)
          let next = ListOrganizationsRequest.with {
            ($0.filter, $0.pageSize, $0.pageToken) = ("search(ministry)", 7, page.nextPageToken)
          }
          page = try await test.registry.list(next, as: viewer)
        }
        #expect(found == 30)
        let results = try await test.registry.search(.with { $0.query = "secret" }, as: viewer).response.results
        #expect(results.count == 30 && results.allSatisfy { Int($0.name.dropFirst(15))?.isMultiple(of: 2) == false })
      }
    }
  }

  @Test func `without its index a search is refused, and says how far that is`() async throws {
    try await TestRegistry.run(search: .impatient) { test in
      try await test.seed(theme("a", "word"))
      await expectRefusal(.indexBuilding) { _ = try await search(test, "word") }
      await expectRefusal(.indexBuilding) { _ = try await names(test, "search(word)") }
      try await test.feeding {
        // The first search waits for the index in vain or not, a later one does not.
        while test.store.searchIndex.progress.stage == .closed { await Task.yield() }
        try await SearchAccess(test.store.searchIndex, pause: SearchPatience.patient.pause)
          .waitUntilFed(through: test.store.head())
        #expect(try await names(test, "search(word)") == ["a"])
      }
      try await test.seed(theme("b", "word"))
      let error = await expectRefusal(.indexBehind) { _ = try await search(test, "word") }
      #expect(error?.code == .unavailable)
    }
  }

  @Test func `what is wrong with a search is told with its place`() async throws {
    try await TestRegistry.run(search: .patient) { test in
      try await test.feeding {
        let error = await expectRefusal(.searchSyntax, "query") { _ = try await search(test, "a (b") }
        #expect(error?.violations.first?.metadata["position"] == "2")
        let inFilter = await expectRefusal(.filterSyntax, "filter") {
          _ = try await names(test, #"scheme=s AND search("a (b")"#)
        }
        #expect(inFilter?.violations.first?.metadata["position"] == "20")
        #expect(inFilter?.violations.first?.metadata["search_position"] == "2")
        await expectRefusal(.filterFieldUnknown, "filter") {
          _ = try await test.page(ListClientsRequest.with { $0.filter = "search(a)" })
        }
        await expectRefusal(.resourceTypeUnknown) {
          _ = try await search(test, "a") { $0.resourceTypes = ["plenary.registry/Client"] }
        }
        await expectRefusal(.codeUnknown) { _ = try await search(test, "a") { $0.languageCode = "e" } }
        for length in [Registry.snippetLengthMin - 1, Registry.snippetLengthMax + 1, -1] {
          await expectRefusal(.numberOutOfRange, "snippet_length") {
            _ = try await search(test, "a") { $0.snippetLength = Int32(length) }
          }
        }
        for length in [0, Registry.snippetLengthMin, Registry.snippetLengthMax] {
          _ = try await search(test, "a") { $0.snippetLength = Int32(length) }
        }
        await expectRefusal(.pageTokenInvalid) { _ = try await search(test, "a") { $0.pageToken = "x" } }
      }
    }
  }

  @Test func `every kind but clients has texts that are searched`() {
    for kind in KindCatalog.current.kinds {
      #expect(kind.searchedFields.isEmpty == (kind.message == Client.self), "\(kind.noun)")
    }
    func paths(_ kind: Kind) -> [String] { kind.searchedFields.map(\.path.text) }
    #expect(paths(.theme) == ["notation", "pref_label", "alt_labels", "definition", "scope_note"])
    #expect(paths(.person) == ["given_name", "family_name", "office_title"])
    #expect(paths(.partnership) == ["title", "participants.contribution"])
    #expect(paths(.mandate) == ["symbol", "title"])
    #expect(
      paths(.dialogue) == ["title", "location.locality", "location.venue", "location.address", "summary"])
  }
}
