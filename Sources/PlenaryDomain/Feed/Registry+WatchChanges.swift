internal import GoogleAPI
package import PlenaryAPI
package import PlenaryStore
internal import ProtobufRuntime

/// A watch, understood: what it asks for, and where it begins.
package struct ChangeWatch: Sendable {
  /// Where a watch begins.
  package enum Start: Sendable {
    /// With the changes after a revision.
    case changes(after: Revision)
    /// With all records at a revision, and then the changes after it.
    case snapshot(at: Revision)
  }

  let plan: ChangePlan

  /// Where it begins.
  package let start: Start

  /// How long nothing is sent before it is told that there is nothing.
  package let progressInterval: Duration
}

/// What comes next in a watch.
package struct WatchPart: Sendable {
  /// The encoded message; nil if there is nothing to tell, or not yet.
  package let message: [UInt8]?

  /// What was found so far, if more has to be looked at before it can be told.
  package var begun: FeedPart?

  /// The place that the watch has come to.
  package let through: Revision

  /// Whether the place is the end of a request.
  package let isAtEndOfRequest: Bool

  /// Whether nothing more had happened.
  package let isLast: Bool
}

/// How much is read for a watch at a time.
package enum WatchEffort: Sendable {
  /// So little that it can be done on an event loop, and only if it is in memory and all that there is: else what is told in
  /// one message would show how much was looked at.
  case little
  /// As much as makes a large message.
  case much

  /// Room for records of usual size; whoever takes nothing of it keeps no more than this waiting.
  fileprivate var limit: FeedLimit {
    switch self {
    case .little: FeedLimit(changes: 16, bytes: 32 << 10, lookedAt: 16)
    case .much: FeedLimit(changes: 500, bytes: 64 << 10, lookedAt: 5000)
    }
  }
}

extension Registry {
  /// The times that a watch may be without a message.
  package static let progressIntervals: ClosedRange<Duration> = .milliseconds(100) ... .seconds(3600)
  private static let progressIntervalDefault = Duration.seconds(30)

  private static let snapshotPage = PageLimit(records: 500, bytes: 128 << 10)

  /// Understands a request to watch.
  /// - Throws: what `plan` throws, `numberOutOfRange`, `revisionInvalid`, `revisionFuture`, `revisionCompacted`,
  ///   `epochChanged`.
  package func watch(_ request: WatchChangesRequest, as caller: Caller) async throws(DomainError) -> ChangeWatch {
    let interval = request.progressInterval?.duration ?? Self.progressIntervalDefault
    guard Self.progressIntervals.contains(interval) else {
      throw DomainError(
        .init(
          "progress_interval", .numberOutOfRange, "it must be a time from 100 milliseconds to 1 hour",
          metadata: ["min": "0.1s", "max": "3600s"]))
    }
    let wishes = ChangeWishes(
      resourceTypes: request.resourceTypes, filter: request.filter, paths: request.readMask?.paths,
      includesBefore: request.includeBefore, includesChangedFields: request.includeChangedFields)
    // Before the filter is understood, so that nothing happens between the two unseen.
    let start = try await start(of: request)
    let plan = try await plan(wishes, as: caller, on: nil)
    return ChangeWatch(plan: plan, start: start, progressInterval: interval)
  }

  private func start(of request: WatchChangesRequest) async throws(DomainError) -> ChangeWatch.Start {
    switch request.start {
    case nil: return .changes(after: try await head())
    case .afterRevision(let token): return .changes(after: try await startOfChanges(after: token))
    case .startTime(let time): return .changes(after: try await startOfChanges(at: time))
    case .fromBeginning(true):
      return .changes(
        after: try await following { store throws(StoreError) in try await store.revision(for: .revision(.zero)) })
    case .snapshot(true): return .snapshot(at: try await head())
    case .fromBeginning(false): throw Self.mustBeTrue("from_beginning")
    case .snapshot(false): throw Self.mustBeTrue("snapshot")
    }
  }

  private static func mustBeTrue(_ field: String) -> DomainError {
    DomainError(.init(field, .revisionInvalid, "it is false; make it true, or leave it out to begin now"))
  }

  // MARK: Messages

  /// What comes next if it is all that there is, in memory, and little enough for an event loop; nil says nothing.
  package func nextInMemory(
    of watch: ChangeWatch, after place: Revision, isWithinRequest: Bool, as caller: Caller
  ) throws(DomainError) -> WatchPart? {
    guard let part = store.feedInMemory(question(watch, after: place, .little, caller)), part.isLast else { return nil }
    // Most watches are woken for what is nothing to them.
    if part.changes.isEmpty, !isWithinRequest { return WatchPart(silentlyThrough: part) }
    var teller = teller(watch, after: place, isWithinRequest: isWithinRequest, isShared: true, caller)
    return try teller.told(of: part).get()
  }

  /// What comes next, from wherever it is.
  ///
  /// How much is told in a message follows from the changes that the caller is told of, and from where there was nothing
  /// more; not from how many others were looked at for them.
  ///
  /// - Parameters:
  ///   - begun: What an answer to the same question has found so far.
  ///   - isWithinRequest: Whether what was told last is only the beginning of a request.
  /// - Throws: `revisionCompacted`, `storeUnavailable`.
  package func next(
    of watch: ChangeWatch, after place: Revision, goingOnWith begun: FeedPart? = nil, isWithinRequest: Bool,
    as caller: Caller
  ) async throws(DomainError) -> WatchPart {
    var question = question(watch, after: place, .much, caller)
    question.begun = begun
    let asked = question
    let teller = teller(watch, after: place, isWithinRequest: isWithinRequest, isShared: false, caller)
    return try await following { store throws(StoreError) in try await store.feed(asked, to: teller) }.get()
  }

  private func question(
    _ watch: ChangeWatch, after place: Revision, _ effort: WatchEffort, _ caller: Caller
  ) -> FeedQuestion {
    FeedQuestion(after: place, viewer: caller.viewer, selection: watch.plan.selection, limit: effort.limit)
  }

  private func teller(
    _ watch: ChangeWatch, after place: Revision, isWithinRequest: Bool, isShared: Bool, _ caller: Caller
  ) -> WatchTeller {
    let encoder = ChangeEncoder(
      watch.plan, encoder(for: caller, .watchChanges), tokens, isShared: isShared, for: caller)
    return WatchTeller(encoder, after: place, isWithinRequest: isWithinRequest, message: Self.message(.changes)) {
      text($0, for: caller)
    }
  }

  /// Reads the records that a watch begins with, a message at a time.
  ///
  /// - Parameter send: Takes the encoded messages, the one that ends the snapshot included.
  /// - Throws: what the store answers, and what `send` throws.
  package func snapshot(
    of watch: ChangeWatch, at revision: Revision, as caller: Caller, send: (_ message: [UInt8]) async throws -> Void
  ) async throws {
    for (index, part) in watch.plan.parts.enumerated() {
      var cursor: Cursor?
      repeat {
        let page = try await page(part.query, as: caller, after: cursor, limit: Self.snapshotPage, at: revision)
        cursor = page.next
        guard !page.records.isEmpty else { continue }
        var bytes = Self.message(.snapshot)
        let encoder = ChangeEncoder(
          watch.plan, encoder(for: caller, .watchChanges), tokens, isShared: false, for: caller)
        for record in page.records {
          try encoder.append(record, ofPart: index, as: WatchTeller.Field.changes, to: &bytes)
        }
        try await send(bytes)
      } while cursor != nil
    }
    try await send(message(.snapshotEnd, at: revision, caller))
  }

  /// The encoded message that there is nothing to tell up to a revision.
  package func progress(at revision: Revision, as caller: Caller) -> [UInt8] {
    message(.progress, at: revision, caller)
  }

  /// The encoded message that what the caller may see has changed.
  package var resync: [UInt8] { Self.message(.resync) }

  private func message(_ kind: WatchChangesResponse.Kind, at revision: Revision, _ caller: Caller) -> [UInt8] {
    var bytes = Self.message(kind)
    WireEncoding.append(text(revision, for: caller), as: WatchTeller.Field.revision, to: &bytes)
    return bytes
  }

  private static func message(_ kind: WatchChangesResponse.Kind) -> [UInt8] {
    var bytes: [UInt8] = []
    WireEncoding.append(UInt64(kind.rawValue), as: WatchTeller.Field.kind, to: &bytes)
    return bytes
  }
}
