import Foundation
import PlenaryStore
import Testing

@testable import PlenaryStoreSQLite

/// The search index of a store, fed by hand.
@Suite struct SearchIndexTests: FedByHand {
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
