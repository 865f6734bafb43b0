package import PlenaryStore
internal import Synchronization

/// A search index in a database of its own, with SQLite's FTS5.
///
/// One thread writes to it, which starts when the index is opened. Whoever searches reads on a thread of the caller's.
///
/// Invariant: the changes that a transaction takes in stand in `recent` before it is committed, so that whoever sees the
/// transaction finds them there.
package final class SQLiteSearchIndex: SearchIndex {
  /// The most connections that are kept for the next search.
  private static let idleReaderCountMax = 4

  private struct State {
    var progress = SearchProgress(stage: .closed)
    var isEnded = false
    var recent = RecentChanges(after: .zero)
    var readers: [SearchReader] = []
    var generation = 0
    var thread: StoreThread?
  }

  private let state = Mutex(State())
  private let updates = Broadcast<SearchProgress>()
  private let queue = Monitor(UpkeepQueue())
  private let file: SearchFile

  /// The index of a store, in the store's directory.
  init(_ identity: StoreIdentity, in directory: StoreDirectory, fileLayer: String?) {
    file = SearchFile(path: directory.searchPath, identity: identity, fileLayer: fileLayer)
  }

  // MARK: Progress

  package var progress: SearchProgress { state.withLock { $0.progress } }

  package func progressUpdates() -> AsyncStream<SearchProgress> { updates.stream() }

  package func note(failure: String?) {
    guard progress.failure != failure else { return }
    publish { $0.progress.failure = failure }
  }

  package func giveUp() {
    publish { $0.progress.stage = .givenUp }
  }

  private func publish(_ change: (inout State) -> Void) {
    state.withLock { state in
      change(&state)
      // Within the lock, so that the last one told of is the newest.
      updates.send(state.progress)
    }
  }

  // MARK: Feeding

  package func open() async throws(StoreError) {
    try await step { file throws(Fault) in try file.open() }
  }

  package func beginLoading(at base: Revision) async throws(StoreError) {
    try await step { file throws(Fault) in try file.tables?.begin(at: base) }
  }

  package func load(_ documents: [SearchDocument], through place: SearchPlace) async throws(StoreError) {
    try await step { file throws(Fault) in try file.tables?.load(documents, through: place) }
  }

  package func finishLoading(at head: Revision) async throws(StoreError) {
    try await step { file throws(Fault) in try file.tables?.finishLoading(at: head) }
  }

  package func apply(_ update: SearchUpdate) async throws(StoreError) {
    state.withLock { $0.recent.append(update.changes) }
    try await step { file throws(Fault) in try file.tables?.apply(update) }
  }

  package func tidy() async throws(StoreError) -> Bool {
    try await perform { file throws(Fault) in try file.tables?.tidy() ?? false }
  }

  package func reset() async throws(StoreError) {
    state.withLock { state in
      state.generation += 1
      state.readers = []
      state.progress.stage = .closed
    }
    try await step { file throws(Fault) in try file.begin() }
  }

  /// Does a step, and tells how far the index has come then.
  private func step(_ body: @escaping @Sendable (SearchFile) throws(Fault) -> Void) async throws(StoreError) {
    let progress = try await perform { file throws(Fault) in
      try body(file)
      return try file.tables?.progress()
    }
    guard let progress else { return }
    publish { state in
      if case .fed(let revision) = progress.stage {
        if case .fed = state.progress.stage {} else { state.recent = RecentChanges(after: revision) }
      }
      // Whoever gave it up meanwhile wants it anew all the same.
      if state.progress.stage != .givenUp { state.progress = progress }
    }
  }

  /// Does something on the thread of the index.
  private func perform<Value: Sendable>(
    _ body: @escaping @Sendable (SearchFile) throws(Fault) -> Value
  ) async throws(StoreError) -> Value {
    try startThread()
    let result = Handover<Result<Value, StoreError>>()
    let job: UpkeepQueue.Job = { [file] refusal in
      if let refusal { return result.give(.failure(refusal)) }
      do throws(Fault) {
        result.give(.success(try body(file)))
      } catch {
        result.give(.failure(error.storeError))
      }
    }
    if let refusal = queue.update({ $0.submit(job) }) { job(refusal) }
    return try await result.take().get()
  }

  private func startThread() throws(StoreError) {
    let hasThread = state.withLock { state -> Bool in
      guard state.thread == nil, !state.isEnded else { return true }
      state.thread = StoreThread { [queue, file] in
        UpkeepQueue.run(queue)
        file.close()
      }
      return state.thread != nil
    }
    guard hasThread else { throw .unavailable(reason: "the system has no threads left", outcomeUnknown: false) }
  }

  /// Ends the index. It blocks until what is under way is done.
  func end() {
    let thread = state.withLock { state in
      state.isEnded = true
      state.readers = []
      state.generation += 1
      return state.thread.take()
    }
    updates.finish()
    for job in queue.updateForAll({ $0.close() }) { job(UpkeepQueue.closed) }
    thread?.join()
  }

  // MARK: Searching

  package func keys(_ search: SearchRequest, from start: SearchStart, limit: Int) -> [Key]? {
    let generation = state.withLock { $0.generation }
    do throws(Fault) {
      guard let reader = try reader() else { return nil }
      guard let found = try reader.find(search, from: start, limit: limit), found.revision >= search.revision else {
        put(back: reader)
        return nil
      }
      put(back: reader)
      let changed = state.withLock { state in
        state.recent.keys(after: search.revision, through: found.revision, search, from: start)
      }
      return changed.map { Self.merged(found.keys, $0, going: start.direction, limit: limit) }
    } catch {
      // It may be the file of before that is damaged.
      if error.isDamage, generation == state.withLock({ $0.generation }) { giveUp() }
      return nil
    }
  }

  /// Keys in order, and others that belong among them, as far as the keys are all that there are.
  private static func merged(
    _ keys: [String], _ others: Set<String>, going direction: Query.Direction, limit: Int
  ) -> [Key] {
    guard !others.isEmpty else { return keys.map(Key.init(stored:)) }
    let isUp = direction == .ascending
    let all = others.union(keys).sorted { isUp ? $0 < $1 : $0 > $1 }
    return all.prefix(limit).map(Key.init(stored:))
  }

  /// A connection that searches; nil if there is nothing to search in.
  private func reader() throws(Fault) -> SearchReader? {
    let (idle, generation, isFed) = state.withLock { state in
      var isFed = false
      if case .fed = state.progress.stage { isFed = true }
      return (isFed ? state.readers.popLast() : nil, state.generation, isFed)
    }
    guard isFed else { return nil }
    if let idle { return idle }
    return try SearchReader(try file.reader(), generation: generation)
  }

  private func put(back reader: SearchReader) {
    state.withLock { state in
      guard reader.generation == state.generation, state.readers.count < Self.idleReaderCountMax else { return }
      state.readers.append(reader)
    }
  }
}
