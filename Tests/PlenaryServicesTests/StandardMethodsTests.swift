import PlenaryClient
import PlenaryTestKit
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(10))) struct StandardMethodsTests {
  @Test func `each kind answers its five methods`() async throws {
    try await withPlenary(importing: Example.records()) { plenary in
      let registry = plenary.registry
      try await tryMethods(of: registry.sources)
      try await tryMethods(of: registry.organizations)
      try await tryMethods(of: registry.persons)
      try await tryMethods(of: registry.themes)
      try await tryMethods(of: registry.mandates)
      try await tryMethods(of: registry.directives, in: "mandates/-")
      try await tryMethods(of: registry.initiatives)
      try await tryMethods(of: registry.series)
      try await tryMethods(of: registry.dialogues)
      try await tryMethods(of: registry.workingGroups, in: "dialogues/-")
      try await tryMethods(of: registry.interventions, in: "dialogues/-")
      try await tryMethods(of: registry.partnerships)
      try await tryMethods(of: registry.outcomeReports)
    }
  }

  /// Reads and changes the first record of a kind, and makes and deletes a copy of it.
  private func tryMethods<Service>(
    of client: ResourceClient<Service>, in parent: String = ""
  ) async throws {
    let records = try await client.list(in: parent).reduce(into: []) { $0.append($1) }
    #expect(try records.map(\.name) == Example.names(of: Service.Resource.self), "\(Service.serviceName)")
    let first = try #require(records.first)
    #expect(try await client.get(first.name) == first)

    // A change of nothing is no change.
    #expect(try await client.update(first, paths: ["annotations"]) == first)
    var stale = first
    stale.etag = "\"0000000000000000\""
    let mismatch = await #expect(throws: GRPCStatus.self) { try await client.update(stale, paths: ["annotations"]) }
    #expect(mismatch?.code == .aborted && mismatch?.reason == "ETAG_MISMATCH", "\(Service.serviceName)")

    let segments = first.name.split(separator: "/")
    let taken = await #expect(throws: GRPCStatus.self) {
      try await client.create(
        first, id: String(segments[segments.count - 1]), in: segments.dropLast(2).joined(separator: "/"))
    }
    #expect(taken?.code == .alreadyExists && taken?.reason == "RESOURCE_EXISTS", "\(Service.serviceName)")

    let missing = (segments.dropLast() + ["nobody"]).joined(separator: "/")
    let absent = await #expect(throws: GRPCStatus.self) { try await client.delete(missing) }
    #expect(absent?.code == .notFound && absent?.reason == "RESOURCE_NOT_FOUND", "\(Service.serviceName)")
  }

  @Test func `answers tell the revision at which they are true`() async throws {
    try await withPlenary { plenary in
      let themes = plenary.registry.themes
      let seen = Mutex<[String]>([])
      var options = CallOptions()
      options.onInitialMetadata = { metadata in seen.withLock { $0.append(metadata.text("plenary-revision") ?? "") } }
      let theme = try await themes.create(.sample, id: "t", options: options)
      _ = try await themes.get("themes/t", options: options)
      for try await _ in themes.list(options: options) {}
      let deleted = try await themes.delete("themes/t", options: options)
      #expect(seen.withLock { $0 } == [theme.revision, theme.revision, theme.revision, deleted.revision])
      #expect(theme.revision != deleted.revision && !theme.revision.isEmpty)
    }
  }

  @Test func `a record is the same whether it comes from memory or not, and never an old one`() async throws {
    try await withPlenary(importing: Example.records()) { plenary in
      let dialogues = plenary.registry.dialogues
      let name = "dialogues/asia-ict-ct-3"
      let revisions = Mutex<[String?]>([])
      var options = CallOptions()
      options.onInitialMetadata = { metadata in revisions.withLock { $0.append(metadata.text("plenary-revision")) } }
      // The first is read from the store, the second from memory, the third by a request that says more than a name.
      let first = try await dialogues.get(name, options: options)
      let second = try await dialogues.get(name, options: options)
      let masked = GetDialogueRequest.with {
        $0.name = name
        $0.readMask = .init(paths: ["*"])
      }
      let third = try await dialogues.get(masked, options: options)
      #expect(first == second && second == third)
      #expect(Set(revisions.withLock { $0 }).count == 1)

      let changed = try await dialogues.update(
        .with {
          $0.name = name
          $0.participantCount = 70
        }, paths: ["participant_count"])
      #expect(try await dialogues.get(name, options: options) == changed)
      #expect(changed.participantCount == 70 && revisions.withLock { $0 }.last == changed.revision)
      _ = try await dialogues.delete(
        .with {
          $0.name = name
          $0.force = true
        })
      #expect(try await dialogues.get(name).state == .deleted)
    }
  }

  @Test func `a name of another kind is refused, also when its record is in memory`() async throws {
    try await withPlenary(importing: Example.records()) { plenary in
      _ = try await plenary.registry.dialogues.get("dialogues/asia-ict-ct-3")
      let refusal = await #expect(throws: GRPCStatus.self) {
        try await plenary.registry.themes.get("dialogues/asia-ict-ct-3")
      }
      #expect(refusal?.code == .invalidArgument && refusal?.reason == "ID_INVALID")
    }
  }

  @Test func `a request with the id of an earlier one does nothing and says so`() async throws {
    try await withPlenary { plenary in
      let themes = plenary.registry.themes
      let replayed = Mutex<[String?]>([])
      var options = CallOptions()
      options.onInitialMetadata = { metadata in replayed.withLock { $0.append(metadata.text("plenary-replayed")) } }
      let request = CreateThemeRequest.with {
        $0.theme = .sample
        $0.themeID = "t"
        $0.requestID = "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"
      }
      let first = try await themes.create(request, options: options)
      let second = try await themes.create(request, options: options)
      #expect(first == second)
      #expect(replayed.withLock { $0 } == [nil, "true"])
    }
  }

  @Test func `pages are fetched until the last one, and all show the same revision`() async throws {
    try await withPlenary(importing: Example.records()) { plenary in
      let request = ListThemesRequest.with { $0.pageSize = 4 }
      var sizes: [Int] = []
      var names: [String] = []
      for try await page in plenary.registry.themes.list(request).pages {
        sizes.append(page.themes.count)
        names += page.themes.map(\.name)
        // What is created meanwhile belongs to a later revision.
        _ = try await plenary.registry.themes.create(
          .with {
            $0.scheme = "late"
            $0.prefLabel = .with { $0.values = ["en": "late \(sizes.count)"] }
          }, id: "a-late-\(sizes.count)")
      }
      #expect(sizes == [4, 4, 4, 3])
      #expect(names == names.sorted() && !names.contains { $0.hasPrefix("themes/a-late") })
    }
  }

  @Test func `a read mask leaves the other fields out`() async throws {
    try await withPlenary(importing: Example.records()) { plenary in
      let request = GetDialogueRequest.with {
        $0.name = "dialogues/asia-ict-ct-3"
        $0.readMask = .init(paths: ["name", "location.locality"])
      }
      let dialogue = try await plenary.registry.dialogues.get(request)
      let expected = Dialogue.with {
        $0.name = "dialogues/asia-ict-ct-3"
        $0.location = .with { $0.locality = "Kuala Lumpur" }
      }
      #expect(dialogue == expected)
    }
  }

  @Test func `the state of the store counts the records of each kind`() async throws {
    try await withPlenary(importing: Example.records()) { plenary in
      let status = try await AdminServiceClient(plenary.registry.channel).getStoreStatus(GetStoreStatusRequest())
      let counts = Dictionary(
        uniqueKeysWithValues: status.resourceCounts.map { ($0.resourceType, $0.recordCount) })
      #expect(counts["plenary.registry/Theme"] == 15 && counts["plenary.registry/Dialogue"] == 3)
      #expect(counts.values.reduce(0, +) == 41)
      #expect(!status.currentRevision.isEmpty && !status.version.isEmpty && status.startedTime != nil)
    }
  }
}

extension Theme {
  /// A theme that can be created anywhere.
  static var sample: Theme {
    .with {
      $0.scheme = "samples"
      $0.prefLabel = .with {
        $0.values = ["en": "A sample"]
        $0.originalLanguage = "en"
      }
    }
  }
}
