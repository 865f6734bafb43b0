import Foundation
import PlenaryStore
import Testing

@testable import PlenaryStoreSQLite

/// The search index of a store, fed by hand.
@Suite struct SearchIndexTests {
  private func document(_ name: String, _ words: String, group: UInt8 = 4) -> SearchDocument {
    SearchDocument(place: SearchPlace(group: group, key: Key(stored: name)), titles: words, texts: "")
  }

  private func update(_ documents: [SearchDocument], through: UInt64, erases: Bool = false) -> SearchUpdate {
    let first = through - UInt64(documents.count) + 1
    return SearchUpdate(
      documents: documents,
      changes: documents.enumerated().map { (Revision(first + UInt64($0)), $1.place) }, through: Revision(through),
      erases: erases)
  }

  private func keys(
    _ index: SQLiteSearchIndex, _ word: String, at revision: UInt64, limit: Int = 10_000, after key: String? = nil,
    going direction: Query.Direction = .ascending
  ) -> [String]? {
    index.keys(
      SearchRequest(expression: .words([word], isPrefix: false), groups: [4], revision: Revision(revision)),
      from: SearchStart(after: key.map(Key.init(stored:)), going: direction), limit: limit)?.map(\.name)
  }

  private func begin(_ index: SQLiteSearchIndex) async throws {
    try await index.open()
    try await index.beginLoading(at: .zero)
    try await index.finishLoading(at: .zero)
    while try await index.tidy() {}
  }

  @Test func `an index goes on where it was when the process ended`() async throws {
    try await withScratchDirectory { directory in
      let configuration = configuration(.directory(directory))
      let documents = (0..<10).map { document("t/\($0)", "word") }
      try await withStore(configuration) { store in
        let index = store.searchIndex
        try await index.open()
        try await index.beginLoading(at: Revision(3))
        try await index.load(Array(documents[..<4]), through: documents[3].place)
      }
      try await withStore(configuration) { store in
        let index = store.searchIndex
        try await index.open()
        #expect(index.progress.stage == .loading(after: documents[3].place))
        #expect(index.progress.base == Revision(3) && index.progress.loadedCount == 4)
        #expect(keys(index, "word", at: 0) == nil)
        try await index.load(Array(documents[4...]), through: documents[9].place)
        try await index.finishLoading(at: Revision(3))
        #expect(index.progress.stage == .fed(through: Revision(3)))
        try await index.apply(update([document("t/0", "other")], through: 7))
      }
      try await withStore(configuration) { store in
        let index = store.searchIndex
        try await index.open()
        #expect(index.progress.stage == .fed(through: Revision(7)))
        #expect(keys(index, "word", at: 7) == documents[1...].map(\.place.key.name))
        #expect(keys(index, "other", at: 7) == ["t/0"])
        // How records stood before the index was opened is not known any more.
        #expect(keys(index, "word", at: 6) == nil && keys(index, "word", at: 8) == nil)
      }
    }
  }

  @Test func `an index is not asked before it has what changed while it was loaded`() async throws {
    try await withScratchDirectory { directory in
      let configuration = configuration(.directory(directory))
      try await withStore(configuration) { store in
        let index = store.searchIndex
        try await index.open()
        try await index.beginLoading(at: Revision(3))
        // At the base it had other words.
        let changed = document("t/0", "changed")
        try await index.load([changed], through: changed.place)
        try await index.finishLoading(at: Revision(5))
        #expect(index.progress.stage == .settling(after: Revision(3)) && index.progress.loadedCount == 1)
        #expect(keys(index, "first", at: 3) == nil)
        try await index.apply(update([document("t/1", "first")], through: 4))
        #expect(keys(index, "first", at: 3) == nil && keys(index, "first", at: 4) == nil)
      }
      try await withStore(configuration) { store in
        let index = store.searchIndex
        try await index.open()
        #expect(index.progress.stage == .settling(after: Revision(4)) && !index.progress.has(Revision(4)))
        #expect(keys(index, "first", at: 4) == nil)
        try await index.apply(update([document("t/0", "changed")], through: 5))
        #expect(index.progress.stage == .fed(through: Revision(5)))
        #expect(keys(index, "first", at: 4) == nil)
        #expect(keys(index, "first", at: 5) == ["t/1"] && keys(index, "changed", at: 5) == ["t/0"])
      }
    }
  }

  @Test(arguments: ["another file", "a hole", "nothing", "another store", "another format"])
  func `an index that cannot be read is made anew`(_ damage: String) async throws {
    try await withScratchDirectory { directory in
      let configuration = configuration(.directory(directory))
      let path = "\(directory)/search.db"
      try await withStore(configuration) { store in
        try await begin(store.searchIndex)
        try await store.searchIndex.apply(update((0..<200).map { document("t/\($0)", "word") }, through: 200))
      }
      switch damage {
      case "another file": try Data("no database at all".utf8).write(to: URL(filePath: path))
      case "a hole":
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.write(contentsOf: Data(repeating: 0xFF, count: 100))
        try handle.close()
      case "nothing": try Data().write(to: URL(filePath: path))
      case "another format":
        try DatabaseFile(in: directory, named: "search.db").execute("UPDATE meta SET format = format - 1")
      // A restore begins another epoch.
      default: try DatabaseFile(in: directory).execute("UPDATE meta SET epoch = epoch + 1")
      }
      try await withStore(configuration) { store in
        try await store.searchIndex.open()
        #expect(store.searchIndex.progress.stage == .loading(after: nil))
        #expect(keys(store.searchIndex, "word", at: 0) == nil)
      }
    }
  }

  @Test func `damage that a search meets has the index made anew`() async throws {
    try await withScratchDirectory { directory in
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await begin(index)
        for round in 0..<4 {
          try await index.apply(
            update((0..<500).map { document("t/\($0)", "word w\($0) r\(round)") }, through: UInt64(500 * (round + 1))))
        }
      }
      let path = "\(directory)/search.db"
      var bytes = try Data(contentsOf: URL(filePath: path))
      // The pages with the documents, which nobody reads when the index is opened.
      for start in stride(from: 4096, to: bytes.count, by: 4096) {
        guard bytes[start..<(start + 4096)].range(of: Data("word w3".utf8)) != nil else { continue }
        bytes.replaceSubrange(start..<(start + 64), with: Data(repeating: 0xA5, count: 64))
      }
      try bytes.write(to: URL(filePath: path))
      try await withStore(configuration(.directory(directory))) { store in
        let index = store.searchIndex
        try await index.open()
        #expect(keys(index, "word", at: 2000) == nil)
        #expect(index.progress.stage == .givenUp)
        try await index.reset()
        #expect(index.progress.stage == .loading(after: nil))
      }
    }
  }

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

  @Test(arguments: ["at random", "ascending", "descending", "ascending in the middle", "descending in the middle"])
  func `keys come in their order, however they were added`(_ order: String) async throws {
    try await withStore(configuration(.memory)) { store in
      let index = store.searchIndex
      try await begin(index)
      var numbers = Array(0..<3000)
      switch order {
      case "at random":
        var generator = Multiplier()
        numbers.shuffle(using: &generator)
      case "descending", "descending in the middle": numbers.reverse()
      default: break
      }
      func name(_ number: Int) -> String { "t/\(100_000 + number)" }
      var revision: UInt64 = 0
      if order.hasSuffix("in the middle") {
        try await index.apply(update([document("t/0", "word"), document("t/9", "word")], through: 2))
        revision = 2
      }
      for start in stride(from: 0, to: numbers.count, by: 3) {
        revision += 3
        let documents = numbers[start..<(start + 3)].map {
          document(name($0), $0.isMultiple(of: 5) ? "five word" : "word")
        }
        try await index.apply(update(documents, through: revision))
      }
      let five = (0..<3000).filter { $0.isMultiple(of: 5) }.map(name)
      #expect(keys(index, "five", at: revision) == five)
      #expect(keys(index, "five", at: revision, going: .descending) == five.reversed())
      #expect(keys(index, "five", at: revision, limit: 7, after: name(1001)) == Array(five[201..<208]))
      #expect(
        keys(index, "five", at: revision, limit: 7, after: name(1001), going: .descending)
          == Array(five[194..<201].reversed()))
      let scoped = index.keys(
        SearchRequest(
          expression: .words(["five"], isPrefix: false), groups: [3, 4], scope: try #require(KeyPrefix("t/1020")),
          revision: Revision(revision)), from: SearchStart(), limit: 1000)
      #expect(scoped?.map(\.name) == five.filter { $0.hasPrefix("t/1020") })
    }
  }

  private func keys(_ index: SQLiteSearchIndex, _ expression: SearchExpression, at revision: UInt64) -> [String]? {
    index.keys(
      SearchRequest(expression: expression, groups: [4], revision: Revision(revision)), from: SearchStart(),
      limit: 10_000)?.map(\.name)
  }

  @Test(arguments: [SearchVocabulary.completionCountMax, SearchVocabulary.completionCountMax + 1])
  func `words are found by their beginnings, however many begin so`(_ count: Int) async throws {
    try await withStore(configuration(.memory)) { store in
      let index = store.searchIndex
      try await begin(index)
      let documents = (0..<count).map { document("t/\(1000 + $0)", "the beginning\(1000 + $0) here") }
      let revision = UInt64(count + 2)
      let others = [document("t/0", "begin here"), document("t/1", "other")]
      try await index.apply(update(documents + others, through: revision))
      let all = documents.map(\.place.key.name)
      for length in 2...9 {
        let found = keys(index, .words([String("beginning".prefix(length))], isPrefix: true), at: revision)
        #expect(found == (length <= 5 ? ["t/0"] : []) + all, "\(length)")
      }
      #expect(keys(index, .words(["the", "beginni"], isPrefix: true), at: revision) == all)
      #expect(keys(index, .words(["here", "beginni"], isPrefix: true), at: revision) == [])
      #expect(keys(index, .words(["beginni"], isPrefix: false), at: revision) == [])
      #expect(keys(index, .words(["beginnings"], isPrefix: true), at: revision) == [])
      let without = SearchExpression.without(
        .words(["here"], isPrefix: false), .words(["beginning"], isPrefix: true))
      #expect(keys(index, without, at: revision) == ["t/0"])
      // A word that is new begins so too.
      try await index.apply(update([document("t/1", "beginnings")], through: revision + 1))
      #expect(keys(index, .words(["beginning"], isPrefix: true), at: revision + 1) == ["t/1"] + all)
    }
  }

  @Test func `a query with many beginnings of many words finds what each of them does`() async throws {
    try await withStore(configuration(.memory)) { store in
      let index = store.searchIndex
      try await begin(index)
      let perBeginning = SearchVocabulary.completionCountMax
      let beginnings = (0...(SearchVocabulary.addedCountMax / perBeginning)).map { "beginning\($0)x" }
      let documents = beginnings.flatMap { beginning in
        (0..<perBeginning).map { document("t/\(beginning)\(100 + $0)", "\(beginning)\($0)") }
      }
      let revision = UInt64(documents.count)
      try await index.apply(update(documents, through: revision))
      let any = SearchExpression.any(beginnings.map { .words([$0], isPrefix: true) })
      #expect(keys(index, any, at: revision)?.count == documents.count)
    }
  }

  @Test func `what has changed since a revision is found whatever it says now`() async throws {
    try await withStore(configuration(.memory)) { store in
      let index = store.searchIndex
      try await begin(index)
      try await index.apply(update((0..<5).map { document("t/\($0)", "word") }, through: 5))
      try await index.apply(update([document("t/1", "other"), document("t/7", "word")], through: 7))
      #expect(keys(index, "word", at: 7) == ["t/0", "t/2", "t/3", "t/4", "t/7"])
      #expect(keys(index, "word", at: 5) == ["t/0", "t/1", "t/2", "t/3", "t/4", "t/7"])
      #expect(keys(index, "word", at: 5, limit: 2) == ["t/0", "t/1"])
      #expect(keys(index, "word", at: 5, limit: 2, after: "t/3", going: .descending) == ["t/2", "t/1"])
    }
  }

  @Test(arguments: [0, 1])
  func `as many changes are known as there is room for`(_ excess: Int) {
    let count = RecentChanges.countMax + excess
    let place = SearchPlace(group: 4, key: Key(stored: "t/1"))
    var recent = RecentChanges(after: .zero)
    recent.append((1...count).map { (Revision(UInt64($0)), place) })
    let request = SearchRequest(expression: .words(["a"], isPrefix: false), groups: [4], revision: .zero)
    let found = recent.keys(
      after: .zero, through: Revision(UInt64(count)), request, from: SearchStart())
    #expect(found == (excess == 0 ? ["t/1"] : nil))
    #expect(recent.keys(after: recent.start, through: Revision(UInt64(count)), request, from: SearchStart()) == ["t/1"])
    // One that is told again counts once.
    recent.append([(Revision(UInt64(count)), place)])
    #expect(recent.keys(after: Revision(UInt64(count)), through: Revision(.max), request, from: SearchStart()) == [])
  }
}

/// Numbers without end, the same in every run.
private struct Multiplier: RandomNumberGenerator {
  private var state: UInt64 = 7

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}
