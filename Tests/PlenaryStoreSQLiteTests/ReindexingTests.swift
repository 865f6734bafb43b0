import Foundation
import PlenaryStore
import PlenaryStoreSQLite
import PlenaryTestKit
import Synchronization
import Testing

/// Stores whose records are to be found by other entries than before.
@Suite struct ReindexingTests {
  /// The entries of a record by its text: those that each write of these tests gives, and some that a later program
  /// declares besides, in place of one that it has given up.
  private static func entries(_ body: [UInt8], isLater: Bool) -> [IndexEntry] {
    let number = Int64(body.reduce(0) { $0 &* 31 &+ Int($1) } & 0xFF)
    let first = [IndexEntry(IndexField(1), .unset), IndexEntry(IndexField(2), .integer(number))]
    return first
      + (isLater
        ? [IndexEntry(IndexField(4), .integer(number >> 4)), IndexEntry(IndexField(5), .integer(number >> 6))]
        : [IndexEntry(IndexField(3), .integer(number & 3))])
  }

  private static func indexing(isLater: Bool) -> Indexing {
    Indexing(form: isLater ? [2] : [1]) { key, body in
      key.name.hasPrefix("strange/") ? nil : entries(body, isLater: isLater)
    }
  }

  private func configuration(_ directory: String, isLater: Bool) -> SQLiteStore.Configuration {
    var configuration = PlenaryStoreSQLiteTests.configuration(.directory(directory))
    configuration.inputs.now = { later }
    configuration.inputs.randomBytes = { Array(repeating: 7, count: $0) }
    configuration.indexing = Self.indexing(isLater: isLater)
    return configuration
  }

  /// Writes the same history into a store, whatever its records are found by; as many records as make several batches.
  private func fill(_ store: SQLiteStore, seed: UInt64, isLater: Bool) async throws {
    var numbers = SeededNumbers(seed: seed)
    for round in 0..<60 {
      var mutations: [Mutation] = []
      for name in Set((0..<40).map { _ in Int.random(in: 0..<1200, using: &numbers) }).sorted() {
        let key = Key(stored: (name % 50 == 0 ? "strange/" : "a/") + String(name))
        let body = Array(String(Int.random(in: 0..<300, using: &numbers)).utf8)
        let content = Content(
          body: body, marking: Marking(label: Int32.random(in: 1...2, using: &numbers)),
          entries: Self.entries(body, isLater: isLater && name % 50 != 0))
        switch Int.random(in: 0..<12, using: &numbers) {
        case 0: mutations.append(.softDelete(key))
        case 1: mutations.append(.undelete(key))
        case 2: mutations.append(.purge(key))
        default: mutations.append(.put(key, content))
        }
      }
      // Each by itself, as what cannot be done is refused.
      _ = await store.commit(mutations.map { WriteRequest(actor: "clients/\(round % 3)", mutations: [$0]) })
    }
  }

  private static let tables = ["meta", "ver", "head", "idx", "idx_past", "audit"]

  /// What the tables hold.
  private func contents(of directory: String) throws -> [String] {
    let file = DatabaseFile(in: directory)
    return try Self.tables.map { try file.dump($0) }
  }

  @Test(arguments: 1...6)
  func `a store that is brought up to date is the one that the later program would have made`(seed: UInt64) async throws
  {
    try await withScratchDirectory { directory in
      for (name, isLater) in [("old", false), ("new", true)] {
        let configuration = configuration("\(directory)/\(name)", isLater: isLater)
        try await withStore(configuration) { try await fill($0, seed: seed, isLater: isLater) }
      }
      let asked = Mutex<[String: Int]>([:])
      var later = configuration("\(directory)/old", isLater: true)
      later.indexing = Indexing(form: [2]) { key, body in
        asked.withLock { $0[key.name, default: 0] += 1 }
        return Self.indexing(isLater: true).entries(key, body)
      }
      try await withStore(later) { store in
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.isSound, "\(report.findings)")
      }
      let askedCount = asked.withLock { $0.count }
      #expect(askedCount > 500, "there is more than one batch")
      #expect(try contents(of: "\(directory)/old") == contents(of: "\(directory)/new"))
      // The next start has nothing to do.
      asked.withLock { $0 = [:] }
      try await withStore(later) { _ in }
      let isNothingAsked = asked.withLock { $0.isEmpty }
      #expect(isNothingAsked)
    }
  }

  @Test func `what was compacted away does not come back`() async throws {
    try await withScratchDirectory { directory in
      let old = configuration(directory, isLater: false)
      try await withStore(old) { store in
        try await fill(store, seed: 9, isLater: false)
        let revision = Revision(try await store.head().number / 2)
        var place = Revision.zero
        repeat { place = try await store.compact(to: revision, after: place).through } while place < revision
      }
      try await withStore(configuration(directory, isLater: true)) { store in
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.isSound, "\(report.findings)")
        let head = try await store.head()
        for revision in [head.number / 2, head.number * 3 / 4, head.number].map(Revision.init) {
          let all = try await records(in: store, with: IndexEntry(IndexField(1), .unset), at: revision)
          for value in Int64(0)..<16 {
            let entry = IndexEntry(IndexField(4), .integer(value))
            let found = try await records(in: store, with: entry, at: revision)
            let expected = all.filter {
              !$0.key.name.hasPrefix("strange/") && Self.entries($0.body, isLater: true).contains(entry)
            }
            #expect(found.map(\.revision) == expected.map(\.revision))
          }
        }
      }
    }
  }

  private func records(
    in store: SQLiteStore, with entry: IndexEntry, at revision: Revision
  ) async throws -> [StoredRecord] {
    let query = Query(conditions: [Query.Condition(entry.field, .equals(entry.value))])
    let limit = PageLimit(records: 10_000)
    return try await store.list(query, as: .everything, after: nil, limit: limit, at: revision).records
  }

  @Test func `work that was broken off goes on from where it was`() async throws {
    try await withScratchDirectory { directory in
      for (name, isLater) in [("old", false), ("new", true)] {
        let configuration = configuration("\(directory)/\(name)", isLater: isLater)
        try await withStore(configuration) { try await fill($0, seed: 4, isLater: isLater) }
      }
      // The second batch finds a version that cannot be read, as a disk may leave one.
      let file = DatabaseFile(in: "\(directory)/old")
      let last = try #require(try file.text("SELECT max(rev) FROM head WHERE k > 'b' AND op = 1"))
      try file.execute("UPDATE ver SET entries = x'FF' WHERE rev = \(last)")
      let other = DatabaseFile(in: "\(directory)/new")
      let entries = try #require(try other.text("SELECT hex(entries) FROM ver WHERE rev = \(last)"))
      #expect(throws: StoreError.self) { _ = try SQLiteStore(configuration("\(directory)/old", isLater: true)) }
      #expect(try file.text("SELECT index_done FROM meta") != nil)
      #expect(try file.text("SELECT index_form FROM meta") == nil)
      try file.execute("UPDATE ver SET entries = x'\(entries)' WHERE rev = \(last)")
      try await withStore(configuration("\(directory)/old", isLater: true)) { store in
        let report = try await store.verify(.full, watch: .nobody)
        #expect(report.isSound, "\(report.findings)")
      }
      #expect(try contents(of: "\(directory)/old") == contents(of: "\(directory)/new"))
    }
  }
}
