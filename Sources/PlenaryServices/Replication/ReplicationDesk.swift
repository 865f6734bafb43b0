internal import GoogleAPI
internal import GRPCRuntime
internal import PlenaryAPI
package import PlenaryDomain
package import PlenaryStore
internal import ProtobufRuntime
internal import Synchronization

/// Serves followers, and ends the copy of one that is promoted.
package final class ReplicationDesk: Sendable {
  /// The bytes of a copy that go in one message.
  static let chunkBytes = 1 << 20

  private struct State {
    var nextID = 0
    var followers: [Int: AsyncStream<Void>.Continuation] = [:]
    var isClosed = false
  }

  private let store: any ReplicatedStore
  private let registry: Registry
  private let identity: StoreIdentity
  private let progress: FollowerProgress?
  private let pause: @Sendable (Duration) async throws -> Void
  private let promoted: @Sendable (Promotion) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - identity: Which store it is.
  ///   - progress: How the store follows; nil if it takes writes.
  ///   - pause: Waits for a time; throws if the task is cancelled before.
  ///   - promoted: Is told that the store has begun an epoch, and has to be opened again.
  package init(
    store: any ReplicatedStore, registry: Registry, identity: StoreIdentity, progress: FollowerProgress?,
    pause: @escaping @Sendable (Duration) async throws -> Void, promoted: @escaping @Sendable (Promotion) -> Void
  ) {
    self.store = store
    self.registry = registry
    self.identity = identity
    self.progress = progress
    self.pause = pause
    self.promoted = promoted
  }

  /// Ends the calls of followers, which would go on for ever.
  package func close() {
    let followers = state.withLock { state in
      state.isClosed = true
      defer { state.followers = [:] }
      return Array(state.followers.values)
    }
    for follower in followers { follower.finish() }
  }

  /// How the daemon follows another one; nil if it takes writes.
  var followerStatus: FollowerStatus? { progress?.status }

  /// What the daemon is among those that keep the same registry.
  func status() async throws(DomainError) -> ReplicationStatus {
    let position = try await domain { () async throws(StoreError) in try await store.position() }
    let count = state.withLock { $0.followers.count }
    return .with {
      $0.role = progress == nil ? .leader : .follower
      $0.epoch = Int64(identity.epoch)
      $0.currentRevision = registry.token(position.revision)
      $0.followerCount = Int32(count)
      $0.follower = progress?.status
    }
  }

  /// Ends the copy, so that the daemon takes writes once it has opened its store again.
  /// - Throws: `notAFollower`, `leaderConnected`, `limitReached`, `storeUnavailable`.
  func promote(force: Bool) async throws(DomainError) -> PromoteFollowerResponse {
    guard let progress else { throw DomainError(store: .notFollower) }
    guard force || !progress.isConnected else {
      throw DomainError(
        .leaderConnected,
        "its leader at \(progress.leader) still serves it; stop that first, or give `force` to have two leaders",
        metadata: ["leader": progress.leader])
    }
    let missing = progress.missingCount
    let promotion = try await domain { () async throws(StoreError) in try await store.promote() }
    promoted(promotion)
    return .with {
      $0.epoch = Int64(promotion.identity.epoch)
      $0.copiedRevision = registry.token(promotion.copied)
      $0.missingChangeCount = Int64(missing)
    }
  }

  // MARK: A follower's call

  /// Sends what comes after a position, until the caller gives up or the daemon stops.
  func serve(
    _ position: LogPosition, send: (FollowStoreResponse) async throws -> Void
  ) async throws {
    try await check(position)
    let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let id = try add(continuation)
    defer { state.withLock { $0.followers[id] = nil } }
    let isBeatDue = Flag(true)
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      let wakeups = store.wakeups()
      group.addTask {
        for await _ in wakeups { continuation.yield() }
        continuation.finish()
      }
      group.addTask { [pause] in
        while true {
          try await pause(Follower.heartbeat)
          isBeatDue.set()
          continuation.yield()
        }
      }
      var place = position.revision
      continuation.yield()
      for await _ in signals {
        place = try await sendChanges(after: place, isBeat: isBeatDue.take(), send: send)
      }
    }
    try DomainError.checkCancellation()
    throw DomainError(.storeUnavailable, "the daemon stops; ask again later")
  }

  /// Sends everything that there is after a revision, and returns how far that goes.
  private func sendChanges(
    after revision: Revision, isBeat: Bool, send: (FollowStoreResponse) async throws -> Void
  ) async throws -> Revision {
    var place = revision
    let complete = isBeat ? try await completeTime() : nil
    while true {
      let after = place
      let page = try await domain { () async throws(StoreError) in try await store.log(after: after, limit: LogLimit())
      }
      place = page.entries.last?.revision ?? place
      let isAtEnd = place >= page.source.head || page.entries.isEmpty
      if !page.entries.isEmpty || isBeat {
        try await send(
          .with {
            $0.changes = page.entries.map(ReplicatedChange.init)
            $0.headRevision = Int64(page.source.head.number)
            $0.compactedRevision = Int64(page.source.compacted.number)
            $0.indexForm = page.source.form
            $0.completeMicroseconds = isAtEnd ? complete?.microseconds ?? 0 : 0
          })
      }
      if isAtEnd { return place }
    }
  }

  /// A time up to which every change is one that is read from now on.
  private func completeTime() async throws(DomainError) -> CommitTime? {
    // A follower that has followers itself knows what its leader has told.
    if let progress { return progress.completeTime }
    let time = registry.time
    // What was being committed at that time is done after this.
    _ = try await domain { () async throws(StoreError) in try await store.settled() }
    return time
  }

  /// Checks that the caller's store is a beginning of this one.
  private func check(_ position: LogPosition) async throws(DomainError) {
    guard position.identity.id == identity.id else {
      throw DomainError(
        .storeDiffers,
        "the leader keeps another registry than this copy is of; give another data directory, or replace it")
    }
    guard position.identity.epoch == identity.epoch else {
      throw DomainError(
        .epochChanged,
        "the leader is in epoch \(identity.epoch) and this copy in epoch \(position.identity.epoch): one of them was "
          + "restored or promoted; take a new copy with --replace if this one may be given up",
        metadata: ["epoch": "\(identity.epoch)"])
    }
    guard try await domain({ () async throws(StoreError) in try await store.holds(position) }) else {
      throw DomainError(
        .historyDiffers,
        "the leader's history does not lead through revision \(position.revision) of this copy; take a new copy with "
          + "--replace if this one may be given up", metadata: ["revision": "\(position.revision)"])
    }
  }

  private func add(_ continuation: AsyncStream<Void>.Continuation) throws(DomainError) -> Int {
    let id = state.withLock { state -> Int? in
      guard !state.isClosed else { return nil }
      state.nextID += 1
      state.followers[state.nextID] = continuation
      return state.nextID
    }
    guard let id else { throw DomainError(.storeUnavailable, "the daemon stops; ask again later") }
    return id
  }

  // MARK: A copy

  /// Sends a copy of the store: signs of life while it is made, then its manifest and its bytes.
  func sendCopy(send: @escaping @Sendable (CopyStoreResponse) async throws -> Void) async throws {
    let copy = try await withThrowingTaskGroup(of: (any StoreCopy)?.self) { group in
      defer { group.cancelAll() }
      let isGivenUp = Flag(false)
      defer { isGivenUp.set() }
      group.addTask { [self] in
        try await domain { () async throws(StoreError) in
          try await store.copy(watch: UpkeepWatch(isGivenUp: { isGivenUp.isSet }, report: { _ in }))
        }
      }
      group.addTask { [pause] in
        while true {
          try await pause(Follower.heartbeat)
          try await send(CopyStoreResponse())
        }
      }
      return try await group.next() ?? nil
    }
    guard let copy else { throw CancellationError() }
    try await send(.with { $0.content = .manifest(CopyStoreResponse.Manifest(copy.manifest)) })
    var place: Int64 = 0
    while place < copy.manifest.byteCount {
      let at = place
      let bytes = try await domain { () async throws(StoreError) in try copy.bytes(at: at, count: Self.chunkBytes) }
      guard !bytes.isEmpty else { throw DomainError(.storeUnavailable, "the copy has lost its end; ask for another") }
      try await send(.with { $0.content = .chunk(bytes) })
      place += Int64(bytes.count)
    }
  }
}

/// Something that tasks tell each other.
private final class Flag: Sendable {
  private let value: Atomic<Bool>

  init(_ value: Bool) {
    self.value = Atomic(value)
  }

  var isSet: Bool { value.load(ordering: .relaxed) }

  func set() {
    value.store(true, ordering: .relaxed)
  }

  /// Whether it was set; it is not any more.
  func take() -> Bool { value.exchange(false, ordering: .relaxed) }
}
