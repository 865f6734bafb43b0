package import PlenaryStore

extension SQLiteStore {
  package func feedInMemory(_ question: FeedQuestion) -> FeedPart? { published.feed(question) }

  package func feed<Teller: FeedTeller>(
    _ question: FeedQuestion, to teller: Teller
  ) async throws(StoreError) -> Teller.Told {
    if published.isInMemory(question) {
      let told = await withTaskExecutorPreference(globalConcurrentExecutor) {
        published.feed(question).map { part in
          var teller = teller
          return teller.told(of: part)
        }
      }
      if let told { return told }
    }
    return try await read(isShort: false) { transaction throws(Fault) in try transaction.feed(question, to: teller) }
  }
}

extension Published {
  /// Whether what comes after a place was in memory a moment ago.
  func isInMemory(_ question: FeedQuestion) -> Bool {
    question.begun == nil && hasRecentChanges(after: question.after)
  }

  /// What comes after a place, if it is in memory.
  func feed(_ question: FeedQuestion) -> FeedPart? {
    // Whether what was read before is still in sight, the store says.
    guard question.begun == nil else { return nil }
    let head = head
    let end = min(question.end ?? head, head)
    var (place, builder) = (question.after, FeedPartBuilder(question))
    var changes: [FeedChange] = []
    guard place <= head else { return nil }
    while place < end, builder.hasRoom {
      guard let found = recentChanges(after: place, through: end, question), let last = found.last else { return nil }
      let matcher = FeedMatcher(question, names: question.viewer.seesEverything ? Names() : names)
      for (entry, acl) in found where builder.hasRoom {
        do throws(Fault) {
          let change = try matcher.change(entry) { question.viewer.seesEverything || acl.map(matcher.sees) ?? false }
          let hasPlace = builder.add(
            change?.byteCount, at: entry.after.record.revision, of: entry.transaction)
          if hasPlace, let change { changes.append(change) }
        } catch {
          // What cannot be read here is read from the store, which says what is wrong.
          return nil
        }
      }
      place = last.entry.after.record.revision
    }
    return builder.part(end: end).with(changes)
  }
}
