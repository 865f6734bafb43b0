internal import GRPCRuntime
internal import Logging
internal import PlenaryServices
internal import PlenaryStore
internal import Synchronization

/// Hears what the server and the store do, and writes it to the log.
///
/// An entry has the name of an event for its message and the rest as keys; it never has what is in a message or record.
final class DaemonObserver: ServerObserver, StoreObserver {
  private let logger: Logger
  private let isVerbose: @Sendable () -> Bool

  /// The store's failure, for whoever waits for it. Told once: nothing good comes after it.
  let storeFailures: AsyncStream<StoreError>
  private let storeFailure: AsyncStream<StoreError>.Continuation
  private let isStoreFull = Mutex(false)

  /// - Parameter isVerbose: Whether the log has what is of the level `debug`, now. It is asked at every call.
  init(_ logger: Logger, isVerbose: @escaping @Sendable () -> Bool) {
    self.logger = logger
    self.isVerbose = isVerbose
    (storeFailures, storeFailure) = AsyncStream.makeStream()
  }

  // MARK: The server

  func connectionOpened(_ connection: UInt64, peer: String) {
    logger.debug("connection.opened", metadata: ["connection.id": "\(connection)", "peer": "\(peer)"])
  }

  func connectionClosed(_ connection: UInt64, peer: String, reason: String?) {
    logger.debug(
      "connection.closed",
      metadata: ["connection.id": "\(connection)", "peer": "\(peer)", "reason": "\(reason ?? "finished")"])
  }

  func connectionRefused(peer: String, reason: String) {
    logger.notice("connection.refused", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
  }

  func certificateIsOutOfDate(_ message: String) {
    logger.warning("certificate.out_of_date", metadata: ["advice": "\(message)"])
  }

  var hearsCalls: Bool { isVerbose() }

  func callFinished(_ call: FinishedCall) {
    logger.debug(
      "call.finished",
      metadata: [
        "call.id": "\(call.id)", "call.method": "\(call.method)", "peer": "\(call.peer)",
        "call.status": "\(call.status.code)", "duration.us": "\(call.duration.microseconds)",
      ])
  }

  func handlerFailed(_ call: CallID, method: String, peer: String, error: any Error) {
    logger.error(
      "call.failed",
      metadata: ["call.id": "\(call)", "call.method": "\(method)", "peer": "\(peer)", "error": "\(error)"])
  }

  /// An error that a caller was given only an id of.
  func recordFailure(_ failure: FailureReport.Failure) {
    logger.error(
      "call.failed",
      metadata: [
        "request.id": "\(failure.requestID)", "call.id": "\(failure.call)", "call.method": "\(failure.method)",
        "error": "\(failure.error)",
      ])
  }

  // MARK: The leader

  /// What happens to a follower.
  func followerDid(_ event: Follower.Event) {
    switch event {
    case .connected(let leader): logger.notice("follower.connected", metadata: ["leader": "\(leader)"])
    case .lost(let leader, let reason):
      logger.warning("follower.lost", metadata: ["leader": "\(leader)", "reason": "\(reason)"])
    }
  }

  // MARK: The store

  func storeIsReindexing(records: Int, of total: Int) {
    logger.notice("store.reindexing", metadata: ["records": "\(records)", "records.total": "\(total)"])
  }

  /// The search index could not be fed just now.
  func searchIndexFailed(_ reason: String) {
    logger.warning("search.index", metadata: ["reason": "\(reason)"])
  }

  /// The access log could not be written just now.
  func accessLogFailed(_ reason: String) {
    logger.error(
      "access.log",
      metadata: ["reason": "\(reason)", "advice": "what was to be noted is counted; free space, or look at the disk"])
  }

  func storeDidCommit(requests: Int, changes: Int) {
    isStoreFull.withLock { $0 = false }
    logger.trace("store.committed", metadata: ["requests": "\(requests)", "changes": "\(changes)"])
  }

  func storeDidCheckpoint(framesMoved: Int, framesRemaining: Int) {
    logger.debug(
      "store.checkpointed", metadata: ["frames.moved": "\(framesMoved)", "frames.remaining": "\(framesRemaining)"])
  }

  /// Every write is refused until there is space, and one line is enough for all of them.
  func storeIsFull() {
    let isNews = isStoreFull.withLock { isFull in
      defer { isFull = true }
      return !isFull
    }
    guard isNews else { return }
    logger.warning("store.full", metadata: ["advice": "free space on the disk of the data directory; reads go on"])
  }

  func storeDidFail(_ error: StoreError) {
    logger.critical("store.failed", metadata: ["error": "\(error)"])
    storeFailure.yield(error)
  }
}

extension Duration {
  fileprivate var microseconds: Int64 {
    components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
  }
}
