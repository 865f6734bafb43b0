import PlenaryStore

/// A search index that tells of each step by which it is fed, when that is done.
struct WatchedIndex: SearchIndex {
  /// What was done.
  enum Step: Hashable {
    case begun
    case loaded
    case finished
    case applied
  }

  let index: any SearchIndex
  let watch: @Sendable (Step) async -> Void

  var progress: SearchProgress { index.progress }

  func progressUpdates() -> AsyncStream<SearchProgress> { index.progressUpdates() }

  func open() async throws(StoreError) { try await index.open() }

  func beginLoading(at base: Revision) async throws(StoreError) {
    try await index.beginLoading(at: base)
    await watch(.begun)
  }

  func load(_ documents: [SearchDocument], through place: SearchPlace) async throws(StoreError) {
    try await index.load(documents, through: place)
    await watch(.loaded)
  }

  func finishLoading(at head: Revision) async throws(StoreError) {
    try await index.finishLoading(at: head)
    await watch(.finished)
  }

  func apply(_ update: SearchUpdate) async throws(StoreError) {
    try await index.apply(update)
    await watch(.applied)
  }

  func tidy() async throws(StoreError) -> Bool { try await index.tidy() }

  func reset() async throws(StoreError) { try await index.reset() }

  func note(failure: String?) { index.note(failure: failure) }

  func giveUp() { index.giveUp() }

  func keys(_ search: SearchRequest, from start: SearchStart, limit: Int) -> [Key]? {
    index.keys(search, from: start, limit: limit)
  }
}
