internal import PlenaryStore

extension Store {
  /// Does something with the store, and says what its errors mean to a caller. A call that nobody waits for any longer
  /// reads no more.
  func reading<Result>(_ body: (any Store) async throws(StoreError) -> Result) async throws(DomainError) -> Result {
    try DomainError.checkCancellation()
    do {
      return try await body(self)
    } catch {
      // Whoever gave the call up is not told of a store that stopped for it.
      try DomainError.checkCancellation()
      throw DomainError(error)
    }
  }
}

extension DomainError {
  /// What an error of the store means to a caller, as far as it does not depend on the call.
  init(_ error: StoreError) {
    switch error {
    case .limitExceeded(let limit):
      self.init(.limitReached, "the request is too large: \(limit.rule)")
    case .revisionInFuture:
      self.init(.revisionFuture, "the registry has not reached this revision; read without it, or later")
    case .revisionCompacted:
      self.init(.revisionCompacted, "the history of this revision is no longer kept; read the present state")
    case .requestIDReused:
      self.init(
        .init("request_id", .requestIDReused, "it was used before with other content; send another UUID"))
    case .full:
      self.init(.limitReached, "the store is full; nothing was written, and reading goes on")
    case .readOnly:
      self.init(.storeReadOnly, "the store does not accept changes now; try again later")
    case .unavailable(_, outcomeUnknown: true):
      self.init(
        .outcomeUnknown, "the store failed while it was writing; repeat the call with the same request_id to make sure")
    case .occupied:
      self.init(.resourceExists, "there is a backup of this name already; give another one")
    case .follower(let leader):
      self.init(
        .readOnlyFollower, "this daemon is a follower and takes no changes; send them to its leader at \(leader)",
        metadata: ["leader": leader])
    case .notFollower:
      self.init(.notAFollower, "this daemon follows no other; there is nothing to promote")
    case .unavailable, .corrupt, .newerSchema, .locked, .differs:
      self.init(.storeUnavailable, "the store does not answer; try again later")
    case .notFound, .conflict:
      self.init(.writeContention, "others changed the same records at the same time; try again")
    }
  }
}

extension Limit {
  /// The limit in words.
  fileprivate var rule: String {
    switch self {
    case .mutations(let max): "at most \(max) records are written at once"
    case .requestBytes(let max): "at most \(max >> 20) MiB are written at once"
    case .bodyBytes(let key, let max): "\(key) has more than \(max >> 10) KiB"
    case .entries(let key, let max): "\(key) has more than \(max) values that it is found by"
    case .entryBytes(let key, _, _): "\(key) has too long a value in a field that it is found by"
    }
  }
}
