package import PlenaryStore

extension Registry {
  /// Copies the registry as it is now into a directory that is not there yet, sealed to a key if one is given.
  /// - Throws: `resourceExists`, `limitReached` if the disk is full, `storeUnavailable`, `callCancelled`.
  package func backUp(
    to path: String, sealedTo key: [UInt8]?, watch: UpkeepWatch
  ) async throws(DomainError) -> BackupManifest {
    do {
      return try await store.backUp(to: path, sealedTo: key, watch: watch)
    } catch {
      throw DomainError(upkeep: error, watch)
    }
  }

  /// Looks for data that contradict themselves.
  /// - Throws: `storeUnavailable`, `callCancelled`.
  package func verify(_ depth: VerifyDepth, watch: UpkeepWatch) async throws(DomainError) -> VerifyReport {
    do {
      return try await store.verify(depth, watch: watch)
    } catch {
      throw DomainError(upkeep: error, watch)
    }
  }

  /// How the store is doing.
  package var health: StoreHealth { store.health() }

  /// How far the search index has come; nil if there is none.
  package var searchProgress: SearchProgress? { search?.index.progress }

  /// Has the search index made anew, in its own time.
  /// - Throws: `storeUnavailable` if there is none.
  package func rebuildSearchIndex() throws(DomainError) {
    guard let search else {
      throw DomainError(.storeUnavailable, "this daemon has no search index; words are looked for in each record")
    }
    search.index.giveUp()
  }

  /// The time, for what happens beside the records.
  package var time: CommitTime { now() }

  /// An id of an operation, which nobody can foresee.
  package func operationID() -> String { ResourceID.made(of: randomBytes(ResourceID.madeByteCount)) }
}

extension DomainError {
  /// Why upkeep was not done.
  fileprivate init(upkeep error: StoreError, _ watch: UpkeepWatch) {
    if case .unavailable = error, watch.isGivenUp() {
      self.init(.callCancelled, "the operation was cancelled before it was done; nothing of it is left")
    } else {
      self.init(store: error)
    }
  }

  /// Why the store did not do what administrators ask for, who are told what is in the way.
  package init(store error: StoreError) {
    switch error {
    case .unavailable(let reason, _):
      self.init(.storeUnavailable, "\(reason); mend that, and try again")
    case .corrupt(let reason):
      self.init(.storeUnavailable, "the store is damaged: \(reason); verify it, and restore a backup that is sound")
    case .full:
      self.init(.limitReached, "no space is left on the disk for it; free some, and try again")
    default: self.init(error)
    }
  }
}
