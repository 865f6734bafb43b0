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

  /// The store's failure, for whoever waits for it. Told once: nothing good comes after it.
  let storeFailures: AsyncStream<StoreError>
  private let storeFailure: AsyncStream<StoreError>.Continuation
  private let isStoreFull = Mutex(false)

  init(_ logger: Logger) {
    self.logger = logger
    (storeFailures, storeFailure) = AsyncStream.makeStream()
  }

  // MARK: The server

  func connectionOpened(peer: String) {
    logger.debug("connection.opened", metadata: ["peer": "\(peer)"])
  }

  func connectionClosed(peer: String, reason: String?) {
    logger.debug("connection.closed", metadata: ["peer": "\(peer)", "reason": "\(reason ?? "finished")"])
  }

  func connectionRefused(peer: String, reason: String) {
    logger.notice("connection.refused", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
  }

  func certificateIsOutOfDate(_ message: String) {
    logger.warning("certificate.out_of_date", metadata: ["advice": "\(message)"])
  }

  func callFinished(method: String, peer: String, status: GRPCStatus, duration: Duration) {
    logger.debug(
      "call.finished",
      metadata: [
        "call.method": "\(method)", "peer": "\(peer)", "call.status": "\(status.code)",
        "duration.us": "\(duration.microseconds)",
      ])
  }

  func handlerFailed(method: String, peer: String, error: any Error) {
    logger.error("call.failed", metadata: ["call.method": "\(method)", "peer": "\(peer)", "error": "\(error)"])
  }

  /// An error that a caller was given only an id of.
  func recordFailure(requestID: String, method: String, error: any Error) {
    logger.error(
      "call.failed", metadata: ["request.id": "\(requestID)", "call.method": "\(method)", "error": "\(error)"])
  }

  // MARK: The store

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
