package import PlenaryStore

extension SQLiteStore {
  package func feedInMemory(_ question: FeedQuestion) -> FeedPart? { published.feed(question) }

  package func feed(_ question: FeedQuestion) async throws(StoreError) -> FeedPart {
    if let part = published.feed(question) { return part }
    return try await read(isShort: false) { transaction throws(Fault) in try transaction.feed(question) }
  }
}

extension Published {
  /// What comes after a place, if it is in memory.
  func feed(_ question: FeedQuestion) -> FeedPart? {
    // Whether what was read before is still in sight, the store says.
    guard question.begun == nil else { return nil }
    let head = head
    let end = min(question.end ?? head, head)
    var (place, builder) = (question.after, FeedPartBuilder(question))
    guard place <= head else { return nil }
    while place < end, builder.hasRoom {
      guard let found = recentChanges(after: place, through: end, question), let last = found.last else { return nil }
      let matcher = FeedMatcher(question, names: question.viewer.seesEverything ? Names() : names)
      for (entry, acl) in found where builder.hasRoom {
        let seesNow = question.viewer.seesEverything || acl.map(matcher.sees) ?? false
        do throws(Fault) {
          let change = try matcher.change(entry, seesNow: seesNow)
          builder.add(change, at: entry.after.record.revision, of: entry.transaction)
        } catch {
          // What cannot be read here is read from the store, which says what is wrong.
          return nil
        }
      }
      place = last.entry.after.record.revision
    }
    return builder.part(end: end)
  }
}
