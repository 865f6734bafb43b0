import PlenaryStore
import PlenaryStoreSQLite
import PlenaryTestKit
import Testing

/// Versions of the past that are confined to those who decide for an originator.
@Suite(.timeLimit(.minutes(10))) struct ConfiningTests {
  private func withModel(
    _ configuration: SQLiteStore.Configuration, seed: UInt64, requests: Int = 120,
    _ body: (SQLiteStore, ConfinedModel) async throws -> Void
  ) async throws {
    try await withStore(configuration) { store in
      var numbers = SeededNumbers(seed: seed)
      var model = ConfinedModel()
      for _ in 0..<requests { try await model.write(&numbers, to: store) }
      try await body(store, model)
    }
  }

  private func configuration(
    _ location: SQLiteStore.Configuration.Location, confining: Bool = true
  ) -> SQLiteStore.Configuration {
    var configuration = PlenaryStoreSQLiteTests.configuration(location)
    configuration.inputs.now = { later }
    configuration.inputs.randomBytes = { Array(repeating: 7, count: $0) }
    configuration.indexing = ConfinedModel.indexing(confining: confining)
    return configuration
  }

  // MARK: What readers see

  @Test(arguments: 1...8)
  func `no read of the past shows what is confined, but to whom it is confined`(seed: UInt64) async throws {
    try await withModel(configuration(.memory), seed: seed) { store, model in
      #expect(model.confinedCount > 20)
      let head = try await store.head()
      for (who, viewer) in ConfinedModel.viewers {
        for number in stride(from: 1, through: head.number, by: 3) {
          let revision = Revision(number)
          let expected = model.records(at: revision, viewer)
          let found = try await store.get(model.keys, as: viewer, at: revision).records
          #expect(
            found.map { $0?.revision.number } == model.keys.map { expected[$0.name]?.revision }, "\(who) \(number)")
          try await compareLists(store, expected, viewer, revision)
          try await compareDifferences(store, model, viewer, from: revision)
        }
        for key in model.keys {
          let page = try await store.versions(of: key, as: viewer, from: nil, limit: PageLimit(records: 1000))
          #expect(page.versions.map(\.record.revision.number) == model.versions(of: key.name, viewer), "\(who) \(key)")
        }
        let rows = try await store.auditRows(
          AuditQuestion(viewer: viewer, through: head, limit: 10_000, lookedAtMax: 10_000)
        ).rows
        #expect(rows.map(\.revision.number) == model.audited(viewer), "\(who)")
      }
      #expect(try await store.verify(.full, watch: .nobody).findings == [])
    }
  }

  /// What is listed, and what single texts find: nothing of what is confined can be found out by asking for it.
  private func compareLists(
    _ store: SQLiteStore, _ expected: [String: ConfinedModel.Version], _ viewer: Viewer, _ revision: Revision
  ) async throws {
    func names(_ condition: Query.Condition) async throws -> [String] {
      let query = Query(conditions: [condition], includesDeleted: true)
      return try await store.list(
        query, as: viewer, after: nil, limit: PageLimit(records: 1000), at: revision
      ).records.map(\.key.name)
    }
    try await #expect(names(.init(IndexField(1), .equals(.unset))) == expected.keys.sorted())
    for text in ["named 1", "named 2", "open 3", "strict 1"] {
      let holders = expected.filter { $0.value.text == text }.keys.sorted()
      try await #expect(names(.init(IndexField(2), .equals(.string(text)))) == holders)
    }
    let entry = IndexEntry(IndexField(2), .string("named 1"))
    let found = try await store.holders(of: entry, as: viewer, limit: 1000).filter { holder in
      holder.start <= revision && holder.end.map { $0 > revision } ?? true
    }
    #expect(found.map(\.key.name) == expected.filter { $0.value.text == "named 1" }.keys.sorted())
  }

  private func compareDifferences(
    _ store: SQLiteStore, _ model: ConfinedModel, _ viewer: Viewer, from revision: Revision
  ) async throws {
    let head = try await store.head()
    let (first, last) = (model.records(at: revision, viewer), model.records(at: head, viewer))
    let page = try await store.differences(
      from: revision, to: head, as: viewer, after: nil, limit: PageLimit(records: 1000)
    ) { _ in true }
    for difference in page.differences {
      #expect(difference.before?.revision.number == first[difference.key.name]?.revision)
      #expect(difference.after?.revision.number == last[difference.key.name]?.revision)
    }
    let told = Set(page.differences.map(\.key.name))
    for (name, version) in last where !told.contains(name) {
      #expect(first[name].map { $0.text == version.text && $0.state == version.state } ?? false, "\(name)")
    }
  }

  /// In memory, and from the tables.
  @Test(arguments: [(1, 65_536), (2, 1), (3, 65_536), (4, 1)] as [(UInt64, Int)])
  func `who follows the changes is shown nothing that is confined, and comes to the same`(
    seed: UInt64, inMemory: Int
  ) async throws {
    var configuration = configuration(.memory)
    configuration.feedChangesMax = inMemory
    try await withModel(configuration, seed: seed) { store, model in
      let head = try await store.head()
      let membership = Query(conditions: [.init(IndexField(1), .equals(.unset))])
      let named = Query(conditions: [.init(IndexField(2), .equals(.string("named 1")))])
      for (who, viewer) in ConfinedModel.viewers {
        for (query, isNamed) in [(membership, false), (named, true)] {
          for start in stride(from: UInt64(0), to: head.number, by: 7) {
            let changes = try await feed(store, query, viewer, after: Revision(start))
            // Whoever begins anywhere with what it could read then comes to what is there now.
            var copy = model.records(at: Revision(start), viewer, unconfined: true).filter { $0.value.state == .live }
            if isNamed { copy = copy.filter { $0.value.text == "named 1" } }
            var held = copy.mapValues(\.revision)
            for change in changes {
              #expect(change.after.map { model.isShown($0, viewer) } ?? true, "\(who) \(start)")
              #expect(change.before.map { model.isShown($0, viewer) } ?? true, "\(who) \(start)")
              if change.kind == .updated { #expect(change.before != nil) }
              held[change.key.name] = change.after?.revision.number
            }
            var now = model.records(at: head, viewer).filter { $0.value.state == .live }
            if isNamed { now = now.filter { $0.value.text == "named 1" } }
            #expect(held == now.mapValues(\.revision), "\(who) \(start)")
          }
        }
      }
    }
  }

  private func feed(
    _ store: SQLiteStore, _ query: Query, _ viewer: Viewer, after start: Revision
  ) async throws -> [FeedChange] {
    let selection = FeedSelection(queries: [query], includesBefore: true) { _ in 0 }
    let limit = FeedLimit(changes: 10_000, bytes: 1 << 20, lookedAt: 10_000)
    let question = FeedQuestion(after: start, viewer: viewer, selection: selection, limit: limit)
    return try await store.feed(question).changes
  }

  @Test func `a change by which a record comes out of confinement tells of it as of a new one`() async throws {
    try await withStore(configuration(.memory)) { store in
      func commit(_ mutations: Mutation...) async throws -> Revision {
        try await store.commit(WriteRequest(actor: "clients/a", mutations: mutations)).revision
      }
      let (kept, gone) = (Key(stored: "d/1/kept"), Key(stored: "d/1/gone"))
      _ = try await commit(put("d/1", "open 1"), put(kept.name, "named 1"), put(gone.name, "named 1"))
      _ = try await commit(put(kept.name, "named 2"))
      _ = try await commit(.softDelete(gone))
      _ = try await store.get([gone], as: .everything, at: nil)
      // In one request, the parent first.
      let end = try await commit(put("d/1", "strict 1"), put(kept.name, "plain 1"))
      let outsider = ConfinedModel.outsider
      let changes = try await feed(store, Query(conditions: []), outsider, after: .zero)
      #expect(changes.map { "\($0.kind) \($0.key)" } == ["removed d/1/gone", "created d/1", "created d/1/kept"])
      #expect(try await store.get(gone, as: outsider).record == nil && store.cached(gone, as: outsider) == nil)
      #expect(try await store.get(gone, as: .everything).record?.isConfined == true)
      #expect(try await store.get(kept, as: outsider).record?.revision == end)

      // What is deleted stays confined when it is changed, and when it comes back, until it is given content.
      _ = try await commit(put(gone.name, "named 3"))
      #expect(try await store.get(gone, as: outsider).record == nil)
      _ = try await commit(.undelete(gone))
      #expect(try await store.get(gone, as: outsider).record == nil)
      let back = try await commit(put(gone.name, "plain 2"))
      #expect(try await store.get(gone, as: outsider).record?.revision == back)
      let versions = try await store.versions(of: gone, as: outsider, from: nil, limit: PageLimit(records: 9))
      #expect(versions.versions.map(\.record.revision) == [back])
      #expect(try await store.verify(.full, watch: .nobody).findings == [])
    }
  }

  @Test func `a request that is refused confines nothing`() async throws {
    try await withStore(configuration(.memory)) { store in
      _ = try await store.commit(
        WriteRequest(actor: "clients/a", mutations: [put("d/1", "open 1"), put("d/1/a", "named 1")]))
      let before = try await store.head()
      let entry = IndexEntry(IndexField(1), .unset)
      let refused = WriteRequest(
        actor: "clients/a", preconditions: [.unique(entry)],
        mutations: [put("d/1", "strict 1"), put("d/1/a", "plain 1")])
      let other = WriteRequest(actor: "clients/a", mutations: [put("e", "text", label: 3)])
      let results = await store.commit([refused, other, refused])
      #expect(results.map { (try? $0.get()) != nil } == [false, true, false])
      let found = try await store.get(
        [Key(stored: "d/1"), Key(stored: "d/1/a")], as: ConfinedModel.outsider, at: before)
      #expect(found.records.map { $0?.isConfined } == [false, false])
      #expect(try await store.verify(.full, watch: .nobody).findings == [])
    }
  }

  // MARK: Other stores

  @Test(arguments: 11...16)
  func `a store of before is confined when it is opened, as if it had always been`(seed: UInt64) async throws {
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      try await withModel(configuration(.directory(pair.leader)), seed: seed) { _, _ in }
      try await withModel(configuration(.directory(pair.follower), confining: false), seed: seed) { _, _ in }
      let file = DatabaseFile(in: pair.follower)
      #expect(try file.text("SELECT count(*) FROM acl WHERE keeper IS NOT NULL") == "0")
      try await withStore(configuration(.directory(pair.follower))) { store in
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.findings == [])
      }
      try pair.compareTables()
    }
  }

  @Test func `where it is not kept what a parent was before, what is deleted and covered is confined`() async throws {
    try await withScratchDirectory { directory in
      let gone = Key(stored: "d/1/gone")
      try await withStore(configuration(.directory(directory), confining: false)) { store in
        let requests: [[Mutation]] = [
          [put("d/1", "open 1"), put(gone.name, "named 1")], [.softDelete(gone)], [put("d/1", "strict 1")],
        ]
        for mutations in requests {
          _ = try await store.commit([WriteRequest(actor: "clients/a", mutations: mutations)])[0].get()
        }
        let head = try await store.head()
        var place = Revision.zero
        while place < head { place = try await store.compact(to: head, after: place).through }
        #expect(try await store.get(gone, as: ConfinedModel.outsider).record != nil)
      }
      try await withStore(configuration(.directory(directory))) { store in
        let keys = [gone, Key(stored: "d/1")]
        let seen = try await store.get(keys, as: ConfinedModel.outsider, at: nil).records
        #expect(seen.map { $0 != nil } == [false, true])
        let all = try await store.get(keys, as: .everything, at: nil).records
        #expect(all.map { $0?.isConfined } == [true, false])
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.findings == [])
      }
    }
  }

  @Test(arguments: 21...24)
  func `a copy confines what its leader does, and a backup keeps it`(seed: UInt64) async throws {
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      var follows = pair.followerConfiguration
      follows.indexing = ConfinedModel.indexing(confining: true)
      try await withStore(configuration(.directory(pair.leader))) { leader in
        var numbers = SeededNumbers(seed: seed)
        var model = ConfinedModel()
        for _ in 0..<40 { try await model.write(&numbers, to: leader) }
        try await pair.copy(leader)
        try await withStore(follows) { follower in
          for _ in 0..<8 {
            for _ in 0..<10 { try await model.write(&numbers, to: leader) }
            let page = try await leader.log(after: follower.head(), limit: LogLimit())
            try await follower.take(page.entries, from: page.source)
            let (head, leaderHead) = (try await follower.head(), try await leader.head())
            #expect(head == leaderHead)
            for number in stride(from: 1, through: head.number, by: 9) {
              let expected = model.records(at: Revision(number), ConfinedModel.outsider)
              let found = try await follower.get(model.keys, as: ConfinedModel.outsider, at: Revision(number)).records
              #expect(found.map { $0?.revision.number } == model.keys.map { expected[$0.name]?.revision })
            }
          }
        }
        _ = try await leader.backUp(to: "\(directory)/backup", watch: .nobody)
        let restored = try SQLiteStore.restore(
          backup: "\(directory)/backup", to: "\(directory)/restored", isReplacing: false, now: later, watch: .nobody)
        try await withStore(configuration(.directory("\(directory)/restored"))) { store in
          let past = Revision(restored.manifest.revision.number / 2)
          let found = try await store.get(model.keys, as: ConfinedModel.outsider, at: past).records
          let expected = model.records(at: past, ConfinedModel.outsider)
          #expect(found.map { $0?.revision.number } == model.keys.map { expected[$0.name]?.revision })
        }
      }
      try pair.compareTables()
    }
  }

  @Test func `what was confined and purged before a copy comes to it leaves nothing there`() async throws {
    try await withScratchDirectory { directory in
      let pair = Pair(in: directory)
      var follows = pair.followerConfiguration
      follows.indexing = ConfinedModel.indexing(confining: true)
      let (parent, child) = (Key(stored: "d/1"), Key(stored: "d/1/a"))
      try await withStore(configuration(.directory(pair.leader))) { leader in
        func write(_ mutations: Mutation...) async throws {
          _ = try await leader.commit([WriteRequest(actor: "clients/a", mutations: mutations)])[0].get()
        }
        try await write(ConfinedModel.put(parent, "open 1"), ConfinedModel.put(child, "named 1"))
        try await pair.copy(leader)
        try await write(.softDelete(child))
        try await write(ConfinedModel.put(parent, "strict 1"))
        try await write(.purge(child))
        try await withStore(follows) { follower in
          let page = try await leader.log(after: follower.head(), limit: LogLimit())
          try await follower.take(page.entries, from: page.source)
          let name = IndexEntry(IndexField(2), .string("named 1"))
          #expect(try await follower.holders(of: name, as: .everything, limit: 9).isEmpty)
          #expect(try await follower.verify(.full, watch: .nobody).findings == [])
        }
      }
      try pair.compareTables()
    }
  }
}

/// Parents `d/1` to `d/3` with children, and what is confined of them: whatever was before a parent's text came to begin with
/// "strict", and deleted children that are "named".
struct ConfinedModel {
  struct Version {
    let revision: UInt64
    let state: RecordState
    let text: String
    let label: Int32
    let originator: String
    var keeper: String?
    var isErased = false

    fileprivate var marking: Marking { Marking(label: label, originator: originator, keeper: keeper) }
  }

  static let outsider = Viewer { $0.label == 1 && $0.keeper == nil }
  static let viewers: [(String, Viewer)] = [
    ("everything", .everything), ("outsider", outsider),
    ("keeper", Viewer { $0.label == 1 && [nil, "o/1"].contains($0.keeper) }),
  ]

  static func indexing(confining isConfining: Bool) -> Indexing {
    let confining = Confining(
      confines: { key, before, after in isParent(key.name) && !isStrict(before) && isStrict(after) },
      covers: { $1.starts(with: "named".utf8) })
    return Indexing(form: isConfining ? [2] : [1], confining: isConfining ? confining : nil) { _, body in
      let text = String(decoding: body, as: UTF8.self)
      return [
        IndexEntry(IndexField(1), .unset), IndexEntry(IndexField(2), .string(text)),
        IndexEntry(IndexField(3), .integer(Int64(text.utf8.count))),
      ]
    }
  }

  private static func isParent(_ name: String) -> Bool { name.count { $0 == "/" } == 1 }
  private static func isStrict(_ body: [UInt8]) -> Bool { body.starts(with: "strict".utf8) }

  private var history: [String: [Version]] = [:]

  var keys: [Key] { history.keys.sorted().map(Key.init(stored:)) }
  var confinedCount: Int { history.values.joined().count { $0.keeper != nil } }

  // MARK: Writing

  /// Writes a request of some changes, which may be refused.
  mutating func write(_ numbers: inout SeededNumbers, to store: SQLiteStore) async throws {
    var mutations: [Mutation] = []
    for _ in 0..<Int.random(in: 1...3, using: &numbers) {
      let parent = "d/\(Int.random(in: 1...3, using: &numbers))"
      let child = ["", "/a", "/b", "/c"].randomElement(using: &numbers) ?? ""
      let key = Key(stored: parent + child)
      let words = Self.isParent(key.name) ? ["open", "strict"] : ["named", "plain"]
      let text = "\(words.randomElement(using: &numbers) ?? "") \(Int.random(in: 1...3, using: &numbers))"
      let written = Self.put(
        key, text, label: Int.random(in: 0..<6, using: &numbers) == 0 ? 5 : 1,
        originator: "o/\(Int.random(in: 1...2, using: &numbers))")
      switch Int.random(in: 0..<9, using: &numbers) {
      case 0, 1: mutations.append(.softDelete(key))
      case 2, 3: mutations += [.undelete(key), written]
      case 4 where Int.random(in: 0..<3, using: &numbers) == 0: mutations += purges(of: key)
      default: mutations.append(written)
      }
    }
    guard let receipt = try? await store.commit([WriteRequest(actor: "clients/a", mutations: mutations)])[0].get()
    else {
      return
    }
    note(mutations, receipt)
  }

  /// What purging a record takes: a parent goes with its children.
  private func purges(of key: Key) -> [Mutation] {
    history.filter { name, versions in
      versions.last?.state != .purged && (name == key.name || name.hasPrefix(key.name + "/"))
    }.keys.sorted().map { .purge(Key(stored: $0)) }
  }

  fileprivate static func put(_ key: Key, _ text: String, label: Int32 = 1, originator: String = "o/1") -> Mutation {
    let body = Array(text.utf8)
    return .put(
      key,
      Content(
        body: body, marking: Marking(label: label, originator: originator),
        entries: indexing(confining: true).entries(key, body) ?? []))
  }

  private mutating func note(_ mutations: [Mutation], _ receipt: WriteReceipt) {
    var confinements: [(parent: String, keeper: String)] = []
    for (mutation, change) in zip(mutations, receipt.changes) {
      let (name, last) = (change.key.name, history[change.key.name]?.last)
      let standing = last?.state == .purged ? nil : last
      func version(_ state: RecordState, _ keeper: String?) -> Version {
        Version(
          revision: change.revision.number, state: state, text: last?.text ?? "", label: last?.label ?? 0,
          originator: last?.originator ?? "", keeper: keeper)
      }
      switch mutation {
      case .put(_, let content), .erase(_, let content):
        let text = String(decoding: content.body, as: UTF8.self)
        history[name, default: []].append(
          Version(
            revision: change.revision.number, state: standing?.state ?? .live, text: text,
            label: content.marking.label, originator: content.marking.originator,
            keeper: standing?.state == .softDeleted ? standing?.keeper : nil))
        let wasOpen = standing.map { !Self.isStrict(Array($0.text.utf8)) } ?? false
        if Self.isParent(name), wasOpen, Self.isStrict(content.body) {
          confinements.append((name, content.marking.originator))
        }
      case .softDelete: history[name]?.append(version(.softDeleted, last?.keeper))
      case .undelete: history[name]?.append(version(.live, last?.keeper))
      case .purge:
        for index in history[name]?.indices ?? 0..<0 { history[name]?[index].isErased = true }
        history[name]?.append(version(.purged, last?.keeper))
      }
    }
    for (parent, keeper) in confinements { confine(parent, keeper) }
  }

  private mutating func confine(_ parent: String, _ keeper: String) {
    for (name, versions) in history where name == parent || name.hasPrefix(parent + "/") {
      let isCovered = versions.last.map { $0.state == .softDeleted && $0.text.hasPrefix("named") } ?? false
      for index in isCovered ? versions.indices : versions.indices.dropLast() {
        history[name]?[index].keeper = versions[index].keeper ?? keeper
      }
    }
  }

  // MARK: Reading

  /// What a viewer is to find at a revision, deleted records included.
  ///
  /// - Parameter unconfined: Whether what is confined counts, as it could be read before.
  func records(at revision: Revision, _ viewer: Viewer, unconfined: Bool = false) -> [String: Version] {
    history.compactMapValues { versions in
      guard let last = versions.last, let version = versions.last(where: { $0.revision <= revision.number }),
        version.state != .purged
      else { return nil }
      if unconfined { return viewer.sees(version.marking.unconfined) ? version : nil }
      return !version.isErased && viewer.sees(last.marking) && viewer.sees(version.marking) ? version : nil
    }
  }

  /// The versions of a record that a viewer is to find, the newest first.
  func versions(of name: String, _ viewer: Viewer) -> [UInt64] {
    let versions = history[name] ?? []
    guard let last = versions.last, viewer.sees(last.marking), last.state != .purged else { return [] }
    return versions.reversed().prefix { !$0.isErased && $0.state != .purged }.filter { viewer.sees($0.marking) }
      .map(\.revision)
  }

  /// The revisions of which the audit tells a viewer, the newest first.
  func audited(_ viewer: Viewer) -> [UInt64] {
    history.values.flatMap { versions in
      versions.filter { version in
        versions.last.map { viewer.sees($0.marking) && viewer.sees(version.marking) } ?? false
      }
    }.map(\.revision).sorted(by: >)
  }

  /// Whether a version may be shown to a viewer.
  func isShown(_ record: StoredRecord, _ viewer: Viewer) -> Bool {
    history[record.key.name]?.contains { $0.revision == record.revision.number && viewer.sees($0.marking) } ?? false
  }
}
