import PlenaryStore

@testable import PlenaryStoreSQLite

/// Tests that feed a search index by hand.
protocol FedByHand {}

extension FedByHand {
  func document(_ name: String, _ words: String, group: UInt8 = 4) -> SearchDocument {
    SearchDocument(place: SearchPlace(group: group, key: Key(stored: name)), titles: words, texts: "")
  }

  func update(_ documents: [SearchDocument], through: UInt64, erases: Bool = false) -> SearchUpdate {
    let first = through - UInt64(documents.count) + 1
    return SearchUpdate(
      documents: documents,
      changes: documents.enumerated().map { (Revision(first + UInt64($0)), $1.place) }, through: Revision(through),
      erases: erases)
  }

  func keys(
    _ index: SQLiteSearchIndex, _ word: String, at revision: UInt64, limit: Int = 10_000, after key: String? = nil,
    going direction: Query.Direction = .ascending
  ) -> [String]? {
    index.keys(
      SearchRequest(expression: .words([word], isPrefix: false), groups: [4], revision: Revision(revision)),
      from: SearchStart(after: key.map(Key.init(stored:)), going: direction), limit: limit)?.map(\.name)
  }

  func begin(_ index: SQLiteSearchIndex) async throws {
    try await index.open()
    try await index.beginLoading(at: .zero)
    try await index.finishLoading(at: .zero)
    while try await index.tidy() {}
  }
}
