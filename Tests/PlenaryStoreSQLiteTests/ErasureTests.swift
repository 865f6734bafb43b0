import Foundation
import PlenaryStore
import PlenaryStoreSQLite
import Testing

/// What a record held is erased while the record stays: from all versions, from the files, and after a restore.
@Suite(.timeLimit(.minutes(10))) struct ErasureTests {
  private static let key = Key(stored: "a/person")
  private static let names = ["Amina-Unwiederbringlich", "أمينة-لا-تُنسى", "阿米娜独一无二"]
  private static let notice = "erased"

  private func commit(_ store: SQLiteStore, _ mutations: Mutation..., reason: String = "") async throws -> Revision {
    try await store.commit(WriteRequest(actor: "clients/a", reason: reason, mutations: mutations)).revision
  }

  /// Writes a record under each of the names, among others that make pages split.
  private func plant(_ store: SQLiteStore) async throws {
    for round in 0..<3 {
      for (index, name) in Self.names.enumerated() {
        let text = "\(name) \(round)"
        _ = try await commit(
          store, put(Self.key.name, text, label: Int32(1 + index % 2)),
          // Neighbours in the index and among the versions, so that the rows of the record are moved about.
          put("a/neighbour-\(round)-\(index)", "Amina-Unw" + String(repeating: "x", count: 700)),
          put("a/z-\(round)-\(index)", "أمينة" + String(repeating: "y", count: 700)))
      }
    }
    _ = try await commit(store, .softDelete(Self.key))
    _ = try await commit(store, .undelete(Self.key))
  }

  private func erase(_ store: SQLiteStore) async throws -> Revision {
    guard case .put(_, let content) = put(Self.key.name, Self.notice) else { return .zero }
    let revision = try await commit(store, .erase(Self.key, content), reason: "asked for")
    // What is handed in now is done when the files have been seen to.
    _ = try await store.commit(WriteRequest(actor: "", mutations: []))
    return revision
  }

  /// The files of a directory in which one of the names stands.
  private func filesWithNames(_ directory: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: directory).filter { path in
      guard let bytes = FileManager.default.contents(atPath: "\(directory)/\(path)") else { return false }
      return Self.names.contains { bytes.range(of: Data($0.utf8)) != nil }
    }
  }

  @Test func `nothing of what was erased is left in the files, and the store is sound`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        try await plant(store)
        #expect(try filesWithNames(directory) != [])
        let revision = try await erase(store)
        #expect(try filesWithNames(directory) == [])
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.findings == [])
        #expect(try await store.get(Self.key, as: .everything).record?.body == Array(Self.notice.utf8))
        #expect(try await store.get(Self.key, as: .everything).record?.revision == revision)
        // The record goes on, and what was erased does not come back into the files.
        _ = try await commit(store, put(Self.key.name, "erased, still"), .softDelete(Self.key))
        #expect(try await store.verify(.full, watch: .nobody).findings == [])
      }
      #expect(try filesWithNames(directory) == [])
      try await withStore(configuration(.directory(directory))) { store in
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.findings == [])
      }
    }
  }

  @Test func `versions and lists of the past show what was put in the place`() async throws {
    try await withStore(configuration(.memory)) { store in
      try await plant(store)
      let before = try await store.head()
      let first = try await store.versions(
        of: Self.key, as: .everything, from: nil, limit: PageLimit(records: 100)
      ).versions
      _ = try await erase(store)
      let versions = try await store.versions(
        of: Self.key, as: .everything, from: nil, limit: PageLimit(records: 100)
      ).versions
      #expect(versions.count == first.count + 1)
      #expect(versions.allSatisfy { $0.record.body == Array(Self.notice.utf8) })
      #expect(versions.first?.kind == .erased && versions.first?.reason == "asked for")
      #expect(versions.dropFirst().map(\.record.revision) == first.map(\.record.revision))
      #expect(Set(versions.map(\.record.born)).count == 1)
      let head = try await store.head()
      for revision in [Revision(1), before, head] {
        let query = Query(conditions: [.init(IndexField(2), .equals(.string(Self.notice)))])
        let page = try await store.list(
          query, as: .everything, after: nil, limit: PageLimit(records: 10), at: revision)
        #expect(page.records.map(\.key) == [Self.key], "at \(revision)")
        let past = try await store.get([Self.key], as: .everything, at: revision).records[0]
        #expect(past?.body == Array(Self.notice.utf8), "at \(revision)")
      }
    }
  }

  /// In memory, and from the tables.
  @Test(arguments: [65_536, 1])
  func `changes of the past show what was put in the place`(_ changesInMemory: Int) async throws {
    var small = configuration(.memory)
    small.feedChangesMax = changesInMemory
    try await withStore(small) { store in
      try await plant(store)
      _ = try await erase(store)
      let selection = FeedSelection(queries: [Query(conditions: [])], includesBefore: true) { _ in 0 }
      let question = FeedQuestion(
        after: .zero, viewer: .everything, selection: selection,
        limit: FeedLimit(changes: 1000, bytes: 1 << 20, lookedAt: 1000))
      #expect((store.feedInMemory(question) != nil) == (changesInMemory > 1))
      let mine = try await store.feed(question).changes.filter { $0.key == Self.key }
      #expect(mine.count == 12)
      for change in mine {
        #expect(change.after?.body ?? Array(Self.notice.utf8) == Array(Self.notice.utf8))
        #expect(change.before?.body ?? Array(Self.notice.utf8) == Array(Self.notice.utf8))
      }
    }
  }

  @Test func `a version that was put back after an erasure is found`() async throws {
    try await withScratchDirectory { directory in
      var victim = Revision.zero
      try await withStore(configuration(.directory(directory))) { store in
        try await plant(store)
        victim = try await store.versions(
          of: Self.key, as: .everything, from: nil, limit: PageLimit(records: 3)
        ).versions[2].record.revision
        _ = try await erase(store)
      }
      let file = DatabaseFile(in: directory)
      try file.execute("UPDATE ver SET body = 'something else' WHERE rev = \(victim)")
      try await withStore(configuration(.directory(directory))) { store in
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.firstBadRevision == victim)
      }
      try file.execute("UPDATE ver SET body = 'erased', salt = x'00' WHERE rev = \(victim)")
      try await withStore(configuration(.directory(directory))) { store in
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.firstBadRevision == victim)
      }
    }
  }

  @Test func `a version without a salt whose record was not erased is found`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in try await plant(store) }
      try DatabaseFile(in: directory).execute("UPDATE ver SET salt = NULL WHERE rev = 4")
      try await withStore(configuration(.directory(directory))) { store in
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.firstBadRevision == Revision(4))
      }
    }
  }

  @Test func `an erasure goes to a copy, and one that comes later gets what was put in the place`() async throws {
    try await withScratchDirectory { directory in
      let (first, second) = (directory + "/first", directory + "/second")
      try await withStore(configuration(.memory)) { leader in
        _ = try await commit(leader, put("a/other", "text"))
        for path in [first, second] {
          let copy = try await leader.copy(watch: .nobody)
          let receiver = try StoreReceiver(directory: path, leader: "leader", manifest: copy.manifest)
          try receiver.append(try copy.bytes(at: 0, count: Int(copy.manifest.byteCount)))
          try receiver.install(now: later, watch: .nobody)
        }
        var follower = configuration(.directory(first))
        follower.leader = "leader"
        try await withStore(follower) { follower in
          try await plant(leader)
          try await take(leader, follower)
          #expect(try filesWithNames(first) != [])
          _ = try await erase(leader)
          try await take(leader, follower)
          _ = try await follower.commit(WriteRequest(actor: "", mutations: []))
          #expect(try filesWithNames(first) == [])
          #expect(try await follower.verify(.full, watch: .nobody).findings == [])
        }
        var late = configuration(.directory(second))
        late.leader = "leader"
        try await withStore(late) { late in
          // In two parts, so that it is looked at while the erasure is still to come.
          let head = try await leader.head()
          let page = try await leader.log(after: try await late.head(), limit: LogLimit())
          let part = page.entries.prefix { $0.revision.number < head.number - 5 }
          let whole = part.prefix { entry in entry.transaction.number <= part.last?.revision.number ?? 0 }
          try await late.take(Array(whole), from: page.source)
          #expect(try await late.verify(.full, watch: .nobody).findings == [])
          try await take(leader, late)
          #expect(try filesWithNames(second) == [])
          #expect(try await late.verify(.full, watch: .nobody).findings == [])
          #expect(try await late.get(Self.key, as: .everything).record?.body == Array(Self.notice.utf8))
        }
      }
    }
  }

  private func take(_ leader: SQLiteStore, _ follower: SQLiteStore) async throws {
    while true {
      let page = try await leader.log(after: try await follower.head(), limit: LogLimit())
      guard !page.entries.isEmpty else { return }
      try await follower.take(page.entries, from: page.source)
    }
  }

  @Test func `a restore erases again what was erased after the backup`() async throws {
    try await withScratchDirectory { directory in
      let (data, backup, second) = (directory + "/data", directory + "/backup", directory + "/second")
      try await withStore(configuration(.directory(data))) { store in
        try await plant(store)
        _ = try await store.backUp(to: backup, watch: .nobody)
        _ = try await erase(store)
      }
      let indexing = Indexing(form: []) { _, body in
        guard case .put(_, let content) = put("x", String(decoding: body, as: UTF8.self)) else { return nil }
        return content.entries
      }
      let replay = ErasureReplay(indexing: indexing, randomBytes: configuration(.memory).inputs.randomBytes)
      // In place of the store that knows of it, and elsewhere with its list.
      for (target, files) in [(data, []), (second, [data + "/erasures.jsonl"])] {
        var asked = replay
        asked.files = files
        let done = try SQLiteStore.restore(
          backup: backup, to: target, isReplacing: true, erasures: asked, now: later, watch: .nobody)
        #expect(done.erasureCount == 1)
        #expect(try filesWithNames(target) == [])
        try await withStore(configuration(.directory(target))) { store in
          #expect(try await store.head() == done.revision)
          #expect(try await store.verify(.full, watch: .nobody).findings == [])
          let versions = try await store.versions(
            of: Self.key, as: .everything, from: nil, limit: PageLimit(records: 100)
          ).versions
          #expect(versions.count == 12 && versions.allSatisfy { $0.record.body == Array(Self.notice.utf8) })
          #expect(versions.first?.reason == "asked for" && versions.first?.record.actor == "plenaryd restore")
          _ = try await commit(store, put("a/goes-on", "text"))
        }
      }
      // A second restore of the same backup finds the same, and a backup made since is left alone.
      let again = try SQLiteStore.restore(
        backup: backup, to: data, isReplacing: true, erasures: replay, now: later, watch: .nobody)
      #expect(again.erasureCount == 1)
      try await withStore(configuration(.directory(data))) { store in
        _ = try await store.backUp(to: directory + "/clean", watch: .nobody)
      }
      let clean = try SQLiteStore.restore(
        backup: directory + "/clean", to: data, isReplacing: true, erasures: replay, now: later, watch: .nobody)
      #expect(clean.erasureCount == 0)
      #expect(try filesWithNames(directory + "/clean") == [])
      #expect(throws: StoreError.self) {
        _ = try SQLiteStore.restore(backup: backup, to: data, isReplacing: true, now: later, watch: .nobody)
      }
    }
  }

  @Test func `what was erased and then removed is removed by a restore`() async throws {
    try await withScratchDirectory { directory in
      let (data, backup) = (directory + "/data", directory + "/backup")
      try await withStore(configuration(.directory(data))) { store in
        try await plant(store)
        _ = try await store.backUp(to: backup, watch: .nobody)
        _ = try await erase(store)
        _ = try await commit(store, .purge(Self.key))
      }
      try FileManager.default.removeItem(atPath: data + "/erasures.jsonl")
      let replay = ErasureReplay(
        indexing: Indexing(form: []) { _, _ in [] }, randomBytes: configuration(.memory).inputs.randomBytes)
      let done = try SQLiteStore.restore(
        backup: backup, to: data, isReplacing: true, erasures: replay, now: later, watch: .nobody)
      #expect(done.erasureCount == 1)
      #expect(try filesWithNames(data) == [])
    }
  }

  @Test func `what an end of the process has kept from being cleaned is cleaned at the next start`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        try await plant(store)
        _ = try await erase(store)
      }
      let file = DatabaseFile(in: directory)
      // As it is when the process ends between the commit and what comes after.
      try file.execute("PRAGMA secure_delete = OFF")
      try file.execute("CREATE TABLE trace(text TEXT); INSERT INTO trace VALUES('\(Self.names[1])'); DROP TABLE trace")
      try file.execute("PRAGMA user_version = 1")
      try FileManager.default.removeItem(atPath: directory + "/erasures.jsonl")
      try await withStore(configuration(.directory(directory))) { store in
        _ = try await store.commit(WriteRequest(actor: "", mutations: []))
        #expect(try filesWithNames(directory) == [])
        #expect(FileManager.default.fileExists(atPath: directory + "/erasures.jsonl"))
      }
      #expect(try file.text("PRAGMA user_version") == "0")
    }
  }

  @Test func `a record that is not there cannot be erased`() async throws {
    try await withStore(configuration(.memory)) { store in
      guard case .put(_, let content) = put(Self.key.name, Self.notice) else { return }
      await #expect(throws: StoreError.notFound(Self.key)) {
        try await store.commit(WriteRequest(actor: "a", mutations: [.erase(Self.key, content)]))
      }
      _ = try await commit(store, put(Self.key.name, "text"))
      let head = try await store.head()
      // Together with something that is refused, nothing of it is done.
      await #expect(throws: StoreError.self) {
        try await store.commit(
          WriteRequest(actor: "a", mutations: [.erase(Self.key, content), .purge(Key(stored: "a/none"))]))
      }
      #expect(try await store.get(Self.key, as: .everything).record?.body == Array("text".utf8))
      #expect(try await store.head() == head)
      #expect(try await store.verify(.full, watch: .nobody).findings == [])
    }
  }
}
