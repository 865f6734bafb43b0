internal import GRPCRuntime
internal import PlenaryAPI
internal import PlenaryDomain
internal import PlenaryStore

/// Who watches, as long as a watch lasts: what the caller may see can change meanwhile.
struct CallerSource: Sendable {
  /// The caller as it is now, and how often what it may see has changed.
  let current: @Sendable () -> (caller: Caller, changeCount: UInt64)

  /// A caller, until another one takes its place.
  init(_ caller: Caller) {
    self.init { (caller, caller.isCurrent ? 0 : 1) }
  }

  init(_ current: @escaping @Sendable () -> (caller: Caller, changeCount: UInt64)) {
    self.current = current
  }
}

/// One watch, from its beginning to its end.
///
/// What is read with the eyes of a caller is sent only if the caller may still see the same; else RESYNC ends the watch.
struct WatchRun {
  private let registry: Registry
  private let desk: WatchDesk
  private let seat: WatchSeat
  private let callers: CallerSource
  private let caller: Caller
  private let changeCount: UInt64
  private let send: (EncodedMessage, WritePatience) async throws(GRPCStatus) -> Void

  /// How far it has come, and the last end of a request before that.
  private var place = Revision.zero
  private var resumption: Revision?

  /// Whether the last message ends within a request.
  private var isWithinRequest = false

  /// Whether something was sent since the reading of the next part began, and the head when it did.
  private var isReadAhead = false
  private var readHead = Revision.zero

  init(
    _ registry: Registry, desk: WatchDesk, seat: WatchSeat, callers: CallerSource,
    send: @escaping (EncodedMessage, WritePatience) async throws(GRPCStatus) -> Void
  ) {
    self.registry = registry
    self.desk = desk
    self.seat = seat
    self.callers = callers
    (caller, changeCount) = callers.current()
    self.send = send
  }

  /// Understands the request, and sends what it asks for until the caller may see something else.
  /// - Throws: what the request breaks, what ends the watch, and what `send` throws.
  mutating func run(_ request: WatchChangesRequest) async throws {
    let watch = try await offLoop { [registry, caller] () async throws(DomainError) in
      try await registry.watch(request, as: caller)
    }
    switch watch.start {
    case .changes(let revision): place = revision
    case .snapshot(let revision):
      place = revision
      let isWhole = try await sendSnapshot(of: watch, at: revision)
      guard isWhole else { return try await sendResync() }
    }
    resumption = place
    try await follow(watch)
    try await sendResync()
  }

  /// Says that the caller may see something else now, unless it is let in no longer: that end waits on the event loop by the
  /// time the change is seen here, and goes first.
  private func sendResync() async throws {
    await Task.yield()
    try await write(registry.resync)
  }

  private var isSameCaller: Bool { callers.current().changeCount == changeCount }

  /// What stops the reading of a snapshot.
  private struct OtherCaller: Error {}

  /// Sends the records that the watch begins with; false if the caller may see something else since.
  private func sendSnapshot(of watch: ChangeWatch, at revision: Revision) async throws -> Bool {
    do {
      try await offLoop {
        try await registry.snapshot(of: watch, at: revision, as: caller) { message in
          guard isSameCaller else { throw OtherCaller() }
          if desk.isClosed { throw WatchDesk.closing }
          try await write(message)
        }
      }
      return true
    } catch is OtherCaller {
      return false
    }
  }

  /// Sends changes as they happen, as long as the caller may see the same.
  private mutating func follow(_ watch: ChangeWatch) async throws {
    try await withThrowingTaskGroup(of: WatchPart.self) { group in try await follow(watch, readingIn: &group) }
  }

  /// Sends changes; whoever is behind is sent one part while the next one is read.
  private mutating func follow(
    _ watch: ChangeWatch, readingIn group: inout ThrowingTaskGroup<WatchPart, any Error>
  ) async throws {
    var isCaughtUp = false
    var progressDue = desk.clock.now.advanced(by: watch.progressInterval)
    var part = try inMemory(watch)
    if part == nil { try beginReading(watch, in: &group) }
    while true {
      // What is not in memory is being read.
      guard let next = if let part { part } else { try await group.next() } else { return }
      guard isSameCaller else { return }
      if let begun = next.begun {
        try beginReading(watch, goingOnWith: begun, in: &group)
        continue
      }
      guard part != nil || !isOutdated else {
        try beginReading(watch, in: &group)
        continue
      }
      place = next.through
      if next.isAtEndOfRequest { resumption = place }
      if next.message != nil { isWithinRequest = !next.isAtEndOfRequest }
      if !next.isLast { try beginReading(watch, in: &group) }
      if let message = next.message {
        try await write(message)
        isReadAhead = true
        progressDue = desk.clock.now.advanced(by: watch.progressInterval)
      }
      part = nil
      guard next.isLast else { continue }
      // Behind the last change, so that nobody takes for sent what is not.
      if !isCaughtUp || progressDue <= desk.clock.now {
        isCaughtUp = true
        try await write(registry.progress(at: place, as: caller))
        progressDue = desk.clock.now.advanced(by: watch.progressInterval)
      }
      await seat.wait(above: place, until: progressDue)
      try checkIsOpen()
      guard isSameCaller else { return }
      part = try inMemory(watch)
      if part == nil { try beginReading(watch, in: &group) }
    }
  }

  private func inMemory(_ watch: ChangeWatch) throws -> WatchPart? {
    try registry.nextInMemory(of: watch, after: place, isWithinRequest: isWithinRequest, as: caller)
  }

  /// Whether what was read lay here while something was sent, and something has happened since: a record in it may have gone
  /// out of sight.
  private var isOutdated: Bool { isReadAhead && !caller.viewer.seesEverything && desk.lastHead != readHead }

  /// Reads the part behind the place. All that is long is done where the store reads, and nothing in between waits.
  private mutating func beginReading(
    _ watch: ChangeWatch, goingOnWith begun: FeedPart? = nil, in group: inout ThrowingTaskGroup<WatchPart, any Error>
  ) throws {
    try checkIsOpen()
    (isReadAhead, readHead) = (false, desk.lastHead)
    group.addTask { [registry, place, isWithinRequest, caller] in
      try await registry.next(
        of: watch, after: place, goingOnWith: begun, isWithinRequest: isWithinRequest, as: caller)
    }
  }

  private func checkIsOpen() throws {
    try Task.checkCancellation()
    if desk.isClosed { throw WatchDesk.closing }
  }

  private func write(_ message: [UInt8]) async throws {
    do throws(GRPCStatus) {
      try await seat.write { patience throws(GRPCStatus) in try await send(EncodedMessage(message), patience) }
    } catch {
      if desk.isClosed { throw WatchDesk.closing }
      guard seat.isStalled else { throw error }
      throw tooSlow
    }
  }

  /// The caller did not keep up. What waits for it comes to it before this does, so it can go on behind that.
  private var tooSlow: DomainError {
    let resumption = resumption.map { registry.token($0, for: caller) }
    return DomainError(
      .watcherTooSlow,
      "the watch did not take within \(desk.limits.stallMax) what was sent; "
        + (resumption.map { "watch again after revision \($0), and take what comes as fast as it does" }
          ?? "take the snapshot again, faster"),
      metadata: resumption.map { ["revision": $0] } ?? [:])
  }
}
