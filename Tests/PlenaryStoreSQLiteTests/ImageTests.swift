import PlenaryStore
import PlenaryStoreSQLite
import Testing

/// Stores that begin as others were, and stores whose time and chance are the same.
@Suite struct ImageTests {
  private let key = Key(stored: "themes/a")

  private func put(_ text: String) -> WriteRequest {
    WriteRequest(
      actor: "clients/a",
      mutations: [.put(key, Content(body: Array(text.utf8), marking: Marking(label: 1), entries: []))])
  }

  /// The text of the record as it is now.
  private func text(_ store: SQLiteStore) async throws -> String? {
    let found = try await store.get(key, as: .everything)
    return found.record.map { String(decoding: $0.body, as: UTF8.self) }
  }

  @Test func `a store that begins as another was has all of it and goes on by itself`() async throws {
    try await withStore(configuration(.memory)) { first in
      _ = try await first.commit(put("one"))
      let then = try await first.commit(put("two"))
      var other = configuration(.memory)
      other.image = try await first.image()
      _ = try await first.commit(put("three"))
      try await withStore(other) { second in
        #expect(second.identity == first.identity)
        let head = try await second.head()
        #expect(head == then.revision)
        #expect(try await text(second) == "two")
        let past = try await second.get([key], as: .everything, at: Revision(1))
        #expect(past.records[0]?.body == Array("one".utf8))
        let next = try await second.commit(put("four"))
        #expect(next.revision == Revision(3))
        let report = try await second.verify(.full, watch: .nobody)
        #expect(report.isSound)
        #expect(try await text(first) == "three")
      }
    }
  }

  @Test func `an image does not touch a store that is there`() async throws {
    try await withScratchDirectory { directory in
      var image: [UInt8] = []
      try await withStore(configuration(.directory(directory))) { store in
        image = try await store.image()
        _ = try await store.commit(put("kept"))
      }
      var again = configuration(.directory(directory))
      again.image = image
      try await withStore(again) { store in
        let found = try await text(store)
        #expect(found == "kept")
      }
    }
  }

  @Test func `stores of the same chance are alike, and are in memory at once without meeting`() async throws {
    let inputs = TimeAndChance(
      now: { CommitTime(microseconds: 5) }, randomBytes: { count in [UInt8](repeating: 9, count: count) })
    try await withStore(SQLiteStore.Configuration(.memory, inputs)) { first in
      try await withStore(SQLiteStore.Configuration(.memory, inputs)) { second in
        #expect(first.identity == second.identity)
        let receipts = (try await first.commit(put("one")), try await second.commit(put("two")))
        #expect(receipts.0.revision == receipts.1.revision)
        #expect(try await text(first) == "one")
        #expect(try await text(second) == "two")
      }
    }
  }
}
