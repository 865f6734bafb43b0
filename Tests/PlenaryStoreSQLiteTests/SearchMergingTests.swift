import Foundation
import PlenaryStore
import Testing

@testable import PlenaryStoreSQLite

/// The parts of a search index, and what of a purged record stays in them.
@Suite struct SearchMergingTests: FedByHand {
  @Test func `nothing of a record that is purged stays in the file`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await begin(index)
        // Many parts of the index, each with words of the record.
        for round in 0..<40 {
          let others = (0..<20).map { document("t/\($0)", "common w\($0)x\(round)") }
          try await index.apply(
            update(others + [document("t/secret", "common zyxwvutsecret\(round)")], through: UInt64(21 * (round + 1))))
        }
        #expect(try hits("zyxwvutsecret", in: directory) > 0)
        try await index.apply(update([document("t/secret", "")], through: 841, erases: true))
        while try await index.tidy() {}
        #expect(try hits("zyxwvutsecret", in: directory) == 0)
        #expect(keys(index, "common", at: 841)?.count == 20)
        #expect(keys(index, "w3x39", at: 841) == ["t/3"])
      }
      #expect(try hits("zyxwvutsecret", in: directory) == 0)
    }
  }

  /// In a larger index it takes a part of what there is, what comes included.
  @Test(arguments: [0, 32_000])
  func `what was added bit by bit is put together once there is enough of it`(_ loadedCount: Int) async throws {
    try await withScratchDirectory { directory in
      let enough = max(SearchTables.gatheredCountMin, loadedCount / (SearchTables.gatheredShare - 1))
      let step = enough / 10
      let loaded = (0..<loadedCount).map { document("t/\(100_000 + $0)", "common") }
      var through = 0
      func add(_ count: Int, to index: SQLiteSearchIndex) async throws {
        let documents = (through..<(through + count)).map { document("t/\(500_000 + $0)", "common w\($0)") }
        through += count
        try await index.apply(update(documents, through: UInt64(through)))
      }
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await index.open()
        try await index.beginLoading(at: .zero)
        for start in stride(from: 0, to: loaded.count, by: 8000) {
          let part = Array(loaded[start..<(start + 8000)])
          try await index.load(part, through: part[7999].place)
        }
        try await index.finishLoading(at: .zero)
        while try await index.tidy() {}
        #expect(try partCount(in: directory) == min(loadedCount, 1))
        for _ in 0..<9 { try await add(step, to: index) }
        try await add(enough - 9 * step - 1, to: index)
        let count = try partCount(in: directory)
        #expect(count > 1)
        #expect(try await !index.tidy())
        #expect(try partCount(in: directory) == count)
        try await add(1, to: index)
        #expect(try await index.tidy())
      }
      // What the process did not come to is done by the next.
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await index.open()
        while try await index.tidy() {}
        #expect(try partCount(in: directory) == 1)
        #expect(keys(index, "common", at: UInt64(through), limit: 50_000)?.count == loadedCount + through)
        #expect(keys(index, "w\(through - 1)", at: UInt64(through)) == ["t/\(500_000 + through - 1)"])
        try await add(1, to: index)
        #expect(try await !index.tidy())
      }
    }
  }

  /// A state of one of so many documents.
  private func state(_ number: Int, of count: Int = 1000) -> SearchDocument {
    document("t/\(1000 + number % count)", (0..<90).map { "w\(number)y\($0)continued" }.joined(separator: " "))
  }

  /// Writes so many documents, each as it has not been before.
  private func write(
    _ count: Int, to index: SQLiteSearchIndex, after through: inout Int, of documentCount: Int = 1000
  ) async throws {
    for start in stride(from: through, to: through + count, by: 100) {
      let documents = (start..<min(start + 100, through + count)).map { state($0, of: documentCount) }
      try await index.apply(update(documents, through: UInt64(start + documents.count)))
    }
    through += count
  }

  @Test func `an index is put together as often as the same records change, and what comes meanwhile counts`()
    async throws
  {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await begin(index)
        var through = 0
        for _ in 0..<3 {
          try await write(SearchTables.gatheredCountMin - 1, to: index, after: &through)
          #expect(try await !index.tidy())
          try await write(1, to: index, after: &through)
          #expect(try await index.tidy())
          while try await index.tidy() {}
          #expect(try partCount(in: directory) == 1)
        }
        // What is as it was does not count.
        let last = (through - SearchTables.gatheredCountMin..<through).map { state($0) }
        through += last.count
        try await index.apply(update(last, through: UInt64(through)))
        #expect(try await !index.tidy())
        try await write(SearchTables.gatheredCountMin, to: index, after: &through)
        #expect(try await index.tidy())
        #expect(try partCount(in: directory) > 1)
        try await write(300, to: index, after: &through)
        while try await index.tidy() {}
        try await write(SearchTables.gatheredCountMin - 301, to: index, after: &through)
        #expect(try await !index.tidy())
        try await write(1, to: index, after: &through)
        #expect(try await index.tidy())
      }
    }
  }

  @Test(arguments: [false, true])
  func `an index that was put together too often is made anew`(_ isErased: Bool) async throws {
    try await withScratchDirectory { directory in
      var through = 0
      func change(_ index: SQLiteSearchIndex) async throws {
        try await write(isErased ? 1 : SearchTables.gatheredCountMin, to: index, after: &through)
        guard isErased else { return }
        through += 1
        let gone = state(through - 2).place.key.name
        try await index.apply(update([document(gone, "")], through: UInt64(through), erases: true))
      }
      try await withStore(configuration(.directory(directory))) { store in
        try await begin(store.searchIndex)
        try await change(store.searchIndex)
      }
      try DatabaseFile(in: directory, named: "search.db")
        .execute("UPDATE meta SET mergings = \(SearchTables.mergingCountMax - 1)")
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await index.open()
        while try await index.tidy() {}
        #expect(index.progress.stage == .fed(through: Revision(UInt64(through))))
        try await change(index)
        let error = await #expect(throws: StoreError.self) { try await index.tidy() }
        if case .corrupt? = error {} else { Issue.record("\(String(describing: error))") }
        try await index.reset()
        #expect(index.progress.stage == .loading(after: nil))
      }
    }
  }

  @Test func `nothing of a record that is purged stays while the index is being put together`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await begin(index)
        var through = 0
        for round in 0..<12 {
          let others = (0..<99).map { number in
            let words = (0..<90).map { "w\(number)x\(round)y\($0)continued" }.joined(separator: " ")
            return document("t/\(1000 * round + number)", words)
          }
          through += 100
          let secret = document("t/secret", "zyxwvutsecret\(round)")
          try await index.apply(update(others + [secret], through: UInt64(through)))
        }
        // It has begun, and is not done.
        #expect(try await index.tidy())
        #expect(try partCount(in: directory) > 1)
        try await index.apply(update([document("t/secret", "")], through: UInt64(through + 1), erases: true))
        #expect(try hits("zyxwvutsecret", in: directory) > 0)
        while try await index.tidy() {}
        #expect(try hits("zyxwvutsecret", in: directory) == 0)
        #expect(try partCount(in: directory) == 1)
        #expect(keys(index, "w98x11y39continued", at: UInt64(through + 1)) == ["t/11098"])
      }
    }
  }

  /// FTS5 takes such a merging for done if it is told to look for four parts of a size.
  @Test(arguments: [2, 3])
  func `what comes in small parts while a purged record is taken out does not end that`(_ partCount: Int) async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await begin(index)
        var through = 0
        // More than one step merges.
        try await write(6 * SearchTables.gatheredCountMin, to: index, after: &through, of: 6000)
        through += 1
        try await index.apply(update([document("t/secret", "zyxwvutsecret")], through: UInt64(through)))
        for _ in 0..<2 { while try await index.tidy() {} }
        through += 1
        try await index.apply(update([document("t/secret", "")], through: UInt64(through), erases: true))
        #expect(try await index.tidy())
        #expect(try hits("zyxwvutsecret", in: directory) > 0)
        for _ in 0..<partCount { try await write(1, to: index, after: &through, of: 6000) }
        while try await index.tidy() {}
        #expect(try hits("zyxwvutsecret", in: directory) == 0)
      }
    }
  }

  @Test func `who purges records one by one has the index put together as often as that ends`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await begin(index)
        var through = 0
        try await write(6 * SearchTables.gatheredCountMin, to: index, after: &through, of: 6000)
        while try await index.tidy() {}
        let file = DatabaseFile(in: directory, named: "search.db")
        func mergingCount() throws -> Int? { Int(try file.rows("SELECT mergings FROM meta")[0][0]) }
        let before = try #require(try mergingCount())
        for number in 0..<3 {
          through += 1
          let gone = document("t/\(1000 + number)", "")
          try await index.apply(update([gone], through: UInt64(through), erases: true))
          #expect(try await index.tidy())
        }
        #expect(try mergingCount() == before + 1)
        while try await index.tidy() {}
        #expect(try mergingCount() == before + 2)
        for number in 0..<3 { #expect(try hits("w\(number)y3continued", in: directory) == 0) }
      }
    }
  }

  @Test func `an index that was loaded is put together, however small it is`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await index.open()
        try await index.beginLoading(at: .zero)
        for start in [0, 30] {
          let part = (start..<start + 30).map { state($0) }
          try await index.load(part, through: part[29].place)
        }
        try await index.finishLoading(at: .zero)
        #expect(try partCount(in: directory) == 2)
        while try await index.tidy() {}
        #expect(try partCount(in: directory) == 1)
      }
    }
  }

  /// How many parts FTS5 has written the words in.
  private func partCount(in directory: String) throws -> Int {
    let rows = try DatabaseFile(in: directory, named: "search.db").rows("SELECT DISTINCT segid FROM words_idx")
    return rows.count
  }

  /// How often some bytes stand in the files of the index.
  private func hits(_ text: String, in directory: String) throws -> Int {
    try ["search.db", "search.db-wal"].reduce(0) { count, name in
      let path = "\(directory)/\(name)"
      guard FileManager.default.fileExists(atPath: path) else { return count }
      let data = try Data(contentsOf: URL(filePath: path))
      var (found, rest) = (0, data[...])
      while let range = rest.range(of: Data(text.utf8)) {
        found += 1
        rest = rest[range.upperBound...]
      }
      return count + found
    }
  }
}
